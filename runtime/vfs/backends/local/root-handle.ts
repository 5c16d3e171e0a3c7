import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';

/** An opened root as its threads share it: plain data that can be sent to a worker (file descriptors belong to the process). */
export interface RootHandle {
  readonly id: number;
  /** Absolute real path. */
  readonly path: string;
  /** The root directory, opened (Linux with /proc); undefined: paths are checked instead. */
  readonly fd: number | undefined;
  readonly followLinks: boolean;
  readonly flushEachFile: boolean;
  readonly flushesAtEnd: boolean;
  /** The root keeps permission bits (not on Windows). */
  readonly modes: boolean;
  /** One number, shared by all threads: RUNNING, ABORTED once the run's signal ended all calls, CLOSED. */
  readonly life: Int32Array;
}

export const RUNNING = 0;
export const ABORTED = 1;
/** The descriptor's number may belong to something else by now. */
export const CLOSED = 2;

/** Throws where nothing may be done any more. */
export function requireRunning(root: RootHandle, path: RelPath): void {
  if (root.life[0] === ABORTED) throw new VfsError('aborted', path, 'the run was interrupted');
  requireOpen(root, path);
}

/** For what is still to be done when the run was interrupted. */
export function requireOpen(root: RootHandle, path: RelPath): void {
  if (root.life[0] === CLOSED) throw new VfsError('failed', path, 'the root is closed');
}
