import { comparePaths, parentOf, type RelPath } from '../vfs/path.ts';
import { NOTHING } from '../vfs/vfs.ts';
import type { Change, Step } from './plan.ts';
import type { Held } from './row.ts';

/** What every root has at a path now. */
export type LookUp = (path: RelPath) => Promise<readonly (Held | undefined)[]>;

/**
 * The folders that settled collisions need and nothing else makes: with `lazyMkdir`, or because a root had removed them.
 * `planned` is all that is going to be done anyway.
 */
export async function missingFolders(settled: readonly Change[], planned: readonly Change[], lookUp: LookUp): Promise<Change[]> {
  const wanted = new Map<RelPath, { from: number; roots: Set<number> }>();
  for (const change of settled) {
    for (let path = parentOf(change.path); path !== ''; path = parentOf(path)) {
      const folder = wanted.get(path) ?? { from: change.from ?? 0, roots: new Set<number>() };
      for (const { to } of change.steps) folder.roots.add(to);
      wanted.set(path, folder);
    }
  }
  const made = new Map(planned.filter(({ kind, from }) => kind === 'directory' && from !== undefined).map((change) => [change.path, change]));
  const folders: Change[] = [];
  for (const [path, { from, roots }] of [...wanted].sort(([a], [b]) => comparePaths(a, b))) {
    const at = await lookUp(path);
    const isMade = (root: number) => made.get(path)?.steps.some(({ to }) => to === root) === true;
    const steps = [...roots]
      .filter((root) => at[root] === undefined && !isMade(root))
      .sort((a, b) => a - b)
      .map((root): Step => ({ op: 'make', to: root, reason: 'missing', expected: NOTHING }));
    if (steps.length === 0) continue;
    const existing = made.get(path);
    if (existing !== undefined) existing.steps = [...existing.steps, ...steps];
    else folders.push({ path, kind: 'directory', row: { path, at, baseline: undefined }, from, sourcePath: path, steps, kept: [] });
  }
  return folders;
}
