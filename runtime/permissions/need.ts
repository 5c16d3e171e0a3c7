/** One thing that a run is about to do beyond computing. */
export type Need = PathNeed | NetNeed | RunNeed | NameNeed;

/** Something is done with a path and everything below it. */
export interface PathNeed {
  /** Independent of one another: what reads and writes states both. */
  readonly kind: 'read' | 'write';
  /** Absolute, or relative to the project folder. */
  readonly path: string;
  /** A link at the path is meant itself, not what it leads to. Default: what it leads to. */
  readonly itself?: true;
  /** What is done, in words that a path follows. Default `reads`, `writes and removes in`. */
  readonly words?: string;
}

export interface NetNeed {
  readonly kind: 'net';
  /** As a person, a script or a URL spells it; IPv6 with or without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Default `connects to`. */
  readonly words?: string;
}

export interface RunNeed {
  readonly kind: 'run';
  /** A name, looked up on the PATH; or a path, absolute or relative to the project folder. */
  readonly program: string;
  /** Default `runs`. */
  readonly words?: string;
}

export interface NameNeed {
  readonly kind: 'env' | 'secret';
  readonly name: string;
  /** Default `reads the variable`, `uses the secret`. */
  readonly words?: string;
}

/**
 * What is wanted does not exist or cannot be understood: no such program, no host name. Not a matter of permission: the message says what to mend, and
 * nobody was asked.
 */
export class NeedError extends Error {
  override readonly name = 'NeedError';
}
