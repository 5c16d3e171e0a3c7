import type { Emit, RunEvent } from '../engine/events.ts';
import type { Redactor } from './redact.ts';
import { openOutputFiles } from './output-files.ts';
import type { CheckedProject } from './options/options.ts';

/** What is kept for a log file that may come, in characters. */
const MOST_WAITING = 1_000_000;

/**
 * What is told between and after runs (a script's log lines, why it ended) belongs in the log file, too: in that of the run before, or, before any run, in that
 * of the first one. The file is opened anew whenever there is something to write, since the script may read or move it meanwhile.
 */
export class LogTail {
  readonly #emit: Emit;
  readonly #secrets: Redactor;
  /** Told before any run had a log file, as far as it is kept. */
  #waiting: RunEvent[] = [];
  #waitingSize = 0;
  #leftOut = 0;
  #project: CheckedProject | undefined;
  /** To be written to a log file in one go. */
  #unwritten: Unwritten | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(emit: Emit, secrets: Redactor) {
    this.#emit = emit;
    this.#secrets = secrets;
  }

  /** Shows the event, and writes it to the log file that is due: what it returns resolves when it is written. undefined: there is none. */
  readonly tell = (event: RunEvent): Promise<void> | undefined => {
    this.#emit(event);
    if (this.#project !== undefined) return this.#append(this.#project, event);
    this.#keep(event);
    return undefined;
  };

  /** A run with a log file has begun: what was told before it, to be written there first. */
  follow(project: CheckedProject): readonly RunEvent[] {
    if (project.logFile === undefined) return [];
    const waiting = this.#leftOut === 0 ? this.#waiting : [leftOut(this.#leftOut), ...this.#waiting];
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#leftOut = 0;
    this.#project = { ...project, logFile: { ...project.logFile, mode: 'append' }, sourceList: undefined };
    return waiting;
  }

  /** Everything that was told until now is written. */
  async written(): Promise<void> {
    await this.#last;
  }

  /** A script may tell things for days, and no run may ever have a log file: the oldest is dropped. */
  #keep(event: RunEvent): void {
    this.#waiting.push(event);
    this.#waitingSize += sizeOf(event);
    if (this.#waitingSize <= 2 * MOST_WAITING) return;
    const kept = this.#waiting.findIndex((old) => {
      this.#waitingSize -= sizeOf(old);
      return this.#waitingSize <= MOST_WAITING;
    });
    this.#leftOut += kept + 1;
    this.#waiting = this.#waiting.slice(kept + 1);
  }

  #append(project: CheckedProject, event: RunEvent): Promise<void> {
    if (this.#unwritten?.project === project) this.#unwritten.events.push(event);
    else {
      const batch: Unwritten = { project, events: [event] };
      this.#unwritten = batch;
      this.#last = this.#last
        .then(() => this.#write(batch))
        .catch((error: unknown) => this.#emit({ type: 'log', level: 'warn', message: error instanceof Error ? error.message : String(error) }));
    }
    return this.#last;
  }

  async #write(batch: Unwritten): Promise<void> {
    if (this.#unwritten === batch) this.#unwritten = undefined;
    const files = openOutputFiles(batch.project, { emit: this.#emit, secrets: this.#secrets });
    for (const event of batch.events) files.read(event);
    await files.close();
  }
}

interface Unwritten {
  readonly project: CheckedProject;
  readonly events: RunEvent[];
}

function sizeOf(event: RunEvent): number {
  return 'message' in event ? event.message.length : 'step' in event ? event.step.length : 0;
}

function leftOut(lines: number): RunEvent {
  return { type: 'log', level: 'warn', message: `${lines} older lines were left out here` };
}
