import type { Collision, CollisionChoice } from '../../sdk/project.ts';
import { expectedOf } from '../vfs/expected.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import { NOTHING } from '../vfs/vfs.ts';
import { addBySectionTwo, addTargetOnly, startSpreading } from './decide-targets.ts';
import type { Decision, Kept } from './decision.ts';
import type { FileFilter } from './filters.ts';
import { type LookUp, missingFolders } from './missing-folders.ts';
import type { Change, Step } from './plan.ts';
import { relate, relateChanged, relateTimes, type Side, timesAreEqual } from './relation.ts';
import { stateOf } from './root-state.ts';
import { type DecideRules, type Held, isLeaf, type Row } from './row.ts';
import { collisionOf } from './sighting.ts';
import { OWN_FILE_NOTE, sparingOwnFiles } from './spare-own-files.ts';
import type { Findings } from './findings.ts';
import type { Rules } from './sync-run.ts';

/**
 * Applies `onCollision` to what the survey found. What is settled becomes changes; what is not stays as it is on every root and is reported.
 * Only clashes between files and links of source roots can be settled.
 */
export async function resolveCollisions(findings: Findings, policy: Rules['onCollision'], means: Means): Promise<Collision[]> {
  const collisions: Collision[] = [...findings.resolved];
  for (const { row, decision } of findings.collisions) {
    const collision = collisionOf(row, decision.reason);
    const choice = typeof policy === 'function' ? await policy(collision) : policy;
    const settled = await settle(row, decision, choice, { ...means, changes: findings.changes });
    if (settled.changes.length > 0) {
      findings.changes.push(...(await missingFolders(settled.changes, findings.changes, means.lookUp)), ...settled.changes);
    }
    for (const one of settled.kept ?? []) findings.kept.push({ path: row.path, ...one });
    collisions.push({ ...collision, ...(settled.note === undefined ? {} : { reason: `${collision.reason}; ${settled.note}` }), ...settled.resolved });
  }
  return collisions;
}

export interface Means {
  readonly rules: DecideRules;
  readonly lookUp: LookUp;
  readonly isInScope: FileFilter;
}

/** `changes`: what else is going to be done. */
interface Found extends Means {
  readonly changes: readonly Change[];
}

interface Settled {
  readonly changes: readonly Change[];
  /** Target-only roots that are left with what they have. */
  readonly kept?: readonly Kept[];
  readonly resolved?: { readonly resolved: string };
  /** Why the choice could not be carried out. */
  readonly note?: string;
}
const LEFT: Settled = { changes: [] };

async function settle(row: Row, decision: Extract<Decision, { kind: 'collision' }>, choice: CollisionChoice, found: Found): Promise<Settled> {
  const { rules } = found;
  if (choice === 'report' || choice === 'skip') return LEFT;
  const contenders = decision.contenders.filter((root) => isLeaf(row.at[root]));
  // It would have to go, and nobody looked at what it holds: also where `mirror` has it go for a file that the sources agree on.
  const directory = row.at.findIndex((held) => held !== undefined && !isLeaf(held));
  if (typeof choice === 'object') {
    const winner = row.at[choice.use];
    if (!isLeaf(winner) || directory >= 0) {
      return { ...LEFT, note: `root ${choice.use} cannot be used: ${isLeaf(winner) ? 'another root has no file there' : 'it has no file there'}` };
    }
    return settledBy(winning(row, choice.use, rules), [], `use root ${choice.use}`);
  }
  if (contenders.length === 0) return { ...LEFT, note: `"${choice}" cannot settle it` };
  if (directory >= 0) return { ...LEFT, note: `"${choice}" cannot settle it: root ${directory} has no file there` };
  const youngest = youngestOf(contenders, row);
  if (choice === 'keepBoth') return keepBoth(row, youngest, contenders, found);
  const notOlder = contenders.filter((root) => relateTimes(side(root, row), side(youngest, row), rules) !== 'older');
  // Each with each: two that no size and no time compare may both look like a third.
  const areSame = notOlder.every((root, index) => notOlder.slice(index + 1).every((other) => isSameLeaf(root, other, row, rules)));
  if (!areSame) return { ...LEFT, note: 'no time tells which is newer' };
  return settledBy(winning(row, youngest, rules), [], 'newest');
}

function settledBy(winning: Winning | Refusal, before: readonly Change[], resolved: string): Settled {
  if ('note' in winning) return { ...LEFT, note: winning.note };
  return { changes: [...before, winning.change], kept: winning.kept, resolved: { resolved } };
}

interface Winning {
  readonly change: Change;
  readonly kept: readonly Kept[];
}
interface Refusal {
  readonly note: string;
}

/**
 * Brings the winner's version to all others. A target-only root that has something newer keeps it, as ever; it is refused when one has something that cannot be
 * told to be older.
 */
