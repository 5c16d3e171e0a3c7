import type { FilterEntry } from './project.ts';
import type { FilterBatchCall, FilterNumbers } from './protocol.ts';

type Holder = FilterEntry['at'][number];

/** A batch of questions; what a callback does not look at costs nothing. */
export interface FilterBatch {
  readonly columns: FilterBatchCall;
  readonly numbers: FilterNumbers;
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
    return kindOf(this.#batch.columns.kinds[0]?.[this.#index]);
  }

  get size(): number {
    return this.#number(0) as number;
  }

  get name(): string {
    const path = this.#batch.columns.paths[this.#index] ?? '';
    return path.slice(path.lastIndexOf('/') + 1);
  }

  get modified(): Date {
    return dateOf(this.#number(1)) as Date;
  }

  get at(): Holder[] {
    return this.#batch.columns.kinds.slice(1).map((kinds, root) => {
      const letter = kinds[this.#index];
      if (letter === undefined || letter === '-') return null;
      const holder: NonNullable<Holder> = { kind: letter === 'o' ? 'other' : kindOf(letter) };
      const size = this.#number(2 * root + 2);
      const modified = dateOf(this.#number(2 * root + 3));
      if (size !== undefined) holder.size = size;
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

  #number(column: number): number | undefined {
    const { columns, numbers } = this.#batch;
    const value = numbers[column * columns.paths.length + this.#index];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }
}

function kindOf(letter: string | undefined): FilterEntry['kind'] {
  if (letter === 'd') return 'directory';
  return letter === 'l' ? 'link' : 'file';
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
