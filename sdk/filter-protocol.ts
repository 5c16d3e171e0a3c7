/**
 * Questions to a filter callback, packed: none of them is an object, neither on its way nor where it is asked, before the callback looks at its entry.
 * The paths are names in directories: a path is told by its directory, the number of names that are in it, and the name.
 */
export interface FilterQuestions {
  /** In order; the top of the tree is the empty text. */
  readonly directories: readonly string[];
  /** How many of the names are in each of the directories. */
  readonly counts: readonly number[];
  /** All names in order, with `/` between them, which no name has. There is at least one. */
  readonly names: string;
  /** What each root has at each path, HOLDER_NUMBERS numbers a root: a `HolderKinds`, the size, and the time in ms since 1970; NaN where one is not known. */
  readonly holders: Float64Array;
}

/** How many numbers tell what one root has. Of nothing, of a directory and of what is neither file nor link, only the first one means something. */
export type HolderNumbers = 3;

/** The first of the numbers. */
export interface HolderKinds {
  readonly nothing: 0;
  readonly file: 1;
  readonly directory: 2;
  readonly link: 3;
  readonly other: 4;
}

/** A question each, in order: `x` exclude, `i` include, `-` the patterns decide. */
export type FilterVerdicts = string;

/** Questions as they cross the wall; the numbers are the bytes beside the text, as 64-bit floats in the byte order of the machine. */
export interface FilterCall extends Omit<FilterQuestions, 'holders'> {
  readonly hook: 'filter';
  readonly callback: number;
  /** Questions that were not answered when these were sent. If they fail, these are not asked. */
  readonly after?: number;
}
