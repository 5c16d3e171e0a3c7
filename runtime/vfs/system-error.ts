import { VfsError, type VfsErrorCode } from './vfs-error.ts';
import type { RelPath } from './path.ts';

/** errno names (POSIX, and what libuv makes of Windows' errors) → code, and what to tell a person. */
const MEANINGS: Readonly<Record<string, readonly [VfsErrorCode, string]>> = {
  ENOENT: ['not-found', 'there is nothing at this path (any more)'],
  ENOTDIR: ['wrong-kind', 'a folder was expected here, but there is something else'],
  EFTYPE: ['wrong-kind', 'a file was expected here, but there is a pipe, a socket or a device'],
  EISDIR: ['wrong-kind', 'a file was expected here, but there is a folder'],
  EEXIST: ['exists', 'something is already there'],
  ENOTEMPTY: ['not-empty', 'the folder is not empty'],
  EACCES: ['denied', 'the system refuses access; check the permissions'],
  EPERM: ['denied', 'the system refuses this operation; check the permissions and who owns it'],
  EROFS: ['read-only', 'the file system is mounted read-only'],
  ENOSPC: ['no-space', 'no space is left on the file system'],
  EDQUOT: ['no-space', 'the disk quota is used up'],
  EFBIG: ['too-large', 'the file is too large for this file system'],
  ENAMETOOLONG: ['name-refused', 'the name is too long for this file system'],
  EILSEQ: ['name-refused', 'the file system does not accept this name'],
  EINVAL: ['name-refused', 'the file system does not accept this name or operation'],
  ELOOP: ['outside', 'a link stands where none may be followed'],
  EXDEV: ['cross-device', 'another file system is mounted between the two places'],
  EBUSY: ['transient', 'it is in use by another program'],
  ETXTBSY: ['transient', 'it is a program that is running'],
  EAGAIN: ['transient', 'the system is busy; try again'],
  EINTR: ['transient', 'the call was interrupted; try again'],
  EMFILE: ['transient', 'too many files are open; raise the limit (ulimit -n)'],
  ENFILE: ['transient', 'too many files are open on this machine'],
  ETIMEDOUT: ['transient', 'the file system did not answer in time'],
  ESTALE: ['transient', 'the network file system lost track of it; try again'],
  ENOTCONN: ['unreachable', 'the file system is no longer connected'],
  EHOSTDOWN: ['unreachable', 'the file server cannot be reached'],
  ENODEV: ['unreachable', 'the device is gone'],
  ENXIO: ['unreachable', 'the device is gone'],
  ENOTSUP: ['unsupported', 'this file system cannot do that'],
  EOPNOTSUPP: ['unsupported', 'this file system cannot do that'],
  ENOSYS: ['unsupported', 'this system cannot do that'],
  EIO: ['failed', 'the disk reported an input/output error'],
};

/** The one place where errors of the system become ours. Everything that is a VfsError already stays as it is. */
export function systemError(error: unknown, path: RelPath): VfsError {
  if (error instanceof VfsError) return error;
  const errno = errnoOf(error);
  const meaning = errno === undefined ? undefined : MEANINGS[errno];
  if (meaning !== undefined) return new VfsError(meaning[0], path, `${meaning[1]} (${errno})`, { cause: error });
  return new VfsError('failed', path, error instanceof Error ? error.message : String(error), { cause: error });
}

/** Why a file cannot be made or written, for the message of whoever wants to. */
export function unwritableReason(error: unknown): string {
  return errnoOf(error) === 'ENOENT' ? 'its folder does not exist; make it first (ENOENT)' : systemError(error, '').message;
}

/** `ENOENT` and the like; undefined for errors that are not the system's. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
