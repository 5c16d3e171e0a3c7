import { compilePatterns } from './pattern.ts';

export interface PatternList {
  test(path: string): boolean;
}

/** One expression for all is fastest up to here; beyond, the engine's time to compile it grows with the square of their number. */
const MOST_IN_ONE = 100;

/** A list compiled once; a path takes as long as there are `searched` patterns in it, however many others there are. undefined: there are none. */
export function compilePatternList(patterns: readonly string[], rooted: boolean, ignoreCase: boolean): PatternList | undefined {
  if (patterns.length <= MOST_IN_ONE) return compilePatterns(patterns, rooted, ignoreCase);
  const looked: Record<Fixed['at'], KeyTable> = { whole: new Map(), beginning: new Map(), end: new Map() };
  const rest: string[] = [];
  const fold = ignoreCase ? caseless : String;
  for (const pattern of patterns) {
    const fixed = fixedPartOf(pattern);
    if (fixed === undefined) rest.push(pattern);
    else addKey(looked[fixed.at], fold(fixed.text), pattern);
  }
  const searched = chunksOf(rest).map((chunk) => compilePatterns(chunk, rooted, ignoreCase) as RegExp);
  // In `caseless`, texts that differ may be the same: the patterns themselves decide.
  const agree = (found: readonly string[], path: string) => !ignoreCase || compilePatterns(found, rooted, true)?.test(path) === true;
  return {
    test(path) {
      const text = fold(path);
      const hit = (found: readonly string[] | undefined) => found !== undefined && agree(found, path);
      for (const [length, keys] of looked.end) if (length <= text.length && hit(keys.get(text.slice(text.length - length)))) return true;
      for (let start = 0; start >= 0; start = rooted ? -1 : afterSlash(text, start)) {
        if (hit(looked.whole.get(text.length - start)?.get(text.slice(start)))) return true;
        for (const [length, keys] of looked.beginning) if (hit(keys.get(text.slice(start, start + length)))) return true;
      }
      return searched.some((expression) => expression.test(path));
    },
  };
}

/** How many of the patterns have to be tried one by one: all but names, `NAME*` and `*NAME`. */
export function countSearched(patterns: readonly string[]): number {
  return patterns.reduce((count, pattern) => (fixedPartOf(pattern) === undefined ? count + 1 : count), 0);
}

/** Keys by their length, and the patterns that have them. */
type KeyTable = Map<number, Map<string, string[]>>;

interface Fixed {
  readonly text: string;
  readonly at: 'whole' | 'beginning' | 'end';
}

/** The text that a pattern comes down to, and where it has to stand; undefined: it is more than that. */
function fixedPartOf(pattern: string): Fixed | undefined {
  const text = pattern.replace(/^\*+|\*+$/g, '');
  // Half a character is found nowhere by an expression, but would be by a comparison.
  if (/[*?[]|\p{Surrogate}/u.test(text)) return undefined;
  const isOpen = [pattern.startsWith('*'), pattern.endsWith('*')];
  if (isOpen[0] && isOpen[1]) return undefined;
  return { text, at: isOpen[0] ? 'end' : isOpen[1] ? 'beginning' : 'whole' };
}

function addKey(table: KeyTable, key: string, pattern: string): void {
  const keys = table.get(key.length) ?? new Map<string, string[]>();
  table.set(key.length, keys);
  const patterns = keys.get(key);
  if (patterns === undefined) keys.set(key, [pattern]);
  else patterns.push(pattern);
}

/** The same for all texts that are the same without regard to case; also for some that are not. */
function caseless(text: string): string {
  return text.toLowerCase().toUpperCase();
}

/** The next place after a slash; -1: there is none. */
function afterSlash(text: string, from: number): number {
  const slash = text.indexOf('/', from);
  return slash < 0 ? -1 : slash + 1;
}

function chunksOf(patterns: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let at = 0; at < patterns.length; at += MOST_IN_ONE) chunks.push(patterns.slice(at, at + MOST_IN_ONE));
  return chunks;
}
