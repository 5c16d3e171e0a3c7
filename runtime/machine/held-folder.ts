import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openFile } from './open-file.ts';

/** Linux, with /proc. */
const CAN_HOLD = process.platform === 'linux' && existsSync('/proc/self/fd');

/** A folder that was permitted by its real path, and through which nothing else can be reached, whatever takes the place of a folder on the way to it. */
export interface HeldFolder {
  /** Real path. */
  readonly path: string;
  /** What system calls take for a name in the folder. Where folders cannot be held (not on Linux) the way is checked anew: throws FolderReplacedError. */
  at(name: string): string;
  close(): void;
}

/** A link, or another folder, stands where the permitted one was. */
export class FolderReplacedError extends Error {
  override readonly name = 'FolderReplacedError';

  constructor(path: string) {
    super(`the folder ${path} was replaced by a link after it was permitted; nothing is done through it`);
  }
}

/** Throws FolderReplacedError when no folder has this real path any more, and the system's error for one that cannot be opened. */
export function holdFolder(path: string): HeldFolder {
  if (!CAN_HOLD) {
    requireAt(path, realpathSync.native(path));
    return {
      path,
      at(name) {
        requireAt(path, realpathSync.native(path));
        return join(path, name);
      },
      close: () => undefined,
    };
  }
  if (lstatSync(path).isSymbolicLink()) throw new FolderReplacedError(path);
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const held = `/proc/self/fd/${fd}`;
  try {
    requireAt(path, readlinkSync(held));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { path, at: (name) => `${held}/${name}`, close: () => closeSync(fd) };
}

/** Opens a regular file by its real path, never through a link; `flags` as of `open`. Throws like `holdFolder` and `openFile`. */
export function openAtRealPath(path: string, flags: number, mode?: number): number {
  const folder = holdFolder(dirname(path));
  try {
    return openFile(folder.at(basename(path)), flags | (constants.O_NOFOLLOW ?? 0), mode);
  } finally {
    folder.close();
  }
}

/** Makes a folder, and those that are missing above it, each in the one above. Throws like `holdFolder`, and the system's errors. */
export function makeFolderAtRealPath(path: string): void {
  if (existsSync(path)) return;
  makeFolderAtRealPath(dirname(path));
  const above = holdFolder(dirname(path));
  try {
    mkdirSync(above.at(basename(path)));
  } catch (error) {
    // Somebody else makes the same.
    if (!existsSync(above.at(basename(path)))) throw error;
  } finally {
    above.close();
  }
}

function requireAt(path: string, real: string): void {
  if (real !== path) throw new FolderReplacedError(path);
}
