import { Minimatch } from 'minimatch';
import type { RelPath } from '../../vfs/path.ts';

/** More would be a defect of the script, and take its time. */
const MOST_PATTERNS = 1000;
const LONGEST_PATTERN = 2000;

/** Whether a path matches a list of patterns, of which the last that matches counts; one that begins with `!` takes out. A list that begins so begins with everything. */
export type Glob = (path: RelPath) => boolean;

/** Throws a RangeError, whose message follows the name of the option, for a pattern that cannot be understood or stands for too many. */
export function compileGlob(patterns: readonly string[], ignoreCase: boolean): Glob {
  if (patterns.length > MOST_PATTERNS) throw new RangeError(`has more than ${MOST_PATTERNS} patterns`);
  const rules = patterns.map((pattern) => {
    const isNegative = pattern.startsWith('!');
    return { isNegative, matcher: compile(isNegative ? pattern.slice(1) : pattern, ignoreCase) };
  });
  const start = rules[0]?.isNegative === true;
  return (path) => {
    const last = rules.findLast(({ matcher }) => matcher.match(path));
    return last === undefined ? start : !last.isNegative;
  };
}

function compile(pattern: string, ignoreCase: boolean): Minimatch {
  if (pattern === '') throw new RangeError('has an empty pattern');
  if (pattern.length > LONGEST_PATTERN) throw new RangeError(`has a pattern of more than ${LONGEST_PATTERN} characters`);
  if (/^\.{0,2}\//.test(pattern))
    throw new RangeError(`has the pattern "${pattern}"; patterns are relative to the folder and begin with no "/", "./" or "../"`);
  const matcher = new Minimatch(pattern, {
    dot: true,
    nonegate: true,
    nocomment: true,
    nocase: ignoreCase,
    platform: 'linux',
    braceExpandMax: MOST_PATTERNS + 1,
  });
  if (matcher.globSet.length > MOST_PATTERNS) throw new RangeError(`has a pattern that stands for more than ${MOST_PATTERNS} others`);
  return matcher;
}
