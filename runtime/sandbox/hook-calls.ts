import type { Collision, CollisionChoice, FilterVerdict } from '../../sdk/project.ts';
import type { FilterBatchCall, HookCall, HookReply, WireCollision, WireThrown } from '../../sdk/protocol.ts';
import { ScriptError, type Stacks } from './script-error.ts';
import type { ScriptHooks } from './script-host.ts';

type Unnumbered<Call> = Call extends unknown ? Omit<Call, 'id'> : never;
type Questions = Parameters<ScriptHooks['filter']>[1];
type Holder = Collision['at'][number];
type Send = (call: HookCall, bytes?: Uint8Array<ArrayBuffer>) => void;

interface Waiting {
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

  async filter(callback: number, questions: Questions): Promise<readonly FilterVerdict[]> {
    if (questions.length === 0) return [];
    const reply = await this.#ask(...filterBatch(callback, questions));
    if (reply.hook !== 'filter' || reply.verdicts.length !== questions.length) throw wrongAnswer();
    return Array.from(reply.verdicts, verdictOf);
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
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, ...call } as HookCall, bytes);
    });
    if (reply.hook === 'failed') throw this.#failure(reply.error);
    return reply;
  }

  /** The place is in the message too: on its way through the engine the error may become a text. */
  #failure({ message, stack }: WireThrown): ScriptError {
    const frames = this.#stacks.frames(stack);
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

function filterBatch(callback: number, questions: Questions): [Unnumbered<FilterBatchCall>, Uint8Array<ArrayBuffer>] {
  const count = questions.length;
  const roots = questions[0]?.entry.at.length ?? 0;
  const numbers = new Float64Array(2 * (roots + 1) * count).fill(Number.NaN);
  const kinds: string[] = [];
  for (let row = 0; row <= roots; row++) {
    let letters = '';
    for (let index = 0; index < count; index++) {
      const entry = questions[index]?.entry;
      const holder = row === 0 ? entry : entry?.at[row - 1];
      letters += holder ? holder.kind.charAt(0) : '-';
      if (holder?.size !== undefined) numbers[2 * row * count + index] = holder.size;
      if (holder?.modified !== undefined) numbers[(2 * row + 1) * count + index] = holder.modified.getTime();
    }
    kinds.push(letters);
  }
  return [{ hook: 'filter', callback, paths: questions.map(({ path }) => path), kinds }, new Uint8Array(numbers.buffer)];
}

function verdictOf(letter: string): FilterVerdict {
  if (letter === 'x') return 'exclude';
  if (letter === 'i') return 'include';
  if (letter !== '-') throw wrongAnswer();
  return undefined;
}

function wrongAnswer(): ScriptError {
  return new ScriptError('protocol', 'the script answered a question that was not asked');
}
