import type { Worker } from 'node:worker_threads';
import type { WireThrown } from '../../sdk/protocol.ts';
import { parseThrown } from './parse-message.ts';
import { ScriptError, type ScriptErrorCode } from './script-error.ts';
import type { ScriptEnd, ScriptRun } from './script-host.ts';
import { ScriptMap } from './script-map.ts';
import { crashed, ScriptTalk } from './script-talk.ts';
import { watchTurns } from './watchdog.ts';
import { type FromWorker, messageSize, SHARED, SHARED_BYTES, type ToWorker, type WorkerEnd } from './worker-messages.ts';

/** Bytes of larger messages are given away: the first buffer that a thread gives away makes it throw away all optimized code that looks into buffers. */
const MOST_COPIED = 1024 * 1024;

/** One script's life as the host's thread sees it: messages in and out, watchdog, and the one end. */
export class ScriptSession {
  readonly ended: Promise<ScriptEnd>;
  readonly #run: ScriptRun;
  readonly #worker: Worker;
  readonly #map: ScriptMap;
  readonly #talk: ScriptTalk;
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  #stopWatching: () => void = () => undefined;
  #resolve: (end: ScriptEnd) => void = () => undefined;
  #over = false;
  /** Characters and bytes of messages that the script has not been given yet. */
  #untaken = 0;

  constructor(run: ScriptRun, worker: Worker) {
    this.#run = run;
    this.#worker = worker;
    this.#map = new ScriptMap(run.bundle.map);
    this.#talk = new ScriptTalk({
      host: run.host,
      stacks: this.#map,
      post: (text, bytes) => this.#send(text, bytes),
      fail: (error) => this.#fail(error),
    });
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** `end`: see `PreparedSandbox`. */
  start(end: { readonly cause: unknown } | undefined): void {
    const { bundle, facts, limits, checkLeaks = false } = this.#run;
    const shared = this.#shared.buffer as SharedArrayBuffer;
    this.#worker.ref();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', () => this.#died(undefined));
    this.#stopWatching = watchTurns(this.#shared, limits.turnMs, () =>
      this.#fail(this.#timeout([this.#talk.lastStack], ', in one operation that cannot be interrupted, after this')),
    );
    this.#post({ kind: 'run', code: bundle.code, facts: JSON.stringify(facts), limits, shared, checkLeaks });
    if (end !== undefined) this.#died(end.cause);
  }

  /** The first end counts. */
  end(end: ScriptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopWatching();
    this.#talk.end(end.end === 'failed' ? end.error : new ScriptError('crashed', 'the script has ended'));
    this.#resolve(end);
  }

  async callsSettled(): Promise<void> {
    await this.#talk.callsSettled();
  }

  #receive(message: FromWorker): void {
    if (this.#over) return;
    switch (message.kind) {
      case 'message':
        this.#take(message.text, message.bytes);
        break;
      case 'taken':
        this.#countUntaken(-message.size);
        break;
      case 'end':
        this.#workerEnded(message.end);
        break;
    }
  }

  /** A script that says more than is done of it waits. */
  #take(text: string, bytes: Uint8Array | undefined): void {
    const size = messageSize(text, bytes);
    const done = () => {
      Atomics.sub(this.#shared, SHARED.unread, size);
      Atomics.notify(this.#shared, SHARED.unread);
    };
    const work = this.#talk.take(text, bytes);
    if (work === undefined) done();
    else void work.then(done);
  }

  #send(text: string, bytes: Uint8Array<ArrayBuffer> | undefined): void {
    this.#countUntaken(messageSize(text, bytes));
    this.#post(
      { kind: 'message', text, ...(bytes === undefined ? {} : { bytes }) },
      bytes !== undefined && bytes.length > MOST_COPIED ? [bytes.buffer] : [],
    );
  }

  #countUntaken(size: number): void {
    this.#untaken += size;
    this.#run.host.setUntaken(this.#untaken);
  }

  #workerEnded(end: WorkerEnd): void {
    switch (end.end) {
      case 'finished':
        this.end(end);
        break;
      case 'thrown':
        this.#takeThrown(end.thrown);
        break;
      case 'timeout':
        this.#fail(this.#timeout(end.stacks, ''));
        break;
      case 'crashed':
        this.#crashed(end.detail);
        break;
    }
  }

  /** The script may have put functions of its own in the place of those that word its end. */
  #takeThrown(value: unknown): void {
    try {
      this.#thrown(parseThrown(value));
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      this.#fail(error);
    }
  }

  #thrown(thrown: WireThrown): void {
    this.end(this.#talk.thrownEnd(thrown, this.#wording(thrown)));
  }

  /** The engine's own errors have no code; their wording is known here and nowhere else. */
  #wording({ name, message }: WireThrown): [ScriptErrorCode, string] {
    const megabytes = Math.round(this.#run.limits.memoryBytes / 2 ** 20);
    if (name === 'InternalError' && message.endsWith('out of memory'))
      return ['memory', `the script needs more memory than the ${megabytes} MB it may have (--script-memory)`];
    if (name === 'RangeError' && message.endsWith('Maximum call stack size exceeded'))
      return ['stack', 'functions of the script call one another too deeply (an endless recursion?)'];
    if (name === 'StuckError') return ['stuck', message.replace(/^StuckError: /, '')];
    if (name === 'NothingToRun') return ['nothing-to-run', message.replace(/^NothingToRun: /, '')];
    return ['thrown', this.#map.translate(message)];
  }

  #timeout(stacks: readonly string[], detail: string): ScriptError {
    const seconds = this.#run.limits.turnMs / 1000;
    const frames = stacks.map((stack) => this.#map.frames(stack)).find(({ length }) => length > 0);
    return new ScriptError(
      'timeout',
      `the script did not give control back within ${seconds} s (--script-timeout)${detail || ', here or in the lines after'}`,
      frames,
    );
  }

  /** Also at the usual end. */
  #died(error: unknown): void {
    if (this.#over) return;
    const full = (error as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (full) this.#thrown({ name: 'InternalError', message: 'out of memory', stack: this.#talk.lastStack });
    else this.#crashed(error);
  }

  /** Where the script was last heard of is not where it broke down, but not far before. */
  #crashed(cause: unknown): void {
    this.#fail(crashed(cause, this.#map.frames(this.#talk.lastStack)));
  }

  #fail(error: ScriptError): void {
    this.end({ end: 'failed', error, cause: undefined });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
