import type { Kept, Target } from './decision.ts';
import { isCutOffBefore, relate, relateTimes, timesAreEqual } from './relation.ts';
import { stateOf } from './root-state.ts';
import { type DecideRules, isLeaf, type Leaf, type Row } from './row.ts';

/** What the other roots get when `from` holds the master. A string is the reason of a collision, for the whole path. */
export interface Spreading {
  readonly from: number;
  readonly row: Row;
  readonly rules: DecideRules;
  readonly to: Target[];
  readonly kept: Kept[];
  collision: string | undefined;
}

export function startSpreading(from: number, row: Row, rules: DecideRules): Spreading {
  return { from, row, rules, to: [], kept: [], collision: undefined };
}

export function masterOf(row: Row, from: number): Leaf {
  const master = row.at[from];
  if (!isLeaf(master)) throw new TypeError(`root ${from} holds no file at ${row.path}`);
  return master;
}

/**
 * The table of section 2 for one root: what has it, seen from the master?
 * `recorded`: the database knows what this target-only root had, so that a thing put there by someone is set right if it is not newer.
 */
export function addBySectionTwo(root: number, spreading: Spreading): void {
  const { from, row, rules } = spreading;
  const held = row.at[root];
  const master = masterOf(row, from);
  const mirrored = rules.mirror && rules.roots[root]?.targetOnly === true;
  const recorded = row.baseline?.at[root] !== undefined && row.baseline.kind !== 'directory';
  if (held === undefined) {
    spreading.to.push({ root, reason: 'missing', op: 'copy' });
    return;
  }
  if (!isLeaf(held) || held.kind !== master.kind) {
    if (mirrored) spreading.to.push({ root, reason: `a ${held.kind} in its place (mirror)`, op: isLeaf(held) ? 'copy' : 'replace' });
    else spreading.collision ??= kindsClash(held.kind, master.kind);
    return;
  }
  const relation = relate({ root, leaf: held }, { root: from, leaf: master }, row, rules);
  switch (relation) {
    case 'equal':
      if (needsTime(root, held, spreading)) spreading.to.push({ root, reason: 'same content, other time', op: 'touch' });
      return;
    case 'older':
      spreading.to.push({ root, reason: 'older', op: 'copy' });
      return;
    case 'newer':
      if (mirrored) spreading.to.push({ root, reason: 'target is newer (mirror)', op: 'copy' });
      else spreading.kept.push({ root, reason: 'target is newer', counted: true });
      return;
    case 'conflict':
      if (mirrored || (rules.roots[root]?.targetOnly && (recorded || isCutOffBefore({ root, leaf: held }, { root: from, leaf: master }, rules))))
        spreading.to.push({ root, reason: 'differs at equal time', op: 'copy' });
      else spreading.collision ??= differsAtEqualTime(row, rules, root, from);
      return;
    case 'incomparable':
      if (rules.roots[root]?.targetOnly) spreading.to.push({ root, reason: differsWithoutTime(held, master), op: 'copy' });
      else spreading.collision ??= `root ${root} and root ${from} differ, and no time tells which is newer`;
      return;
    case 'unread':
      throw new TypeError(`the content of ${row.path} was not read`);
  }
}

function differsWithoutTime(held: Leaf, master: Leaf): string {
  const isKnown = held.kind === 'file' && master.kind === 'file' && held.size !== undefined && master.size !== undefined;
  return isKnown ? 'size differs' : 'neither time nor size is known';
}

/** Section 3 for a target-only root: left as recorded, set right, or shown. */
export function addTargetOnly(root: number, spreading: Spreading): void {
  const { from, row, rules } = spreading;
  const state = stateOf(root, row, rules);
  const behind = row.baseline?.at[root]?.behind === true;
  switch (state) {
    case 'unchanged':
      if (behind || !isAgreedMaster(from, row, rules)) spreading.to.push({ root, reason: behind ? 'behind' : changedOn(from), op: 'copy' });
      return;
    case 'removed':
    case 'never':
      spreading.to.push({ root, reason: state === 'removed' ? 'missing, was removed on the target' : 'missing', op: 'copy' });
      return;
    case 'modified':
      if (looksEqualBySizeAlone(root, spreading)) spreading.to.push({ root, reason: 'changed on the target', op: 'copy' });
      else addBySectionTwo(root, spreading);
      return;
    case 'created':
    case 'joining':
      addBySectionTwo(root, spreading);
      return;
  }
}

/** An equal size is no sign that a file which was changed is as the master again. */
function looksEqualBySizeAlone(root: number, { from, row, rules }: Spreading): boolean {
  const held = row.at[root];
  const master = masterOf(row, from);
  if (rules.compare !== 'time' || held?.kind !== 'file' || master.kind !== 'file') return false;
  return relateTimes({ root, leaf: held }, { root: from, leaf: master }, rules) === 'unknown';
}

/** The master is what all had agreed on. */
export function isAgreedMaster(from: number, row: Row, rules: DecideRules): boolean {
  return stateOf(from, row, rules) === 'unchanged' && row.baseline?.at[from]?.behind !== true;
}

export function changedOn(root: number): string {
  return `newer on root ${root}`;
}

export function kindsClash(a: string, b: string): string {
  return a === 'link' || b === 'link' ? `${[a, b].sort().join(' and ')}` : 'file and directory';
}

function differsAtEqualTime(row: Row, rules: DecideRules, a: number, b: number): string {
  const roots = [a, b].sort((x, y) => x - y);
  const what = rules.compare === 'content' ? 'content' : row.at[a]?.kind === 'link' ? 'target' : 'size';
  return `equal time, unequal ${what} on root ${roots[0]} and root ${roots[1]}`;
}

function needsTime(root: number, held: Leaf, { from, row, rules }: Spreading): boolean {
  if (rules.compare !== 'content' || held.kind !== 'file') return false;
  if (rules.roots[root]?.timePrecisionMs === undefined || rules.roots[from]?.timePrecisionMs === undefined) return false;
  return !timesAreEqual({ root, leaf: held }, { root: from, leaf: masterOf(row, from) }, rules);
}
