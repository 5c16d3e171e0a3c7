import type { RelPath } from '../vfs/path.ts';
import type { Baseline, BaselineRow } from './baseline.ts';
import type { EngineRoot } from './sync-run.ts';

/** A group is committed after so long, or so many rows. */
const GROUP_MS = 5000;
const GROUP_ROWS = 50_000;

/**
 * Writes what was done into the database, in groups. A record never becomes durable before the data it describes: the rows of a group are held back
 * until every root has flushed the work that was finished before.
 */
export class Recorder {
  readonly #baseline: Baseline | undefined;
  readonly #roots: readonly EngineRoot[];
  readonly #now: () => number;
  #pending: { path: RelPath; row: BaselineRow | undefined; tree: boolean }[] = [];
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
    if (this.#baseline !== undefined) this.#add({ path, row, tree: false });
  }

  forgetTree(path: RelPath): void {
    if (this.#baseline !== undefined) this.#add({ path, row: undefined, tree: true });
  }

  /** Rejects when a group could not be committed. Call it when nothing is being recorded any more. */
  async finish(durable: boolean): Promise<void> {
    await this.#committing;
    this.#throwFailure();
    if (this.#pending.length > 0) await this.#commit();
    else if (durable) await this.#flush();
    this.#throwFailure();
  }

  #add(entry: { path: RelPath; row: BaselineRow | undefined; tree: boolean }): void {
    this.#throwFailure();
    this.#pending.push(entry);
    const isDue = this.#pending.length >= GROUP_ROWS || this.#now() - this.#groupSince >= GROUP_MS;
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
    this.#groupSince = this.#now();
    await this.#flush();
    for (const { path, row, tree } of group) {
      if (tree) this.#baseline?.forgetTree(path);
      else this.#baseline?.record(path, row);
    }
    await this.#baseline?.commit();
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#roots.map((root) => root.vfs.flush()));
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
