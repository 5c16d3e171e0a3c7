/** An opened root as its threads share it: plain data that can be sent to a worker (file descriptors belong to the process). */
export interface RootHandle {
  readonly id: number;
  /** Absolute real path. */
  readonly path: string;
  /** The root directory, opened (Linux with /proc); undefined: paths are checked instead. */
  readonly fd: number | undefined;
  readonly followLinks: boolean;
  readonly flushEachFile: boolean;
  /** The root keeps permission bits (not on Windows). */
  readonly modes: boolean;
  /** One shared number: not 0 once the run's signal ended all calls. */
  readonly aborted: Int32Array;
}
