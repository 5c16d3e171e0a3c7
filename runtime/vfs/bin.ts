import type { RelPath } from './path.ts';
import type { Entry } from './vfs.ts';

/** A thing that is to go into the bin. */
export interface Binned {
  /** Where it lies now, in the root. */
  readonly stored: RelPath;
  /** As it was found there. */
  readonly entry: Entry;
  /** Where it was: the bin offers to put it back there. */
  readonly path: RelPath;
  /** ms since 1970: when it went. */
  readonly atMs: number;
}

/** A desktop's recycle bin, for one root. What it takes is in the bin for sure; what it does not take stays where it lies. */
export interface Bin {
  /** Why each one was not taken, in their order; undefined: it was. Never rejects but when the run was ended. */
  put(things: readonly Binned[]): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

/** The bin of a root, or why there is none: to be said (a desktop's bin that cannot be used), or not (no desktop). */
export type FoundBin = { readonly kind: 'bin'; readonly bin: Bin } | { readonly kind: 'none'; readonly because: string | undefined };
