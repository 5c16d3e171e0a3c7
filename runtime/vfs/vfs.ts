import type { RelPath } from './path.ts';
import type { VfsError } from './vfs-error.ts';

/**
 * How a file's content is known. Within one root equal revisions mean equal content; they are opaque and never
 * compared between roots. `size` (bytes) and `modifiedMs` (ms since 1970, fractions allowed) are absent where they cannot be known or trusted.
 */
export interface Stamp {
  readonly revision: string;
  readonly size?: number;
  readonly modifiedMs?: number;
  /** Identity that survives a rename within the root (local: device and inode); absent where there is none. */
  readonly fileId?: string;
}

export interface FileNode extends Stamp {
  readonly kind: 'file';
  /** Permission bits (`0o777` at most); absent where the root has none. */
  readonly mode?: number;
}
export interface DirectoryNode {
  readonly kind: 'directory';
}
export interface LinkNode {
  readonly kind: 'link';
  /** The link's text as stored; never resolved. */
  readonly target: string;
  readonly modifiedMs?: number;
}
/** Something that is reported and never touched: a socket, a device, a name that cannot be spelled, a link that leads out, a thing out of scope. */
export interface OtherNode {
  readonly kind: 'other';
  readonly reason: string;
  /** True when it is something of the user's that ought to be taken along but cannot be (a name that cannot be spelled, a link that leads out): a run must not end as complete. */
  readonly missed?: true;
}
export type Entry = { readonly name: string } & (FileNode | DirectoryNode | LinkNode | OtherNode);

/** Facts about a root that the engine acts on. */
export interface Traits {
  /** Coarsest step of a kept time in ms; undefined where the root keeps no times of ours. */
  readonly timePrecisionMs: number | undefined;
  readonly caseSensitive: boolean;
  /** Operations worth having in flight at once. */
  readonly concurrency: number;
  readonly links: boolean;
  readonly modes: boolean;
}

/**
 * What a mutating call must find at its path right before it acts; anything else is a VfsError `changed`, and nothing was done.
 * A back end checks as late as it can and documents the window that remains.
 */
export type Expected =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly revision: string }
  | { readonly kind: 'directory' }
  | { readonly kind: 'link'; readonly target: string };

export const NOTHING: Expected = { kind: 'nothing' };

/**
 * Content that can be opened again (retry) and from an offset (resume). When it was asked for with a revision, reading
 * rejects with `changed` unless the file has that revision before the first and after the last byte.
 */
export interface Content {
  readonly size?: number;
  /** Set by a back end whose files the machine can open itself, so that two such ends meet without a stream. */
  readonly local?: LocalContent;
  /** Each opening gives other bytes (encryption): a transfer that broke off starts anew, since `open` from anywhere but the start is `unsupported`. */
  readonly differsEachTime?: true;
  open(from?: number): AsyncIterable<Uint8Array>;
}
/** A file on this machine: absolute real path of the root, path below it, and the revision it must have. */
export interface LocalContent {
  readonly rootPath: string;
  readonly path: RelPath;
  readonly revision?: string;
  readonly followLinks: boolean;
}

/** Files of one directory, by the same path on both roots, to be put where nothing is. `files`: as their root listed them, one a name. */
export interface NewFilesIn {
  readonly directory: RelPath;
  readonly names: readonly string[];
  readonly files: readonly FileNode[];
}
/** A file as it was put in place. */
export type Arrived = Pick<Stamp, 'revision' | 'fileId'>;

/** A root that takes many small files of a local root in one go. It sees to itself how many batches it handles at once. */
export interface NewFilesEnd {
  /** As `write`, for many small files of `source` at once. Resolves to each one's stamp, or to why it was not written; never rejects. */
  copyNew(source: LocalEnd, batch: readonly NewFilesIn[]): Promise<readonly (readonly (Arrived | VfsError)[])[]>;
}

/** The content of a file as it was packed: so many bytes, raw deflated or as they are. */
export interface PackedFile {
  readonly isDeflated: boolean;
  /** Of the plain content, as `size`. */
  readonly crc: number;
  readonly size: number;
  readonly data: Uint8Array;
}

