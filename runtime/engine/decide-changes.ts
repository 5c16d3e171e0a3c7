import { addBySectionTwo, addTargetOnly, changedOn, isAgreedMaster, startSpreading } from './decide-targets.ts';
import type { Decision, Kept, Removal } from './decision.ts';
import { type Relation, relateChanged } from './relation.ts';
import { type RootState, stateOf, wasAgreedToGo } from './root-state.ts';
import { type DecideRules, isLeaf, type Row } from './row.ts';

/** Section 3 of semantics.md, for files and links: what the source roots changed since they agreed decides. */
export function decideChanges(row: Row, rules: DecideRules): Decision {
  const sources = sourceStates(row, rules);
  const changed = changedHolders(row, rules);
  if (changed.length > 0) return decideChanged(changed, row, rules);
  const unchanged = rootsIn('unchanged', sources);
  const removed = removers(sources, row);
  if (unchanged.length === 0) return decideWithoutSource(removed, row, rules);
  if (removed.length > 0 && rules.syncRemove) return decideRemoval(removed, row, rules);
  return decideUnchanged(unchanged, row, rules);
}

/** The roots whose versions stand against one another: changed ones, and who has the agreed version when a changed one had missed it or never had it. */
export function changedHolders(row: Row, rules: DecideRules): number[] {
  const sources = sourceStates(row, rules);
  const changed = sources.filter(({ state }) => state === 'modified' || state === 'created').map(({ root }) => root);
  const missedTheAgreed = changed.some((root) => row.baseline?.at[root]?.behind === true || row.baseline?.at[root] === undefined);
  const agreed = sources.find(({ root, state }) => state === 'unchanged' && row.baseline?.at[root]?.behind !== true);
  return missedTheAgreed && agreed !== undefined ? [...changed, agreed.root].sort((a, b) => a - b) : changed;
}

/**
 * Several changed: the collision between them, or what must be read first; undefined when all of them are equal. Each is compared with each, since equal is not transitive:
 * two that no size and no time compare may both equal a third.
 */
export function clashOf(changed: readonly number[], row: Row, rules: DecideRules): Decision | undefined {
  const unread = new Set<number>();
  for (const [index, root] of changed.entries()) {
    for (const other of changed.slice(index + 1)) {
      const relation = relationBetween(root, other, row, rules);
      if (relation === 'unread') unread.add(root).add(other);
      else if (relation !== 'equal') return { kind: 'collision', reason: `changed on ${rootNames(changed)}`, contenders: [...changed] };
    }
  }
  return unread.size > 0 ? { kind: 'unread', roots: [...unread].sort((a, b) => a - b) } : undefined;
}

/** Things of two kinds are decided elsewhere. */
function relationBetween(root: number, other: number, row: Row, rules: DecideRules): Relation {
  const a = row.at[root];
  const b = row.at[other];
  return isLeaf(a) && isLeaf(b) ? relateChanged({ root, leaf: a }, { root: other, leaf: b }, row, rules) : 'equal';
}

function decideChanged(changed: readonly number[], row: Row, rules: DecideRules): Decision {
  const clash = clashOf(changed, row, rules);
  if (clash !== undefined) return clash;
  const from = newestOf(changed, row);
  const spreading = startSpreading(from, row, rules);
  const removed: number[] = [];
  for (const { root, state } of allStates(row, rules)) {
    if (root === from || changed.includes(root)) continue;
    if (rules.roots[root]?.targetOnly) {
      addTargetOnly(root, spreading);
      continue;
    }
    const wasBehind = row.baseline?.at[root]?.behind === true;
    if (state === 'removed' && !wasBehind) removed.push(root);
    spreading.to.push({
      root,
      reason: state === 'removed' ? `removed on root ${root}, but modified on root ${from}` : missingOr(state, changedOn(from)),
      op: 'copy',
    });
  }
  if (rules.compare === 'content') for (const root of changed) if (root !== from) addBySectionTwo(root, spreading);
  if (spreading.collision !== undefined) return { kind: 'collision', reason: spreading.collision, contenders: [...changed] };
  if (spreading.to.length === 0) return { kind: 'agreed', kept: spreading.kept };
  const spread = { kind: 'spread', from, to: spreading.to, kept: spreading.kept } as const;
  return removed.length === 0
    ? spread
    : { ...spread, resolved: `removed on ${rootNames(removed)}, modified on root ${from}: the modification is kept` };
}

