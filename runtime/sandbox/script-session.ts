import type { Worker } from 'node:worker_threads';
import type { HostNote, HostReply, ToScript, WireThrown } from '../../sdk/protocol.ts';
import { HookCalls } from './hook-calls.ts';
import { type Asked, type ParsedCall, parseMessage, parseThrown } from './parse-message.ts';
import { ScriptError, type ScriptErrorCode } from './script-error.ts';
import { ScriptCallError, type ScriptEnd, type ScriptRun } from './script-host.ts';
import { ScriptMap } from './script-map.ts';
import { watchTurns } from './watchdog.ts';
import { type FromWorker, SHARED, SHARED_BYTES, type ToWorker, type WorkerEnd } from './worker-messages.ts';

/** One script's life as the host's thread sees it: messages in and out, watchdog, and the one end. */
export class ScriptSession {
  readonly ended: Promise<ScriptEnd>;
  readonly #run: ScriptRun;
  readonly #worker: Worker;
  readonly #map: ScriptMap;
  readonly #hooks: HookCalls;
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  readonly #calls = new Set<Promise<void>>();
  /** Errors that calls were answered with, by the call's id. */
  readonly #callErrors = new Map<number, ScriptCallError>();
  #lastStack = '';
  #stopWatching: () => void = () => undefined;
  #resolve: (end: ScriptEnd) => void = () => undefined;
  #over = false;

  constructor(run: ScriptRun, worker: Worker) {
    this.#run = run;
    this.#worker = worker;
    this.#map = new ScriptMap(run.bundle.map);
    this.#hooks = new HookCalls(this.#map, (call) => this.#send({ type: 'hook', ...call }));
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  start(): void {
    const { bundle, facts, limits } = this.#run;
    this.#worker.ref();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', () => this.#died(undefined));
    this.#stopWatching = watchTurns(this.#shared, limits.turnMs, () =>
      this.#fail(this.#timeout([this.#lastStack], ', in one operation that cannot be interrupted, after this')),
    );
    this.#post({ kind: 'run', code: bundle.code, facts: JSON.stringify(facts), limits, shared: this.#shared.buffer as SharedArrayBuffer });
  }

  /** The first end counts. */
  end(end: ScriptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopWatching();
    this.#hooks.end(end.end === 'failed' ? end.error : new ScriptError('crashed', 'the script has ended'));
    this.#resolve(end);
  }

  async callsSettled(): Promise<void> {
    await Promise.all(this.#calls);
  }

  #receive(message: FromWorker): void {
    if (this.#over) return;
    if (message.kind === 'end') this.#workerEnded(message.end);
    else this.#take(message.text);
  }

  #take(text: string): void {
    Atomics.sub(this.#shared, SHARED.unread, text.length);
    Atomics.notify(this.#shared, SHARED.unread);
    try {
      this.#handle(text);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      this.#fail(error);
    }
  }

  #handle(text: string): void {
    const message = parseMessage(text);
    if (message.type === 'note') {
      this.#note(message);
    } else if (message.type === 'answer') {
      this.#hooks.answer(message);
    } else {
      this.#lastStack = message.stack;
      const call = this.#call(message).finally(() => this.#calls.delete(call));
      this.#calls.add(call);
    }
  }

  async #call({ id, stack, asked }: ParsedCall): Promise<void> {
    const placeOf = (text: string) => this.#map.frames(text)[0];
    const place = () => placeOf(stack) ?? placeOf(definitionIn(asked));
    try {
      const value = await this.#run.host.call(
        asked.kind === 'sync' ? { ...asked, place, placeOf, hooks: this.#hooks } : { ...asked, place, placeOf },
      );
      this.#send({ type: 'reply', id, ok: true, value: value as Extract<HostReply, { ok: true }>['value'] });
    } catch (error) {
      if (!(error instanceof ScriptCallError)) {
        this.#fail(error instanceof ScriptError ? error : crashed(error));
        return;
      }
      const at = place();
      if (at !== undefined) error.fillLine(`${baseName(at.file)}:${at.line}:${at.column}`);
      this.#callErrors.set(id, error);
      this.#send({ type: 'reply', id, ok: false, error: error.error });
    }
  }

  #note(note: HostNote): void {
    const { host } = this.#run;
    if (note.note === 'log') {
      host.log(note.level, this.#map.translate(note.message));
      return;
    }
    if (note.note === 'simulation') {
      host.simulate();
      return;
    }
    const [place] = this.#map.frames(note.stack);
    const where = place ? ` (${baseName(place.file)}:${place.line}:${place.column})` : '';
    host.log('warn', `${note.method} was not awaited${where}: it was waited for at the end; write "await ${note.method}(…)"`);
  }

  #workerEnded(end: WorkerEnd): void {
    switch (end.end) {
      case 'finished':
        this.end(end);
        break;
      case 'thrown':
        this.#thrown(parseThrown(end.thrown));
        break;
      case 'timeout':
        this.#fail(this.#timeout(end.stacks, ''));
        break;
      case 'crashed':
        this.#fail(crashed(end.detail));
        break;
    }
  }

  #thrown(thrown: WireThrown): void {
    const error = new ScriptError(...this.#wording(thrown), this.#map.frames(thrown.stack));
    this.end({ end: 'failed', error, cause: thrown.call === undefined ? undefined : this.#callErrors.get(thrown.call) });
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

  #died(error: unknown): void {
    const full = (error as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (full) this.#thrown({ name: 'InternalError', message: 'out of memory', stack: this.#lastStack });
    else this.#fail(crashed(error));
  }

  #fail(error: ScriptError): void {
    this.end({ end: 'failed', error, cause: undefined });
  }

  #send(message: ToScript): void {
    if (!this.#over) this.#post({ kind: 'message', text: JSON.stringify(message) });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** The stack at `defineProject`, for what runs a project by itself. */
function definitionIn(asked: Asked): string {
  return asked.kind === 'sync' && asked.request.target.kind === 'project' ? (asked.request.target.definedAt ?? '') : '';
}

/** What went wrong is a defect of this program; its words stay in `cause`. */
function crashed(cause: unknown): ScriptError {
  const error = new ScriptError('crashed', 'the sandbox of the script has broken down; this is a defect of sxrun, please report it');
  error.cause = cause;
  return error;
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
