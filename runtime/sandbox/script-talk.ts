import type { HostMethod, HostMethods, HostNote, ToScript, WireThrown } from '../../sdk/protocol.ts';
import { HookCalls } from './hook-calls.ts';
import { type Asked, type ParsedCall, type ParsedMessage, parseMessage } from './parse-message.ts';
import { ScriptError, type ScriptErrorCode, type ScriptFrame, type Stacks } from './script-error.ts';
import { ScriptCallError, type ScriptEnd, type ScriptHost } from './script-host.ts';
import { messageSize } from './worker-messages.ts';

type WireReply = Exclude<HostMethods[HostMethod]['reply'], Uint8Array>;

export interface TalkOptions {
  readonly host: ScriptHost;
  readonly stacks: Stacks;
  /** Brings the script the JSON text of a `ToScript`, and the bytes that belong to it, which are given away. */
  post(text: string, bytes?: Uint8Array<ArrayBuffer>): void;
  /** What the script cannot be told of: it is to be ended with that. */
  fail(error: ScriptError): void;
}

/** How many errors are kept, so that it is known from which call one comes that the script does not catch. */
const MOST_ERRORS = 2_000;

/** What a script and its host say to each other: calls and notes come in, replies and questions go out. */
export class ScriptTalk {
  /** The stack of the last call; empty before the first. */
  lastStack = '';
  readonly #options: TalkOptions;
  readonly #hooks: HookCalls;
  readonly #calls = new Set<Promise<void>>();
  /** Errors that calls were answered with last, by the call's id. */
  readonly #callErrors = new Map<number, ScriptCallError>();
  #over = false;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#hooks = new HookCalls(options.stacks, (call, bytes) => this.#send({ type: 'hook', ...call }, bytes));
  }

  /** Takes the JSON text of a `FromScript`, and the bytes that belong to it. A promise where the script is to wait before it says much more: it resolves when all is done. */
  take(text: string, bytes?: Uint8Array): Promise<void> | undefined {
    try {
      return this.#handle(parseMessage(text, bytes), messageSize(text, bytes));
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      this.#options.fail(error);
      return undefined;
    }
  }

  /** Nothing is said any more; questions that are not answered are refused with that error. */
  end(error: ScriptError): void {
    this.#over = true;
    this.#hooks.end(error);
  }

  async callsSettled(): Promise<void> {
    await Promise.all(this.#calls);
  }

  /** The end of a script that threw, in these words. */
  thrownEnd(thrown: WireThrown, [code, message]: readonly [ScriptErrorCode, string]): ScriptEnd {
    const error = new ScriptError(code, message, this.#options.stacks.frames(thrown.stack));
    return { end: 'failed', error, cause: thrown.call === undefined ? undefined : this.#callErrors.get(thrown.call) };
  }

  #handle(message: ParsedMessage, size: number): Promise<void> | undefined {
    if (message.type === 'note') return this.#note(message);
    if (message.type === 'answer') {
      this.#hooks.answer(message);
      return undefined;
    }
    this.lastStack = message.stack;
    const call = this.#call(message, size).finally(() => this.#calls.delete(call));
    this.#calls.add(call);
    return isWriting(message.asked) ? call : undefined;
  }

  async #call({ id, stack, asked }: ParsedCall, size: number): Promise<void> {
    const placeOf = (text: string) => this.#options.stacks.frames(text)[0];
    const place = () => placeOf(stack) ?? placeOf(definitionIn(asked));
    try {
      const from = { place, placeOf, size };
      const value = await this.#options.host.call(asked.kind === 'sync' ? { ...asked, ...from, hooks: this.#hooks } : { ...asked, ...from });
      if (value instanceof Uint8Array) this.#send({ type: 'reply', id, ok: true, attached: true }, value as Uint8Array<ArrayBuffer>);
      else this.#send({ type: 'reply', id, ok: true, value: value as WireReply });
    } catch (error) {
      if (!(error instanceof ScriptCallError)) {
        this.#options.fail(error instanceof ScriptError ? error : crashed(error, this.#options.stacks.frames(stack)));
        return;
      }
      const at = place();
      if (at !== undefined) error.fillLine(`${baseName(at.file)}:${at.line}:${at.column}`);
      this.#keepError(id, error);
      this.#send({ type: 'reply', id, ok: false, error: error.error });
    }
  }

  /** A script may catch errors for days; the one that it does not catch is as a rule a late one. */
  #keepError(id: number, error: ScriptCallError): void {
    this.#callErrors.set(id, error);
    const [oldest] = this.#callErrors.keys();
    if (this.#callErrors.size > MOST_ERRORS && oldest !== undefined) this.#callErrors.delete(oldest);
  }

  #note(note: HostNote): Promise<void> | undefined {
    const { host, stacks } = this.#options;
    if (note.note === 'log') return host.log(note.level, stacks.translate(note.message));
    if (note.note === 'simulation') {
      host.simulate();
      return undefined;
    }
    const [place] = stacks.frames(note.stack);
    const where = place ? ` (${baseName(place.file)}:${place.line}:${place.column})` : '';
    return host.log('warn', `${note.method} was not awaited${where}: it was waited for at the end; write "await ${note.method}(…)"`);
  }

  #send(message: ToScript, bytes?: Uint8Array<ArrayBuffer>): void {
    if (!this.#over) this.#options.post(JSON.stringify(message), bytes);
  }
}

/** Comes in large pieces, and goes on whatever the script does: of such calls no more are taken than are done. */
export function isWriting({ method }: Pick<Asked, 'method'>): boolean {
  return method === 'xfile.writeText' || method === 'xfile.writeBytes' || method === 'xfile.appendText';
}

/** The stack at `defineProject`, for what runs a project by itself. */
function definitionIn(asked: Asked): string {
  return asked.kind === 'sync' && asked.request.target.kind === 'project' ? (asked.request.target.definedAt ?? '') : '';
}

/** What went wrong is a defect of this program; its words stay in `cause`. */
export function crashed(cause: unknown, frames: readonly ScriptFrame[] = []): ScriptError {
  const error = new ScriptError('crashed', 'the sandbox of the script has broken down; this is a defect of sxrun, please report it', frames);
  error.cause = cause;
  return error;
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
