import type { Problem } from '../../sdk/project.ts';
import { isWithin, type RelPath } from '../vfs/path.ts';
import type { Arrived, Vfs } from '../vfs/vfs.ts';
import { isOfWholeRoot, VfsError } from '../vfs/vfs-error.ts';
import type { RootSet } from './ancestry.ts';
import { announce, announceNewFile } from './announce.ts';
import { batchesOf, type NewFilesPart } from './new-file-batches.ts';
import type { NewFiles } from './new-files.ts';
import { performStep } from './perform-step.ts';
import { type Change, changeOf, type Plan, type Step, sizeOf } from './plan.ts';
import { problemOf } from './problem.ts';
import { rowAfter, type StepOutcome } from './record.ts';
import type { Recorder } from './recorder.ts';
import type { SyncRun } from './sync-run.ts';

/** What was done of a plan. */
export interface Execution {
  readonly outcomes: ReadonlyMap<Step, StepOutcome>;
  /** For new files, by their number: the roots that got them. */
  readonly arrived: ReadonlyMap<NewFiles, ArrayLike<RootSet>>;
  readonly problems: readonly Problem[];
  readonly kept: readonly { readonly path: RelPath; readonly root: number; readonly reason: string }[];
  readonly end: 'finished' | 'stopped' | 'interrupted';
  /** What stopped it. */
  readonly stopper: Problem | undefined;
}

/** For a plan that was not carried out. */
export const NOT_EXECUTED: Execution = { outcomes: new Map(), arrived: new Map(), problems: [], kept: [], end: 'finished', stopper: undefined };

/** Carries a plan out: directories, copies and moves, then removals, files before their directories. Decides nothing. */
export async function execute(plan: Plan, run: SyncRun, recorder: Recorder): Promise<Execution> {
  const execution = new Executor(plan, run, recorder);
  for (const level of byDepth(plan.directories)) await execution.carryOut(level, lanesFor(run));
  await execution.carryOut(plan.leaves.filter(isChange), lanesFor(run));
  await execution.copyNewFiles(plan.leaves.filter(isNewFiles), run.rules.parallel ?? NEW_FILES_AT_ONCE);
  await execution.carryOut(plan.removals, lanesFor(run));
  await execution.carryOut(plan.directoryRemovals, 1);
  return execution.summary();
}

/** Directories of one depth do not wait for one another, only for those above them. */
function byDepth(directories: readonly Change[]): Iterable<readonly Change[]> {
  const levels = new Map<number, Change[]>();
  for (const change of directories) {
    const depth = change.path.split('/').length;
    const level = levels.get(depth) ?? [];
    levels.set(depth, level);
    level.push(change);
  }
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level);
}

function lanesFor(run: SyncRun): number {
  return run.rules.parallel ?? Math.min(...run.roots.map((root) => root.vfs.traits.concurrency));
}

function isChange(leaf: Change | NewFiles): leaf is Change {
  return leaf.kind !== 'new-files';
}

function isNewFiles(leaf: Change | NewFiles): leaf is NewFiles {
  return leaf.kind === 'new-files';
}

/** New files that are copied in one go. */
const BATCH_FILES = 64;
/** Roots that take them so see to themselves how many they handle. */
const NEW_FILES_AT_ONCE = 8 * BATCH_FILES;
const PROGRESS_EVERY_MS = 50;
/** Once it is recorded, what a root has now need not be kept. */
const DONE: StepOutcome = { done: true };
const UNTRIED: StepOutcome = { done: false };

class Executor {
  readonly #run: SyncRun;
  readonly #recorder: Recorder;
  readonly #outcomes = new Map<Step, StepOutcome>();
  readonly #arrived = new Map<NewFiles, Int32Array>();
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
  /** What a root did not begin any more, since something else had failed there. */
  #untried: VfsError | undefined;

