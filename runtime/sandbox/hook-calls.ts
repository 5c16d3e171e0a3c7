import type { FilterQuestions, FilterVerdicts } from '../../sdk/filter-protocol.ts';
import type { Collision, CollisionChoice } from '../../sdk/project.ts';
import type { HookCall, HookReply, WireCollision, WireThrown } from '../../sdk/protocol.ts';
import { ScriptError, type Stacks } from './script-error.ts';
import type { ScriptHooks } from './script-host.ts';

type Unnumbered<Call> = Call extends unknown ? Omit<Call, 'id'> : never;
type Holder = Collision['at'][number];
type Send = (call: HookCall, bytes?: Uint8Array<ArrayBuffer>) => void;

interface Waiting {
  readonly callback: number;
  resolve(reply: HookReply): void;
  reject(error: ScriptError): void;
}

/** The host's questions to callbacks of the script that are not answered yet. */
export class HookCalls implements ScriptHooks {
  readonly #stacks: Stacks;
  readonly #send: Send;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #over: ScriptError | undefined;

  constructor(stacks: Stacks, send: Send) {
    this.#stacks = stacks;
    this.#send = send;
  }

  async filter(callback: number, { holders, ...texts }: FilterQuestions): Promise<FilterVerdicts> {
    const after = this.#lastWaiting(callback);
    const bytes = new Uint8Array(holders.buffer as ArrayBuffer, holders.byteOffset, holders.byteLength);
    const reply = await this.#ask({ hook: 'filter', callback, ...texts, ...(after === undefined ? {} : { after }) }, bytes);
    const count = texts.counts.reduce((sum, one) => sum + one, 0);
    if (reply.hook !== 'filter' || reply.verdicts.length !== count || !VERDICTS.test(reply.verdicts)) throw wrongAnswer();
    return reply.verdicts;
  }

  async collision(callback: number, collision: Collision): Promise<CollisionChoice> {
    const reply = await this.#ask({ hook: 'collision', callback, collision: wireCollision(collision) });
    if (reply.hook !== 'collision') throw wrongAnswer();
    return reply.choice;
  }

  /** Throws ScriptError for an answer to what was not asked, or not any more. */
  answer(reply: HookReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) throw wrongAnswer();
    this.#waiting.delete(reply.id);
    waiting.resolve(reply);
  }

  /** The script is no more: all that is asked is refused with that error. */
  end(error: ScriptError): void {
    this.#over ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  async #ask(call: Unnumbered<HookCall>, bytes?: Uint8Array<ArrayBuffer>): Promise<Exclude<HookReply, { hook: 'failed' }>> {
    if (this.#over) throw this.#over;
    const id = ++this.#lastId;
    const reply = await new Promise<HookReply>((resolve, reject) => {
      this.#waiting.set(id, { callback: call.callback, resolve, reject });
      this.#send({ id, ...call } as HookCall, bytes);
    });
    if (reply.hook === 'failed') throw this.#failure(reply.error, reply.definedAt);
    return reply;
  }

  /** The last question to that callback that is not answered. */
  #lastWaiting(callback: number): number | undefined {
    return [...this.#waiting].findLast(([, waiting]) => waiting.callback === callback)?.[0];
  }

  /** The place is in the message too: on its way through the engine the error may become a text. */
  #failure({ message, stack }: WireThrown, definedAt: string): ScriptError {
    const thrownAt = this.#stacks.frames(stack);
    const frames = thrownAt.length > 0 ? thrownAt : this.#stacks.frames(definedAt);
    const [place] = frames;
    const where = place ? ` (${place.file.replace(/^.*[/\\]/, '')}:${place.line}:${place.column})` : '';
    return new ScriptError('callback', message + where, frames);
  }
}

/** A collision as it crosses the wall. */
export function wireCollision(collision: Collision): WireCollision {
  return { ...collision, at: collision.at.map((holder) => holder && withMs(holder)) };
}

function withMs({ modified, ...holder }: NonNullable<Holder>): NonNullable<WireCollision['at'][number]> {
  return modified === undefined ? holder : { ...holder, modified: modified.getTime() };
}

const VERDICTS = /^[xi-]*$/;

function wrongAnswer(): ScriptError {
  return new ScriptError('protocol', 'the script answered a question that was not asked');
}
