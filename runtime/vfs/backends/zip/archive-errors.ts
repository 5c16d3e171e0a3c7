import { systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';

/** `act`, whose errors of the system say which archive they are about. */
export async function naming<T>(archive: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw ofArchive(error, archive);
  }
}

/** Nobody else can tell what is full, say, when something is put into an archive. What knows its place already stays as it is. */
export function ofArchive(error: unknown, archive: string): VfsError {
  const told = systemError(error, '');
  if (told.path !== '' || told.inContent || told.cause === undefined || told.cause instanceof VfsError) return told;
  return new VfsError(told.code, '', `the archive ${archive}: ${told.message}`, { cause: told });
}
