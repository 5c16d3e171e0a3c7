import type { WireThrown } from '../../sdk/protocol.ts';
import type { GuestMemory } from './guest-memory.ts';
import { type Engine, GuestRuntime, GuestThrew, OUT_OF_MEMORY } from './guest-runtime.ts';
import { TurnClock } from './turn-clock.ts';
import { type FromWorker, MAX_MESSAGE, MAX_UNREAD, messageSize, SHARED, TELL_TAKEN, type WorkerEnd, type WorkerRun } from './worker-messages.ts';

/** One script's life in the worker: evaluates it, passes messages, fires its timers, and sees when it has ended. */
export class ScriptThread {
  readonly #shared: Int32Array;
  readonly #clock: TurnClock;
  readonly #guest: GuestRuntime;
  readonly #post: (message: FromWorker) => void;
  readonly #checksLeaks: boolean;
  readonly #memory: GuestMemory;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** How the top level ended: empty when well; undefined while it runs. */
  #finished: string | undefined;
  #toldStuck = false;
  /** Taken by the script and not told yet. */
  #taken = 0;
  #over = false;

  constructor(engine: Engine, run: WorkerRun, post: (message: FromWorker) => void) {
    this.#post = post;
    this.#shared = new Int32Array(run.shared);
    this.#clock = new TurnClock(this.#shared, run.limits.turnMs);
    this.#memory = engine.memory;
    this.#checksLeaks = run.checkLeaks;
    this.#guest = new GuestRuntime(engine, run.limits, this.#clock);
  }

  start(run: WorkerRun): void {
    this.#turn(() =>
      this.#guest.evaluate(run.code, run.facts, {
        send: (text, bytes) => this.#send(text, bytes as Uint8Array<ArrayBuffer> | undefined),
        setTimer: (number, ms) => this.#setTimer(number, ms),
        clearTimer: (number) => this.#clearTimer(number),
        finish: (thrown) => {
          this.#finished ??= thrown;
        },
      }),
    );
  }

  receive(text: string, bytes: Uint8Array<ArrayBuffer> | undefined): void {
    this.#taken += messageSize(text, bytes);
    this.#turn(() => this.#guest.call('receive', text, ...(bytes === undefined ? [] : [bytes])));
    if (this.#taken < TELL_TAKEN) return;
    this.#post({ kind: 'taken', size: this.#taken });
    this.#taken = 0;
  }

  /** Runs code of the script, then looks whether that was its end. */
  #turn(run: () => void): void {
    if (this.#over) return;
    try {
      run();
      const end = this.#clock.expired ? this.#timeout('') : this.#endOf();
      if (end) this.#end(end);
    } catch (error) {
      this.#end(this.#endBy(error));
    }
  }

  /** undefined: the script is still waiting for something. */
  #endOf(): WorkerEnd | undefined {
    if (this.#finished) return this.#thrown(JSON.parse(this.#finished) as WireThrown);
    const rejection = this.#guest.call('takeRejection');
    if (rejection) return this.#thrown(JSON.parse(String(rejection)) as WireThrown);
    if (this.#timers.size > 0 || (this.#guest.call('pendingCalls') ?? 0) !== 0) return undefined;
    if (this.#finished === '') {
      this.#guest.call('ended');
      return { end: 'finished' };
    }
    if (this.#toldStuck)
      return { end: 'thrown', thrown: { name: 'StuckError', message: 'the script awaits something that can never happen', stack: '' } };
    this.#toldStuck = true;
    this.#guest.call('stuck');
    return this.#endOf();
  }

  /** The engine throws null when there is no memory left for an error. */
  #thrown(thrown: WireThrown): WorkerEnd {
    const isNull = thrown.name === '' && thrown.message.endsWith('null');
    return { end: 'thrown', thrown: isNull && this.#memory.wasRefused ? OUT_OF_MEMORY : thrown };
  }

  #timeout(stack: string): WorkerEnd {
    return { end: 'timeout', stacks: [...this.#guest.stacksAtLimit, stack] };
  }

  #endBy(error: unknown): WorkerEnd {
    if (this.#clock.expired) return this.#timeout(error instanceof GuestThrew ? error.thrown.stack : '');
    if (error instanceof GuestThrew) return this.#thrown(error.thrown);
    if (error instanceof RangeError) return { end: 'thrown', thrown: { name: 'RangeError', message: 'Maximum call stack size exceeded', stack: '' } };
    return { end: 'crashed', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }

  #end(end: WorkerEnd): void {
    this.#over = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#post({ kind: 'end', end: end.end === 'finished' && this.#checksLeaks ? this.#checkLeaks(end) : end });
  }

  /** QuickJS itself notices a handle that was never released when it is taken down. */
  #checkLeaks(end: WorkerEnd): WorkerEnd {
    try {
      this.#guest.dispose();
      return end;
    } catch (error) {
      return { end: 'crashed', detail: `leak: ${String(error)}` };
    }
  }

  #send(text: string, bytes: Uint8Array<ArrayBuffer> | undefined): void {
    if (text.length > MAX_MESSAGE) throw new RangeError(`a message of ${text.length} characters is too long`);
    if (Atomics.load(this.#shared, SHARED.unread) > MAX_UNREAD) this.#clock.pause(() => this.#waitForHost());
    Atomics.add(this.#shared, SHARED.unread, messageSize(text, bytes));
    this.#post({ kind: 'message', text, ...(bytes === undefined ? {} : { bytes }) });
  }

  #waitForHost(): void {
    for (;;) {
      const unread = Atomics.load(this.#shared, SHARED.unread);
      if (unread <= MAX_UNREAD) return;
      Atomics.wait(this.#shared, SHARED.unread, unread);
    }
  }

  #setTimer(number: number, ms: number): void {
    this.#clearTimer(number);
    const fire = () => {
      this.#timers.delete(number);
      this.#turn(() => this.#guest.call('fireTimer', number));
    };
    this.#timers.set(number, setTimeout(fire, Math.min(ms, 2 ** 31 - 1)));
  }

  #clearTimer(number: number): void {
    clearTimeout(this.#timers.get(number));
    this.#timers.delete(number);
  }
}
