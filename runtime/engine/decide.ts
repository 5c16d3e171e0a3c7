import { decideDirectory } from './decide-directory.ts';
import { decideKinds } from './decide-kinds.ts';
import { decideJoining } from './decide-joining.ts';
import { decideChanges } from './decide-changes.ts';
import type { Decision } from './decision.ts';
import { type DecideRules, isLeaf, type Row } from './row.ts';
import { stateOf } from './root-state.ts';

/**
 * What is to be done about one path, from what every root holds there, what the database recorded, and the options.
 * Pure. Sections 2 and 3 of semantics.md; docs/decisions.md names the choices made where they are silent.
 */
export function decide(row: Row, rules: DecideRules): Decision {
  const kinds = new Set<string>();
  for (const held of row.at) if (held !== undefined) kinds.add(held.kind === 'link' ? 'file' : held.kind);
  if (kinds.size === 0) return row.baseline === undefined ? { kind: 'nothing' } : { kind: 'gone' };
  if (kinds.has('other')) return decideObstacle(row);
  if (isTooOld(row, rules)) return { kind: 'nothing' };
  if (kinds.size > 1)
    return unlessTooOld(
      decideKinds(row, rules, (oneKind) => decide(oneKind, rules)),
      row,
      rules,
    );
  if (kinds.has('directory')) return decideDirectory(row, rules);

  const unread = rootsToRead(row, rules);
  if (unread.length > 0) return { kind: 'unread', roots: unread };
  return rules.database && !hasJoiningSource(row, rules) ? decideChanges(row, rules) : decideJoining(row, rules);
}

function decideObstacle(row: Row): Decision {
  const obstacle = row.at.findIndex((held) => held?.kind === 'other');
  const held = row.at[obstacle];
  const others = row.at.some((other) => other !== undefined && other.kind !== 'other');
  if (!others || held?.kind !== 'other') return { kind: 'nothing' };
  return { kind: 'collision', reason: `root ${obstacle} has something else there: ${held.reason}`, contenders: [] };
}

/** With `compare: 'content'` bytes decide: every file that another root could equal is read. */
function rootsToRead(row: Row, rules: DecideRules): number[] {
  if (rules.compare !== 'content') return [];
  const files = row.at.flatMap((held, root) => (held?.kind === 'file' ? [{ root, size: held.size }] : []));
  const recorded = files.some(({ root }) => row.baseline?.at[root]?.hash !== undefined);
  if (files.length < 2 && !recorded && !rules.database) return [];
  return files.filter(({ root }) => row.hashes?.[root] === undefined).map(({ root }) => root);
}

/** `newerThan` looks at the master: the newest among the source roots that have the path. */
function isTooOld(row: Row, rules: DecideRules): boolean {
  if (rules.newerThanMs === undefined) return false;
  let newest: number | undefined;
  for (const [root, held] of row.at.entries()) {
    if (rules.roots[root]?.targetOnly || held === undefined) continue;
    if (!isLeaf(held)) return false;
    if (held.modifiedMs === undefined) return false;
    if (newest === undefined || held.modifiedMs > newest) newest = held.modifiedMs;
  }
  return newest !== undefined && newest < rules.newerThanMs;
}

/** A file that took a directory's place is the master there. */
function unlessTooOld(decision: Decision, row: Row, rules: DecideRules): Decision {
  if (decision.kind !== 'directory-becomes-leaf' || rules.newerThanMs === undefined) return decision;
  const master = row.at[decision.from];
  const isTooOld = isLeaf(master) && master.modifiedMs !== undefined && master.modifiedMs < rules.newerThanMs;
  return isTooOld ? { ...decision, leftAlone: true } : decision;
}

function hasJoiningSource(row: Row, rules: DecideRules): boolean {
  return row.at.some((_, root) => !rules.roots[root]?.targetOnly && stateOf(root, row, rules) === 'joining');
}
