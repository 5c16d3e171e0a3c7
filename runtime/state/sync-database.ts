import { resolve } from 'node:path';
import { Low } from 'lowdb';
import type { Baseline, BaselineDirectory, BaselineRow, FileMark } from '../engine/baseline.ts';
import { realPathOf } from '../machine/real-path.ts';
import type { RelPath } from '../vfs/path.ts';
import { baselineDirectory } from './baseline-directory.ts';
import { compact, temporaryOf } from './compact.ts';
import { type Disk, realDisk } from './disk.ts';
import { type Lock, takeLock } from './lock.ts';
import { mergeDirectories } from './merge-directories.ts';
import { columnsOf, Overlay } from './overlay.ts';
import { PendingGroup } from './pending-group.ts';
import { type DatabaseContents, SyncDatabaseAdapter } from './sync-database-adapter.ts';
import { StateError } from './state-error.ts';

export interface SyncDatabaseOptions {
  /** The URL without password of each root of this run, in run order. */
  readonly rootKeys: readonly string[];
  /** Which of them only receive (`targetOnly`); undefined: none. What such a root had is no version that a source root has seen. */
  readonly targetOnly?: readonly boolean[];
  /** Only read: no lock, nothing written, and what is recorded is forgotten. */
  readonly simulation: boolean;
  /** Ends the opening. Later it has no effect: what was done is still recorded. */
  readonly signal: AbortSignal;
  /** ms since 1970. */
  readonly now: () => number;
  readonly disk?: Disk;
}

/** The files of a sync database: itself, its journal, its lock and its unfinished successor. None of them may be synchronized. */
export function syncDatabaseFiles(path: string): {
  readonly database: string;
  readonly journal: string;
  readonly lock: string;
  readonly temporary: string;
} {
  return { database: path, journal: `${path}.journal`, lock: `${path}.lock`, temporary: temporaryOf(path) };
}

/**
 * Opens the sync database at `path`, which need not exist, and locks it. A link is followed, so that its target keeps being the database.
 * Rejects with StateError: `locked`, `damaged`, `newer-version`, `unreadable`, `unwritable`, `same-root`; with the signal's reason.
 */
export async function openSyncDatabase(path: string, options: SyncDatabaseOptions): Promise<SyncDatabase> {
  const disk = options.disk ?? realDisk;
  const { database, journal, lock: lockPath } = syncDatabaseFiles(realPathOf(resolve(path)));
  const { rootKeys, simulation, signal } = options;
  const targets = rootKeys.flatMap((_, index) => (options.targetOnly?.[index] ? [index] : []));
  const twice = rootKeys.find((key, index) => rootKeys.indexOf(key) !== index);
  if (twice !== undefined)
    throw new StateError('same-root', database, `The root ${twice} is named twice. Each root of a project with a database must be another place.`);
  const lock = simulation ? undefined : takeLock(lockPath, { now: options.now, disk, holds: `the sync database ${database}` });
  try {
    const adapter = new SyncDatabaseAdapter({ path: database, journalPath: journal, rootKeys, targets, simulation, signal, disk });
    const low = new Low<DatabaseContents>(adapter, emptyContents(rootKeys.length));
    await low.read();
    return new SyncDatabase({ path: database, journalPath: journal, low, adapter, lock, options, disk });
  } catch (error) {
    lock?.release();
    throw error;
  }
}

interface Parts {
  readonly path: string;
  readonly journalPath: string;
  readonly low: Low<DatabaseContents>;
  readonly adapter: SyncDatabaseAdapter;
  /** undefined in a simulation. */
  readonly lock: Lock | undefined;
  readonly options: SyncDatabaseOptions;
  readonly disk: Disk;
}

/** An open sync database. What happens to the records of roots that are not part of the run is the table of `mergeRow`. */
export class SyncDatabase implements Baseline {
  /** Absolute, links resolved. */
  readonly path: string;
  readonly joined: readonly boolean[];
  readonly #parts: Parts;
  #isDamaged = false;
  #isFailed = false;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.path = parts.path;
    const { roots } = this.#contents.opened;
    this.joined = parts.options.rootKeys.map((key) => roots.find((root) => root.key === key)?.joined ?? false);
  }

  /** Throws StateError `damaged` where the file is; the database then stays as it is on disk. */
  *directories(): Generator<BaselineDirectory> {
    const { snapshot, opened } = this.#contents;
    const known = opened.roots.length;
    const columns = columnsOf(this.#parts.options.rootKeys, [...opened.roots]).map((column) => (column < known ? column : undefined));
    try {
      for (const merged of mergeDirectories(snapshot, [opened])) {
        const directory = baselineDirectory(merged, columns);
        if (directory !== undefined) yield directory;
      }
    } catch (error) {
      this.#isDamaged = error instanceof StateError;
      throw error;
    }
  }

  record(path: RelPath, row: BaselineRow | undefined): void {
    if (!this.#parts.options.simulation) this.#contents.pending.record(path, row);
  }

  recordFiles(directory: RelPath, names: readonly string[], at: readonly (readonly FileMark[])[]): void {
    if (!this.#parts.options.simulation) this.#contents.pending.recordFiles(directory, names, at);
  }

  forgetTree(path: RelPath): void {
    if (!this.#parts.options.simulation) this.#contents.pending.forget(path);
  }

  markJoined(): void {
    if (!this.#parts.options.simulation && !this.joined.every(Boolean)) this.#contents.pending.markJoined();
  }

  /** Rejects with StateError `unwritable`; what was recorded since the last commit is then lost. */
  async commit(): Promise<void> {
    try {
      await this.#parts.low.write();
    } catch (error) {
      this.#isFailed = true;
      throw error;
    }
  }

  /**
   * Brings the journal into the snapshot and gives the lock back. What was recorded and not committed is dropped: the files it is about may not be durable.
   * Rejects with StateError `unwritable`, `damaged`; all that was committed stays on disk, and the lock is given back in every case.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { adapter, lock } = this.#parts;
    try {
      if (this.#contents.pending.onlyJoins) await this.commit();
      await adapter.closeJournal();
      if (this.#needsCompaction()) await this.#compact();
    } finally {
      this.#contents.snapshot?.close();
      lock?.release();
    }
  }

  get #contents(): DatabaseContents {
    return this.#parts.low.data;
  }

  #needsCompaction(): boolean {
    const { opened, committed } = this.#contents;
    return !this.#parts.options.simulation && !this.#isDamaged && !this.#isFailed && !(opened.isEmpty && committed.isEmpty);
  }

  #compact(): Promise<void> {
    const { path, journalPath, disk } = this.#parts;
    const { snapshot, opened, committed } = this.#contents;
    return compact({ disk, path, journalPath, snapshot, overlays: [opened, committed] });
  }
}

function emptyContents(rootCount: number): DatabaseContents {
  return { snapshot: undefined, opened: new Overlay([]), committed: new Overlay([]), pending: new PendingGroup(rootCount) };
}
