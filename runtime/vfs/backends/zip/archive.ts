import type { Content, PackedFile } from '../../vfs.ts';
import type { CommitPace } from './commit-pace.ts';
import type { EntryTree, ZipFile } from './entry-tree.ts';

/** What a new entry is to be. */
export interface NewFile {
  /** From the top of the archive. */
  readonly path: string;
  readonly modifiedMs: number;
  /** Permission bits. */
  readonly mode: number;
}

export interface TakeOptions {
  /** 0 (stored) to 9. */
  readonly level: number;
  /** Throws when the run was ended. */
  requireRunning(): void;
}

/** Takes in contents that were packed already. */
export interface PackedTaker {
  /** As `take`, for many files; their contents in the same order. */
  takePacked(files: readonly NewFile[], packed: readonly PackedFile[]): Promise<readonly ZipFile[]>;
}

/** An open archive, whatever it lies in. Roots in the same archive share it. */
export interface Archive {
  readonly pace: CommitPace;
  /** Absent: contents come one by one and plain. */
  readonly packed?: PackedTaker;
  /** What a commit writes besides the changes. */
  readonly commitBytes: number;
  /** What it holds, with all that was changed since. Another one after `begin` found the archive changed by others. */
  readonly tree: EntryTree;
  /** The archive exists, or the next commit makes it. */
  readonly isThere: boolean;
  /** Whether a dead run left something beside the archive, which `begin` clears. */
  hasLeftovers(): boolean;
  /** Before anything is changed, and before it is looked whether it may be. Rejects with VfsError when the archive cannot be changed. */
  begin(): Promise<void>;
  /** Takes in a content. The file is not in the tree yet: put it there, or `forget` it. */
  take(content: Content, file: NewFile, options: TakeOptions): Promise<ZipFile>;
  /** The same content under another name or with another time or mode. */
  retake(old: ZipFile, file: NewFile): Promise<ZipFile>;
  /** The file is not, or no longer, in the tree. */
  forget(file: ZipFile): Promise<void>;
  /** The tree was changed. */
  changed(): void;
  read(file: ZipFile, from: number): AsyncIterable<Uint8Array>;
  /** Writes what was changed; durable when it resolves. */
  commit(): Promise<void>;
  /** Commits, and gives back what it holds when nobody else uses the archive. */
  close(): Promise<void>;
}
