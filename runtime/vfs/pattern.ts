/**
 * File name patterns with the meaning of Python's `fnmatch.translate` (CPython Lib/fnmatch.py), compiled to one RegExp per list.
 * minimatch is not used for this: it reads `[^a]`, `[[:alpha:]]` and `?` (by UTF-16 unit) differently, a hidden `/` would break ranges
 * such as `[+-9]`, and its expressions take exponential time on patterns such as `*a*a*a*a*a*b`. Here every run of text between two stars
 * is found once, leftmost, and never tried again (a lookahead with a back reference is atomic), so a match takes at most quadratic time.
 */
export function compilePatterns(patterns: readonly string[], rooted: boolean, ignoreCase: boolean): RegExp | undefined {
  if (patterns.length === 0) return undefined;
  let groups = 0;
  const nextGroup = () => `g${groups++}`;
  const sources = patterns.map((pattern) => translate(pattern, nextGroup));
  return new RegExp(`${rooted ? '^' : '(?:^|/)'}(?:${sources.join('|')})$`, ignoreCase ? 'sui' : 'su');
}

/** One pattern as the source of a regular expression with the flags `s` and `u`, without anchors. */
function translate(pattern: string, nextGroup: () => string): string {
  const runs = runsBetweenStars(Array.from(pattern));
  const first = runs[0] ?? '';
  if (runs.length === 1) return first;
  const middle = runs.slice(1, -1).map((run) => {
    const group = nextGroup();
    return `(?=(?<${group}>.*?${run}))\\k<${group}>`;
  });
  return `${first}${middle.join('')}.*${runs[runs.length - 1] ?? ''}`;
}

/** The expressions between the stars; stars in a row count as one. One run more than there are stars. */
function runsBetweenStars(characters: readonly string[]): string[] {
  const runs = [''];
  const append = (source: string) => (runs[runs.length - 1] += source);
  for (let at = 0; at < characters.length; ) {
    const character = characters[at++] as string;
    if (character === '*') {
      if (runs.length === 1 || runs[runs.length - 1] !== '') runs.push('');
    } else if (character === '?') append('.');
    else if (character === '[') {
      const end = endOfSet(characters, at);
      append(end < 0 ? literal('[') : setSource(characters.slice(at, end)));
      if (end >= 0) at = end + 1;
    } else append(literal(character));
  }
  return runs;
}

/** The index of the `]` that ends the set whose inside starts at `start`; -1: there is none, so that `[` stands for itself. */
function endOfSet(characters: readonly string[], start: number): number {
  let at = start;
  if (characters[at] === '!') at++;
  if (characters[at] === ']') at++;
  return characters.indexOf(']', at);
}

/** A character class. As in fnmatch, ranges that run backwards are empty, and a set without members matches nothing. */
function setSource(inside: readonly string[]): string {
  const parts = withoutBackwardRanges(splitAtRanges(inside));
  const negated = parts[0]?.[0] === '!';
  if (negated) parts[0] = (parts[0] as string[]).slice(1);
  const members = parts.map((part) => part.map(literal).join('')).join('-');
  if (members === '') return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${members}]`;
}

/** Cuts at the hyphens that make a range: the last member of a part and the first of the next are its ends. */
function splitAtRanges(inside: readonly string[]): string[][] {
  const parts: string[][] = [];
  let start = 0;
  let hyphen = inside.indexOf('-', inside[0] === '!' ? 2 : 1);
  while (hyphen >= 0) {
    parts.push(inside.slice(start, hyphen));
    start = hyphen + 1;
    hyphen = inside.indexOf('-', hyphen + 3);
  }
  const rest = inside.slice(start);
  const last = parts[parts.length - 1];
  if (rest.length > 0 || last === undefined) parts.push(rest);
  else last.push('-');
  return parts;
}

function withoutBackwardRanges(parts: readonly string[][]): string[][] {
  const kept = parts.map((part) => part.slice());
  for (let i = kept.length - 1; i > 0; i--) {
    const before = kept[i - 1] as string[];
    const after = kept[i] as string[];
    const from = before[before.length - 1]?.codePointAt(0) ?? 0;
    const to = after[0]?.codePointAt(0) ?? 0;
    if (from > to) kept.splice(i - 1, 2, [...before.slice(0, -1), ...after.slice(1)]);
  }
  return kept;
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
