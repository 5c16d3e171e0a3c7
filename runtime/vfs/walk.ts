import type { RelPath } from './path.ts';
import type { VfsError } from './vfs-error.ts';
import type { Entry, Vfs } from './vfs.ts';
import type { ScopeRules } from './scope.ts';

/**
 * The kinds of a listing's entries, as small numbers because listings are packed. `killed`: a file that `killFiles` names.
 * `hidden`: out of scope (excluded, an ignored link, an inner root, a name of ours); it only matters as an obstacle.
 */
export const ENTRY_FILE = 0;
export const ENTRY_DIRECTORY = 1;
export const ENTRY_LINK = 2;
export const ENTRY_OTHER = 3;
export const ENTRY_KILLED = 4;
export const ENTRY_HIDDEN = 5;

/**
 * One directory of one root as read in one go. Packed: entries are addressed by index, in `compareNames` order,
 * and nothing is built for an entry until it is asked for.
 */
export interface DirectoryListing {
  readonly path: RelPath;
  /** Set when the directory could not be listed completely: then there are no entries, and all below is unknown. */
  readonly problem: VfsError | undefined;
  readonly count: number;
  /** Entries of kind file or link, the ones a guard counts. */
  readonly fileCount: number;
  readonly hasHidden: boolean;
  readonly hasKilled: boolean;
  /**
   * SHA-256 over the in-scope entries' names, kinds and revisions, as `digestOf` defines it; undefined when asked not to compute it
   * or when the directory holds something that a digest must not hide (problem, killed, other).
   */
  readonly digest: string | undefined;
  /** Paths of leftovers of dead runs, to be given to `Vfs.recover`. */
  readonly leftovers: readonly RelPath[];
  names(): readonly string[];
  /** The same as one text with `/` between them, without a text for each where the listing has them so. */
  joinedNames(): string;
  kind(index: number): number;
  /** `killed` comes as its file; `hidden` as kind `other` with the reason. */
  entry(index: number): Entry;
  /** The number of bytes, NaN where unknown; only for files. */
  size(index: number): number;
  /** ms since 1970, NaN where unknown; only for files. */
  modifiedMs(index: number): number;
  revision(index: number): string;
}

/** All directories of one root in the order of `comparePaths`, read ahead within bounds. Excluded directories are not visited. */
export interface Walk {
  /** undefined at the end. A root directory that cannot be listed is a listing with a problem. */
  next(): DirectoryListing | undefined | Promise<DirectoryListing | undefined>;
  /** What is below `path` is not wanted; listings that were already read are skipped. */
  prune(path: RelPath): void;
  close(): Promise<void>;
}

/** A file system that reads all of it faster than by `list`. */
export interface OwnWalk {
  walk(options: WalkOptions): Walk;
}

export function hasOwnWalk(vfs: Vfs): vfs is Vfs & OwnWalk {
  return 'walk' in vfs;
}

export interface WalkOptions {
  readonly scope: ScopeRules;
  /** Directories, or archive files, (relative) that are an inner root. */
  readonly innerRoots: readonly RelPath[];
  readonly digests: boolean;
  /** Where links are followed: not to these places, into them, or to a folder around them. Absent: none. */
  readonly noLinksTo?: readonly RelPath[];
  /** Folders of old versions are as if they were not there, since a layer keeps them; absent: they are names of ours, hidden. */
  readonly unseenVersions?: VersionFolders;
}

/** Which names folders of old versions have, besides the usual ones. */
export interface VersionFolders {
  /** The one that the project chose; with a `/` before it, at the top only. */
  readonly folder: string | undefined;
  readonly caseSensitive: boolean;
}
