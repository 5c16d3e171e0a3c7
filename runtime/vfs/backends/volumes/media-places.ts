import type { Traits, Vfs } from '../../vfs.ts';

/** Where the media of a set are. Numbers count from 1. */
export interface MediaPlaces {
  /** All media are at one address, one after another. */
  readonly isOneSlot: boolean;
  /** For messages. */
  addressOf(medium: number): string;
  /** Numbers at whose addresses something is now; of one slot: any one number when something is in it. */
  inReach(): Promise<readonly number[]>;
  /** What is at the address now; undefined: nothing. `make`: a missing folder is made. Rejects with VfsError. */
  open(medium: number, make: boolean): Promise<MediumRoot | undefined>;
  /** What a medium that is not there yet will presumably be like. */
  likelyTraits(): Promise<Traits>;
}

export interface MediumRoot {
  readonly vfs: Vfs;
  /** Files there that the run itself lives from, or writes: a medium that holds one is not emptied. */
  readonly ownFiles: readonly string[];
  /** Bytes; undefined where nobody knows. */
  freeBytes(): Promise<number | undefined>;
}

/** Asks whoever sits there; false: no. */
export type AskPerson = (question: PersonQuestion) => Promise<boolean>;
export interface PersonQuestion {
  readonly text: string;
  /** What the answers are called, the harmless one first where one destroys something. */
  readonly yes: string;
  readonly no: string;
  /** What stands for itself when nothing is chosen. */
  readonly isYesFirst: boolean;
}
