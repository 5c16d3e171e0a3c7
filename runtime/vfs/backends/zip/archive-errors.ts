import type { RelPath } from '../../path.ts';
import { systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Vfs } from '../../vfs.ts';

/** `act`, whose errors say which archive they are about. */
export async function naming<T>(archive: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw ofArchive(error, archive);
  }
}

/** Nobody else can tell which one it is. What is about a path in it, about what was to be put into it, or says so already, stays as it is. */
export function ofArchive(error: unknown, archive: string): VfsError {
  const told = systemError(error, '');
  if (told.path !== '' || told.inContent || told.code === 'aborted' || told.cause instanceof VfsError) return told;
  return new VfsError(told.code, '', `the archive ${archive}: ${told.message}`, { cause: told });
}

/** The same for an archive in another root: a path that an error is about is one in that root. */
export async function namingWithin<T>({ label }: Vfs, archive: RelPath, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const told = systemError(error, '');
    if (told.inContent || told.code === 'aborted' || told.cause instanceof VfsError) throw told;
    const about = told.path === '' || told.path === archive ? '' : `"${told.path}": `;
    throw new VfsError(told.code, '', `the archive ${archive} in ${label}: ${about}${told.message}`, { cause: told });
  }
}
