import type { ActionRecord, Collision, Problem, SyncResult } from '../../sdk/project.ts';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import { MAX_ROOTS } from './ancestry.ts';
import { actionOf, announce } from './announce.ts';
import { type Execution, execute } from './execute.ts';
import { guardAgainst } from './guard.ts';
import { contentReader, hashContent } from './hash-content.ts';
import { findMoves } from './moves.ts';
import { allChanges, type Plan, planIdOf, planOf } from './plan.ts';
import { Recorder } from './recorder.ts';
import { resolveCollisions } from './resolve.ts';
import type { DecideRules } from './row.ts';
import { summarize } from './summarize.ts';
import { type Survey, survey } from './survey.ts';
import type { SyncEnd, SyncRun } from './sync-run.ts';

/** What is to be done, and what is left as it is. Nothing was changed to know it. */
export interface Proposal {
  readonly plan: Plan;
  readonly survey: Survey;
  readonly collisions: readonly Collision[];
}

/**
 * One run over all roots: march → decide → resolve → guard → execute → record. Resolves however the run ended; rejects only for what no root and no
 * script can be blamed for, and with StateError when the database fails.
 */
export async function synchronize(run: SyncRun): Promise<SyncEnd> {
  const startedAt = run.now();
  if (run.roots.length > MAX_ROOTS) throw new RangeError(`a run takes ${MAX_ROOTS} roots at most, not ${run.roots.length}`);
  run.emit({ type: 'start', project: run.project, roots: run.roots.map((root) => root.vfs.label), simulation: run.simulation });
  const nothing = () => resultOf(run, startedAt, undefined, undefined);
  try {
    const proposal = await propose(run);
    tell(proposal, run);
    const failed = rootFailure(proposal.survey) ?? (run.rules.stopOnProblem ? proposal.survey.problems[0] : undefined);
    if (failed !== undefined) return { end: 'failed', result: resultOf(run, startedAt, proposal, undefined), ...failure(failed) };

    const reasons = guardAgainst(proposal.plan, proposal.survey, run.rules.guard, run.roots.map((root) => root.vfs.label));
    const planId = reasons.length > 0 || run.approve !== undefined ? planIdOf(proposal.plan) : '';
    const approved = reasons.length > 0 && run.approve === planId;
    if (reasons.length > 0) run.emit({ type: 'guard', planId, reasons, approved });
    if (run.simulation) for (const change of allChanges(proposal.plan)) for (const step of change.steps) if (!step.movedBy) announce(change, step, run.emit);
    if (reasons.length > 0 && !approved) return { end: 'guarded', result: resultOf(run, startedAt, proposal, undefined), planId, reasons };
    if (run.simulation) return { end: 'finished', result: resultOf(run, startedAt, proposal, undefined) };

    const execution = await carryOut(proposal, run);
    const result = resultOf(run, startedAt, proposal, execution);
    const problem = execution.problems[0];
    if (execution.end === 'stopped' && problem !== undefined) return { end: 'failed', result, ...failure(problem) };
    return { end: execution.end === 'interrupted' ? 'interrupted' : 'finished', result };
  } catch (error) {
    if (run.signal.aborted) return { end: 'interrupted', result: nothing() };
    if (error instanceof VfsError) return { end: 'failed', result: nothing(), code: error.code, message: error.message, path: error.path, root: undefined };
    throw error;
  }
}

/** Looks and decides. What a dead run set aside is put back first, since it is part of what the roots hold. */
export async function propose(run: SyncRun): Promise<Proposal> {
  const rules = decideRulesOf(run);
  let found = await survey(run, rules, contentReader(run.roots));
  if (!run.simulation && (await recover(found, run))) found = await survey(run, rules, contentReader(run.roots));
  const isTaken = async (path: RelPath) => (await Promise.all(run.roots.map((root) => root.vfs.stat(path)))).some((entry) => entry !== undefined);
  sortSurvey(found);
  const collisions = await resolveCollisions(found, run.rules.onCollision, rules, isTaken);
  await findMoves(found.changes, async (root, path, revision) => {
    const held = run.roots[root];
    return held === undefined ? undefined : hashContent(held, path, revision).catch(unreadable);
  });
  return { plan: planOf(found.changes), survey: found, collisions: collisions.sort(byPath) };
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
async function recover(found: Survey, run: SyncRun): Promise<boolean> {
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

async function carryOut(proposal: Proposal, run: SyncRun): Promise<Execution> {
  const recorder = new Recorder(run.baseline, run.roots, run.now);
  for (const { path, tree } of proposal.survey.forgotten) {
    if (tree) recorder.forgetTree(path);
    else recorder.record(path, undefined);
  }
  for (const { path, row } of proposal.survey.agreements) recorder.record(path, row);
  const execution = await execute(proposal.plan, run, recorder);
  for (const { path, root, reason } of execution.kept) run.emit({ type: 'kept', path, root, reason, counted: false });
  const problems = proposal.survey.problems.length + execution.problems.length;
  if (execution.end === 'finished' && problems === 0) run.baseline?.markJoined();
  await recorder.finish(run.durable);
  return execution;
}

function tell(proposal: Proposal, run: SyncRun): void {
  for (const { path, root, code, message } of proposal.survey.problems) run.emit({ type: 'problem', path, root, code, message });
  for (const { path, root, reason, counted } of proposal.survey.kept) run.emit({ type: 'kept', path, root, reason, counted });
  for (const { path, reason, resolved } of proposal.collisions) run.emit({ type: 'collision', path, reason, resolved });
}

function rootFailure(found: Survey): Problem | undefined {
  return found.problems.find(({ path, code }) => path === '' || code === 'unreachable');
}

function failure({ code, message, path, root }: Problem): Pick<Extract<SyncEnd, { end: 'failed' }>, 'code' | 'message' | 'path' | 'root'> {
  return { code, message, path, root };
}

function sortSurvey(found: Survey): void {
  for (const list of [found.problems, found.kept] as { path: RelPath; root?: number }[][]) list.sort((a, b) => byPath(a, b) || (a.root ?? 0) - (b.root ?? 0));
  found.collisions.sort((a, b) => byPath(a.row, b.row));
}

function byPath(a: { path: RelPath }, b: { path: RelPath }): number {
  return comparePaths(a.path, b.path);
}

function resultOf(run: SyncRun, startedAt: number, proposal: Proposal | undefined, execution: Execution | undefined): SyncResult {
  const actions: ActionRecord[] = [];
  const figures = summarize(proposal, execution, (change, step) => actions.push(actionOf(change, step)));
  return {
    project: run.project,
    simulation: run.simulation,
    ...figures,
    collisions: [...(proposal?.collisions ?? [])],
    problems: [...(proposal?.survey.problems ?? []), ...(execution?.problems ?? [])],
    actions,
    seconds: Math.max(0, (run.now() - startedAt) / 1000),
  };
}
