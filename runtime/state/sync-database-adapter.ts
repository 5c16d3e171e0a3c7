import type { Adapter } from 'lowdb';
import type { Disk } from './disk.ts';
import { JournalWriter, readJournal } from './journal.ts';
import { type JournalStep, Overlay } from './overlay.ts';
import { PendingGroup } from './pending-group.ts';
import { damaged, Snapshot } from './snapshot.ts';
import { translating } from './state-error.ts';

/** What is known of a sync database while it is open: never its rows as a whole. */
export interface DatabaseContents {
  readonly snapshot: Snapshot | undefined;
  /** What a journal on disk added to the snapshot before this run. */
  readonly opened: Overlay;
  /** What this run committed. */
  readonly committed: Overlay;
  /** What this run recorded since. */
  pending: PendingGroup;
}

export interface DatabasePlace {
  readonly path: string;
  readonly journalPath: string;
  readonly rootKeys: readonly string[];
  /** Indices of those that only receive. */
  readonly targets: readonly number[];
  readonly simulation: boolean;
  readonly signal: AbortSignal;
  readonly disk: Disk;
}

/** How often a reader without lock looks again when a run replaces the files under its eyes. */
const READ_ATTEMPTS = 5;

/** lowdb's door to the sync database: reading opens snapshot and journal, writing appends the pending group to the journal. */
export class SyncDatabaseAdapter implements Adapter<DatabaseContents> {
  readonly #place: DatabasePlace;
  #journal: JournalWriter | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(place: DatabasePlace) {
    this.#place = place;
  }

  /** Rejects with StateError `damaged`, `newer-version`, `unreadable`, `unwritable`, or the signal's reason. */
  async read(): Promise<DatabaseContents> {
    for (let attempt = 1; ; attempt++) {
      const contents = await this.#readOnce(attempt === READ_ATTEMPTS || !this.#place.simulation);
      if (contents !== undefined) return contents;
    }
  }

  /** Takes the pending group at once and resolves when it is durable. Rejects with StateError `unwritable`, then and ever after. */
  write(contents: DatabaseContents): Promise<void> {
    const steps = contents.pending.steps();
    if (steps.length === 0) return this.#lastWrite;
    contents.pending = new PendingGroup(this.#place.rootKeys.length);
    this.#lastWrite = this.#lastWrite.then(() => this.#append(contents, steps));
    return this.#lastWrite;
  }

  /** Waits for writes under way, however they end: their callers are told. */
  async closeJournal(): Promise<void> {
    await Promise.allSettled([this.#lastWrite]);
    this.#journal?.close();
  }

  async #append(contents: DatabaseContents, group: readonly JournalStep[]): Promise<void> {
    const steps = contents.committed.isEmpty
      ? [{ step: 'run', rootKeys: this.#place.rootKeys, targets: this.#place.targets } as const, ...group]
      : group;
    await this.#journal?.append(steps);
    for (const step of steps) contents.committed.apply(step);
  }

  /** undefined: the journal belongs to a newer snapshot than the one read before it. */
  async #readOnce(isFinal: boolean): Promise<DatabaseContents | undefined> {
    const { path, journalPath, rootKeys, simulation, signal, disk } = this.#place;
    const snapshot = Snapshot.open(path);
    let isUsed = false;
    try {
      const generation = snapshot?.header.generation ?? 0;
      const opened = new Overlay(snapshot?.header.roots ?? []);
      const journal = await readJournal(journalPath, generation, opened, signal);
      if (journal.found === 'ahead') {
        if (isFinal)
          throw damaged(journalPath, `it continues a newer state than ${snapshot ? `${path} has` : 'nothing, and the database itself is gone'}`);
        return undefined;
      }
      if (!simulation) {
        const validBytes = journal.found === 'live' && !opened.isEmpty ? journal.validBytes : 0;
        if (journal.found !== 'none' && validBytes === 0) translating('unwritable', journalPath, () => disk.remove(journalPath));
        this.#journal = new JournalWriter(disk, journalPath, { generation, validBytes });
      }
      isUsed = true;
      return { snapshot, opened, committed: new Overlay(opened.roots), pending: new PendingGroup(rootKeys.length) };
    } finally {
      if (!isUsed) snapshot?.close();
    }
  }
}
