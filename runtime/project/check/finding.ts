/** Something that is wrong with a project, found without running it. */
export interface Finding {
  /** Absolute path. */
  readonly file: string;
  /** From 1; absent where it is about no place in a file. */
  readonly line?: number;
  readonly column?: number;
  /** What is wrong and what to do. */
  readonly message: string;
}
