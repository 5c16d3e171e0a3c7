import type { ModelFile, ModelOptions, Sight } from './state.ts';

/** A file as a run sees it: without what its root does not show. Its content can be read. */
export interface SeenFile {
  readonly kind: 'file';
  readonly content: string;
  readonly version: number;
  readonly time: number | undefined;
  readonly size: number | undefined;
}

export function seen(file: ModelFile, { times, sizes }: Sight): SeenFile {
  return { ...file, time: times ? file.time : undefined, size: sizes ? file.content.length : undefined };
}

/** How the first file stands to the second: semantics.md section 2. `incomparable`: not equal as far as can be seen, and no time tells which is newer. */
export type ModelRelation = 'equal' | 'older' | 'newer' | 'clash' | 'incomparable';

export function relate(a: SeenFile, b: SeenFile, options: ModelOptions): ModelRelation {
  if (isEqual(a, b, options)) return 'equal';
  if (a.time === undefined || b.time === undefined) return 'incomparable';
  if (isSameTime(a, b, options)) return 'clash';
  return a.time < b.time ? 'older' : 'newer';
}

/** Section 2, "Equal", for roots in memory (precision 1 ms). */
export function isEqual(a: SeenFile, b: SeenFile, options: ModelOptions): boolean {
  if (options.compare === 'content') return a.content === b.content;
  const sizesKnown = a.size !== undefined && b.size !== undefined;
  if (sizesKnown && a.size !== b.size) return false;
  if (options.compare === 'size' && sizesKnown) return true;
  const timesKnown = a.time !== undefined && b.time !== undefined;
  return timesKnown ? isSameTime(a, b, options) : sizesKnown;
}

/** False where one of them is not known. */
export function isSameTime(a: SeenFile, b: SeenFile, options: ModelOptions): boolean {
  return isWithin(a, b, options.evenTime ? 2000 : 1);
}

export function isWithin(a: SeenFile, b: SeenFile, ms: number): boolean {
  return a.time !== undefined && b.time !== undefined && Math.abs(a.time - b.time) <= ms;
}

/**
 * Section 3: "content read when size is equal and time is not". Question: with `compare: 'size'`, for times that are only equal within `evenTime`, and where times are not known, too?
 * Chosen: yes, it is what loses nothing.
 */
export function isEqualByReading(a: SeenFile, b: SeenFile, options: ModelOptions): boolean {
  return a.content === b.content || (isEqual(a, b, options) && isWithin(a, b, 1));
}

/** The youngest by the clock alone (ties, and where no time is known: lowest index). */
export function youngestOf(holders: readonly number[], at: readonly (SeenFile | undefined)[]): number {
  let youngest = holders[0] ?? -1;
  for (const root of holders) if ((at[root]?.time ?? -Infinity) > (at[youngest]?.time ?? -Infinity)) youngest = root;
  return youngest;
}

/**
 * Section 2: "newest among source roots that have the file (ties: lowest index)".
 * Questions: are times within the tolerance a tie? Chosen: yes in section 2; among changes since the database (section 3) the youngest by the clock. What of a file of which no time is known?
 * Chosen: it is the master only where none has one.
 */
export function newestOf(holders: readonly number[], at: readonly (SeenFile | undefined)[], options: ModelOptions): number {
  const youngest = youngestOf(holders, at);
  const best = at[youngest];
  const isTied = (root: number) => best !== undefined && isSameTime(at[root] as SeenFile, best, options);
  return holders.find(isTied) ?? youngest;
}
