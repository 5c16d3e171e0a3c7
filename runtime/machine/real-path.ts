import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The real path of what exists of `path` (absolute), with the rest appended as it is: links resolved, in the file system's own spelling. A path that the system does not
 * let us follow stays as it is.
 */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || !isMissing(error)) return path;
    return join(realPathOf(parent), basename(path));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