/** A root whose files the machine can open itself, as the other end of such a root sees it. */
export interface LocalEnd extends NewFilesEnd {
  content(path: RelPath, revision: string): Content;
  /**
   * Reads and deflates many small files at once. `levelOf`: 1 to 9, or 0 for a name that is not to be deflated; what does not get smaller is not deflated either.
   * Resolves to each file's bytes, or to why it could not be read (an error `inContent`), one a file in their order; never rejects.
   */
  pack(batch: readonly NewFilesIn[], levelOf: (name: string) => number): Promise<readonly (PackedFile | VfsError)[]>;
  /**
   * For a run that ends at its first problem: copies from local roots to this one, and readings by `pack`, that have not begun reject with `aborted`; what has
   * begun ends. `failure`: as soon as one of many (`copyNew`, `pack`) has failed.
   */
  beginNoMore(after: 'failure' | 'now'): void;
  /** Gives a file a second name, so that the content stays when the first is overwritten. `exists` when anything is at `to`, `unsupported` where there are no hard links. */
  addName(from: RelPath, to: RelPath, expected: Expected): Promise<void>;
  /** Moves a file, link or directory from another such root to where nothing is. `exists` when anything is at `to`, `cross-device` where only copying can do it. */
  takeOver(source: LocalEnd, from: RelPath, to: RelPath, expected: Expected): Promise<void>;
}

export interface WriteAs {
  readonly expected: Expected;
  /** Kept where the root keeps times. */
  readonly modifiedMs?: number;
  readonly mode?: number;
  /** Transfer as text where the protocol knows such a mode. */
  readonly text?: boolean;
}

/**
 * One root. Every method rejects with VfsError only; the abort signal given when the root was opened ends every pending call but `flush`.
 * `write` leaves the old or the new content, never a part. Links are never followed out of the root.
 */
export interface Vfs {
  /** For messages; never holds a secret. */
  readonly label: string;
  readonly traits: Traits;
  /** Set by a back end whose files the machine can open itself, so that many files go from such a root without a call for each. */
  readonly local?: LocalEnd;
  /** Set by a back end that takes many files of a local root without a call for each. */
  readonly newFiles?: NewFilesEnd;
  /** Complete or rejected; sorted by `compareNames`; without the file system's own leftovers. */
  list(directory: RelPath): Promise<readonly Entry[]>;
  /** undefined: surely nothing there. `''` gives the root directory itself. */
  stat(path: RelPath): Promise<Entry | undefined>;
  content(path: RelPath, revision?: string): Content;
  /** The parent must exist. Resolves to the file as it now is. */
  write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp>;
  /** `exists` when anything is there. */
  makeDirectory(path: RelPath): Promise<void>;
  /** Removes a file or a link. */
  removeFile(path: RelPath, expected: Expected): Promise<void>;
  /** `not-empty` when anything is left in it. */
  removeDirectory(path: RelPath): Promise<void>;
  /** Moves a file, link or directory within the root; `exists` when anything is at `to`, `cross-device` when only copying can do it. `expected` is about `from`. */
  rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry>;
  /** Makes a link, or replaces what `as.expected` names by it. */
  link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode>;
  setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp>;
  /**
   * Puts `replacement` where a thing of another kind is: the old is set aside under a name of our own, the new put in place, the old removed
   * with all it holds. `changed`, and the old is back, unless a directory set aside holds just what `below` says: so nothing is lost that is put into it while
   * content is copied. A crash between leaves the aside folder, which `recover` puts back or clears.
   */
  replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined>;
  /**
   * What dead runs left in a directory, for `recover`; empty where there is no directory. `transient` while another run has something set aside in it. Asked right after
   * `list` of the same directory, so that a back end whose listings are dear answers from what that one saw.
   */
  leftovers(directory: RelPath): Promise<readonly RelPath[]>;
  /** Clears what a dead run left: unfinished transfer files go, things set aside return (`returned` counts them), under a name beside their place where that was taken by anything but what they were set aside for. */
  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }>;
  /** Makes all finished work durable (power cut) before it resolves. The one call, with `close`, that the abort does not end: what was finished is to be saved. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Replacement =
  | { readonly kind: 'file'; readonly content: Content; readonly as: WriteAs; readonly below?: Below }
  | { readonly kind: 'directory'; readonly expected: Expected }
  | { readonly kind: 'link'; readonly target: string; readonly modifiedMs?: number; readonly expected: Expected; readonly below?: Below };

/** All that a directory may hold when it is replaced, at any depth: path from the root → revision of a file, target of a link, `''` for a directory. Absent: anything. */
export type Below = ReadonlyMap<RelPath, string>;
