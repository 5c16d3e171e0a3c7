import type { RelPath } from '../vfs/path.ts';

/** What one root had at a path when it was last in agreement, or at the last successful action there. */
export interface Recorded {
  /** The back end's revision of a file; a link's target; `''` for a directory. */
  readonly revision: string;
  readonly fileId?: string;
  /** SHA-256 (base64url) of the content; only recorded with `compare: 'content'`. */
  readonly hash?: string;
  /** The root does not have the agreed version (a copy failed, or the root was left out of a run). */
  readonly behind?: true;
}

/** How a file that a root has is recorded. */
export type FileMark = Pick<Recorded, 'revision' | 'fileId'>;

/** One path of the database. `at` is by the index of the run's roots; undefined = never there, or no longer there with everyone's agreement. */
export interface BaselineRow {
  readonly kind: 'file' | 'directory' | 'link';
  readonly at: readonly (Recorded | undefined)[];
  /** A root that is left out of this run has the agreed version. Without it, a row whose every record is behind says that all agreed to remove the path. */
  readonly agreedElsewhere?: true;
}

/** What the database knows below one directory (its direct entries only), parsed when asked for. */
export interface BaselineDirectory {
  readonly path: RelPath;
  /**
   * Per root of this run `digestOf` the recorded rows; undefined unless all rows are agreed on all roots of the run
   * (no root is behind or lacks a row another one has, except that target-only roots are roots like any other here).
   * When every root's listing has its digest, nothing in this directory has changed anywhere and `rows` need not be read.
   */
  readonly digests: readonly string[] | undefined;
  /** Recorded files and links per root of this run. */
  readonly fileCounts: readonly number[];
  /** Recorded entries of any kind per root of this run. */
  readonly entryCounts: readonly number[];
  /** Rows by name, sorted by `compareNames`. */
  rows(): ReadonlyMap<string, BaselineRow>;
}

/** The engine's view of the sync database. `state/` implements it. */
export interface Baseline {
  /** Per root of this run: has a complete run been recorded with it? Until then its unrecorded files join by section 2 of semantics.md. */
  readonly joined: readonly boolean[];
  /** All directories with records in `comparePaths` order, as they were when the database was opened; read as they are asked for. */
  directories(): Iterable<BaselineDirectory>;
  /**
   * Replaces the row at `path`; undefined: by agreement nothing is there. Roots that were left out of this run keep their record, and are behind when the
   * agreed version changed. Becomes durable with `commit`.
   */
  record(path: RelPath, row: BaselineRow | undefined): void;
  /** As `record` for files of one directory that all roots of this run have now: `at[root][i]` is what the root has under `names[i]`. Names are sorted. */
  recordFiles(directory: RelPath, names: readonly string[], at: readonly (readonly FileMark[])[]): void;
  /** Forgets the row at `path` (of a file too) and everything below it, also for roots left out of this run: what leaves the scope was not removed. */
  forgetTree(path: RelPath): void;
  /** Appends what was recorded since the last commit to the journal and makes it durable. The caller has flushed the roots before. */
  commit(): Promise<void>;
  /** All roots of this run are joined from the next `commit` on, or from `close` when nothing else is left to commit. */
  markJoined(): void;
}
