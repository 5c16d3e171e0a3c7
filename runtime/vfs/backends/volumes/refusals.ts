import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { MediaPlaces } from './media-places.ts';
import type { Room } from './room.ts';
import { roundedUp, type VolumeRules } from './volume-rules.ts';

/*
 * Why a thing is put on no medium: as a run refuses it, and as a simulation foretells it.
 */

/** What is to be put at a path; the size undefined: nobody knows before it is read. */
export interface ToPut {
  readonly path: RelPath;
  readonly size: number | undefined;
}

/** undefined: a medium may have room for it. */
export function beyondAll({ name, sectorSize }: VolumeRules, { path, size }: ToPut, room: Room): VfsError | undefined {
  const most = room.mostFor(path);
  if (most === undefined || size === undefined || roundedUp(size, sectorSize) <= most) return undefined;
  const advice = 'leave it out by "excludeFiles", or use larger media';
  return new VfsError('too-large', path, `it has ${size} bytes, and a medium of ${name} has room for ${most} at most; ${advice}`);
}

/** `free`: bytes that the file system of the medium has; undefined where nobody knows. */
export function beyondMedium({ name, limitBytes }: VolumeRules, { path, medium, free }: BeyondMedium): VfsError {
  const most = Math.min(limitBytes ?? Number.POSITIVE_INFINITY, free ?? Number.POSITIVE_INFINITY);
  const room = Number.isFinite(most) ? `${most} bytes of room at most` : 'no room for it';
  return new VfsError('too-large', path, `it is larger than medium ${medium} of ${name}, which has ${room}`);
}
interface BeyondMedium {
  readonly path: RelPath;
  readonly medium: number;
  readonly free: number | undefined;
}

/** `reason`: why there is no other medium; `next`: what comes of it. */
export function noRoom({ name }: VolumeRules, { path, size }: ToPut, reason: string, next = ''): VfsError {
  const what = size === undefined ? 'it' : `it (${size} bytes)`;
  return new VfsError('no-space', path, `no medium of ${name} that is in reach has room for ${what}; ${reason}${next}`);
}

export function noFolder(medium: number, places: MediaPlaces): string {
  return `medium ${medium} is not there; make the folder ${places.addressOf(medium)}, or set "autoMkdir"`;
}
