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
  /** As `LocalOptions.noLinksTo`. */
  readonly noLinksTo: readonly RelPath[];
  /** As `LocalOptions.outOfReach`. */
  readonly outOfReach: readonly RelPath[];
  readonly flushEachFile: boolean;
  readonly flushesAtEnd: boolean;
  /** The root keeps permission bits (not on Windows). */
  readonly modes: boolean;
  /** One number, shared by all threads: RUNNING, ABORTED once the run's signal ended all calls, CLOSED. */
  readonly life: Int32Array;
  /** One number, shared by all threads: which copies to the root, and which readings to pack files of it, are begun. ALL, UNTIL_FAILURE, NONE. */
  readonly begins: Int32Array;
}

export const RUNNING = 0;
export const ABORTED = 1;
/** The descriptor's number may belong to something else by now. */
export const CLOSED = 2;

const ALL = 0;
const UNTIL_FAILURE = 1;
const NONE = 2;

/** `failure`: the first one that fails is the last one begun. */
export function beginNoMore(root: RootHandle, after: 'failure' | 'now'): void {
  if (after === 'now') Atomics.store(root.begins, 0, NONE);
  else Atomics.compareExchange(root.begins, 0, ALL, UNTIL_FAILURE);
}

/** One of many has failed, and whoever asked for them is going to be told. */
export function noteFailure(root: RootHandle): void {
  Atomics.compareExchange(root.begins, 0, UNTIL_FAILURE, NONE);
}

/** Throws where no copy is begun any more. */
export function requireMayBegin(root: RootHandle, path: RelPath): void {
  requireRunning(root, path);
  if (Atomics.load(root.begins, 0) === NONE) throw new VfsError('aborted', path, 'it was not begun any more');
}

/** Throws where nothing may be done any more. */
export function requireRunning(root: RootHandle, path: RelPath): void {
  if (root.life[0] === ABORTED) throw new VfsError('aborted', path, 'the run was interrupted');
  requireOpen(root, path);
}

/** For what is still to be done when the run was interrupted. */
export function requireOpen(root: RootHandle, path: RelPath): void {
  if (root.life[0] === CLOSED) throw new VfsError('failed', path, 'the root is closed');
}
