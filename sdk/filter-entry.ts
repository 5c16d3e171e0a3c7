import type { FilterQuestions, HolderNumbers } from './filter-protocol.ts';
import type { FilterEntry } from './project.ts';

type Holder = NonNullable<FilterEntry['at'][number]>;
type Packed = Pick<FilterQuestions, 'holders'> & { readonly names: readonly string[] };

const NUMBERS: HolderNumbers = 3;
/** By the numbers of `HolderKinds`. */
const KINDS: readonly (Holder['kind'] | undefined)[] = [undefined, 'file', 'directory', 'link', 'other'];

/** Where an entry keeps its number in the batch. */
export const NUMBER = Symbol('number');

/**
 * What a callback learns about the paths of a batch, as the prototype of entries that have nothing of their own but their number: making one with a constructor costs
 * more than the question itself. All else is read from the packed numbers when the callback looks at it; what it keeps stays true.
 */
export function entriesOf({ names, holders }: Packed): object {
  const length = holders.length / names.length;

  class Entry implements FilterEntry {
    declare readonly [NUMBER]: number;

    get kind(): FilterEntry['kind'] {
      const kind = KINDS[holders[this[NUMBER] * length] as number];
      return kind === undefined || kind === 'other' ? 'file' : kind;
    }

    get name(): string {
      return names[this[NUMBER]] as string;
    }

    get size(): number {
      const size = holders[this[NUMBER] * length + 1] as number;
      return (size >= 0 ? size : undefined) as number;
    }

    get modified(): Date {
      return dateOf(holders[this[NUMBER] * length + 2]) as Date;
    }

    get at(): FilterEntry['at'] {
      const first = this[NUMBER] * length;
      return Array.from({ length: length / NUMBERS - 1 }, (_, root) => holderAt(holders, first + NUMBERS * (root + 1)));
    }

    toJSON(): FilterEntry {
      const { size, modified } = this as Partial<FilterEntry>;
      return { kind: this.kind, name: this.name, ...(size === undefined ? {} : { size }), ...(modified && { modified }), at: this.at };
    }
  }
  return Entry.prototype;
}

function holderAt(holders: Float64Array, at: number): Holder | null {
  const kind = KINDS[holders[at] as number];
  if (kind === undefined) return null;
  const size = holders[at + 1] as number;
  const modified = dateOf(holders[at + 2]);
  return { kind, ...(size >= 0 ? { size } : {}), ...(modified && { modified }) };
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined || Number.isNaN(ms) ? undefined : new Date(ms);
}
