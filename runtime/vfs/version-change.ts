import type { RelPath } from './path.ts';

/** What becomes of an old version in a run; in a simulation, what would. */
export interface VersionChange {
  /** `stays`: it was to be removed, and could not be. `note`: about versions as such, none in particular. */
  readonly op: 'aside' | 'remove' | 'stays' | 'note';
  /** What it is a version of. */
  readonly path: RelPath;
  /** Where it is, from the root as it is stored; undefined: nothing is there yet. */
  readonly stored: RelPath | undefined;
  /** How it ended (`overwritten`), why it goes, or why it cannot. */
  readonly reason: string;
}

export type TellVersion = (change: VersionChange) => void;
