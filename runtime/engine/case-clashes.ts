import type { Problem } from '../../sdk/project.ts';
import { joinPath, type RelPath } from '../vfs/path.ts';
import { isInScope, type JudgedView } from './filters.ts';
import type { Findings } from './findings.ts';
import type { Change } from './plan.ts';
import type { EngineRoot } from './sync-run.ts';

/**
 * On a file system that ignores case, names that differ only in case are one file: whoever has both cannot be brought there. `decided` is what is going to be
 * done in this directory: a name that goes from wherever it is gives its place to the other, as when a file was only renamed so.
 */
export function caseClashes(view: JudgedView, decided: readonly Change[]): Problem[] {
  const going = new Set(decided.filter(goesEverywhere).map(({ path }) => path));
  const seen = new Map<string, string>();
  const clashes: Problem[] = [];
  for (const [root, listing] of view.listings.entries()) {
    for (const [index, name] of listing?.names().entries() ?? []) {
      const path = joinPath(view.path, name);
      if (!isInScope(view, root, index) || going.has(path)) continue;
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
      kept.push({ path: change.path, root: to, reason: `waits for the next run: "${old}" has to go first`, counted: false });
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
