import { joinPath, type RelPath } from '../vfs/path.ts';
import { ENTRY_HIDDEN } from '../vfs/walk.ts';
import { isIgnoredLink } from '../vfs/walk-filter.ts';
import type { View } from './march.ts';

/** As many of a root's are named. */
const MOST_NAMED = 3;

/** The links of each root that `symlinks: 'ignore'` leaves out: a count and the first few. */
export class IgnoredLinks {
  readonly #byRoot: { count: number; readonly first: RelPath[] }[];

  constructor(rootCount: number) {
    this.#byRoot = Array.from({ length: rootCount }, () => ({ count: 0, first: [] }));
  }

  note(view: View): void {
    for (const [root, listing] of view.listings.entries()) {
      const found = this.#byRoot[root];
      if (listing?.hasHidden !== true || found === undefined) continue;
      for (const [index, name] of listing.names().entries()) {
        if (listing.kind(index) !== ENTRY_HIDDEN || !isIgnoredLink(listing.entry(index))) continue;
        found.count++;
        if (found.first.length < MOST_NAMED) found.first.push(joinPath(view.path, name));
      }
    }
  }

  /** A sentence for each root that has any. */
  sentences(): string[] {
    return this.#byRoot.flatMap(({ count, first }, root) => {
      if (count === 0) return [];
      const names = `${first.map((path) => `"${path}"`).join(', ')}${count > first.length ? ' …' : ''}`;
      return [`root ${root}: ${count === 1 ? '1 link is' : `${count} links are`} left out (symlinks: 'ignore'): ${names}`];
    });
  }
}
