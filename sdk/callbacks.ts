import type { FilterCall, FilterVerdicts } from './filter-protocol.ts';
import { askAll } from './filter-round.ts';
import { formatValue, isError } from './format-value.ts';
import type { CollisionCallback, CollisionChoice, FilterCallback } from './project.ts';
import type { CollisionCall, HookCall, HookReply } from './protocol.ts';
import { collisionOf } from './sync-result.ts';
import { thrownOf } from './thrown.ts';

type AnyCallback = (...values: never[]) => unknown;
interface Registered {
  /** The option it was given as. */
  readonly option: string;
  readonly callback: AnyCallback;
  readonly owner: Callbacks;
}

const registered = new Map<number, Registered>();
let lastNumber = 0;
/** Questions that no answer has been given to yet. */
const open = new Set<{ readonly owner: Callbacks; refuse(): void }>();

/** The callbacks of one call to the host: numbered when the projects are serialized, forgotten when the call is answered. */
export class Callbacks {
  readonly #numbers: number[] = [];
  /** Batches of questions to filters that were not answered with verdicts, by id. */
  readonly #failed = new Set<number>();
  /** The batch that the callback has, while it is not answered. */
  #turn: Turn | undefined;

  add(option: string, callback: AnyCallback): number {
    const number = ++lastNumber;
    registered.set(number, { option, callback, owner: this });
    this.#numbers.push(number);
    return number;
  }

  forget(): void {
    for (const number of this.#numbers) registered.delete(number);
  }

  /** The host sends further batches before it has the answer to the first. They do not overlap, and what follows on one that failed is not asked any more. */
  async inTurn({ id, after }: FilterCall & { readonly id: number }, ask: () => FilterVerdicts | Promise<FilterVerdicts>): Promise<FilterVerdicts> {
    while (this.#turn !== undefined) await this.#turn.over;
    let turn: Turn | undefined;
    try {
      if (after !== undefined && this.#failed.has(after)) throw new WrongAnswer('the questions before failed', '');
      const verdicts = ask();
      if (typeof verdicts === 'string') return verdicts;
      turn = turnOf(id);
      this.#turn = turn;
      return await verdicts;
    } catch (error) {
      this.#failed.add(id);
      throw error;
    } finally {
      this.#end(turn);
    }
  }

  /** Nobody waits any more for the answer to that batch. */
  giveUp(id: number): void {
    this.#failed.add(id);
    if (this.#turn?.id === id) this.#end(this.#turn);
  }

  #end(turn: Turn | undefined): void {
    if (this.#turn === turn) this.#turn = undefined;
    turn?.end();
  }
}

interface Turn {
  readonly id: number;
  readonly over: Promise<void>;
  end(): void;
}

function turnOf(id: number): Turn {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { id, over, end };
}

/** Asks a callback what the host wants to know. Never rejects: what goes wrong is the answer. */
export function answerHook(call: HookCall, bytes?: Uint8Array): Promise<HookReply> {
  const found = registered.get(call.callback);
  if (!found) return Promise.resolve(failed(call.id, `callback ${call.callback} belongs to a call that is over`, ''));
  return new Promise((resolve) => {
    const refuse = () => {
      found.owner.giveUp(call.id);
      resolve(failed(call.id, `${found.option} waits for ${NEVER}`, placeOf(found.callback)));
    };
    const question = { owner: found.owner, refuse };
    open.add(question);
    void answered(call, found, bytes).then((reply) => {
      open.delete(question);
      resolve(reply);
    });
  });
}

const NEVER = 'something that can never happen: no other call and no timer is left to settle what it returned';

/**
 * To be called when the script has no timer left. Where each of its calls waits for a callback, nothing can settle what the callbacks wait for: that is their
 * answer then. (What only the next question to a callback would settle does not count: when that comes is not for a script to know.)
 */
export function refuseStuckCallbacks(pendingCalls: number): void {
  if (new Set([...open].map(({ owner }) => owner)).size < pendingCalls) return;
  for (const question of open) question.refuse();
  open.clear();
}

async function answered(call: HookCall, found: Registered, bytes: Uint8Array | undefined): Promise<HookReply> {
  try {
    if (call.hook === 'collision') return { id: call.id, hook: 'collision', choice: await choose(call, found) };
    return { id: call.id, hook: 'filter', verdicts: await found.owner.inTurn(call, () => filter(call, bytes, found)) };
  } catch (error) {
    if (error instanceof WrongAnswer) return failed(call.id, error.message, error.place);
    const { message, stack } = isError(error) ? thrownOf(error) : { message: formatValue(error), stack: '' };
    return failed(call.id, `${found.option} threw ${message}`, stack, placeOf(found.callback));
  }
}

function filter(call: FilterCall, bytes: Uint8Array | undefined, { option, callback }: Registered): FilterVerdicts | Promise<FilterVerdicts> {
  return askAll({ ...call, holders: numbersOf(bytes) }, callback as unknown as FilterCallback, (answer, path) =>
    refuse(option, callback, answer, `for ${formatValue(path)}; it gives true or 'exclude', 'include', or nothing`),
  );
}

function numbersOf(bytes: Uint8Array | undefined): Float64Array<ArrayBuffer> {
  return bytes ? new Float64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 8) : new Float64Array(0);
}

async function choose(call: CollisionCall, { option, callback }: Registered): Promise<CollisionChoice> {
  const collision = collisionOf(call.collision);
  const choice: unknown = await (callback as unknown as CollisionCallback)(collision);
  if (isChoice(choice, collision.at.length)) return choice;
  return refuse(
    option,
    callback,
    choice,
    `for ${formatValue(collision.path)}; it gives 'report', 'newest', 'keepBoth', 'skip' or { use: index of a root }`,
  );
}

function isChoice(choice: unknown, roots: number): choice is CollisionChoice {
  if (typeof choice !== 'object' || choice === null) return ['report', 'newest', 'keepBoth', 'skip'].includes(choice as string);
  const { use } = choice as { use?: unknown };
  return typeof use === 'number' && Number.isInteger(use) && use >= 0 && use < roots;
}

class WrongAnswer extends Error {
  readonly place: string;
  constructor(message: string, place: string) {
    super(message);
    this.place = place;
  }
}

function refuse(option: string, callback: AnyCallback, answer: unknown, wants: string): never {
  throw new WrongAnswer(`${option} gave ${formatValue(answer)} ${wants}`, placeOf(callback));
}

/** The line of the function itself, in the form of a stack; QuickJS tells it, other engines do not. */
function placeOf(callback: AnyCallback): string {
  const { fileName, lineNumber, columnNumber } = callback as unknown as { fileName?: unknown; lineNumber?: unknown; columnNumber?: unknown };
  return typeof fileName === 'string' ? `    at ${callback.name} (${fileName}:${String(lineNumber)}:${String(columnNumber)})` : '';
}

function failed(id: number, message: string, stack: string, definedAt = ''): HookReply {
  return { id, hook: 'failed', error: { name: '', message, stack }, definedAt };
}
