import type { Collision } from '../../sdk/project.ts';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import type { Findings } from './findings.ts';
import { contentReader, hashContent } from './hash-content.ts';
import { findMoves } from './moves.ts';
import { type Plan, planOf } from './plan.ts';
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
  if (!run.simulation && (await recover(found, run))) found = await survey(run, rules, contentReader(run.roots));
  const lookUp = (path: RelPath) => Promise.all(run.roots.map((root) => root.vfs.stat(path)));
  sortFindings(found);
  const collisions = await resolveCollisions(found, run.rules.onCollision, rules, lookUp);
  await findMoves(found.changes, async (root, path, revision) => {
    const held = run.roots[root];
    return held === undefined ? undefined : hashContent(held, path, revision).catch(unreadable);
  });
  return { plan: planOf(found.changes), findings: found, collisions: collisions.sort(byPath) };
}

function decideRulesOf(run: SyncRun): DecideRules {
  const { newerThanMs, syncRemove, mirror, compare, evenTime, timeShiftsMs } = run.rules;
  const roots = run.roots.map((root, index) => ({
    targetOnly: root.targetOnly,
    joined: run.baseline?.joined[index] ?? false,
    timePrecisionMs: root.vfs.traits.timePrecisionMs,
  }));
  return { newerThanMs, syncRemove, mirror, compare, evenTime, timeShiftsMs, database: run.baseline !== undefined, roots };
}

/** True when something came back that the survey has not seen. */
async function recover(found: Findings, run: SyncRun): Promise<boolean> {
  let returned = 0;
  for (const [root, leftovers] of found.leftovers.entries()) {
    if (leftovers.length > 0) returned += (await run.roots[root]?.vfs.recover(leftovers))?.returned ?? 0;
  }
  return returned > 0;
}

/** A file that cannot be read now is no proof of a move; copying it will say what is wrong. */
function unreadable(error: unknown): undefined {
  if (error instanceof VfsError && error.code !== 'aborted') return undefined;
  throw error;
}

function sortFindings(found: Findings): void {
  for (const list of [found.problems, found.kept] as { path: RelPath; root?: number }[][])
    list.sort((a, b) => byPath(a, b) || (a.root ?? 0) - (b.root ?? 0));
  found.collisions.sort((a, b) => byPath(a.row, b.row));
}

function byPath(a: { path: RelPath }, b: { path: RelPath }): number {
  return comparePaths(a.path, b.path);
}