/** No source root changed anything: whoever lacks the agreed version or is behind it gets it. */
function decideUnchanged(unchanged: readonly number[], row: Row, rules: DecideRules): Decision {
  const agreed = unchanged.filter((root) => isAgreedMaster(root, row, rules));
  // A time tells whether something on a target-only root is newer.
  const from = agreed.find((root) => timeOf(root, row) !== undefined) ?? agreed[0];
  if (from === undefined) return decideAllBehind(unchanged, row, rules);
  const spreading = startSpreading(from, row, rules);
  for (const { root, state } of allStates(row, rules)) {
    if (root === from) continue;
    if (rules.roots[root]?.targetOnly) addTargetOnly(root, spreading);
    else if (state === 'removed') spreading.to.push({ root, reason: `removed on root ${root}, brought back (no syncRemove)`, op: 'copy' });
    else if (state === 'never') spreading.to.push({ root, reason: 'missing', op: 'copy' });
    else if (row.baseline?.at[root]?.behind) spreading.to.push({ root, reason: 'behind', op: 'copy' });
  }
  if (spreading.collision !== undefined) return { kind: 'collision', reason: spreading.collision, contenders: [] };
  if (spreading.to.length === 0) return { kind: 'agreed', kept: spreading.kept };
  return { kind: 'spread', from, to: spreading.to, kept: spreading.kept };
}

/** What is here is behind what was agreed: a version on a root that is left out of this run, or the removal while this root was left out. */
function decideAllBehind(unchanged: readonly number[], row: Row, rules: DecideRules): Decision {
  if (!wasAgreedToGo(row)) return { kind: 'nothing' };
  if (rules.syncRemove) return removeLeftBehind(row, rules);
  const from = newestOf(unchanged, row);
  const spreading = startSpreading(from, row, rules);
  for (const root of row.at.keys()) if (root !== from) addBySectionTwo(root, spreading);
  if (spreading.collision !== undefined) return { kind: 'collision', reason: spreading.collision, contenders: [...unchanged] };
  return spreading.to.length === 0 ? { kind: 'agreed', kept: spreading.kept } : { kind: 'spread', from, to: spreading.to, kept: spreading.kept };
}

function removeLeftBehind(row: Row, rules: DecideRules): Decision {
  const on = allStates(row, rules).filter(({ state }) => state === 'unchanged');
  return on.length === 0
    ? { kind: 'nothing' }
    : { kind: 'remove', on: on.map(({ root }) => ({ root, reason: 'removed on all other roots' })), kept: [] };
}

function decideRemoval(removed: readonly number[], row: Row, rules: DecideRules): Decision {
  const reason = `removed on ${rootNames(removed)}`;
  const on: Removal[] = [];
  const kept: Kept[] = [];
  for (const { root, state } of allStates(row, rules)) {
    if (state === 'unchanged') on.push({ root, reason });
    else if (row.at[root] !== undefined && rules.mirror) on.push({ root, reason: `${reason} (mirror)` });
    else if (row.at[root] !== undefined) kept.push({ root, reason: `${reason}, but changed on the target`, counted: true });
  }
  return on.length === 0 ? { kind: 'nothing', kept } : { kind: 'remove', on, kept };
}

/** No source root has the file (any more). */
function decideWithoutSource(removed: readonly number[], row: Row, rules: DecideRules): Decision {
  if (removed.length > 0 && rules.syncRemove) return decideRemoval(removed, row, rules);
  if (rules.syncRemove && wasAgreedToGo(row) && !rules.mirror) return removeLeftBehind(row, rules);
  if (!rules.mirror) return { kind: 'nothing' };
  const on = allStates(row, rules)
    .filter(({ root }) => row.at[root] !== undefined)
    .map(({ root }) => ({ root, reason: 'orphan' }));
  return on.length === 0 ? { kind: 'nothing' } : { kind: 'remove', on, kept: [] };
}

interface State {
  readonly root: number;
  readonly state: RootState;
}

function allStates(row: Row, rules: DecideRules): State[] {
  return row.at.map((_, root) => ({ root, state: stateOf(root, row, rules) }));
}

function sourceStates(row: Row, rules: DecideRules): State[] {
  return allStates(row, rules).filter(({ root }) => !rules.roots[root]?.targetOnly);
}

/** Who removed the agreed version. A root that was behind removed an older one, which is no wish to remove what it never had. */
function removers(sources: readonly State[], row: Row): number[] {
  const removed = rootsIn('removed', sources);
  const upToDate = removed.filter((root) => row.baseline?.at[root]?.behind !== true);
  const agreedElsewhere = sources.some(({ root, state }) => state === 'unchanged' && row.baseline?.at[root]?.behind !== true);
  return agreedElsewhere ? upToDate : removed;
}

function rootsIn(state: RootState, states: readonly State[]): number[] {
  return states.filter((one) => one.state === state).map(({ root }) => root);
}

/** All of them are equal; the newest time is the one that is brought to the others. */
function newestOf(changed: readonly number[], row: Row): number {
  const time = (root: number) => timeOf(root, row) ?? -Infinity;
  return changed.reduce((best, root) => (time(root) > time(best) ? root : best));
}

function timeOf(root: number, row: Row): number | undefined {
  const held = row.at[root];
  return isLeaf(held) ? held.modifiedMs : undefined;
}

function missingOr(state: RootState, reason: string): string {
  return state === 'never' ? 'missing' : reason;
}

export function rootNames(roots: readonly number[]): string {
  const names = roots.map((root) => `root ${root}`);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
