import { changedHolders, clashOf, decideChanges } from './decide-changes.ts';
import { addBySectionTwo, changedOn, startSpreading } from './decide-targets.ts';
import type { Decision } from './decision.ts';
import { relate, relateTimes, type Side } from './relation.ts';
import { stateOf } from './root-state.ts';
import { type DecideRules, isLeaf, type Row } from './row.ts';

/**
 * Section 2 of semantics.md: no database, or a source root that the database does not know yet. The newest file wins, older ones are replaced.
 * What the known roots changed against one another since they agreed is still a collision among them.
 */
export function decideJoining(row: Row, rules: DecideRules): Decision {
  const sources = leafHolders(row, rules);
  if (sources.length === 0) return rules.database ? decideChanges(row, rules) : decideOrphan(row, rules);
  const changed = rules.database ? changedHolders(row, rules) : [];
  const clash = clashOf(changed, row, rules);
  if (clash !== undefined) return clash;
  const master = newest(sources, row, rules);
  if (typeof master !== 'number') return master;

  const spreading = startSpreading(master, row, rules);
  for (const root of row.at.keys()) {
    if (root === master) continue;
    // A version that is known to be old is old, however equal it looks.
    if (changed.length > 0 && isKnownAsOld(root, row, rules)) spreading.to.push({ root, reason: changedOn(master), op: 'copy' });
    else addBySectionTwo(root, spreading);
  }
  if (spreading.collision !== undefined)
    return { kind: 'collision', reason: spreading.collision, contenders: contendersOf(sources, master, row, rules) };
  if (spreading.to.length === 0) return { kind: 'agreed', kept: spreading.kept };
  return { kind: 'spread', from: master, to: spreading.to, kept: spreading.kept };
}

function isKnownAsOld(root: number, row: Row, rules: DecideRules): boolean {
  return !rules.roots[root]?.targetOnly && stateOf(root, row, rules) === 'unchanged';
}

export function leafHolders(row: Row, rules: DecideRules): number[] {
  return [...row.at.keys()].filter((root) => !rules.roots[root]?.targetOnly && isLeaf(row.at[root]));
}

/** No source root has the file. */
export function decideOrphan(row: Row, rules: DecideRules): Decision {
  if (!rules.mirror) return { kind: 'nothing' };
  const on = [...row.at.keys()].filter((root) => rules.roots[root]?.targetOnly && isLeaf(row.at[root])).map((root) => ({ root, reason: 'orphan' }));
  return on.length === 0 ? { kind: 'nothing' } : { kind: 'remove', on, kept: [] };
}

/** The newest among the sources (ties: the lowest index), or why there is none. A file of which no time is known is the newest only where none has one. */
function newest(sources: readonly number[], row: Row, rules: DecideRules): number | Decision {
  const leaves = sources.flatMap((root): Side[] => {
    const leaf = row.at[root];
    return isLeaf(leaf) ? [{ root, leaf }] : [];
  });
  if (new Set(leaves.map(({ leaf }) => leaf.kind)).size > 1) return { kind: 'collision', reason: 'file and link', contenders: [...sources] };
  const timed = leaves.filter(({ root, leaf }) => leaf.modifiedMs !== undefined && rules.roots[root]?.timePrecisionMs !== undefined);
  const [first, ...others] = timed.length > 0 ? timed : leaves;
  if (first === undefined) throw new TypeError(`no source holds a file at ${row.path}`);
  let master = first;
  for (const other of others) if (relateTimes(other, master, rules) === 'newer') master = other;
  const isRival = (other: Side) => other !== master && relate(other, master, row, rules) === 'incomparable';
  const rival = leaves.find(isRival);
  if (rival === undefined) return master.root;
  const roots = [master.root, rival.root].sort((a, b) => a - b);
  const reason = `root ${roots[0]} and root ${roots[1]} differ, and no time tells which is newer`;
  return { kind: 'collision', reason, contenders: [...sources] };
}

function contendersOf(sources: readonly number[], master: number, row: Row, rules: DecideRules): number[] {
  const best = row.at[master];
  return sources.filter((root) => {
    const held = row.at[root];
    return root === master || (isLeaf(held) && isLeaf(best) && relate({ root, leaf: held }, { root: master, leaf: best }, row, rules) !== 'equal');
  });
}
