import { closeSync, constants, lstatSync, opendirSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { localError } from './local-error.ts';
import { CAN_OPEN_DIRECTORIES, DESCRIPTORS } from './opened-directories.ts';
import { CLOSED, type RootHandle } from './root-handle.ts';

let lastId = 0;

export interface OpenAs {
  readonly followLinks: boolean;
  readonly noLinksTo?: readonly RelPath[] | undefined;
  readonly outOfReach?: readonly RelPath[] | undefined;
  readonly flushEachFile: boolean;
  readonly flushesAtEnd?: boolean;
}

/** Opens the root directory. `unreachable`: it is missing, no directory, or access is refused. The caller closes the handle's descriptor. */
export function openRoot(rootPath: string, as: OpenAs): RootHandle {
  try {
    const path = realpathSync.native(rootPath);
    if (!lstatSync(path).isDirectory()) throw new VfsError('unreachable', '', `the root ${rootPath} is not a folder`);
    const fd = CAN_OPEN_DIRECTORIES ? openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW) : undefined;
    const modes = process.platform !== 'win32';
    return {
      id: ++lastId,
      path,
      fd,
      followLinks: as.followLinks,
      noLinksTo: as.noLinksTo ?? [],
      outOfReach: as.outOfReach ?? [],
      flushEachFile: as.flushEachFile,
      flushesAtEnd: as.flushesAtEnd === true,
      modes,
      life: new Int32Array(new SharedArrayBuffer(4)),
      begins: new Int32Array(new SharedArrayBuffer(4)),
    };
  } catch (error) {
    const { code, message } = localError(error, '');
    if (code === 'unreachable') throw error;
    const what = code === 'not-found' ? 'does not exist; create it, or correct its path' : `cannot be opened: ${message}`;
    throw new VfsError('unreachable', '', `the root ${rootPath} ${what}`, { cause: error });
  }
}

/** `outside`, and the root is closed, unless what was opened is the directory at this real path. */
export function requireAt(root: RootHandle, realPath: string): void {
  const isThere = root.fd === undefined ? realpathSync.native(realPath) === root.path : readlinkSync(`${DESCRIPTORS}/${root.fd}`) === realPath;
  if (isThere && root.path === realPath) return;
  closeRoot(root);
  throw new VfsError('outside', '', `the folder ${realPath} was replaced by a link after it was permitted; nothing is done through it`);
}

export function closeRoot(root: RootHandle): void {
  Atomics.store(root.life, 0, CLOSED);
  if (root.fd !== undefined) closeSync(root.fd);
}

/** Whether `a` and `A` are two names here, found out without writing: does a name in the root, or the root's own, exist in the other case? */
export function isCaseSensitive(rootPath: string): boolean {
  const name = someLetteredName(rootPath);
  const candidates = [...(name === undefined ? [] : [join(rootPath, name)]), rootPath];
  for (const path of candidates) {
    const swapped = join(dirname(path), swapCase(basename(path)));
    if (swapped === path) continue;
    const here = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const there = lstatSync(swapped, { bigint: true, throwIfNoEntry: false });
    if (here !== undefined) return there === undefined || there.ino !== here.ino || there.dev !== here.dev;
  }
  return process.platform !== 'win32' && process.platform !== 'darwin';
}

function someLetteredName(rootPath: string): string | undefined {
  const directory = opendirSync(rootPath);
  try {
    for (let i = 0; i < 16; i++) {
      const entry = directory.readSync();
      if (entry === null) return undefined;
      if (swapCase(entry.name) !== entry.name && !entry.name.includes('\uFFFD')) return entry.name;
    }
    return undefined;
  } finally {
    directory.closeSync();
  }
}

/** ASCII letters only: they are the ones that every file system that ignores case agrees on. */
function swapCase(name: string): string {
  return name.replace(/[a-zA-Z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
}
