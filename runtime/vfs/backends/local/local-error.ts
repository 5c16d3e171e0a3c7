import { VfsError } from '../../vfs-error.ts';

export { errnoOf, systemError as localError } from '../../system-error.ts';

/** Nothing there, or something else than a folder on the way. */
export function isAbsence(error: unknown): boolean {
  return error instanceof VfsError && (error.code === 'not-found' || error.code === 'wrong-kind');
}
