import type { Problem } from '../../sdk/project.ts';
import { joinPath, parentOf, type RelPath } from '../vfs/path.ts';
import { isInScope, type JudgedView } from './filters.ts';
import type { Findings } from './findings.ts';
import type { Change } from './plan.ts';
import type { EngineRoot } from './sync-run.ts';

/**
 * On a file system that ignores case, names that differ only in case are one file: whoever has both cannot be brought there. `decided` is what is going to be
 * done in this directory: a name that goes from wherever it is gives its place to the other, as when a file was only renamed so. `isFolderGoing`: so does a
 * directory, as far as is known before all below it is.
 */
export function caseClashes(view: JudgedView, decided: readonly Change[], isFolderGoing: (path: RelPath) => boolean): Problem[] {
  const going = new Set(decided.filter(goesEverywhere).map(({ path }) => path));
  const seen = new Map<string, string>();
  const clashes: Problem[] = [];
  for (const [root, listing] of view.listings.entries()) {
    for (const [index, name] of listing?.names().entries() ?? []) {
      const path = joinPath(view.path, name);
      if (!isInScope(view, root, index) || going.has(path) || isFolderGoing(path)) continue;
      const other = seen.get(folded(name));
      if (other === undefined) seen.set(folded(name), name);
      else if (other !== name) {
        const message = `"${name}" and "${other}" differ only in case, which one of the roots does not keep apart; rename one of them`;
        clashes.push({ path, code: 'case-clash', message });
      }
    }
  }
  return clashes;
}

function goesEverywhere({ from, row, steps }: Change): boolean {
  return from === undefined && row.at.every((held, root) => held === undefined || steps.some(({ to }) => to === root));
}

/**
 * A directory that was renamed in case only goes under its old name first where case is ignored; nothing is put below the new one before the next run. To be called
 * before moves are looked for: what is below could not be renamed into it.
 */
export function waitForOldFolders(changes: readonly Change[], roots: readonly EngineRoot[]): Findings['kept'] {
  const kept: Findings['kept'] = [];
  const going = goingNames(
    changes.filter(({ kind }) => kind === 'directory'),
    roots,
  );
  if (going.size === 0) return kept;
  for (const change of changes) {
    change.steps = change.steps.filter(({ to, expected }) => {
      const old = expected.kind === 'nothing' ? oldFolder(change.path, to, going) : undefined;
      if (old !== undefined && change.kind === 'directory') kept.push(waiting(change.path, to, old));
      return old === undefined;
    });
  }
  return kept;
}

/** The directory on the way that has to go from the root before another spelling of it comes. */
function oldFolder(path: RelPath, root: number, going: ReadonlyMap<string, RelPath>): RelPath | undefined {
  for (let at = path; at !== ''; at = parentOf(at)) {
    const old = going.get(keyOf(root, at));
    if (old !== undefined && old !== at) return old;
  }
  return undefined;
}

function waiting(path: RelPath, root: number, old: RelPath): Findings['kept'][number] {
  return { path, root, reason: `waits for the next run: "${old}" has to go first`, counted: false };
}

/**
 * What was renamed in case only and is no move (it was changed as well) would be put where the old name still is. The old one goes first, the new one comes
 * with the next run. Returns what to say about it.
 */
export function waitForOldNames(changes: readonly Change[], roots: readonly EngineRoot[]): Findings['kept'] {
  const going = goingNames(changes, roots);
  const kept: Findings['kept'] = [];
  if (going.size === 0) return kept;
  for (const change of changes) {
    change.steps = change.steps.filter(({ op, to, expected }) => {
      const old = op === 'copy' && expected.kind === 'nothing' ? going.get(keyOf(to, change.path)) : undefined;
      if (old === undefined || old === change.path) return true;
      kept.push(waiting(change.path, to, old));
      return false;
    });
  }
  return kept;
}

/** By root and folded path: what is removed where case is ignored. */
function goingNames(changes: readonly Change[], roots: readonly EngineRoot[]): Map<string, RelPath> {
  const going = new Map<string, RelPath>();
  if (roots.every((root) => root.vfs.traits.caseSensitive)) return going;
  for (const { path, steps } of changes) {
    for (const { op, to, movedBy } of steps) {
      if (op === 'remove' && movedBy === undefined && roots[to]?.vfs.traits.caseSensitive === false) going.set(keyOf(to, path), path);
    }
  }
  return going;
}

function keyOf(root: number, path: RelPath): string {
  return `${root} ${folded(path)}`;
}

function folded(name: string): string {
  return name.toLowerCase();
}
