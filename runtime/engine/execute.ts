import type { Problem } from '../../sdk/project.ts';
import { isWithin, type RelPath } from '../vfs/path.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import { announce } from './announce.ts';
import { performStep } from './perform-step.ts';
import { type Change, type Plan, type Step, sizeOf } from './plan.ts';
import { problemOf } from './problem.ts';
import { rowAfter, type StepOutcome } from './record.ts';
import type { Recorder } from './recorder.ts';
import type { SyncRun } from './sync-run.ts';

/** What was done of a plan. */
export interface Execution {
  readonly outcomes: ReadonlyMap<Step, StepOutcome>;
  readonly problems: readonly Problem[];
  readonly kept: readonly { readonly path: RelPath; readonly root: number; readonly reason: string }[];
  readonly end: 'finished' | 'stopped' | 'interrupted';
  /** What stopped it. */
  readonly stopper: Problem | undefined;
}

/** For a plan that was not carried out. */
export const NOT_EXECUTED: Execution = { outcomes: new Map(), problems: [], kept: [], end: 'finished', stopper: undefined };

/** Carries a plan out: directories, copies and moves, then removals, files before their directories. Decides nothing. */
export async function execute(plan: Plan, run: SyncRun, recorder: Recorder): Promise<Execution> {
  const execution = new Executor(plan, run, recorder);
  await execution.carryOut(plan.directories, 1);
  await execution.carryOut(plan.leaves, lanesFor(run));
  await execution.carryOut(plan.removals, lanesFor(run));
  await execution.carryOut(plan.directoryRemovals, 1);
  return execution.summary();
}

function lanesFor(run: SyncRun): number {
  return run.rules.parallel ?? Math.min(...run.roots.map((root) => root.vfs.traits.concurrency));
}

const PROGRESS_EVERY_MS = 50;
/** Once it is recorded, what a root has now need not be kept. */
const DONE: StepOutcome = { done: true };

class Executor {
  readonly #run: SyncRun;
  readonly #recorder: Recorder;
  readonly #outcomes = new Map<Step, StepOutcome>();
  readonly #problems: Problem[] = [];
  readonly #kept: { path: RelPath; root: number; reason: string }[] = [];
  /** By change: settled when all its steps have ended; for what waits for it. */
  readonly #awaited = new Map<Change, Promise<void>>();
  readonly #isAwaited: ReadonlySet<Change>;
  /** Roots on which something could not be put: nothing is removed there in this run. */
  readonly #incomplete = new Set<number>();
  /** Whose source could not be read: said once, for however many roots it was. */
  readonly #unread = new Set<Change>();
  readonly #notMade: { root: number; path: RelPath }[] = [];
  readonly #total: { files: number; bytes: number };
  #files = 0;
  #bytes = 0;
  #reportedAt = 0;
  #stopper: Problem | undefined;

