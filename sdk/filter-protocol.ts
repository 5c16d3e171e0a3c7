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
  /** Which of the names nothing is asked about, by their number, in order: lists of names are given on as they are. */
  readonly unasked: readonly number[];
  /**
   * HOLDER_NUMBERS numbers for each thing that is known of a path: first what the newest holder has, so that nobody has to look for it where each step costs, then what each
   * root has.
   */
  readonly holders: Float64Array;
}

/** A `HolderKinds`, the size, and the time in ms since 1970; NaN where one is not known or there is none. */
export type HolderNumbers = 3;

/** The first of the numbers. */
export interface HolderKinds {
  readonly nothing: 0;
  readonly file: 1;
  readonly directory: 2;
  readonly link: 3;
  readonly other: 4;
}

/** A letter for each name, in order: `x` exclude, `i` include, `-` the patterns decide, or nothing was asked. */
export type FilterVerdicts = string;

/** Questions as they cross the wall; the numbers are the bytes beside the text, as 64-bit floats in the byte order of the machine. */
export interface FilterCall extends Omit<FilterQuestions, 'holders'> {
  readonly hook: 'filter';
  readonly callback: number;
  /** Questions that were not answered when these were sent. If they fail, these are not asked. */
  readonly after?: number;
}
