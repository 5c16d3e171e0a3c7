import type { FilterEntry } from './project.ts';
import type { FilterBatchCall } from './protocol.ts';

type Holder = FilterEntry['at'][number];

/** What a filter callback learns about a path, read from the batch's columns when the callback looks at it. */
export class FilterQuestion implements FilterEntry {
  readonly kind: FilterEntry['kind'];
  readonly #batch: FilterBatchCall;
  readonly #index: number;

  constructor(batch: FilterBatchCall, index: number) {
    this.kind = kindOf(batch.kinds[index]);
    this.#batch = batch;
    this.#index = index;
    const size = batch.sizes[index] ?? undefined;
    if (size !== undefined) this.size = size;
  }

  declare size?: number;

  get name(): string {
    const path = this.#batch.paths[this.#index] ?? '';
    return path.slice(path.lastIndexOf('/') + 1);
  }

  get modified(): Date {
    return dateOf(this.#batch.modified[this.#index]) as Date;
  }

  get at(): Holder[] {
    return this.#batch.at.map((root) => {
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
    return { kind, name, ...(size === undefined ? {} : { size }), ...((modified as Date | undefined) ? { modified } : {}), at };
  }
}

function kindOf(letter: string | undefined): FilterEntry['kind'] {
  if (letter === 'd') return 'directory';
  return letter === 'l' ? 'link' : 'file';
}

function dateOf(ms: number | null | undefined): Date | undefined {
  return typeof ms === 'number' ? new Date(ms) : undefined;
}
