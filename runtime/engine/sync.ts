import type { ActionRecord, Problem, SyncResult } from '../../sdk/project.ts';
import { isOfWholeRoot, VfsError } from '../vfs/vfs-error.ts';
import { MAX_ROOTS } from './ancestry.ts';
import { actionsOf, announce } from './announce.ts';
import { type Execution, execute, NOT_EXECUTED } from './execute.ts';
import type { Findings } from './findings.ts';
import { guardAgainst } from './guard.ts';
import { lostShadows } from './lost-shadows.ts';
import { allChanges, type Plan, planIdOf } from './plan.ts';
import { asPlanned, plannedChanges } from './planned.ts';
import { type Proposal, propose } from './propose.ts';
import { Recorder } from './recorder.ts';
import { summarize } from './summarize.ts';
import type { Planned, PlannedChange, SyncEnd, SyncRun } from './sync-run.ts';

/**
 * One run over all roots: march → decide → resolve → guard → execute → record. Resolves however the run ended; rejects only for what no root and no
 * script can be blamed for, and with StateError when the database fails.
 */
export async function synchronize(run: SyncRun): Promise<SyncEnd> {
  const startedAt = run.now();
  if (run.roots.length > MAX_ROOTS) throw new RangeError(`a run takes ${MAX_ROOTS} roots at most, not ${run.roots.length}`);
  run.emit({ type: 'start', project: run.project, roots: run.roots.map((root) => root.vfs.label), simulation: run.simulation });
  const reached: Reached = { proposal: undefined, execution: run.simulation ? undefined : NOT_EXECUTED };
  try {
    return await takeSteps(run, reached, () => resultOf(run, startedAt, reached));
  } catch (error) {
    const result = resultOf(run, startedAt, reached);
    if (run.signal.aborted) return { end: 'interrupted', result };
    if (error instanceof VfsError) return { end: 'failed', result, code: error.code, message: error.message, path: error.path, root: undefined };
    throw error;
  }
}

/** How far a run came: whatever ends it, its result tells that. */
interface Reached {
  proposal: Proposal | undefined;
  /** undefined in a simulation. */
  execution: Execution | undefined;
}

async function takeSteps(run: SyncRun, reached: Reached, result: () => SyncResult): Promise<SyncEnd> {
  const whole = await propose(run);
  reached.proposal = whole;
  tell(whole, run);
  const failed = rootFailure(whole.findings) ?? (run.rules.stopOnProblem ? whole.findings.problems[0] : undefined);
  if (failed !== undefined) return { end: 'failed', result: result(), ...failure(failed) };
  const proposal = run.planned === undefined ? whole : narrowed(whole, run.planned, run);
  reached.proposal = proposal;

  const reasons = guardAgainst(proposal.plan, proposal.findings, run.rules.guard, run.roots);
  if (run.rules.guard !== undefined) reasons.push(...(await lostShadows(proposal, run.roots)));
  const planId = reasons.length > 0 ? planIdOf(proposal.plan) : '';
  const approved = reasons.length > 0 && run.approve === planId;
  if (reasons.length > 0) run.emit({ type: 'guard', planId, reasons, approved });
  if (run.simulation) show(proposal.plan, run);
  const plan: Planned = { id: () => planIdOf(proposal.plan), changes: () => [...plannedChanges(proposal.plan)] };
  if (reasons.length > 0 && !approved) return { end: 'guarded', result: result(), plan, planId, reasons };
  if (run.simulation) return { end: 'finished', result: result(), plan };

  const { end, stopper } = await carryOut(proposal, run, reached);
  if (stopper !== undefined) return { end: 'failed', result: result(), ...failure(stopper) };
  return { end: end === 'interrupted' ? 'interrupted' : 'finished', result: result() };
}

/** The part of the proposal that was planned before. */
function narrowed(whole: Proposal, planned: readonly PlannedChange[], run: SyncRun): Proposal {
  const { plan, drifted, added } = asPlanned(whole.plan, planned);
  for (const { path, code, message } of drifted) run.emit({ type: 'problem', path, root: undefined, code, message });
  if (added > 0)
    run.emit({
      type: 'log',
      level: 'warn',
      message: `${added} more ${added === 1 ? 'change has' : 'changes have'} come up since the plan was made; that is left for a run`,
    });
  return { ...whole, plan, findings: { ...whole.findings, problems: [...whole.findings.problems, ...drifted] } };
}

async function carryOut(proposal: Proposal, run: SyncRun, reached: Reached): Promise<Execution> {
  const recorder = new Recorder(run.baseline, run.roots, run.now);
  for (const path of proposal.findings.outOfScope) recorder.forgetTree(path);
  for (const path of proposal.findings.gone) recorder.record(path, undefined);
  for (const { path, row } of proposal.findings.agreements) recorder.record(path, row);
  const execution = await execute(proposal.plan, run, recorder);
  reached.execution = execution;
  for (const { path, root, reason } of execution.kept) run.emit({ type: 'kept', path, root, reason, counted: false });
  if (execution.end === 'finished') run.baseline?.markJoined();
  await recorder.finish(run.durable);
  return execution;
}

function show(plan: Plan, run: SyncRun): void {
  for (const change of allChanges(plan)) {
    for (const step of change.steps) if (step.movedBy === undefined) announce(change, step, run.emit);
  }
}

function tell(proposal: Proposal, run: SyncRun): void {
  for (const { path, root, code, message } of proposal.findings.problems) run.emit({ type: 'problem', path, root, code, message });
  for (const { path, root, reason, counted } of proposal.findings.kept) run.emit({ type: 'kept', path, root, reason, counted });
  for (const { path, reason, resolved } of proposal.collisions) run.emit({ type: 'collision', path, reason, resolved });
}

function rootFailure(found: Findings): Problem | undefined {
  return found.problems.find(({ path, code }) => path === '' || isOfWholeRoot(code));
}

function failure({ code, message, path, root }: Problem): Pick<Extract<SyncEnd, { end: 'failed' }>, 'code' | 'message' | 'path' | 'root'> {
  return { code, message, path, root };
}

/** `execution` is undefined for a simulation: then the figures are what would be done. */
function resultOf(run: SyncRun, startedAt: number, { proposal, execution }: Reached): SyncResult {
  const figures = summarize(proposal, execution);
  let actions: ActionRecord[] | undefined;
  return {
    project: run.project,
    simulation: run.simulation,
    ...figures,
    collisions: [...(proposal?.collisions ?? [])],
    problems: [...(proposal?.findings.problems ?? []), ...(execution?.problems ?? [])],
    // There can be very many, and hardly anybody asks.
    get actions() {
      actions ??= allActions(proposal, execution);
      return actions;
    },
    seconds: Math.max(0, (run.now() - startedAt) / 1000),
  };
}

function allActions(proposal: Proposal | undefined, execution: Execution | undefined): ActionRecord[] {
  const actions: ActionRecord[] = [];
  summarize(proposal, execution, (change, step) => actions.push(...actionsOf(change, step)));
  return actions;
}
