import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../threads.ts';
import { parentOf } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { type CopyNewTask, type FileTask, type PackTask, rootsOf, type TaskResult, type TaskValue } from './file-task.ts';
import type { FileWorkerData, FromFileWorker, ToFileWorker } from './file-worker.ts';
import { performTask } from './perform-task.ts';
import { receivedResults } from './sent-results.ts';
import type { RootHandle } from './root-handle.ts';
import { BUFFER_BYTES, createTaskContext, type TaskContext } from './task-context.ts';
import { thisProcess } from './transfer-names.ts';

interface Job {
  readonly task: FileTask;
  readonly resolve: (value: TaskValue | undefined) => void;
  readonly reject: (error: VfsError) => void;
}
/** A root, how many tasks use it, and who waits for their end. */
interface CrewRoot {
  readonly handle: RootHandle;
  tasks: number;
  idle: (() => void) | undefined;
}
interface Member {
  readonly worker: Worker;
  ready: boolean;
  /** Batches sent and not answered, oldest first. */
  readonly batches: Job[][];
}

/** From this many waiting tasks on, or this many done on the main thread, threads are worth their start (25 ms). */
const MANY_WAITING = 16;
const MANY_DONE = 200;
const SLICE_MS = 4;
const BATCH_TASKS = 64;
const LONGEST_BATCH_TASKS = 96;
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCHES_AHEAD = 2;
/** So much is no work for the main thread. */
const LARGE_BYTES = 1024 * 1024;

/**
 * Does the file tasks of all local roots of the process. A few small ones are done on the main thread in slices; when more come, worker threads are started and get
 * them in batches, those of one directory together. Before the threads answer for the first time the main thread goes on.
 */
export class FileCrew {
  readonly #roots = new Map<number, CrewRoot>();
  readonly #context: TaskContext = createTaskContext(thisProcess(), '0');
  #members: Member[] = [];
  #queue: Job[] = [];
  #scheduled = false;
  #doneHere = 0;
  /** Threads cannot be started here: the main thread does everything. */
  #alone = false;

  addRoot(root: RootHandle): void {
    this.#roots.set(root.id, { handle: root, tasks: 0, idle: undefined });
    this.#context.addRoot(root);
    for (const { worker } of this.#members) send(worker, { add: root });
  }

  /** Waits for the tasks that use the root. With the last root the threads end. */
  async removeRoot(id: number): Promise<void> {
    const root = this.#roots.get(id);
    if (root !== undefined && root.tasks > 0) await new Promise<void>((idle) => (root.idle = idle));
    this.#roots.delete(id);
    this.#context.removeRoot(id);
    for (const { worker } of this.#members) send(worker, { remove: id });
    if (this.#roots.size > 0) return;
    const members = this.#members;
    this.#members = [];
    this.#doneHere = 0;
    await Promise.all(members.map(({ worker }) => worker.terminate()));
  }

  /** Rejects with VfsError only. */
  submit(task: FileTask): Promise<TaskValue | undefined> {
    for (const id of rootsOf(task)) {
      const root = this.#roots.get(id);
      if (root === undefined) return Promise.reject(new VfsError('failed', task.path, 'the root is closed'));
      root.tasks++;
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject });
      this.#schedule();
    });
  }

