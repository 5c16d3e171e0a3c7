import { comparePaths, type RelPath } from '../vfs/path.ts';
import type { DirectoryListing, Walk } from '../vfs/walk.ts';
import type { Baseline, BaselineDirectory } from './baseline.ts';

/** One directory on all roots at once: what each root lists there (undefined: the root has no such directory) and what the database knows. */
export interface View {
  readonly path: RelPath;
  readonly listings: readonly (DirectoryListing | undefined)[];
  readonly known: BaselineDirectory | undefined;
}

/** All directories of all roots and of the database, merged in the order of `comparePaths`. Memory is one directory per root plus the walks' read-ahead. */
export async function* march(walks: readonly Walk[], baseline: Baseline | undefined): AsyncGenerator<View, void, undefined> {
  const heads: (DirectoryListing | undefined)[] = [];
  for (const walk of walks) heads.push(await walk.next());
  const recorded = baseline?.directories()[Symbol.iterator]();
  let known = nextOf(recorded);
  for (;;) {
    const path = lowestPath(heads, known);
    if (path === undefined) return;
    const listings: (DirectoryListing | undefined)[] = [];
    // Not by map(): optimized, it makes arrays of another kind, and all that looks at a view would be optimized again.
    for (const head of heads) listings.push(head?.path === path ? head : undefined);
    const recordedHere = known?.path === path ? known : undefined;
    if (recordedHere !== undefined) known = nextOf(recorded);
    for (const [root, walk] of walks.entries()) {
      if (heads[root]?.path !== path) continue;
      const next = walk.next();
      heads[root] = next instanceof Promise ? await next : next;
    }
    yield { path, listings, known: recordedHere };
  }
}

function nextOf(directories: Iterator<BaselineDirectory> | undefined): BaselineDirectory | undefined {
  const next = directories?.next();
  return next?.done === false ? next.value : undefined;
}

function lowestPath(heads: readonly (DirectoryListing | undefined)[], known: BaselineDirectory | undefined): RelPath | undefined {
  let lowest = known?.path;
  for (const head of heads) {
    if (head !== undefined && (lowest === undefined || comparePaths(head.path, lowest) < 0)) lowest = head.path;
  }
  return lowest;
}
