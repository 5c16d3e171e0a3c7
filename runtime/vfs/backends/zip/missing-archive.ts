import { VfsError } from '../../vfs-error.ts';

/** What to do where an archive, or the folder in it, is missing that something may be read from. */
export const MEND_MISSING = 'correct its path, or let a run make it that only writes to it (targetOnly: true)';

export function missingArchive(place: string): VfsError {
  return new VfsError('unreachable', '', `the archive ${place} does not exist; ${MEND_MISSING}`);
}
