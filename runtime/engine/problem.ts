import type { Problem } from '../../sdk/project.ts';
import type { RelPath } from '../vfs/path.ts';
import { VfsError } from '../vfs/vfs-error.ts';

/** A file system's error as a problem of the run; undefined for an interrupt and for what no file system says (a bug), which end the run. */
export function problemOf(error: unknown, path: RelPath, root?: number): Problem | undefined {
  if (!(error instanceof VfsError) || error.code === 'aborted') return undefined;
  const message =
    error.code === 'changed' ? `changed during the run: ${error.message}; nothing was done to it, the next run looks again` : error.message;
  return { path, ...(root === undefined ? {} : { root }), code: error.code, message };
}
