import { close, closeSync, constants, fdatasync, fsync, ftruncateSync, open, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { FolderReplacedError, type HeldFolder } from '../machine/held-folder.ts';
import { openFile } from '../machine/open-file.ts';
import { translated } from './state-error.ts';

/** Every step by which state/ changes the disk, so that a test can stop at any of them, and how files are named to the system. Errors are the system's own. */
export interface Disk {
  /** What system calls that read take for the file. */
  place(file: string): string;
  /** Opens for writing, never through a link: `create` fails with EEXIST when anything is there, `change` keeps what the file holds. Returns the descriptor. */
  open(file: string, how: 'create' | 'change', mode: number): number;
  /** All of `bytes`, from byte `position` of the file on. */
  write(fd: number, bytes: Uint8Array, position: number): void;
  truncate(fd: number, size: number): void;
  /** Content durable before it resolves. */
  sync(fd: number): Promise<void>;
  close(fd: number): void;
  rename(from: string, to: string): void;
  /** No error when it is already gone. */
  remove(file: string): void;
  /** Makes names in the file's folder durable, where the platform can. */
  syncFolderOf(file: string): Promise<void>;
}

/** Windows does not have it, and makes no links without special rights. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

const fdatasyncOf = promisify(fdatasync);
const fsyncOf = promisify(fsync);
const openAsync = promisify(open);
const closeAsync = promisify(close);

export const realDisk: Disk = {
  place: (file) => file,
  open: (file, how, mode) => (how === 'create' ? openSync(file, 'wx', mode) : openFile(file, constants.O_RDWR | NO_FOLLOW, mode)),
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.byteLength; ) done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done);
  },
  truncate: (fd, size) => ftruncateSync(fd, size),
  sync: (fd) => fdatasyncOf(fd),
  close: (fd) => closeSync(fd),
  rename: (from, to) => renameSync(from, to),
  remove: (file) => rmSync(file, { force: true }),
  async syncFolderOf(file) {
    // Windows has no such call for folders; the rename is as durable there as NTFS makes it.
    if (process.platform === 'win32') return;
    const folder = await openAsync(dirname(file), 'r');
    try {
      await fsyncOf(folder);
    } finally {
      await closeAsync(folder);
    }
  },
};

/** The real disk for files of one folder only, whatever stands at its path meanwhile. Other files are refused with FolderReplacedError. */
export function diskIn(folder: HeldFolder): Disk {
  const at = (file: string): string => {
    if (dirname(file) !== folder.path) throw new FolderReplacedError(folder.path);
    return folder.at(basename(file));
  };
  return {
    ...realDisk,
    place: at,
    open: (file, how, mode) => realDisk.open(at(file), how, mode),
    rename: (from, to) => realDisk.rename(at(from), at(to)),
    remove: (file) => realDisk.remove(at(file)),
    syncFolderOf: (file) => realDisk.syncFolderOf(at(file)),
  };
}

/** Makes the file anew and opens it for writing; whatever had its name, a link too, is removed first. */
export function createAnew(disk: Disk, file: string, mode: number): number {
  disk.remove(file);
  return disk.open(file, 'create', mode);
}

/** undefined when there is no such file. Throws StateError `unreadable`. */
export function openToRead(file: string): number | undefined {
  try {
    return openFile(file, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw translated('unreadable', file, error);
  }
}
