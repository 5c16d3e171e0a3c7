import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { errnoOf } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';

/** What `link` says where a file system has no hard links, or refuses one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES']);

/** Never through a link. */
export function openItself(path: string, flags: 'r' | 'r+'): Promise<FileHandle> {
  return open(path, (flags === 'r' ? constants.O_RDONLY : constants.O_RDWR) | (constants.O_NOFOLLOW ?? 0));
}

/** Whatever has the name, a link too, is removed first. */
export async function createAnew(path: string, flags: 'wx' | 'wx+', mode: number): Promise<FileHandle> {
  await rm(path, { force: true });
  return open(path, flags, mode);
}

/** undefined: nothing there. */
export async function openIfThere(path: string, flags: 'r' | 'r+'): Promise<FileHandle | undefined> {
  try {
    return await openItself(path, flags);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Gives a finished file its name, which must be free: by a hard link, which never overwrites; without those there is a moment between the look and the renaming. */
export async function putInPlace(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'EEXIST' || (NO_LINKS.has(errno) && (await isThere(to)))) {
      throw new VfsError('changed', '', 'another program made the archive during the run; the next run decides again');
    }
    if (!NO_LINKS.has(errno)) throw error;
    return rename(from, to);
  }
  await unlink(from);
}
