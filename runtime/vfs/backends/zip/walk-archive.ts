import { EntryListing, unreadable } from '../../entry-listing.ts';
import { compareNames, joinPath, type RelPath } from '../../path.ts';
import { PrunedPaths } from '../../pruned-paths.ts';
import { VfsError } from '../../vfs-error.ts';
import { createWalkFilter, type WalkFilter } from '../../walk-filter.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, type Walk, type WalkOptions } from '../../walk.ts';
import { entryOf, type ZipDirectory, type ZipNode } from './entry-tree.ts';

/** A root in an archive, as a walk sees it. */
export interface ArchiveToWalk {
  /** The folder that is the root; undefined: it is not there. */
  readonly top: ZipDirectory | undefined;
  /** As the Vfs has it, for the root itself. */
  readonly leftovers: readonly RelPath[];
  /** Throws VfsError when the run was ended. */
  requireRunning(path: RelPath): void;
}

/** Walks the tree in memory without a call for each directory, and builds nothing of an entry that is not asked for. */
export function walkArchive(archive: ArchiveToWalk, options: WalkOptions): Walk {
  return new ArchiveWalk(archive, options);
}

interface Turn {
  readonly path: RelPath;
  /** undefined: a root that is not there is empty. */
  readonly directory: ZipDirectory | undefined;
}

class ArchiveWalk implements Walk {
  readonly #archive: ArchiveToWalk;
  readonly #digests: boolean;
  readonly #filter: WalkFilter;
  readonly #pruned = new PrunedPaths();
  /** The next one is last. */
  #pending: Turn[];

  constructor(archive: ArchiveToWalk, options: WalkOptions) {
    this.#archive = archive;
    this.#digests = options.digests;
    this.#filter = createWalkFilter(options);
    this.#pending = [{ path: '', directory: archive.top }];
  }

  next(): DirectoryListing | undefined {
    for (let turn = this.#pending.pop(); turn !== undefined; turn = this.#pending.pop()) {
      if (!this.#pruned.covers(turn.path)) return this.#list(turn);
    }
    return undefined;
  }

  prune(path: RelPath): void {
    this.#pruned.add(path);
  }

  async close(): Promise<void> {
    this.#pending = [];
  }

  #list({ path, directory }: Turn): DirectoryListing {
    try {
      this.#archive.requireRunning(path);
    } catch (error) {
      if (error instanceof VfsError) return unreadable(path, error);
      throw error;
    }
    const entries = [...(directory?.children.values() ?? [])].sort((a, b) => compareNames(a.name, b.name));
    const leftovers = path === '' ? this.#archive.leftovers : [];
    const listing = new EntryListing<ZipNode>(path, { entries, leftovers, given: entryOf }, this.#filter, this.#digests);
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i] as ZipNode;
      if (entry.kind === 'directory' && listing.kind(i) === ENTRY_DIRECTORY)
        this.#pending.push({ path: joinPath(path, entry.name), directory: entry });
    }
    return listing;
  }
}
