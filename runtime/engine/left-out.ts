import { joinPath, type RelPath } from '../vfs/path.ts';
import { ENTRY_HIDDEN } from '../vfs/walk.ts';
import { type LeftOutBecause, leftOutBecause } from '../vfs/walk-filter.ts';
import type { View } from './march.ts';

/** As many of a root's are named, for each reason. */
const MOST_NAMED = 3;

const SENTENCES: Readonly<Record<LeftOutBecause, (count: number) => string>> = {
  'ignored link': (count) => `${count === 1 ? '1 link is' : `${count} links are`} left out (symlinks: 'ignore')`,
  'own name': (count) => `${count === 1 ? '1 is' : `${count} are`} left out, being sxrun's own`,
  'inner root': (count) => `${count === 1 ? '1 is' : `${count} are`} left out, being a root by itself`,
};

interface Found {
  count: number;
  readonly first: RelPath[];
}

/** What each root has that no pattern leaves out, and that takes no part all the same: a count and the first few. */
export class LeftOut {
  readonly #byRoot: Map<LeftOutBecause, Found>[];

  constructor(rootCount: number) {
    this.#byRoot = Array.from({ length: rootCount }, () => new Map<LeftOutBecause, Found>());
  }

  note(view: View): void {
    for (const [root, listing] of view.listings.entries()) {
      if (listing?.hasHidden !== true) continue;
      for (const [index, name] of listing.names().entries()) {
        const because = listing.kind(index) === ENTRY_HIDDEN ? leftOutBecause(listing.entry(index)) : undefined;
        if (because !== undefined) this.#add(root, because, joinPath(view.path, name));
      }
    }
  }

  /** A sentence for each root and reason. */
  sentences(): string[] {
    return this.#byRoot.flatMap((reasons, root) =>
      [...reasons].map(([because, { count, first }]) => {
        const names = `${first.map((path) => `"${path}"`).join(', ')}${count > first.length ? ' …' : ''}`;
        return `root ${root}: ${SENTENCES[because](count)}: ${names}`;
      }),
    );
  }

  #add(root: number, because: LeftOutBecause, path: RelPath): void {
    const reasons = this.#byRoot[root];
    const found = reasons?.get(because) ?? { count: 0, first: [] };
    reasons?.set(because, found);
    found.count++;
    if (found.first.length < MOST_NAMED) found.first.push(path);
  }
}
