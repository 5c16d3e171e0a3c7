import { Scope, type QuickJSContext, type QuickJSHandle, type QuickJSRuntime, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import type { WireThrown } from '../../sdk/protocol.ts';
import type { Bridge, Ways } from './guest/bridge.ts';
import type { GuestMemory } from './guest-memory.ts';
import { callNative } from './natives.ts';
import type { ScriptLimits } from './script-host.ts';
import type { TurnClock } from './turn-clock.ts';
import { SCRIPT_NAME } from './worker-messages.ts';

/** What the guest's code tells the worker, except for the pure natives. */
export interface GuestEvents extends Pick<Bridge, 'setTimer' | 'clearTimer'> {
  send(text: string, bytes: Uint8Array | undefined): void;
  /** Empty when the top level has ended well. */
  finish(thrown: string): void;
}

/** QuickJS, and the memory that it was made with. */
export interface Engine {
  readonly quickjs: QuickJSWASMModule;
  readonly memory: GuestMemory;
}

/** How often a script that is to be stopped is asked where it is. */
const LOOKS = 50;
const LOOK_NAME = 'sandbox:look';

/** As the engine words it. */
export const OUT_OF_MEMORY: WireThrown = { name: 'InternalError', message: 'InternalError: out of memory', stack: '' };

function outOfMemory(): Error {
  const error = new Error('out of memory');
  error.name = 'InternalError';
  return error;
}

/** What the engine reported, no matter whether it is an Error. */
export class GuestThrew extends Error {
  override readonly name = 'GuestThrew';
  readonly thrown: WireThrown;
  constructor(thrown: WireThrown) {
    super(thrown.message);
    this.thrown = thrown;
  }
}

/** One QuickJS runtime with one script in it. All handles are released in `dispose`, which throws when one was leaked. */
export class GuestRuntime {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #clock: TurnClock;
  readonly #memory: GuestMemory;
  readonly #ways = new Map<string, QuickJSHandle>();
  /** Stacks of the moments after the limit was passed. */
  readonly #stacks: string[] = [];
  #isLooking = false;
  /** The prelude and what the SDK does before any of the script's modules runs are done: on a busy machine they alone may take as long as a short limit. */
  #isScripts = false;

  constructor({ quickjs, memory }: Engine, limits: ScriptLimits, clock: TurnClock) {
    this.#clock = clock;
    this.#memory = memory;
    memory.limitTo(limits.memoryBytes);
    this.#runtime = quickjs.newRuntime();
    this.#runtime.setMemoryLimit(limits.memoryBytes);
    this.#runtime.setMaxStackSize(limits.stackBytes);
    this.#runtime.setInterruptHandler(() => this.#isToStop());
    const context = this.#runtime.newContext();
    this.#context = context;
    // When the engine's memory grows during a promise job, the library no longer sees whose job it was, and makes a context that nobody disposes of
    // (quickjs-emscripten, issue 240). There is only this one.
    this.#runtime.newContext = () => context;
  }

  /** Puts the bridge into the guest's world and evaluates the script's code. */
  evaluate(code: string, facts: string, events: GuestEvents): void {
    const context = this.#context;
    Scope.withScope((scope) => {
      const bridge = scope.manage(context.newObject());
      context.setProp(bridge, 'facts', scope.manage(this.#valueOf(facts)));
      const offer = <Name extends keyof GuestEvents | 'native'>(name: Name, call: (...texts: string[]) => unknown) => {
        const wrapped = context.newFunction(name, (...handles) => {
          const answer = call(...handles.map((handle) => context.getString(handle)));
          return typeof answer === 'string' ? this.#valueOf(answer) : context.undefined;
        });
        context.setProp(bridge, name, scope.manage(wrapped));
      };
      const send = context.newFunction('send', (text, ...part) => {
        // A text that the engine has no memory to hand out comes as an empty one.
        const message = text === undefined ? '' : context.getString(text);
        if (message === '') throw outOfMemory();
        events.send(message, this.#copyOf(part));
      });
      context.setProp(bridge, 'send', scope.manage(send));
      offer('setTimer', (number, ms) => events.setTimer(Number(number), Number(ms)));
      offer('clearTimer', (number) => events.clearTimer(Number(number)));
      offer('finish', (thrown) => events.finish(thrown === '' ? JSON.stringify(OUT_OF_MEMORY) : (thrown ?? '')));
      offer('native', (name = '', args = '') => callNative(name, args));
      context.setProp(bridge, 'offer', scope.manage(context.newFunction('offer', (ways) => this.#keep(ways))));
      context.setProp(context.global, 'sxrunBridge', bridge);
    });
    this.#clock.run(() => {
      this.#unwrap(context.evalCode(code, SCRIPT_NAME, { type: 'global', strict: true })).dispose();
      this.#drain();
    });
  }

  /** Calls a way into the guest and runs all jobs that follow. Absence of the way: undefined. */
  call(way: keyof Ways, ...args: readonly (string | number | Uint8Array<ArrayBuffer>)[]): string | number | undefined {
    const target = this.#ways.get(way);
    if (!target) return undefined;
    const context = this.#context;
    return this.#clock.run(() =>
      Scope.withScope((scope) => {
        const handles = args.map((arg) => scope.manage(this.#valueOf(arg)));
        const result = scope.manage(this.#unwrap(context.callFunction(target, context.undefined, handles)));
        const kind = context.typeof(result);
        const value = kind === 'string' ? context.getString(result) : kind === 'number' ? context.getNumber(result) : undefined;
        this.#drain();
        return value;
      }),
    );
  }

  /** Where the script was when its time was up: stacks of several moments, for not every one shows a line of the script. */
  get stacksAtLimit(): readonly string[] {
    return this.#stacks;
  }

  dispose(): void {
    for (const way of this.#ways.values()) way.dispose();
    this.#ways.clear();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  /**
   * An interrupted job of a promise is gone, and may not have begun when it is interrupted: so the script runs on for a few more looks, in which it is asked from inside
   * where it is. The loop moves the next look to another place of what the script repeats.
   */
  #isToStop(): boolean {
    if (this.#isLooking || !this.#isScripts || !this.#clock.tick()) return false;
    if (this.#stacks.length >= LOOKS) return true;
    this.#isLooking = true;
    this.#clock.tellAlive();
    const result = this.#context.evalCode(`for (let i = 0; i < ${37 * this.#stacks.length}; i++); new Error().stack`, LOOK_NAME);
    const stack = result.error ? '' : this.#context.getString(result.value);
    result.dispose();
    this.#stacks.push(stack);
    this.#isLooking = false;
    return false;
  }

  #valueOf(value: string | number | Uint8Array<ArrayBuffer>): QuickJSHandle {
    const context = this.#context;
    if (typeof value === 'number') return context.newNumber(value);
    const handle = this.#memory.forHost(() => (typeof value === 'string' ? context.newString(value) : context.newArrayBuffer(value.buffer)));
    if (!this.#memory.isOverfull && context.typeof(handle) === (typeof value === 'string' ? 'string' : 'object')) return handle;
    handle.dispose();
    throw new GuestThrew(OUT_OF_MEMORY);
  }

  /** A copy of the part of an ArrayBuffer that the guest names: buffer, first byte, length. */
  #copyOf([buffer, ...place]: readonly QuickJSHandle[]): Uint8Array | undefined {
    if (buffer === undefined) return undefined;
    const [from = 0, length = 0] = place.map((handle) => this.#context.getNumber(handle));
    if (length === 0) return new Uint8Array(0);
    using copy = this.#memory.forHost(() => this.#context.getArrayBuffer(buffer));
    if (!(from >= 0 && length > 0 && from + length <= copy.value.length)) throw new RangeError('no such part of a buffer');
    return copy.value.slice(from, from + length);
  }

  #keep(ways: QuickJSHandle): void {
    const names: readonly (keyof Ways)[] = ['receive', 'fireTimer', 'takeRejection', 'pendingCalls', 'stuck', 'ended'];
    for (const name of names) {
      const way = this.#context.getProp(ways, name);
      if (this.#context.typeof(way) === 'function' && !this.#ways.has(name)) this.#ways.set(name, way);
      else way.dispose();
    }
    if (this.#isScripts || !this.#ways.has('receive')) return;
    this.#isScripts = true;
    this.#clock.restart();
  }

  #drain(): void {
    const result = this.#runtime.executePendingJobs();
    if (result.error) this.#throw(result.error.context ?? this.#context, result.error);
    result.dispose();
  }

  #unwrap(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (result.error) this.#throw(this.#context, result.error);
    return result.value;
  }

  #throw(context: QuickJSContext, error: QuickJSHandle): never {
    const text = (name: string) =>
      context.getProp(error, name).consume((value) => (context.typeof(value) === 'string' ? context.getString(value) : ''));
    try {
      const isObject = context.typeof(error) === 'object';
      const name = isObject ? text('name') : '';
      const message = isObject ? text('message') : context.getString(error);
      throw new GuestThrew({ name, message: name && message ? `${name}: ${message}` : name || message, stack: isObject ? text('stack') : '' });
    } finally {
      error.dispose();
    }
  }
}
