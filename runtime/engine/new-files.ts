import type { RelPath } from '../vfs/path.ts';
import type { FileNode } from '../vfs/vfs.ts';
import type { DirectoryListing } from '../vfs/walk.ts';

/**
 * Files of one directory that root `from` has and all other roots lack: what a first copy consists of. They stay in the packed listing, so that a plan of a million
 * copies holds a few bytes a file; `changeOf` (plan.ts) makes a change of one.
 */
export class NewFiles {
  readonly kind = 'new-files';
  readonly directory: RelPath;
  readonly from: number;
  /** Of the run. */
  readonly rootCount: number;
  /** The roots that get them. */
  readonly to: readonly number[];
  /** Sorted. */
  readonly names: readonly string[];
  readonly #listing: DirectoryListing;
  readonly #indices: readonly number[];

  /** `indices`: which entries of the listing. */
  constructor(listing: DirectoryListing, indices: readonly number[], place: { readonly from: number; readonly rootCount: number }) {
    this.directory = listing.path;
    this.from = place.from;
    this.rootCount = place.rootCount;
    this.to = Array.from({ length: place.rootCount }, (_, root) => root).filter((root) => root !== place.from);
    const names = listing.names();
    this.names = indices.length === names.length ? names : indices.map((index) => names[index] as string);
    this.#listing = listing;
    this.#indices = indices;
  }

  /** As the root listed it. */
  file(at: number): FileNode {
    const entry = this.#listing.entry(this.#indices[at] as number);
    if (entry.kind !== 'file') throw new TypeError(`"${entry.name}" in "${this.directory}" was listed as a file`);
    return entry;
  }

  /** Bytes; 0 where unknown. */
  size(at: number): number {
    const size = this.#listing.size(this.#indices[at] as number);
    return Number.isNaN(size) ? 0 : size;
  }
}
