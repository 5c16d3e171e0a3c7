import { ownFolders } from '../machine/own-folders.ts';
import { systemError, unwritableReason } from '../vfs/system-error.ts';

/**
 * - `damaged`: a file of ours does not hold what was written to it; it is left as it is.
 * - `newer-version`: written by a newer sxrun.
 * - `locked`: another run uses it (exit code 4).
 * - `unwritable`, `unreadable`: the system refuses; `cause` holds its error.
 * - `same-root`: one root was named twice.
 */
export type StateErrorCode = 'damaged' | 'newer-version' | 'locked' | 'unwritable' | 'unreadable' | 'same-root';

/** The only error that state/ throws or rejects with on purpose. `message` says which file, what is wrong and what to do; `path` is that file, absolute. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly code: StateErrorCode;
  readonly path: string;

  constructor(code: StateErrorCode, path: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}

/** Runs `action` and turns the system's refusal into a StateError; StateErrors pass. */
export function translating<T>(code: 'unwritable' | 'unreadable', path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw translated(code, path, error);
  }
}

export function translated(code: 'unwritable' | 'unreadable', path: string, error: unknown): StateError {
  if (error instanceof StateError) return error;
  const reason = code === 'unwritable' ? `written: ${unwritableReason(error)}` : `read: ${systemError(error, '').message}`;
  return new StateError(code, path, `${path} cannot be ${reason}. Mend that, or ${elsewhere(path)}.`, { cause: error });
}

/** Settings, grants and secrets are in folders of ours; everything else that is kept is a sync database. */
function elsewhere(path: string): string {
  const isSettings = ownFolders().protected.some((folder) => path.startsWith(folder));
  return isSettings ? 'name another folder for settings in the environment variable SXRUN_HOME' : 'keep the database elsewhere (option syncDb)';
}
