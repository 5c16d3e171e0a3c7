import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder with all that are missing above it, `mode` being that of new ones; no error when it is there. Not `mkdir` with `recursive`, which never ends where a file
 * system says of a new name that its parent is missing (/proc). Rejects with the system's error.
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path), mode);
      await mkdir(path, { mode }).catch((again: unknown) => passFolder(path, again));
    } else {
      await passFolder(path, error);
    }
  }
}

/** Throws the error unless the folder is there: another process may have made it. */
async function passFolder(path: string, error: unknown): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) throw error;
}