function winning(row: Row, winner: number, rules: DecideRules, after: readonly Change[] = []): Winning | Refusal {
  const spreading = startSpreading(winner, row, rules);
  for (const [root, held] of row.at.entries()) {
    if (root === winner) continue;
    if (rules.roots[root]?.targetOnly) {
      const add = rules.database ? addTargetOnly : addBySectionTwo;
      add(root, spreading);
    } else if (!isLeaf(held) || !hasWinners(root, winner, row, rules)) {
      spreading.to.push({ root, reason: held === undefined ? 'missing' : `collision: root ${winner} is used`, op: 'copy' });
    }
  }
  if (spreading.collision !== undefined) return { note: 'a target-only root has something that is not older' };
  const spread = sparingOwnFiles({ kind: 'spread', from: winner, to: spreading.to, kept: spreading.kept }, row, rules);
  if (spread.kind === 'collision') return { note: OWN_FILE_NOTE };
  const { to, kept } = spread.kind === 'spread' ? spread : { to: [], kept: spread.kind === 'agreed' ? spread.kept : [] };
  const steps = to.map(({ root, reason, op }): Step => ({ op, to: root, reason, expected: expectedOf(row.at[root], row.path) }));
  const kind = row.at[winner]?.kind === 'link' ? 'link' : 'file';
  const left = kept.map(({ root }) => root);
  const change = {
    path: row.path,
    kind,
    row,
    from: winner,
    sourcePath: row.path,
    steps,
    kept: left,
    ...(after.length === 0 ? {} : { after }),
  } as const;
  return { change, kept };
}

/** With a database an old version that only looks like the winner's is old all the same. */
function hasWinners(root: number, winner: number, row: Row, rules: DecideRules): boolean {
  const isOld = rules.database && stateOf(root, row, rules) === 'unchanged' && stateOf(winner, row, rules) !== 'unchanged';
  return !isOld && isSameLeaf(root, winner, row, rules);
}

/** The question that found the collision: what changed on both sides is not the same because a tolerance takes its times for equal. */
function isSameLeaf(root: number, winner: number, row: Row, rules: DecideRules): boolean {
  const question = rules.database ? relateChanged : relate;
  return question(side(root, row), side(winner, row), row, rules) === 'equal';
}

/**
 * Every losing version gets a name of its own, on all roots, before the winner takes the name. A run that was stopped in between may have brought
 * it there already; then it is not kept twice.
 */
async function keepBoth(row: Row, winner: number, contenders: readonly number[], found: Found): Promise<Settled> {
  const { rules } = found;
  const changes: Change[] = [];
  const after: Change[] = [];
  const names = new Set<RelPath>();
  for (const loser of contenders) {
    const held = row.at[loser];
    if (loser === winner || !isLeaf(held) || isSameLeaf(loser, winner, row, rules)) continue;
    const name = await nameFor({ root: loser, leaf: held }, { row, names, found });
    const at = row.at.map((_, root) => (root === loser ? held : undefined));
    if (!(await found.isInScope(name.path, at))) return { ...LEFT, note: `"keepBoth" cannot settle it: "${name.path}" would be out of scope` };
    names.add(name.path);
    if (name.isThere) {
      after.push(...found.changes.filter((change) => change.path === name.path));
      continue;
    }
    const steps = [...row.at.keys()].map(
      (root): Step => ({ op: 'copy', to: root, reason: `collision: root ${loser}'s version is kept`, expected: NOTHING }),
    );
    const kept = { path: name.path, at, baseline: undefined };
    const change = { path: name.path, kind: held.kind, row: kept, from: loser, sourcePath: row.path, steps, kept: [] };
    changes.push(change);
    after.push(change);
  }
  return settledBy(winning(row, winner, rules, after), changes, 'keepBoth');
}

interface Naming {
  readonly row: Row;
  readonly names: ReadonlySet<RelPath>;
  readonly found: Found;
}

/** `name (root N, date).ext`, counted up while it is taken by something else. `isThere`: a source root has just this version under that name. */
async function nameFor(loser: Side, { row, names, found }: Naming): Promise<{ path: RelPath; isThere: boolean }> {
  const name = nameOf(row.path);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const date = loser.leaf.modifiedMs === undefined ? 'no date' : new Date(loser.leaf.modifiedMs).toISOString().slice(0, 10);
  for (let count = 1; ; count++) {
    const path = joinPath(parentOf(row.path), `${stem} (root ${loser.root}, ${date}${count === 1 ? '' : `, ${count}`})${extension}`);
    if (names.has(path)) continue;
    const there = await found.lookUp(path);
    if (there.every((held) => held === undefined)) return { path, isThere: false };
    const isSame = there.every((held, root) => held === undefined || isSameVersion(loser, { root, held }, found.rules));
    const onSource = there.some((held, root) => held !== undefined && !found.rules.roots[root]?.targetOnly);
    if (isSame && onSource && !isGoing(path, found)) return { path, isThere: true };
  }
}

/** What the plan removes, moves away or overwrites is no copy to rely on. */
function isGoing(path: RelPath, { changes }: Found): boolean {
  return changes.some(
    (change) => change.path === path && (change.from === undefined || change.steps.some(({ expected }) => expected.kind !== 'nothing')),
  );
}

function isSameVersion(loser: Side, { root, held }: { root: number; held: Held }, rules: DecideRules): boolean {
  if (!isLeaf(held) || held.kind !== loser.leaf.kind) return false;
  if (held.kind === 'link' && loser.leaf.kind === 'link') return held.target === loser.leaf.target;
  const sameSize = held.kind === 'file' && loser.leaf.kind === 'file' && held.size !== undefined && held.size === loser.leaf.size;
  return sameSize && timesAreEqual(loser, { root, leaf: held }, rules);
}

/** By the clock alone; where no time is known the first. */
function youngestOf(contenders: readonly number[], row: Row): number {
  const time = (root: number) => side(root, row).leaf.modifiedMs ?? -Infinity;
  return contenders.reduce((youngest, root) => (time(root) > time(youngest) ? root : youngest));
}

function side(root: number, row: Row): Side {
  const leaf = row.at[root];
  if (!isLeaf(leaf)) throw new TypeError(`root ${root} holds no file at ${row.path}`);
  return { root, leaf };
}
