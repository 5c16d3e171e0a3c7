import type { DecideRules, Leaf, Row } from './row.ts';

/**
 * How one root's leaf stands to another root's: `older` and `newer` are about the first. `conflict`: equally old but not the same, or of another kind.
 * `incomparable`: not the same, and no time tells which is newer. `unread`: only their content can tell.
 */
export type Relation = 'equal' | 'older' | 'newer' | 'conflict' | 'incomparable' | 'unread';

export interface Side {
  readonly root: number;
  readonly leaf: Leaf;
}

/** Section 2 of semantics.md: are two roots' files equal, and if not, which is older? */
export function relate(a: Side, b: Side, row: Row, rules: DecideRules): Relation {
  if (a.leaf.kind === 'link' || b.leaf.kind === 'link') return relateLinks(a, b, rules);
  const time = relateTimes(a, b, rules);
  const sizes = a.leaf.size === undefined || b.leaf.size === undefined ? 'unknown' : a.leaf.size === b.leaf.size ? 'equal' : 'unequal';
  switch (rules.compare) {
    case 'size':
      if (sizes === 'equal') return 'equal';
      if (sizes === 'unequal') return order(time);
      return time === 'equal' ? 'equal' : order(time);
    case 'content': {
      if (sizes === 'unequal') return order(time);
      const content = relateContent(a, b, row);
      return content === 'unequal' ? order(time) : content;
    }
    case 'time':
      if (time === 'equal') return sizes === 'unequal' ? 'conflict' : 'equal';
      if (time === 'unknown') return sizes === 'equal' ? 'equal' : 'incomparable';
      return sizes !== 'unequal' && isTimeShift(a, b, rules) ? 'equal' : order(time);
  }
}

/**
 * The stricter question of section 3 about files that both changed since they agreed: is their content the same?
 * Sizes that are equal or not known are not enough where times are unequal or not known; the bytes are read.
 */
export function relateChanged(a: Side, b: Side, row: Row, rules: DecideRules): Relation {
  const relation = relate(a, b, row, rules);
  if (a.leaf.kind === 'link' || b.leaf.kind === 'link' || rules.compare === 'content') return relation;
  const sameTime = relateTimes(a, b, rules) === 'equal' && isWithin(a, b, EXACT_MS);
  const sizesDiffer = a.leaf.size !== undefined && b.leaf.size !== undefined && a.leaf.size !== b.leaf.size;
  if (sameTime || sizesDiffer) return relation;
  const content = relateContent(a, b, row);
  return content === 'unequal' ? order(relateTimes(a, b, rules)) : content;
}

export function timesAreEqual(a: Side, b: Side, rules: DecideRules): boolean {
  return relateTimes(a, b, rules) === 'equal';
}

function relateLinks(a: Side, b: Side, rules: DecideRules): Relation {
  if (a.leaf.kind !== 'link' || b.leaf.kind !== 'link') return 'conflict';
  return a.leaf.target === b.leaf.target ? 'equal' : order(relateTimes(a, b, rules));
}

function relateContent(a: Side, b: Side, row: Row): 'equal' | 'unequal' | 'unread' {
  const x = row.hashes?.[a.root];
  const y = row.hashes?.[b.root];
  if (x === undefined || y === undefined) return 'unread';
  return x === y ? 'equal' : 'unequal';
}

export type TimeRelation = 'equal' | 'older' | 'newer' | 'unknown';

function order(time: TimeRelation): Relation {
  return time === 'equal' ? 'conflict' : time === 'unknown' ? 'incomparable' : time;
}

/** A time that went through a double, as Node sets times, is still the same one. */
const EXACT_MS = 1;

function isWithin(a: Side, b: Side, ms: number): boolean {
  return a.leaf.modifiedMs !== undefined && b.leaf.modifiedMs !== undefined && Math.abs(a.leaf.modifiedMs - b.leaf.modifiedMs) <= ms;
}

/** By time alone; `unknown` where a root keeps no times. */
export function relateTimes(a: Side, b: Side, rules: DecideRules): TimeRelation {
  const tolerance = timeToleranceMs(a.root, b.root, rules);
  if (a.leaf.modifiedMs === undefined || b.leaf.modifiedMs === undefined || tolerance === undefined) return 'unknown';
  const difference = a.leaf.modifiedMs - b.leaf.modifiedMs;
  return Math.abs(difference) <= tolerance ? 'equal' : difference < 0 ? 'older' : 'newer';
}

/** Whether `a`, whose root cuts times off, shows an earlier time than `b`, though one within its precision: so it may be what `b` was before. */
export function isCutOffBefore(a: Side, b: Side, rules: DecideRules): boolean {
  const precision = rules.roots[a.root]?.timePrecisionMs;
  if (precision === undefined || a.leaf.modifiedMs === undefined || b.leaf.modifiedMs === undefined) return false;
  const difference = b.leaf.modifiedMs - a.leaf.modifiedMs;
  return difference > EXACT_MS && difference <= precision;
}

/** ms within which two roots' times count as equal; undefined where one keeps no times. */
export function timeToleranceMs(a: number, b: number, rules: DecideRules): number | undefined {
  const x = rules.roots[a]?.timePrecisionMs;
  const y = rules.roots[b]?.timePrecisionMs;
  if (x === undefined || y === undefined) return undefined;
  return Math.max(x, y, rules.evenTime ? 2000 : 0);
}

function isTimeShift(a: Side, b: Side, rules: DecideRules): boolean {
  const tolerance = timeToleranceMs(a.root, b.root, rules);
  if (tolerance === undefined || a.leaf.modifiedMs === undefined || b.leaf.modifiedMs === undefined) return false;
  const distance = Math.abs(a.leaf.modifiedMs - b.leaf.modifiedMs);
  return rules.timeShiftsMs.some((shift) => Math.abs(distance - shift) <= tolerance);
}
