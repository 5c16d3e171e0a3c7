import type { ExitCode } from './run-request.ts';

/** Which of two ends a command's exit code tells about: the one further left. */
const WEIGHT: readonly ExitCode[] = [130, 3, 4, 2, 1, 0];

/** What the command will exit with, as things stand. */
export class Standing {
  #code: ExitCode = 0;

  get code(): ExitCode {
    return this.#code;
  }

  /** Some plan of the command was the one that was approved. */
  approvalUsed = false;

  /** Keeps the weightier of what is known and this. */
  note(code: ExitCode): void {
    if (WEIGHT.indexOf(code) < WEIGHT.indexOf(this.#code)) this.#code = code;
  }
}
