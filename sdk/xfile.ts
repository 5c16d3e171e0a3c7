import type { HostMethod, HostMethods } from './protocol.ts';
import { callHost, watched } from './transport.ts';
import type { WireFileInfo, WireVersion } from './xfile-protocol.ts';

/** What there is at a place. */
export interface FileInfo {
  /** Names it for the other functions of `xfile`. */
  readonly url: string;
  /** Without folders. */
  readonly name: string;
  /** `link` is a symbolic link, which is not followed; `other` a device, a socket or something else that is no file. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Bytes; absent for what is no file and where it cannot be known. */
  readonly size?: number;
  /** Absent for folders and where no times are kept. */
  readonly modified?: Date;
  /** Of files and links: stays the same as long as nothing has changed them. What it is made of is the root's own affair: compare it for being equal, on one root only. */
  readonly revision?: string;
}

/** What a walk finds. */
export interface WalkedFile extends FileInfo {
  /** Relative to where the walk began, parts joined by `/`. */
  readonly path: string;
}

/**
 * What a walk gives. A pattern is matched against the whole path below the start. Other than in a project's `excludeFiles`, `*` and `?` stop at a `/`, so `*.jpg` is only right
 * in the folder; `**` is any number of folders (`2026/**`: all below 2026; two stars, a slash and `*.jpg`: at any depth), `{a,b}` one of several, `[a-z]` a
 * range, `\` takes the meaning of the next character. Names that begin with a dot are like any other. In a list later patterns win, and one that begins with `!`
 * takes out again: `['**', '!tmp/**']`. Case counts except where the root ignores it.
 */
export interface WalkOptions {
  /** Files: all (default), none, or those that match. */
  readonly files?: boolean | string | readonly string[];
  /** Folders: none (default), all, or those that match. They come before what is in them. */
  readonly dirs?: boolean | string | readonly string[];
  /** Symbolic links, too; they are never followed (false). */
  readonly links?: boolean;
  /** What matches is left out; a folder with all that is below it. */
  readonly exclude?: string | readonly string[];
  /** 1: only what is right in the folder; absent: everything. */
  readonly depth?: number;
}

export interface TransferOptions {
  /** Replaces files that are in the way, and fills folders that are there; nothing else in them is touched (false: whatever is there is an error `exists`). */
  readonly overwrite?: boolean;
}

export interface RemoveOptions {
  /** What was found there. */
  readonly ifUnchanged?: FileInfo;
}

export interface RemoveRecursiveOptions {
  /** Empties the folder and leaves it (false). */
  readonly keepRoot?: boolean;
  /** Asks at the terminal first; without a terminal nothing is removed (true). `false`: the script is sure. */
  readonly confirm?: boolean;
}

/**
 * Files on any root URL: a local path (relative to the project file, `~` is the home folder), or `scheme:…`. All reject with `SyncError`: `permission` (final) where
 * reading or writing there is not granted, `not-found`, `exists`, `wrong-kind` (a folder where a file is needed, or the reverse), `denied` by the system, `root`, and the others.
 *
 * Links: reading and writing go through a link where what it leads to is granted; `exists`, `stat`, `remove`, `move` and `removeRecursive` mean the link itself.
 * Links below a folder are never followed.
 *
 * An archive (`zip:`) has what a call changed when the call is over; each call writes its table of contents anew, so copy a folder in one go rather than file by file. One that is missing is not there for
 * whoever reads; the first change makes it. `ienc:` and `volX:` are for the roots of a project.
 *
 * In a simulation what would change something is shown and not done. Reads go on, and see what is there: nothing of what would have been done.
 */
