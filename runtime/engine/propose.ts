import type { Collision } from '../../sdk/project.ts';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import { waitForOldFolders, waitForOldNames } from './case-clashes.ts';
import type { Findings } from './findings.ts';
import { fileFilter } from './filters.ts';
import { contentReader, hashContent } from './hash-content.ts';
import { findMoves } from './moves.ts';
import { type Plan, planOf, unpacked } from './plan.ts';
import { problemOf } from './problem.ts';
import { receives } from './receives.ts';
import { resolveCollisions } from './resolve.ts';
import type { DecideRules } from './row.ts';
import { survey } from './survey.ts';
import type { SyncRun } from './sync-run.ts';

/** What is to be done, and what is left as it is. Nothing was changed to know it. */
export interface Proposal {
  readonly plan: Plan;
  readonly findings: Findings;
  readonly collisions: readonly Collision[];
}

/** Looks and decides. What a dead run set aside is put back first, since it is part of what the roots hold. */
export async function propose(run: SyncRun): Promise<Proposal> {
  const rules = decideRulesOf(run);
  let found = await survey(run, rules, contentReader(run.roots));
  if (!run.simulation) {
    const { returned, left } = await recover(found, run);
    if (returned > 0) found = await survey(run, rules, contentReader(run.roots));
    found.kept.push(...left);
  }
  const lookUp = (path: RelPath) => Promise.all(run.roots.map((root) => root.vfs.stat(path)));
  sortFindings(found);
  if (concernsArrivals(found)) unpack(found);
  const collisions = await resolveCollisions(found, run.rules.onCollision, { rules, lookUp, isInScope: fileFilter(run.rules) });
  found.kept.push(...waitForOldFolders(found.changes, run.roots));
  await findMoves(found.changes, rules, async (root, path, revision) => {
    run.signal.throwIfAborted();
    const held = run.roots[root];
    return held === undefined ? undefined : hashContent(held, path, revision).catch(unreadable);
  });
  found.kept.push(...waitForOldNames(found.changes, run.roots));
  return { plan: planOf(found.changes, found.arrivals), findings: found, collisions: collisions.sort(byPath) };
}

function decideRulesOf(run: SyncRun): DecideRules {
  const { newerThanMs, syncRemove, mirror, compare, evenTime, timeShiftsMs } = run.rules;
  const roots = run.roots.map((root, index) => ({
    targetOnly: root.targetOnly,
    joined: run.baseline?.joined[index] ?? false,
    timePrecisionMs: root.vfs.traits.timePrecisionMs,
    ...(root.ownFiles === undefined ? {} : { ownFiles: root.ownFiles }),
  }));
  return { newerThanMs, syncRemove, mirror, compare, evenTime, timeShiftsMs, database: run.baseline !== undefined, roots };
}

interface Recovered {
  /** How many things came back that the survey has not seen. */
  readonly returned: number;
  /** What could not be cleared; it does no harm where it is. */
  readonly left: Findings['kept'];
}

/** Clears what dead runs left on the roots that can receive; a root that is only read is not written to. */
async function recover(found: Findings, run: SyncRun): Promise<Recovered> {
  let returned = 0;
  const left: Findings['kept'] = [];
  for (const [root, leftovers] of found.leftovers.entries()) {
    if (!receives(root, run.roots, run.rules.scope.killFiles)) continue;
    for (const path of leftovers) {
      try {
        returned += (await run.roots[root]?.vfs.recover([path]))?.returned ?? 0;
      } catch (error) {
        const problem = problemOf(error, path, root);
        if (problem === undefined) throw error;
        left.push({ path, root, reason: `what a dead run left here cannot be cleared: ${problem.message}`, counted: false });
      }
    }
  }
  return { returned, left };
}

/** A file that cannot be read now is no proof of a move; copying it will say what is wrong. */
function unreadable(error: unknown): undefined {
  if (error instanceof VfsError && error.code !== 'aborted') return undefined;
  throw error;
}

/** What was removed may have moved to a new name, and what settles a collision looks at what else is going to be done. */
function concernsArrivals({ changes, collisions }: Findings): boolean {
  return collisions.length > 0 || changes.some(({ from, kind }) => from === undefined && kind === 'file');
}

function unpack(found: Findings): void {
  if (found.arrivals.length === 0) return;
  const changes = unpacked(found.changes, found.arrivals);
  found.changes.length = 0;
  for (const change of changes) found.changes.push(change);
  found.arrivals.length = 0;
}

function sortFindings(found: Findings): void {
  for (const list of [found.problems, found.kept] as { path: RelPath; root?: number }[][])
    list.sort((a, b) => byPath(a, b) || (a.root ?? 0) - (b.root ?? 0));
  found.collisions.sort((a, b) => byPath(a.row, b.row));
}

function byPath(a: { path: RelPath }, b: { path: RelPath }): number {
  return comparePaths(a.path, b.path);
}