  constructor(plan: Plan, run: SyncRun, recorder: Recorder) {
    this.#run = run;
    this.#recorder = recorder;
    this.#isAwaited = new Set(plan.leaves.flatMap((leaf) => (isChange(leaf) ? (leaf.after ?? []) : [])));
    const files = plan.leaves.reduce((sum, leaf) => sum + (isChange(leaf) ? 1 : leaf.names.length), plan.removals.length);
    this.#total = { files, bytes: plan.leaves.reduce((sum, leaf) => sum + bytesOf(leaf), 0) };
    run.emit({ type: 'planned', ...this.#total });
    if (run.rules.stopOnProblem) this.#beginNoMore('failure');
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

  /** As `carryOut`, for files that go from a local root to others, many in one go. */
  async copyNewFiles(all: readonly NewFiles[], lanes: number): Promise<void> {
    const batches = batchesOf(all, Math.min(lanes, BATCH_FILES));
    const lane = async () => {
      for (let next = batches.next(); !next.done && !this.#hasEnded(); next = batches.next()) await this.#copyBatch(next.value);
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.floor(lanes / BATCH_FILES)) }, lane));
  }

  summary(): Execution {
    if (this.#untried !== undefined && this.#stopper === undefined && !this.#run.signal.aborted) throw this.#untried;
    this.#reportProgress(true);
    const end = this.#stopper !== undefined ? 'stopped' : this.#run.signal.aborted ? 'interrupted' : 'finished';
    return { outcomes: this.#outcomes, arrived: this.#arrived, problems: this.#problems, kept: this.#kept, end, stopper: this.#stopper };
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
    for (const step of change.steps) {
      const outcome = this.#outcomes.get(step);
      if (outcome?.done) this.#outcomes.set(step, outcome.bytes === undefined ? DONE : { done: true, bytes: outcome.bytes });
    }
    if (change.kind !== 'directory' && !this.#isUntried(change)) this.#files++;
    this.#reportProgress(false);
  }

  async #copyBatch(batch: readonly NewFilesPart[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    // Where a directory could not be made, each file is looked at by itself.
    if (this.#notMade.length > 0) {
      for (const { of, start, names } of batch) await Promise.all(names.map((_, i) => this.#carryOutAlone(of, start + i)));
      return;
    }
    for (const { of, start, names } of batch) for (let i = 0; i < names.length; i++) announceNewFile(of, start + i, this.#run.emit);
    const { from, to } = first.of;
    const source = required(this.#vfs(from).local, `root ${from} gives no files in one go`);
    const ends = to.map((root) => required(this.#vfs(root).newFiles, `root ${root} takes no files in one go`));
    const copied = await Promise.all(ends.map((end) => end.copyNew(source, batch)));
    for (const [i, part] of batch.entries()) {
      this.#settlePart(
        part,
        copied.map((ofRoot) => ofRoot[i] as readonly (Arrived | VfsError)[]),
      );
    }
    this.#reportProgress(false);
  }

  /** `copied`: what became of each file, by target. */
  #settlePart({ of, start, directory, names, files }: NewFilesPart, copied: readonly (readonly (Arrived | VfsError)[])[]): void {
    const { from, to } = of;
    const all = this.#arrivedOf(of);
    const everywhere: number[] = [];
    for (let i = 0; i < names.length; i++) {
      for (const [target, root] of to.entries()) {
        if (copied[target]?.[i] instanceof VfsError) continue;
        all[start + i] = (all[start + i] as number) | (1 << root);
        this.#bytes += of.size(start + i);
      }
      if (copied.some((ofRoot) => ofRoot[i] instanceof VfsError))
        this.#settleFailed(
          of,
          start + i,
          copied.map((ofRoot) => ofRoot[i] as Arrived | VfsError),
        );
      else everywhere.push(i);
    }
    this.#files += everywhere.length;
    if (everywhere.length === 0) return;
    const at = Array.from({ length: of.rootCount }, (_, root) => (root === from ? files : (copied[to.indexOf(root)] as readonly Arrived[])));
    const isWhole = everywhere.length === names.length;
    const pick = <T>(list: readonly T[]): readonly T[] => (isWhole ? list : everywhere.map((i) => list[i] as T));
    this.#recorder.recordFiles(directory, pick(names), at.map(pick));
  }

  /** A file that some root did not get. */
  #settleFailed(of: NewFiles, at: number, copied: readonly (Arrived | VfsError)[]): void {
    const change = changeOf(of, at);
    for (const [i, step] of change.steps.entries()) {
      const result = copied[i];
      const failed = result instanceof VfsError;
      this.#outcomes.set(step, failed || result === undefined ? { done: false } : { done: true, stamp: result });
      if (failed) this.#fail(result, change, step);
    }
    this.#record(change);
    if (!this.#isUntried(change)) this.#files++;
    for (const step of change.steps) this.#outcomes.delete(step);
  }

  async #carryOutAlone(of: NewFiles, at: number): Promise<void> {
    const change = changeOf(of, at);
    await this.#carryOut(change);
    const arrived = this.#arrivedOf(of);
    for (const step of change.steps) {
      if (this.#outcomes.get(step)?.done) arrived[at] = (arrived[at] as number) | (1 << step.to);
      this.#outcomes.delete(step);
    }
  }

  #arrivedOf(files: NewFiles): Int32Array {
    const known = this.#arrived.get(files);
    if (known !== undefined) return known;
    const none = new Int32Array(files.names.length);
    this.#arrived.set(files, none);
    return none;
  }

  #vfs(root: number): Vfs {
    return required(this.#run.roots[root], `there is no root ${root}`).vfs;
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
      const bytes = isSizeKnown(change) ? undefined : stamp?.size;
      this.#outcomes.set(step, { done: true, ...(stamp === undefined ? {} : { stamp }), ...(bytes === undefined ? {} : { bytes }) });
      if (step.op === 'copy' || step.op === 'replace') this.#bytes += bytes ?? sizeOf(change);
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
    if (this.#isBegunNoMore(error)) {
      this.#untried = error;
      this.#outcomes.set(step, UNTRIED);
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
    if (!isOfWholeRoot(problem.code) && !(this.#run.rules.stopOnProblem && this.#stopper === undefined)) return;
    this.#stopper = problem;
    this.#beginNoMore('now');
  }

  /** What the machine's own threads were given ahead would else all be done. */
  #beginNoMore(after: 'failure' | 'now'): void {
    for (const { vfs } of this.#run.roots) vfs.local?.beginNoMore(after);
  }

  #isBegunNoMore(error: unknown): error is VfsError {
    const mayBe = (this.#stopper !== undefined || this.#run.rules.stopOnProblem) && !this.#run.signal.aborted;
    return mayBe && error instanceof VfsError && error.code === 'aborted';
  }

  #isUntried(change: Change): boolean {
    return change.steps.every((step) => this.#outcomes.get(step) === UNTRIED);
  }

  #record(change: Change): void {
    // What was dropped by an interrupt, or not begun any more, was not tried: nothing is known of it.
    if ((this.#run.signal.aborted || this.#isUntried(change)) && !change.steps.some((step) => this.#outcomes.get(step)?.done)) return;
    const row = rowAfter(change, this.#outcomes);
    if (row === 'as-is') return;
    if (change.below !== undefined) this.#recorder.forgetTree(change.path);
    this.#recorder.record(change.path, row);
  }

  #hasEnded(): boolean {
    return this.#stopper !== undefined || this.#untried !== undefined || this.#run.signal.aborted;
  }

  #reportProgress(isLast: boolean): void {
    const now = this.#run.now();
    if (!isLast && now - this.#reportedAt < PROGRESS_EVERY_MS) return;
    this.#reportedAt = now;
    this.#run.emit({ type: 'progress', files: this.#files, bytes: this.#bytes, totalFiles: this.#total.files, totalBytes: this.#total.bytes });
  }
}

function required<T>(found: T | undefined, message: string): T {
  if (found === undefined) throw new TypeError(message);
  return found;
}

/** Some roots do not know how long their files are before they are read. */
function isSizeKnown(change: Change): boolean {
  const held = change.from === undefined ? undefined : change.row.at[change.from];
  return held?.kind !== 'file' || held.size !== undefined;
}

function bytesOf(leaf: Change | NewFiles): number {
  return isChange(leaf) ? bytesOfChange(leaf) : leaf.names.reduce((sum, _, at) => sum + leaf.size(at), 0) * leaf.to.length;
}

function bytesOfChange(change: Change): number {
  return sizeOf(change) * change.steps.filter(({ op }) => op === 'copy' || op === 'replace').length;
}
