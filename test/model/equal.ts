import type { ModelFile, ModelOptions } from './state.ts';

/** Semantics section 2, "Equal", for roots in memory (precision 1 ms). */
export function isEqual(a: ModelFile, b: ModelFile, options: ModelOptions): boolean {
  if (options.compare === 'content') return a.content === b.content;
  if (a.content.length !== b.content.length) return false;
  return options.compare === 'size' || isSameTime(a, b, options);
}

export function isSameTime(a: ModelFile, b: ModelFile, options: ModelOptions): boolean {
  return Math.abs(a.time - b.time) <= (options.evenTime ? 2000 : 1);
}

/**
 * Section 3: "content read when size is equal and time is not". Question: with `compare: 'size'`, and for times that are only equal within `evenTime`, too?
 * Chosen: yes, it is what loses nothing.
 */
export function isEqualByReading(a: ModelFile, b: ModelFile, options: ModelOptions): boolean {
  return a.content === b.content || (isEqual(a, b, options) && Math.abs(a.time - b.time) <= 1);
}

/** The youngest by the clock alone (ties: lowest index). */
export function youngestOf(holders: readonly number[], at: readonly (ModelFile | undefined)[]): number {
  let youngest = holders[0] ?? -1;
  for (const root of holders) if ((at[root]?.time ?? 0) > (at[youngest]?.time ?? 0)) youngest = root;
  return youngest;
}

/**
 * Section 2: "newest among source roots that have the file (ties: lowest index)".
 * Question: are times within the tolerance a tie? Chosen: yes in section 2; among changes since the database (section 3) the youngest by the clock.
 */
export function newestOf(holders: readonly number[], at: readonly (ModelFile | undefined)[], options: ModelOptions): number {
  const youngest = youngestOf(holders, at);
  const best = at[youngest];
  const isTied = (root: number) => best !== undefined && isSameTime(at[root] as ModelFile, best, options);
  return holders.find(isTied) ?? youngest;
}
