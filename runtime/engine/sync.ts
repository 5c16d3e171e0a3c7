import type { ActionRecord, Problem, SyncResult } from '../../sdk/project.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import { MAX_ROOTS } from './ancestry.ts';
import { actionOf, announce } from './announce.ts';
import { type Execution, execute, NOT_EXECUTED } from './execute.ts';
import type { Findings } from './findings.ts';
import { guardAgainst } from './guard.ts';
import { allChanges, planIdOf } from './plan.ts';
import { type Proposal, propose } from './propose.ts';
import { Recorder } from './recorder.ts';
import { summarize } from './summarize.ts';
import type { SyncEnd, SyncRun } from './sync-run.ts';

/**
 * One run over all roots: march → decide → resolve → guard → execute → record. Resolves however the run ended; rejects only for what no root and no
 * script can be blamed for, and with StateError when the database fails.
 */
export async function synchronize(run: SyncRun): Promise<SyncEnd> {
  const startedAt = run.now();
  if (run.roots.length > MAX_ROOTS) throw new RangeError(`a run takes ${MAX_ROOTS} roots at most, not ${run.roots.length}`);
  run.emit({ type: 'start', project: run.project, roots: run.roots.map((root) => root.vfs.label), simulation: run.simulation });
  const resultUntil = (proposal?: Proposal, execution?: Execution) =>
    resultOf(run, startedAt, proposal, execution ?? (run.simulation ? undefined : NOT_EXECUTED));
  try {
    const proposal = await propose(run);
    tell(proposal, run);
    const failed = rootFailure(proposal.findings) ?? (run.rules.stopOnProblem ? proposal.findings.problems[0] : undefined);
    if (failed !== undefined) return { end: 'failed', result: resultUntil(proposal), ...failure(failed) };

    const reasons = guardAgainst(
      proposal.plan,
      proposal.findings,
      run.rules.guard,
      run.roots.map((root) => root.vfs.label),
    );
    const planId = reasons.length > 0 || run.approve !== undefined ? planIdOf(proposal.plan) : '';
    if (run.approve !== undefined && run.approve !== planId) reasons.push(`plan ${run.approve} was approved, but this is plan ${planId}`);
    const approved = reasons.length > 0 && run.approve === planId;
    if (reasons.length > 0) run.emit({ type: 'guard', planId, reasons, approved });
    if (run.simulation)
      for (const change of allChanges(proposal.plan)) for (const step of change.steps) if (!step.movedBy) announce(change, step, run.emit);
    if (reasons.length > 0 && !approved) return { end: 'guarded', result: resultUntil(proposal), planId, reasons };
    if (run.simulation) return { end: 'finished', result: resultUntil(proposal), planId: () => planIdOf(proposal.plan) };

    const execution = await carryOut(proposal, run);
    const result = resultUntil(proposal, execution);
    const problem = execution.problems[0];
    if (execution.end === 'stopped' && problem !== undefined) return { end: 'failed', result, ...failure(problem) };
    return { end: execution.end === 'interrupted' ? 'interrupted' : 'finished', result };
  } catch (error) {
    if (run.signal.aborted) return { end: 'interrupted', result: resultUntil() };
    if (error instanceof VfsError)
      return { end: 'failed', result: resultUntil(), code: error.code, message: error.message, path: error.path, root: undefined };
    throw error;
  }
}

async function carryOut(proposal: Proposal, run: SyncRun): Promise<Execution> {
  const recorder = new Recorder(run.baseline, run.roots, run.now);
  for (const path of proposal.findings.outOfScope) recorder.forgetTree(path);
  for (const path of proposal.findings.gone) recorder.record(path, undefined);
  for (const { path, row } of proposal.findings.agreements) recorder.record(path, row);
  const execution = await execute(proposal.plan, run, recorder);
  for (const { path, root, reason } of execution.kept) run.emit({ type: 'kept', path, root, reason, counted: false });
  const problems = proposal.findings.problems.length + execution.problems.length;
  if (execution.end === 'finished' && problems === 0) run.baseline?.markJoined();
  await recorder.finish(run.durable);
  return execution;
}

function tell(proposal: Proposal, run: SyncRun): void {
  for (const { path, root, code, message } of proposal.findings.problems) run.emit({ type: 'problem', path, root, code, message });
  for (const { path, root, reason, counted } of proposal.findings.kept) run.emit({ type: 'kept', path, root, reason, counted });
  for (const { path, reason, resolved } of proposal.collisions) run.emit({ type: 'collision', path, reason, resolved });
}

function rootFailure(found: Findings): Problem | undefined {
  return found.problems.find(({ path, code }) => path === '' || code === 'unreachable');
}

function failure({ code, message, path, root }: Problem): Pick<Extract<SyncEnd, { end: 'failed' }>, 'code' | 'message' | 'path' | 'root'> {
  return { code, message, path, root };
}

/** `execution` is undefined for a simulation: then the figures are what would be done. */
function resultOf(run: SyncRun, startedAt: number, proposal: Proposal | undefined, execution: Execution | undefined): SyncResult {
  const figures = summarize(proposal, execution, () => undefined);
  let actions: ActionRecord[] | undefined;
  return {
    project: run.project,
    simulation: run.simulation,
    ...figures,
    collisions: [...(proposal?.collisions ?? [])],
    problems: [...(proposal?.findings.problems ?? []), ...(execution?.problems ?? [])],
    // There can be very many, and hardly anybody asks.
    get actions() {
      actions ??= actionsOf(proposal, execution);
      return actions;
    },
    seconds: Math.max(0, (run.now() - startedAt) / 1000),
  };
}

function actionsOf(proposal: Proposal | undefined, execution: Execution | undefined): ActionRecord[] {
  const actions: ActionRecord[] = [];
  summarize(proposal, execution, (change, step) => actions.push(actionOf(change, step)));
  return actions;
}
