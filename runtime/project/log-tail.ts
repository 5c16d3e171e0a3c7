import type { Emit, RunEvent } from '../engine/events.ts';
import type { Redactor } from '../redact.ts';
import { openOutputFiles } from './output-files.ts';
import type { CheckedProject } from './options/options.ts';

/**
 * What is told between and after runs (a script's log lines, why it ended) belongs in the log file, too: in that of the run before, or, before any run, in that
 * of the first one. The file is opened for each line, since the script may read or move it meanwhile.
 */
export class LogTail {
  readonly #emit: Emit;
  readonly #secrets: Redactor;
  /** Told before any run had a log file. */
  #waiting: RunEvent[] = [];
  #project: CheckedProject | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(emit: Emit, secrets: Redactor) {
    this.#emit = emit;
    this.#secrets = secrets;
  }

  /** Shows the event, and writes it to the log file that is due. */
  readonly tell: Emit = (event) => {
    this.#emit(event);
    if (this.#project === undefined) this.#waiting.push(event);
    else this.#append(this.#project, event);
  };

  /** A run with a log file has begun: what was told before it, to be written there first. */
  follow(project: CheckedProject): readonly RunEvent[] {
    if (project.logFile === undefined) return [];
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#project = { ...project, logFile: { ...project.logFile, mode: 'append' }, sourceList: undefined };
    return waiting;
  }

  /** Everything that was told until now is written. */
  async written(): Promise<void> {
    await this.#last;
  }

  #append(project: CheckedProject, event: RunEvent): void {
    this.#last = this.#last
      .then(async () => {
        const files = openOutputFiles(project, { emit: this.#emit, secrets: this.#secrets });
        files.read(event);
        await files.close();
      })
      .catch((error: unknown) => this.#emit({ type: 'log', level: 'warn', message: error instanceof Error ? error.message : String(error) }));
  }
}
