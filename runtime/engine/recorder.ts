import type { RelPath } from '../vfs/path.ts';
import type { Baseline, BaselineRow, FileMark } from './baseline.ts';
import type { EngineRoot } from './sync-run.ts';

/** A group is committed after so long, or so many rows. */
const GROUP_MS = 5000;
const GROUP_ROWS = 50_000;

type Entry =
  | { readonly what: 'row'; readonly path: RelPath; readonly row: BaselineRow | undefined }
  | { readonly what: 'files'; readonly directory: RelPath; readonly names: readonly string[]; readonly at: readonly (readonly FileMark[])[] }
  | { readonly what: 'tree'; readonly path: RelPath };

/**
 * Writes what was done into the database, in groups. A record never becomes durable before the data it describes: the rows of a group are held back
 * until every root has flushed the work that was finished before.
 */
export class Recorder {
  readonly #baseline: Baseline | undefined;
  readonly #roots: readonly EngineRoot[];
  readonly #now: () => number;
  #pending: Entry[] = [];
  #rows = 0;
  #groupSince: number;
  #committing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(baseline: Baseline | undefined, roots: readonly EngineRoot[], now: () => number) {
    this.#baseline = baseline;
    this.#roots = roots;
    this.#now = now;
    this.#groupSince = now();
  }

  record(path: RelPath, row: BaselineRow | undefined): void {
    if (this.#baseline !== undefined) this.#add({ what: 'row', path, row }, 1);
  }

  /** As `Baseline.recordFiles`. */
  recordFiles(directory: RelPath, names: readonly string[], at: readonly (readonly FileMark[])[]): void {
    if (this.#baseline !== undefined) this.#add({ what: 'files', directory, names, at }, names.length);
  }

  forgetTree(path: RelPath): void {
    if (this.#baseline !== undefined) this.#add({ what: 'tree', path }, 1);
  }

  /** Rejects when a group could not be committed. Call it when nothing is being recorded any more. */
  async finish(durable: boolean): Promise<void> {
    await this.#committing;
    this.#throwFailure();
    if (this.#pending.length > 0) await this.#commit();
    else if (durable) await this.#flush();
    this.#throwFailure();
  }

  #add(entry: Entry, rows: number): void {
    this.#throwFailure();
    this.#pending.push(entry);
    this.#rows += rows;
    const isDue = this.#rows >= GROUP_ROWS || this.#now() - this.#groupSince >= GROUP_MS;
    if (!isDue || this.#committing !== undefined) return;
    this.#committing = this.#commit()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#committing = undefined;
      });
  }

  async #commit(): Promise<void> {
    const group = this.#pending;
    this.#pending = [];
    this.#rows = 0;
    this.#groupSince = this.#now();
    await this.#flush();
    for (const entry of group) this.#tell(entry);
    await this.#baseline?.commit();
  }

  #tell(entry: Entry): void {
    switch (entry.what) {
      case 'row':
        this.#baseline?.record(entry.path, entry.row);
        return;
      case 'files':
        this.#baseline?.recordFiles(entry.directory, entry.names, entry.at);
        return;
      case 'tree':
        this.#baseline?.forgetTree(entry.path);
        return;
    }
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#roots.map((root) => root.vfs.flush()));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
