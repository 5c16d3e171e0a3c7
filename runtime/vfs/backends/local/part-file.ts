import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, futimesSync, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import type { Expected, Stamp } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';
import { lstatOf, requireExpected, settableTime, stampOf } from './file-facts.ts';
import { errnoOf } from './local-error.ts';
import type { OpenedDirectories, Place } from './opened-directories.ts';

/** An unfinished file beside its target: first written, then put in place whole, or dropped. */
export interface PartFile {
  readonly fd: number;
  /** What system calls take. */
  readonly at: string;
  readonly place: Place;
}

export interface PartAs {
  readonly expected: Expected;
  readonly modifiedMs: number | undefined;
  /** undefined: the mode of the file that is replaced, or what the process gives new files. */
  readonly mode: number | undefined;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
/** What `link` says where a file system has no hard links, or refuses one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES']);

/** Never readable by more people than the finished file is. */
export function createPart(place: Place, name: string, mode: number | undefined): PartFile {
  const at = `${place.directory}/${name}`;
  return { fd: openSync(at, CREATE, mode ?? 0o666), at, place };
}

/**
 * Sets time and mode and puts the part where it belongs, closing it. A target that must not exist is taken by a hard link, which never overwrites (then there is
 * no window at all); otherwise the target is looked at right before the rename: what changes within these microseconds is overwritten.
 */
export function placePart(part: PartFile, as: PartAs, directories: OpenedDirectories): Stamp {
  const { root } = directories;
  const mode = root.modes ? (as.mode ?? replacedMode(part, as.expected)) : undefined;
  let stamp: Stamp;
  try {
    if (as.modifiedMs !== undefined) futimesSync(part.fd, Date.now() / 1000, settableTime(as.modifiedMs));
    const stats = fstatSync(part.fd, { bigint: true });
    if (mode !== undefined && (Number(stats.mode) & 0o777) !== (mode & 0o777)) fchmodSync(part.fd, mode & 0o777);
    if (root.flushEachFile) fsyncSync(part.fd);
    stamp = stampOf(stats);
  } finally {
    closeSync(part.fd);
  }
  directories.confirm(part.place);
  if (as.expected.kind === 'nothing' && linkInto(part)) return stamp;
  requireExpected(part.place.at, as.expected, part.place.path);
  renameSync(part.at, part.place.at);
  return stamp;
}

/** Removes what is left of a part that could not be put in place. Its descriptor may be closed already. */
export function dropPart(part: { readonly at: string }): void {
  try {
    unlinkSync(part.at);
  } catch (error) {
    // Gone with its folder; anything else is cleared by the next run.
    if (errnoOf(error) === undefined) throw error;
  }
}

function replacedMode(part: PartFile, expected: Expected): number | undefined {
  if (expected.kind !== 'file') return undefined;
  const stats = lstatOf(part.place.at);
  return stats === undefined ? undefined : Number(stats.mode) & 0o777;
}

/** False: there are no hard links here. */
function linkInto(part: PartFile): boolean {
  try {
    linkSync(part.at, part.place.at);
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'EEXIST') throw new VfsError('changed', part.place.path, 'something appeared here');
    if (NO_LINKS.has(errno)) return false;
    throw error;
  }
  unlinkSync(part.at);
  return true;
}
