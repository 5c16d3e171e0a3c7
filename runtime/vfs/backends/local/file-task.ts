import type { VfsErrorCode } from '../../vfs-error.ts';
import type { RelPath } from '../../path.ts';
import type { Entry, Expected, FileNode, LinkNode, Stamp } from '../../vfs.ts';

/** One piece of work on one path, as data: done by a file worker, or by the main thread when there is little to do. Roots are `RootHandle.id`. */
export type FileTask =
  | StatTask
  | CopyTask
  | CopyNewTask
  | PackTask
  | RemoveTask
  | MakeTask
  | RemoveDirectoryTask
  | TouchTask
  | RenameTask
  | AddNameTask
  | TakeOverTask
  | LinkTask;

export interface StatTask {
  readonly op: 'stat';
  readonly root: number;
  readonly path: RelPath;
}
export interface CopyTask {
  readonly op: 'copy';
  readonly root: number;
  readonly path: RelPath;
  readonly source: number;
  readonly from: RelPath;
  /** What the source must be before and after reading; undefined: only the same before and after. */
  readonly revision: string | undefined;
  /** Bytes as far as known, to tell small files from large ones. */
  readonly size: number | undefined;
  readonly expected: Expected;
  readonly modifiedMs: number | undefined;
  readonly mode: number | undefined;
}
/** Many copies to where nothing is, packed. */
export interface CopyNewTask {
  readonly op: 'copy-new';
  readonly root: number;
  /** Of no file in particular: `''`. */
  readonly path: RelPath;
  readonly source: number;
  readonly count: number;
  readonly bytes: number;
  readonly batch: readonly NewFilesPacked[];
}
/** Columns of one directory: names joined by `/`, revisions by `|`; null where a value is not known or not kept. */
export interface NewFilesPacked {
  readonly directory: RelPath;
  readonly names: string;
  readonly revisions: string;
  readonly modifiedMs: readonly (number | null)[];
  readonly modes: readonly (number | null)[] | null;
}
/** Columns of all files of the batch, joined by `|`; `errors` by number, where the columns hold nothing. */
export interface ArrivedPacked {
  readonly revisions: string;
  readonly fileIds: string;
  readonly errors: readonly (readonly [number, TaskError])[];
}
/** Reads many files and deflates them. */
export interface PackTask {
  readonly op: 'pack';
  readonly root: number;
  /** Of no file in particular: `''`. */
  readonly path: RelPath;
  readonly count: number;
  readonly bytes: number;
  readonly batch: readonly FilesToPack[];
}
/** Columns of one directory, as in `NewFilesPacked`. `levels`: 0 is not to be deflated. */
export interface FilesToPack {
  readonly directory: RelPath;
  readonly names: string;
  readonly revisions: string;
  readonly levels: readonly number[];
}
/** Columns of all files of the batch; `errors` by number, where the columns hold nothing of worth. */
export interface PackedColumns {
  readonly crcs: readonly number[];
  readonly sizes: readonly number[];
  readonly areDeflated: readonly boolean[];
  /** Of each one's part of `data`, which are in the same order. */
  readonly lengths: readonly number[];
  readonly errors: readonly (readonly [number, TaskError])[];
  /** Between threads it goes beside the other columns. */
  readonly data: Uint8Array;
}
export interface RemoveTask {
  readonly op: 'remove';
  readonly root: number;
  readonly path: RelPath;
  readonly expected: Expected;
}
export interface MakeTask {
  readonly op: 'make';
  readonly root: number;
  readonly path: RelPath;
}
export interface RemoveDirectoryTask {
  readonly op: 'remove-directory';
  readonly root: number;
  readonly path: RelPath;
}
export interface TouchTask {
  readonly op: 'touch';
  readonly root: number;
  readonly path: RelPath;
  readonly modifiedMs: number;
  readonly expected: Expected;
}
export interface RenameTask {
  readonly op: 'rename';
  readonly root: number;
  readonly path: RelPath;
  readonly to: RelPath;
  readonly expected: Expected;
}
/** A hard link. */
export interface AddNameTask {
  readonly op: 'add-name';
  readonly root: number;
  readonly path: RelPath;
  readonly to: RelPath;
  readonly expected: Expected;
}
/** A thing moves here from another root of the same file system. */
export interface TakeOverTask {
  readonly op: 'take-over';
  readonly root: number;
  readonly path: RelPath;
  readonly source: number;
  readonly from: RelPath;
  readonly expected: Expected;
}
export interface LinkTask {
  readonly op: 'link';
  readonly root: number;
  readonly path: RelPath;
  readonly target: string;
  readonly expected: Expected;
  readonly modifiedMs: number | undefined;
}

export interface FoundDirectory {
  readonly kind: 'directory';
}
/** What a task gives back: a stamp (copy, touch), a node (rename, link), an entry (stat, where there is one), columns (copy-new, pack), nothing (the others), or what went wrong. */
export type TaskResult = { readonly value?: TaskValue } | { readonly error: TaskError };
export type TaskValue = Entry | ArrivedPacked | PackedColumns | Stamp | FileNode | LinkNode | FoundDirectory;
export interface TaskError {
  readonly code: VfsErrorCode;
  readonly path: RelPath;
  readonly message: string;
  /** As in VfsError; absent: false. */
  readonly inContent?: boolean;
}

/** The roots whose directories a task uses. */
export function rootsOf(task: FileTask): readonly number[] {
  return (task.op === 'copy' || task.op === 'copy-new' || task.op === 'take-over') && task.source !== task.root
    ? [task.root, task.source]
    : [task.root];
}
