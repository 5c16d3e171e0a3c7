import type { FilterQuestions, HolderNumbers } from './filter-protocol.ts';
import type { FilterEntry } from './project.ts';

type Holder = NonNullable<FilterEntry['at'][number]>;
type Packed = Pick<FilterQuestions, 'holders'> & { readonly names: readonly string[] };

const NUMBERS: HolderNumbers = 3;
/** By the numbers of `HolderKinds`. */
const KINDS: readonly (Holder['kind'] | undefined)[] = [undefined, 'file', 'directory', 'link', 'other'];

/** Makes the entry of a question, by its number in the batch. */
export type EntryClass = new (index: number) => FilterEntry;

/**
 * What a callback learns about the paths of a batch, read from the packed numbers when it looks at it; what it keeps stays true. A class for each batch, so that
 * an entry has one field of its own: making one costs as much as the question itself.
 */
export function entriesOf({ names, holders }: Packed): EntryClass {
  const roots = holders.length / (NUMBERS * names.length);

  return class Entry implements FilterEntry {
    readonly #index: number;

    constructor(index: number) {
      this.#index = index;
    }

    get kind(): FilterEntry['kind'] {
      const kind = KINDS[holders[this.#newest()] as number];
      return kind === undefined || kind === 'other' ? 'file' : kind;
    }

    get name(): string {
      return names[this.#index] as string;
    }

    get size(): number {
      return sizeAt(holders, this.#newest()) as number;
    }

    get modified(): Date {
      return timeAt(holders, this.#newest()) as Date;
    }

    get at(): FilterEntry['at'] {
      return Array.from({ length: roots }, (_, root) => holderAt(holders, this.#place(root)));
    }

    toJSON(): FilterEntry {
      const { size, modified } = this as Partial<FilterEntry>;
      return { kind: this.kind, name: this.name, ...(size === undefined ? {} : { size }), ...(modified && { modified }), at: this.at };
    }

    #place(root: number): number {
      return NUMBERS * (this.#index * roots + root);
    }

    /** Where the numbers of the newest holder start. Without times it is the first of those that have something. */
    #newest(): number {
      let newest = -1;
      let newestMs = Number.NEGATIVE_INFINITY;
      for (let root = 0; root < roots; root++) {
        const at = this.#place(root);
        if (!holders[at]) continue;
        const ms = msAt(holders, at) ?? Number.NEGATIVE_INFINITY;
        if (newest >= 0 && ms <= newestMs) continue;
        newest = at;
        newestMs = ms;
      }
      return newest;
    }
  };
}

function holderAt(holders: Float64Array, at: number): Holder | null {
  const kind = KINDS[holders[at] as number];
  if (kind === undefined) return null;
  const size = sizeAt(holders, at);
  const modified = timeAt(holders, at);
  return { kind, ...(size === undefined ? {} : { size }), ...(modified && { modified }) };
}

function sizeAt(holders: Float64Array, at: number): number | undefined {
  return KINDS[holders[at] as number] === 'file' ? known(holders[at + 1]) : undefined;
}

function timeAt(holders: Float64Array, at: number): Date | undefined {
  const ms = msAt(holders, at);
  return ms === undefined ? undefined : new Date(ms);
}

function msAt(holders: Float64Array, at: number): number | undefined {
  const kind = KINDS[holders[at] as number];
  return kind === 'file' || kind === 'link' ? known(holders[at + 2]) : undefined;
}

function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