  #settle({ task, resolve, reject }: Job, result: TaskResult): void {
    for (const id of rootsOf(task)) {
      const root = this.#roots.get(id);
      if (root !== undefined && --root.tasks === 0) root.idle?.();
    }
    if ('error' in result)
      reject(new VfsError(result.error.code, result.error.path, result.error.message, { inContent: result.error.inContent === true }));
    else resolve(result.value);
  }

  /** After all promise callbacks of this turn, so that tasks which are asked for together are sent together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (!this.#alone && this.#members.length === 0 && this.#needsThreads()) this.#startThreads();
    if (this.#members.some((member) => member.ready)) this.#dispatch();
    else this.#workHere();
  }

  #needsThreads(): boolean {
    return weightOf(this.#queue) >= MANY_WAITING || this.#doneHere >= MANY_DONE || this.#queue.some((job) => isLarge(job.task));
  }

  #workHere(): void {
    const end = performance.now() + SLICE_MS;
    const large: Job[] = [];
    let at = 0;
    for (; at < this.#queue.length && performance.now() < end; at++) {
      const job = this.#queue[at] as Job;
      if (!this.#alone && isLarge(job.task)) large.push(job);
      else {
        this.#doneHere += countOf(job.task);
        this.#settle(job, performTask(job.task, this.#context));
      }
    }
    this.#context.rest();
    const rest = this.#queue.slice(at);
    this.#queue = [...large, ...rest];
    if (rest.length > 0) this.#schedule();
  }

  #startThreads(): void {
    const count = Math.max(2, Math.min(availableParallelism(), 3));
    for (let i = 1; i <= count; i++) {
      const data: FileWorkerData = { by: thisProcess(), thread: String(i) };
      const member: Member = { worker: startThread('file-worker', { workerData: data }), ready: false, batches: [] };
      member.worker.on('message', (message: FromFileWorker) => this.#receive(member, message));
      member.worker.on('error', (error) => this.#lose(member, error));
      for (const { handle } of this.#roots.values()) send(member.worker, { add: handle });
      this.#members.push(member);
    }
  }

  #receive(member: Member, message: FromFileWorker): void {
    // A thread that is being ended must keep the process until it has: no `unref` any more.
    if (!this.#members.includes(member)) return;
    if ('ready' in message) {
      member.ready = true;
      member.worker.unref();
    } else {
      const batch = member.batches.shift() ?? [];
      if (member.batches.length === 0) member.worker.unref();
      const results = receivedResults(message);
      for (const [i, job] of batch.entries()) this.#settle(job, results[i] as TaskResult);
    }
    if (this.#queue.length > 0) this.#schedule();
  }

  #dispatch(): void {
    for (let ahead = 0; ahead < BATCHES_AHEAD; ahead++) {
      for (const member of this.#members) {
        if (this.#queue.length === 0) return;
        if (!member.ready || member.batches.length > ahead) continue;
        const batch = this.#queue.splice(0, batchLength(this.#queue, this.#freePlaces()));
        member.batches.push(batch);
        member.worker.ref();
        send(member.worker, { tasks: JSON.stringify(batch.map((job) => job.task)) });
      }
    }
  }

  #freePlaces(): number {
    return this.#members.reduce((sum, member) => sum + (member.ready ? BATCHES_AHEAD - member.batches.length : 0), 0);
  }

  /** A thread that dies (out of memory) takes its tasks along; whether they were done is found out by the next run. */
  #lose(member: Member, error: Error): void {
    this.#members = this.#members.filter((other) => other !== member);
    if (!member.ready) this.#alone = true;
    for (const job of member.batches.flat()) {
      this.#settle(job, { error: { code: 'failed', path: job.task.path, message: `a worker thread died: ${error.message}` } });
    }
    if (this.#queue.length > 0) this.#schedule();
  }
}

/** A share of the queue, up to the end of a directory, and not many large files behind one another. */
function batchLength(queue: readonly Job[], places: number): number {
  const share = Math.min(BATCH_TASKS, Math.ceil(weightOf(queue) / Math.max(1, places)));
  let bytes = 0;
  let count = 0;
  let directory: string | undefined;
  for (let i = 0; i < queue.length; i++) {
    const { task } = queue[i] as Job;
    bytes += bytesOf(task);
    const parent = parentOf(task.path);
    if (i > 0 && bytes > BATCH_BYTES) return i;
    if (count >= LONGEST_BATCH_TASKS || (count >= share && parent !== directory)) return i;
    count += countOf(task);
    if (isBatch(task) && count >= share) return i + 1;
    directory = parent;
  }
  return queue.length;
}

function weightOf(queue: readonly Job[]): number {
  return queue.reduce((sum, { task }) => sum + countOf(task), 0);
}

/** Files. */
function countOf(task: FileTask): number {
  return isBatch(task) ? task.count : 1;
}

function bytesOf(task: FileTask): number {
  return isBatch(task) ? task.bytes : task.op === 'copy' ? (task.size ?? 0) : 0;
}

function isBatch(task: FileTask): task is CopyNewTask | PackTask {
  return task.op === 'copy-new' || task.op === 'pack';
}

function isLarge(task: FileTask): boolean {
  return isBatch(task) ? task.bytes > LARGE_BYTES : task.op === 'copy' && (task.size ?? Number.POSITIVE_INFINITY) > BUFFER_BYTES;
}

function send(worker: Worker, message: ToFileWorker): void {
  worker.postMessage(message);
}
