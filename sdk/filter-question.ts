import type { FilterEntry } from './project.ts';
import type { FilterBatchCall, FilterDetails } from './protocol.ts';

type Holder = FilterEntry['at'][number];

/** A batch of questions; what few callbacks look at is parsed when one does. */
export class FilterBatch {
  readonly columns: FilterBatchCall;
  #details: FilterDetails | undefined;

  constructor(columns: FilterBatchCall) {
    this.columns = columns;
  }

  get details(): FilterDetails {
    this.#details ??= JSON.parse(this.columns.details) as FilterDetails;
    return this.#details;
  }
}

/** What a filter callback learns about a path, read from the batch's columns when the callback looks at it. */
export class FilterQuestion implements FilterEntry {
  readonly #batch: FilterBatch;
  readonly #index: number;

  constructor(batch: FilterBatch, index: number) {
    this.#batch = batch;
    this.#index = index;
  }

  get kind(): FilterEntry['kind'] {
    return kindOf(this.#batch.columns.kinds[this.#index]);
  }

  get size(): number {
    return (this.#batch.columns.sizes[this.#index] ?? undefined) as number;
  }

  get name(): string {
    const path = this.#batch.columns.paths[this.#index] ?? '';
    return path.slice(path.lastIndexOf('/') + 1);
  }

  get modified(): Date {
    return dateOf(this.#batch.details.modified[this.#index]) as Date;
  }

  get at(): Holder[] {
    return this.#batch.details.at.map((root) => {
      const letter = root.kinds[this.#index];
      if (letter === undefined || letter === '-') return null;
      const holder: NonNullable<Holder> = { kind: letter === 'o' ? 'other' : kindOf(letter) };
      const size = root.sizes[this.#index];
      const modified = dateOf(root.modified[this.#index]);
      if (typeof size === 'number') holder.size = size;
      if (modified) holder.modified = modified;
      return holder;
    });
  }

  toJSON(): FilterEntry {
    const { kind, name, size, modified, at } = this;
    return {
      kind,
      name,
      ...((size as number | undefined) === undefined ? {} : { size }),
      ...((modified as Date | undefined) ? { modified } : {}),
      at,
    };
  }
}

function kindOf(letter: string | undefined): FilterEntry['kind'] {
  if (letter === 'd') return 'directory';
  return letter === 'l' ? 'link' : 'file';
}

function dateOf(ms: number | null | undefined): Date | undefined {
  return typeof ms === 'number' ? new Date(ms) : undefined;
}
