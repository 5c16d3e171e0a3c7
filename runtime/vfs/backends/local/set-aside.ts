import { type BigIntStats, closeSync, constants, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { joinPath, nameOf, parentOf } from '../../path.ts';
import type { RelPath } from '../../path.ts';
import { isTransferName } from '../../scope.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Expected } from '../../vfs.ts';
import { lstatOf, requireExpected } from './file-facts.ts';
import { CAN_OPEN_DIRECTORIES, DESCRIPTORS, OpenedDirectories } from './opened-directories.ts';
import { requireKnown } from './require-known.ts';
import type { RootHandle } from './root-handle.ts';
import { leftoverState, releaseAsideName, takeAsideName, thisProcess } from './transfer-names.ts';

/** A thing on its way out: `.sxrun-….aside/NAME` beside its place. */
export interface SetAside {
  /** Its place is free now. `changed` when it holds anything but `known`. */
  requireKnown(known: Below): void;
  /** Undoes everything when the new thing cannot be put there. Resolves to the name it has now: another one where something else took its place. */
  putBack(): string;
  /** The new thing is in place: the old goes, with all it holds; links in it are removed, not followed. */
  remove(): void;
}

/** What is to take the place: a file is known by its `fileId`, since it is complete before anything is set aside for it. */
export type Successor = { readonly kind: 'file'; readonly fileId: string } | { readonly kind: 'directory' } | { readonly kind: 'link' };

/** Takes what is at `path` away. A crash before `remove` leaves the folder, which `recoverLeftover` returns, or clears when the successor is in place. */
export function setAside(root: RootHandle, path: RelPath, expected: Expected, successor: Successor): SetAside {
  const aside = takeAsideName();
  const folder = joinPath(parentOf(path), aside);
  const withDirectories = <T>(act: (directories: OpenedDirectories) => T): T => {
    const directories = new OpenedDirectories(root);
    try {
      return act(directories);
    } finally {
      directories.close();
    }
  };
  withDirectories((directories) => {
    const place = directories.place(path);
    requireExpected(place.at, expected, path);
    mkdirSync(directories.place(folder).at, 0o700);
    try {
      closeSync(openSync(`${directories.place(folder).at}/${markOf(successor)}`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
      directories.confirm(place);
      requireExpected(place.at, expected, path);
      renameSync(place.at, `${directories.place(folder).at}/${place.name}`);
    } catch (error) {
      removeTree(directories.place(folder).at);
      releaseAsideName(aside);
      throw error;
    }
  });
  return {
    requireKnown(known) {
      withDirectories((directories) => requireKnown(directories, joinPath(folder, nameOf(path)), path, known));
    },
    putBack() {
      const name = withDirectories((directories) => giveBack(directories, folder, nameOf(path)));
      releaseAsideName(aside);
      return name;
    },
    remove() {
      releaseAsideName(aside);
      withDirectories((directories) => removeTree(directories.place(folder).at));
    },
  };
}

/** Clears one leftover, if its maker is gone for sure. The number of things that returned to their place. */
export function recoverLeftover(root: RootHandle, path: RelPath, nowMs: number): number {
  const directories = new OpenedDirectories(root);
  try {
    const { at } = directories.place(path);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined || leftoverState(nameOf(path), stats.ctimeMs, thisProcess(), nowMs) !== 'stale') return 0;
    if (path.endsWith('.aside') && stats.isDirectory()) return returnContent(directories, path);
    if (path.endsWith('.part') && !stats.isDirectory()) unlinkSync(at);
    return 0;
  } finally {
    directories.close();
  }
}

/** The name of an empty file beside what was set aside: no name that a user's file has in scope. */
function markOf(successor: Successor): string {
  return `.sxrun-for-${successor.kind}${successor.kind === 'file' ? `-${successor.fileId.replace(':', '-')}` : ''}.part`;
}

function markOfWhatIs(stats: BigIntStats): string | undefined {
  if (stats.isFile()) return markOf({ kind: 'file', fileId: `${stats.dev}:${stats.ino}` });
  if (stats.isDirectory()) return markOf({ kind: 'directory' });
  return stats.isSymbolicLink() ? markOf({ kind: 'link' }) : undefined;
}

/** Nothing that was set aside in vain is removed: where someone made something new in its place, it gets a name beside it. */
function giveBack(directories: OpenedDirectories, folder: RelPath, name: string): string {
  const now = returnTo(directories, folder, name);
  removeTree(directories.place(folder).at);
  return now;
}

/** The name that it has now. */
function returnTo(directories: OpenedDirectories, folder: RelPath, name: string): string {
  const from = directories.place(folder);
  const short = [...name].slice(0, 40).join('');
  for (let tries = 0; ; tries++) {
    const now = tries === 0 ? name : `${short} (set aside${tries === 1 ? '' : ` ${tries}`})`;
    const home = directories.place(joinPath(parentOf(folder), now));
    directories.confirm(home);
    if (lstatOf(home.at) !== undefined) continue;
    renameSync(`${from.at}/${name}`, home.at);
    return now;
  }
}

/** What was set aside goes back, unless what it was set aside for is in its place. */
function returnContent(directories: OpenedDirectories, folder: RelPath): number {
  let returned = 0;
  const { at } = directories.place(folder);
  const names = readdirSync(at);
  for (const name of names.filter((one) => !isTransferName(one))) {
    const there = lstatOf(directories.place(joinPath(parentOf(folder), name)).at);
    const mark = there && markOfWhatIs(there);
    if (mark !== undefined && names.includes(mark)) continue;
    returnTo(directories, folder, name);
    returned++;
  }
  removeTree(at);
  return returned;
}

/**
 * Removes a folder of ours with all it holds. Names are bytes here, since some may be no UTF-8. Links are removed, never followed: what is no directory by lstat is
 * unlinked, and on Linux each directory is opened without following and emptied through its descriptor, however deep it lies.
 */
function removeTree(folder: string | Buffer): void {
  const fd = CAN_OPEN_DIRECTORIES ? openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW) : undefined;
  try {
    const inside = fd === undefined ? Buffer.from(folder) : Buffer.from(`${DESCRIPTORS}/${fd}`);
    for (const name of readdirSync(inside, { encoding: 'buffer' }).sort(marksLast)) {
      const child = Buffer.concat([inside, SLASH, name]);
      const stats = lstatSync(child, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) removeTree(child);
      else if (stats !== undefined) unlinkSync(child);
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  rmdirSync(folder);
}
const SLASH = Buffer.from('/');

/** A kill amid the removal must leave the mark while anything else is left, or the rest would return. */
function marksLast(a: Buffer, b: Buffer): number {
  return Number(isTransferName(a.toString())) - Number(isTransferName(b.toString()));
}

/** For a replacement that is refused before anything was done. */
export function refuseRoot(path: RelPath): void {
  if (path === '') throw new VfsError('unsupported', path, 'the root folder itself cannot be replaced');
}