  constructor(plan: Plan, run: SyncRun, recorder: Recorder) {
    this.#run = run;
    this.#recorder = recorder;
    this.#isAwaited = new Set(plan.leaves.flatMap((change) => change.after ?? []));
    const files = [...plan.leaves, ...plan.removals];
    this.#total = { files: files.length, bytes: plan.leaves.reduce((sum, change) => sum + bytesOf(change), 0) };
    run.emit({ type: 'planned', ...this.#total });
  }

  /** Starts the changes in order, so many at once. */
  async carryOut(changes: readonly Change[], lanes: number): Promise<void> {
    let next = 0;
    const lane = async () => {
      for (let change = changes[next++]; change !== undefined && !this.#hasEnded(); change = changes[next++]) {
        const done = this.#carryOut(change);
        if (this.#isAwaited.has(change)) this.#awaited.set(change, done);
        await done;
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, changes.length) }, lane));
  }

  summary(): Execution {
    this.#reportProgress(true);
    const end = this.#stopper !== undefined ? 'stopped' : this.#run.signal.aborted ? 'interrupted' : 'finished';
    return { outcomes: this.#outcomes, problems: this.#problems, kept: this.#kept, end, stopper: this.#stopper };
  }

  async #carryOut(change: Change): Promise<void> {
    if (change.after !== undefined) {
      await Promise.all(change.after.map((before) => this.#awaited.get(before)));
      if (!change.after.every((before) => before.steps.every((step) => this.#outcomes.get(step)?.done))) return;
    }
    const [first, ...others] = change.steps;
    if (first === undefined) return;
    if (others.length === 0) await this.#perform(change, first);
    else await Promise.all(change.steps.map((step) => this.#perform(change, step)));
    this.#record(change);
    for (const step of change.steps) if (this.#outcomes.get(step)?.done) this.#outcomes.set(step, DONE);
    this.#files += change.kind === 'directory' ? 0 : 1;
    this.#reportProgress(false);
  }

  async #perform(change: Change, step: Step): Promise<void> {
    if (step.movedBy !== undefined) {
      const move = step.movedBy.steps.find(({ to, movedFrom }) => to === step.to && movedFrom === change.path);
      this.#outcomes.set(step, { done: move !== undefined && this.#outcomes.get(move)?.done === true });
      return;
    }
    if (!this.#mayPerform(change, step)) {
      this.#outcomes.set(step, { done: false });
      return;
    }
    announce(change, step, this.#run.emit);
    try {
      const stamp = await performStep(change, step, this.#run.roots);
      this.#outcomes.set(step, { done: true, ...(stamp === undefined ? {} : { stamp }) });
      if (step.op === 'copy' || step.op === 'replace') this.#bytes += sizeOf(change);
    } catch (error) {
      this.#outcomes.set(step, { done: false });
      this.#fail(error, change, step);
    }
  }

  #mayPerform(change: Change, step: Step): boolean {
    if (step.op === 'remove') return !this.#incomplete.has(step.to);
    return this.#notMade.length === 0 || !this.#notMade.some(({ root, path }) => root === step.to && isWithin(change.path, path));
  }

  #fail(error: unknown, change: Change, step: Step): void {
    if (error instanceof VfsError && error.code === 'not-empty' && change.kind === 'directory') {
      this.#kept.push({ path: change.path, root: step.to, reason: 'stays: it holds what is not to be removed' });
      return;
    }
    const isSource = error instanceof VfsError && error.inContent;
    const problem = isSource ? problemOf(error, change.sourcePath, change.from) : problemOf(error, change.path, step.to);
    if (problem === undefined && !this.#run.signal.aborted) throw error;
    if (step.op !== 'remove') this.#incomplete.add(step.to);
    if (step.op === 'make' || (step.op === 'replace' && change.kind === 'directory')) this.#notMade.push({ root: step.to, path: change.path });
    if (problem === undefined || (isSource && this.#unread.has(change))) return;
    if (isSource) this.#unread.add(change);
    this.#problems.push(problem);
    this.#run.emit({ type: 'problem', path: problem.path, root: problem.root, code: problem.code, message: problem.message });
    if (problem.code === 'unreachable' || (this.#run.rules.stopOnProblem && this.#stopper === undefined)) this.#stopper = problem;
  }

  #record(change: Change): void {
    // What was dropped by an interrupt was not tried: nothing is known of it.
    if (this.#run.signal.aborted && !change.steps.some((step) => this.#outcomes.get(step)?.done)) return;
    const row = rowAfter(change, this.#outcomes);
    if (row === 'as-is') return;
    if (change.below !== undefined) this.#recorder.forgetTree(change.path);
    this.#recorder.record(change.path, row);
  }

  #hasEnded(): boolean {
    return this.#stopper !== undefined || this.#run.signal.aborted;
  }

  #reportProgress(isLast: boolean): void {
    const now = this.#run.now();
    if (!isLast && now - this.#reportedAt < PROGRESS_EVERY_MS) return;
    this.#reportedAt = now;
    this.#run.emit({ type: 'progress', files: this.#files, bytes: this.#bytes, totalFiles: this.#total.files, totalBytes: this.#total.bytes });
  }
}

function bytesOf(change: Change): number {
  return sizeOf(change) * change.steps.filter(({ op }) => op === 'copy' || op === 'replace').length;
}
