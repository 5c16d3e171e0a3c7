/** What is to be done on one root: the reason is in words for people. `replaces`: a directory (or other kind) goes for it. */
export interface Target {
  readonly root: number;
  readonly reason: string;
  readonly op: 'copy' | 'touch' | 'replace';
}
export interface Removal {
  readonly root: number;
  readonly reason: string;
}
/** A root that is left as it is although it differs. `counted`: the target is newer (`SyncResult.kept`). */
export interface Kept {
  readonly root: number;
  readonly reason: string;
  readonly counted: boolean;
}

/** The verdict about one path. */
export type Decision =
  /** Nobody has anything to do, and the database learns nothing. */
  | { readonly kind: 'nothing'; readonly kept?: readonly Kept[] }
  /** All source roots agree; the database learns it unless it knows. */
  | { readonly kind: 'agreed'; readonly kept: readonly Kept[] }
  /** Gone everywhere: the database forgets it. */
  | { readonly kind: 'gone' }
  /** These roots' content must be read before anything can be said; ask again with hashes. */
  | { readonly kind: 'unread'; readonly roots: readonly number[] }
  /** `resolved`: it was a clash that this settles by rule (a modification survives a removal). */
  | { readonly kind: 'spread'; readonly from: number; readonly to: readonly Target[]; readonly kept: readonly Kept[]; readonly resolved?: string }
  | { readonly kind: 'remove'; readonly on: readonly Removal[]; readonly kept: readonly Kept[] }
  /** `contenders`: source roots whose versions stand against one another, for `onCollision`; empty when no policy can settle it. */
  | { readonly kind: 'collision'; readonly reason: string; readonly contenders: readonly number[] }
  /** A leaf on `from` takes the place of directories on `on`, if nothing below them has changed. `leftAlone`: it is older than `newerThan`. */
  | {
      readonly kind: 'directory-becomes-leaf';
      readonly from: number;
      readonly on: readonly number[];
      readonly to: readonly Target[];
      readonly reason: string;
      readonly leftAlone?: true;
    }
  /** A directory takes the place of leaves on `on`; it is made on `make`. */
  | {
      readonly kind: 'leaf-becomes-directory';
      readonly from: number;
      readonly on: readonly number[];
      readonly make: readonly number[];
      readonly reason: string;
    }
  /** A directory: where it lacks. Made when its content was decided, or when something needs it. */
  | { readonly kind: 'make-directory'; readonly from: number; readonly on: readonly number[] }
  /**
   * A directory that goes from `on` if nothing remains in it, else is made again on `lacking`. With `mirror` target-only roots may hold `leaves` in its place,
   * which go with it, or are replaced by it.
   */
  | {
      readonly kind: 'remove-directory';
      readonly on: readonly number[];
      readonly lacking: readonly number[];
      readonly leaves: readonly number[];
      readonly reason: string;
    };
