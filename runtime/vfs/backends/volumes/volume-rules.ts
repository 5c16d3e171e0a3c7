/** What the option `volumes` says of one set of media. */
export interface VolumeRules {
  /** For messages: `vol1`. */
  readonly name: string;
  /** Bytes that a medium takes, everything rounded up to sectors; undefined: what its file system has free. */
  readonly limitBytes: number | undefined;
  readonly sectorSize: number;
  /** Media that each file is on. */
  readonly copies: number;
  /** The folder of a medium is made when it is missing. */
  readonly makesMissing: boolean;
  /** A new medium that holds something is emptied, once somebody has said yes. */
  readonly emptiesNew: boolean;
  /** Media are put in by somebody who can be asked to. */
  readonly waits: boolean;
  /** Numbers of media that are gone for good. */
  readonly lost: ReadonlySet<number>;
}

/** Everything takes a sector at least: names have to be kept somewhere. */
export function roundedUp(bytes: number, sectorSize: number): number {
  return Math.max(1, Math.ceil(bytes / sectorSize)) * sectorSize;
}
