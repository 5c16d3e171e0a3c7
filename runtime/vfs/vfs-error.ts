import type { RelPath } from './path.ts';

/**
 * - `not-found`: surely nothing there.
 * - `exists`: something is where nothing should be.
 * - `changed`: what is there is not what the caller expected; nothing was done.
 * - `not-empty`: a directory still holds entries.
 * - `wrong-kind`: a file where a directory is needed, or the reverse.
 * - `denied`: the system refuses access.
 * - `read-only`, `no-space`, `name-refused` (too long, forbidden characters), `too-large`.
 * - `outside`: the path leads out of the root (a link, a race).
 * - `absent`: it is on a medium that is not in reach now; other paths may well be there.
 * - `unreachable`: the whole root cannot be reached; other paths of it will fail as well.
 * - `locked`: another run has the whole root for itself; other paths of it will fail as well.
 * - `transient`: worth a retry.
 * - `aborted`: the run's signal ended the call.
 * - `cross-device`: renaming is not possible, since a mount point lies between the two paths; nothing was done, and copying works.
 * - `unsupported`: the back end cannot do this at all.
 * - `failed`: anything else; `cause` holds it.
 */
export type VfsErrorCode =
  | 'not-found'
  | 'exists'
  | 'changed'
  | 'not-empty'
  | 'wrong-kind'
  | 'denied'
  | 'read-only'
  | 'no-space'
  | 'name-refused'
  | 'too-large'
  | 'outside'
  | 'absent'
  | 'unreachable'
  | 'locked'
  | 'transient'
  | 'aborted'
  | 'cross-device'
  | 'unsupported'
  | 'failed';

/** Whether every path of the root will fail so. */
export function isOfWholeRoot(code: string): boolean {
  return code === 'unreachable' || code === 'locked';
}

/** The only error that a file system's methods reject with. `message` is for people and needs no prefix; `path` is relative to the root. */
export class VfsError extends Error {
  override readonly name = 'VfsError';
  readonly code: VfsErrorCode;
  readonly path: RelPath;
  /** What was to be written could not be read: `path` is where the content comes from, and the place that was to be written is not at fault. */
  readonly inContent: boolean;

  constructor(code: VfsErrorCode, path: RelPath, message: string, options?: { cause?: unknown; inContent?: boolean }) {
    super(message, options);
    this.code = code;
    this.path = path;
    this.inContent = options?.inContent === true;
  }
}

/** The same error as one of the content that was to be written. */
export function inContent({ code, path, message, cause }: VfsError): VfsError {
  return new VfsError(code, path, message, { cause, inContent: true });
}
