import { FolderReplacedError, holdFolder } from '../../machine/held-folder.ts';
import { printable } from '../../printable.ts';
import { errnoOf, systemError } from '../../vfs/system-error.ts';

/**
 * Starts a program in a folder that was permitted by its real path: a link that has taken the place of that folder, or of one above it, meanwhile, is not followed. `start`
 * gets what to call the folder, and must have started the program when it returns. Throws an Error that finishes the sentence `PROGRAM cannot be started: …`.
 */
export function startInFolder<Started>(folder: string, start: (cwd: string) => Started): Started {
  const held = hold(folder);
  try {
    return start(held.at('.'));
  } finally {
    held.close();
  }
}

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'does not exist', ENOTDIR: 'is no folder' };

function hold(folder: string): ReturnType<typeof holdFolder> {
  try {
    return holdFolder(folder);
  } catch (error) {
    if (error instanceof FolderReplacedError) throw error;
    const code = errnoOf(error);
    if (code === undefined) throw error;
    const reason = REASONS[code] ?? `cannot be used: ${systemError(error, '').message}`;
    throw new Error(`its folder ${printable(folder)} ${reason} (cwd)`, { cause: error });
  }
}
