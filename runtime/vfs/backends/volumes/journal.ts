import type { Catalogue } from './catalogue.ts';
import { formatLine, HEADER } from './catalogue-lines.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import type { Change } from './kept.ts';

/** Lines beyond twice the entries, from which on a catalogue is written anew. */
const SPARE_LINES = 1000;

export interface JournalOptions {
  readonly catalogue: Catalogue;
  readonly store: CatalogueStore;
  /** False: what changes is forgotten. */
  readonly records: boolean;
}

/** Writes down what changes in a catalogue, after it was applied. */
export class Journal {
  readonly #options: JournalOptions;
  /** Lines of the file; undefined: there is no file. */
  #lines: number | undefined;
  /** Until the media were looked at nothing is written down. */
  #waiting: Change[] | undefined = [];

  constructor(options: JournalOptions, lines: number | undefined) {
    this.#options = options;
    this.#lines = lines;
  }

  readonly commit = (changes: readonly Change[]): void => {
    if (changes.length === 0) return;
    for (const change of changes) this.#options.catalogue.apply(change);
    // What is no file, folder or link is only seen, not kept.
    const kept = changes.filter((change) => change.what !== 'path' || change.kept?.kind !== 'other');
    if (!this.#options.records || kept.length === 0) return;
    if (this.#waiting !== undefined) this.#waiting.push(...kept);
    else this.#append(kept);
  };

  /** From now on changes are written down at once; what came until then, now. `anew`: the file cannot go on as it is. */
  async start(anew: boolean): Promise<void> {
    const { records } = this.#options;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (!records) return;
    if (anew || waiting.length > SPARE_LINES) await this.#writeAnew();
    else if (waiting.length > 0) this.#append(waiting);
  }

  async sync(): Promise<void> {
    if (this.#options.records && this.#lines !== undefined) await this.#options.store.sync();
  }

  async close(): Promise<void> {
    const { catalogue, records, store } = this.#options;
    try {
      if (records && (this.#lines ?? 0) > SPARE_LINES + 2 * catalogue.size) await this.#writeAnew();
    } finally {
      await store.close();
    }
  }

  #append(changes: readonly Change[]): void {
    const head = this.#lines === undefined ? `${HEADER}\n` : '';
    this.#options.store.append(head + formatLine(changes));
    this.#lines = (this.#lines ?? 1) + 1;
  }

  async #writeAnew(): Promise<void> {
    const { catalogue, store } = this.#options;
    await store.replace(catalogue.text());
    this.#lines = catalogue.size + 2;
  }
}
