import { EntryListing, unreadable } from './entry-listing.ts';
import { joinPath, type RelPath } from './path.ts';
import { PrunedPaths } from './pruned-paths.ts';
import { VfsError } from './vfs-error.ts';
import type { Vfs } from './vfs.ts';
import { createWalkFilter, type WalkFilter } from './walk-filter.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, type Walk, type WalkOptions } from './walk.ts';

/** Listings that wait for their turn or for the answer. */
const MOST_AHEAD = 64;

/** The walk that any Vfs can do: by `list`, several directories at once and ahead of the reader, within bounds. */
export function walkByListing(vfs: Vfs, options: WalkOptions): Walk {
  return new ListingWalk(vfs, options);
}

/** A directory whose turn comes; they are linked in the order of `comparePaths`. */
interface Turn {
  readonly path: RelPath;
  next: Turn | undefined;
  listing: Promise<DirectoryListing> | undefined;
}

class ListingWalk implements Walk {
  readonly #vfs: Vfs;
  readonly #options: WalkOptions;
  readonly #filter: WalkFilter;
  readonly #pruned = new PrunedPaths();
  readonly #most: number;
  #head: Turn | undefined = { path: '', next: undefined, listing: undefined };
  #running = 0;
  /** Lists that were started and not given yet. */
  #ahead = 0;
  #answered: () => void = () => undefined;

  constructor(vfs: Vfs, options: WalkOptions) {
    this.#vfs = vfs;
    this.#options = options;
    this.#filter = createWalkFilter(options);
    this.#most = Math.max(1, Math.min(vfs.traits.concurrency, MOST_AHEAD));
  }

  async next(): Promise<DirectoryListing | undefined> {
    for (let turn = this.#head; turn !== undefined; turn = this.#head) {
      this.#readAhead();
      if (turn.listing === undefined && !this.#pruned.covers(turn.path)) {
        // All calls that may run are taken by directories further on (or by pruned ones).
        await new Promise<void>((done) => {
          this.#answered = done;
        });
        continue;
      }
      const listing = this.#pruned.covers(turn.path) ? undefined : await turn.listing;
      if (this.#head === turn) this.#head = turn.next;
      if (turn.listing !== undefined) this.#ahead--;
      if (listing !== undefined && !this.#pruned.covers(turn.path)) return listing;
    }
    return undefined;
  }

  prune(path: RelPath): void {
    this.#pruned.add(path);
  }

  async close(): Promise<void> {
    this.#head = undefined;
    this.#answered();
  }

  /** Starts the calls for the next directories in order, as many as may run at once; the one whose turn it is in any case. */
  #readAhead(): void {
    for (let turn = this.#head; turn !== undefined && this.#running < this.#most; turn = turn.next) {
      if (this.#ahead >= MOST_AHEAD && turn !== this.#head) return;
      if (turn.listing !== undefined || this.#pruned.covers(turn.path)) continue;
      this.#ahead++;
      turn.listing = this.#list(turn);
    }
  }

  async #list(turn: Turn): Promise<DirectoryListing> {
    this.#running++;
    let listing: DirectoryListing;
    try {
      const found = { entries: await this.#vfs.list(turn.path), leftovers: await this.#vfs.leftovers(turn.path) };
      listing = new EntryListing(turn.path, found, this.#filter, this.#options.digests);
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      listing = unreadable(turn.path, error);
    } finally {
      this.#running--;
    }
    this.#insertBelow(turn, listing);
    this.#readAhead();
    this.#answered();
    return listing;
  }

  /** What is in a directory comes right after it. */
  #insertBelow(turn: Turn, listing: DirectoryListing): void {
    let last = turn;
    const rest = turn.next;
    const names = listing.names();
    for (let i = 0; i < listing.count; i++) {
      if (listing.kind(i) !== ENTRY_DIRECTORY) continue;
      const below: Turn = { path: joinPath(turn.path, names[i] as string), next: undefined, listing: undefined };
      last.next = below;
      last = below;
    }
    if (last !== turn) last.next = rest;
  }
}
