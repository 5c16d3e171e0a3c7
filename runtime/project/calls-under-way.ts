import { type ScriptCall, ScriptCallError } from '../sandbox/script-host.ts';
import { isWriting } from '../sandbox/script-talk.ts';
import type { HeldBytes } from './host/held-bytes.ts';

/** Each has its roots and its database open. */
const MOST_RUNS = 100;

/** The calls of one script that are not answered yet. */
export class CallsUnderWay {
  readonly #held: HeldBytes;
  #calls = 0;
  #runs = 0;

  constructor(held: HeldBytes) {
    this.#held = held;
  }

  get none(): boolean {
    return this.#calls === 0;
  }

  /** A call begins; it is under way until what this returns is called. Throws ScriptCallError where the script has too many. */
  begin(call: ScriptCall): () => void {
    const isRun = call.kind === 'sync';
    if (isRun && this.#runs >= MOST_RUNS) throw tooMany(`${call.method}: ${MOST_RUNS} runs are under way already; await some of them first`);
    const release = isWriting(call) ? () => undefined : this.#held.request(call.size);
    if (release === undefined) throw tooMany(`${call.method}: what the calls under way were given fills the memory; await some of them first`);
    this.#calls++;
    if (isRun) this.#runs++;
    return () => {
      release();
      this.#calls--;
      if (isRun) this.#runs--;
    };
  }
}

function tooMany(message: string): ScriptCallError {
  return new ScriptCallError({ code: 'options', message });
}