export const xfile = {
  /** Whether there is anything: a file, a folder, or a link, which is not followed. Rejects when that cannot be told. */
  exists(url: string): Promise<boolean> {
    return ask('xfile.exists', { url });
  },

  /** undefined: nothing there. */
  stat(url: string): Promise<FileInfo | undefined> {
    return ask('xfile.stat', { url }, (info) => (info === null ? undefined : infoOf(info)));
  },

  /** What is right in a folder, sorted by name. */
  list(url: string): Promise<FileInfo[]> {
    return ask('xfile.list', { url }, (infos) => infos.map(infoOf));
  },

  /**
   * All that is below a folder: `for await (const file of xfile.walk('photos', { files: '2026/**' }))`,
   * sorted by name in each folder, a folder right before what is in it. What appears or goes during the walk may be missed or come nevertheless.
   * A folder that cannot be read is an error, never left out.
   */
  async *walk(url: string, options: WalkOptions = {}): AsyncGenerator<WalkedFile, void, undefined> {
    const stack = new Error().stack ?? '';
    let batch = await callHost('xfile.walk', { url, options }, stack);
    const { walk } = batch;
    try {
      for (;;) {
        for (const info of batch.entries) yield { ...infoOf(info), path: info.path ?? '' };
        if (batch.walk === null) return;
        batch = await callHost('xfile.walkMore', { walk: batch.walk }, stack);
      }
    } finally {
      if (walk !== null && batch.walk !== null) await callHost('xfile.walkEnd', { walk }, stack);
    }
  },

  /** A whole file as text. It must be UTF-8 (else error `file`); a byte order mark is dropped. Files of more than an eighth of the script's memory (32 MB of 256 MB) are `too-large`. */
  readText(url: string): Promise<string> {
    return ask('xfile.readText', { url });
  },

  /** A whole file. More than a quarter of the script's memory (64 MB of 256 MB) is `too-large`. */
  readBytes(url: string): Promise<Uint8Array> {
    return ask('xfile.readBytes', { url });
  },

  /** Writes a file as UTF-8, replacing what it held; whoever reads it finds the old or the new content, never a part. Its folder must exist. */
  writeText(url: string, text: string): Promise<void> {
    return ask('xfile.writeText', { url, text }, nothing);
  },

  /** As `writeText`. */
  writeBytes(url: string, bytes: Uint8Array): Promise<void> {
    return ask('xfile.writeBytes', { url, bytes }, nothing);
  },

  /**
   * Adds to the end of a file, or makes it. The file is written anew as a whole, so that what was there is never lost and nobody finds a part, at the price of
   * a copy each time: collect what you can before. Appends of several programs at once are all kept where the root can tell that a file changed.
   */
  appendText(url: string, text: string): Promise<void> {
    return ask('xfile.appendText', { url, text }, nothing);
  },

  /** Copies a file, or a folder with all that is below it, with times and modes. `to` is the new name, not the folder to put it in. Links below a folder are copied as links. */
  copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return ask('xfile.copy', { from, to, options }, nothing);
  },

  /** Moves a file, a folder or a link: by renaming where that is possible, else by a copy that is read back and compared before the original goes. `to` as for `copy`. */
  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return ask('xfile.move', { from, to, options }, nothing);
  },

  /** Removes a file or a link. With `ifUnchanged` only as what `stat`, `list` or `walk` has shown: what has changed since stays, with an error `changed`. */
  remove(url: string, options: RemoveOptions = {}): Promise<void> {
    return ask('xfile.remove', () => ({ url, options: { ...options, ...versionIn(options) } }), nothing);
  },

  /** Sets when a file was last changed (now); makes an empty file where there is none. */
  touch(url: string, date?: Date): Promise<void> {
    return ask('xfile.touch', () => ({ url, date: date === undefined ? null : timeOf(date) }), nothing);
  },

  /** Makes a folder. With `parents` also those above it, and one that is there already is fine; else it is an error `exists`. */
  mkdir(url: string, options: { readonly parents?: boolean } = {}): Promise<void> {
    return ask('xfile.mkdir', { url, options }, nothing);
  },

  /** Removes an empty folder; `not-empty` when anything is in it. */
  rmdir(url: string): Promise<void> {
    return ask('xfile.rmdir', { url }, nothing);
  },

  /**
   * Removes a folder and all that is below it; links go, what they lead to stays. The root of a file system, the home folder, the project's folder and all folders around
   * these are never removed. What changes meanwhile is not removed: error `changed`.
   */
  removeRecursive(url: string, options: RemoveRecursiveOptions = {}): Promise<void> {
    return ask('xfile.removeRecursive', { url, options }, nothing);
  },
} as const;

type Request<Method extends HostMethod> = HostMethods[Method]['request'];
type Reply<Method extends HostMethod> = HostMethods[Method]['reply'];

/** The host says what is wrong with a request: what a script passes need not have the right type. */
function ask<Method extends HostMethod, Result = Reply<Method>>(
  method: Method,
  request: Request<Method> | (() => { readonly [Key in keyof Request<Method>]: unknown }),
  resultOf: (reply: Reply<Method>) => Result = (reply) => reply as Result,
): Promise<Result> {
  return watched(method, async (stack) => {
    const sent = typeof request === 'function' ? request() : request;
    return resultOf(await callHost(method, sent as Request<Method>, stack));
  });
}

/** JSON would make `null`, the present, of a Date that is none. */
function timeOf(date: Date): unknown {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.getTime() : String(date);
}

function nothing(): void {}

function infoOf({ modified, path: _, ...facts }: WireFileInfo): FileInfo {
  return { ...facts, ...(modified === undefined ? {} : { modified: new Date(modified) }) };
}

/** Only what the host compares. */
function versionIn({ ifUnchanged }: RemoveOptions): { ifUnchanged?: WireVersion } {
  if (ifUnchanged === undefined) return {};
  const { kind, revision } = Object(ifUnchanged) as FileInfo;
  return { ifUnchanged: { kind, revision: revision as string } };
}
