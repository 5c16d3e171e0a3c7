import type { RelPath } from '../vfs/path.ts';
import type { DirectoryNode, FileNode, LinkNode, OtherNode } from '../vfs/vfs.ts';
import type { BaselineRow } from './baseline.ts';
import type { OwnFiles, Rules } from './sync-run.ts';

/** What a root holds at a path. Nothing is `undefined`; what could not be read never becomes a row (see survey.ts). */
export type Held = FileNode | DirectoryNode | LinkNode | OtherNode;
/** What has content of its own: the kinds that are copied as one thing. */
export type Leaf = FileNode | LinkNode;

/** One name in one directory, seen on all roots at once. */
export interface Row {
  readonly path: RelPath;
  readonly at: readonly (Held | undefined)[];
  readonly baseline: BaselineRow | undefined;
  /** SHA-256 of the content by root, for the roots whose files were read because a decision asked for it. */
  readonly hashes?: readonly (string | undefined)[];
}

/** What decide() knows about a root. */
export interface RootFacts {
  readonly targetOnly: boolean;
  /** The database has seen a complete run with this root. */
  readonly joined: boolean;
  readonly timePrecisionMs: number | undefined;
  /** See EngineRoot; absent: none. */
  readonly ownFiles?: OwnFiles;
}

export interface DecideRules extends Pick<Rules, 'newerThanMs' | 'syncRemove' | 'mirror' | 'compare' | 'evenTime' | 'timeShiftsMs'> {
  readonly database: boolean;
  readonly roots: readonly RootFacts[];
}

export function isLeaf(held: Held | undefined): held is Leaf {
  return held !== undefined && (held.kind === 'file' || held.kind === 'link');
}
