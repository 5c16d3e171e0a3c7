import { select } from '@inquirer/prompts';
import { printable } from '../printable.ts';
import type { Ask } from '../project/run-request.ts';
import type { ProcessContext } from './process-context.ts';

export interface PromptOptions {
  readonly context: ProcessContext;
  /** Ends an open question; the answer is no. */
  readonly signal: AbortSignal;
  /** The terminal is the question's until `resume`. */
  pause(): { resume(): void };
  /** A question was left open. Ctrl-C reaches a prompt as a key, not the process as a signal. */
  onAbandon(): void;
}

/** Asks on standard error, so that standard output stays the report's. */
export function terminalAsk(options: PromptOptions): Ask {
  const { stdin, stderr } = options.context;
  return {
    async permission(question) {
      const paused = options.pause();
      const changed = question.changedSinceAllowed ? ' It, or a file it runs, has changed since it was allowed.' : '';
      stderr.write(`${printable(question.projectFile)} wants more than its own folder.${changed}\n`);
      for (const need of question.needs) stderr.write(`  ${printable(need)}\n`);
      try {
        return await select(
          { message: 'Allow?', choices: question.canRemember ? [NO, ONCE, ALWAYS] : [NO, ONCE] },
          { input: stdin, output: stderr, signal: options.signal },
        );
      } catch (error) {
        if (!isNamed(error, 'ExitPromptError') && !isNamed(error, 'AbortPromptError')) throw error;
        options.onAbandon();
        return 'no';
      } finally {
        paused.resume();
      }
    },
  };
}

const NO = { value: 'no', name: 'no', description: 'nothing is changed, exit code 3' } as const;
const ONCE = { value: 'once', name: 'once', description: 'for this run' } as const;
const ALWAYS = { value: 'always', name: 'always', description: 'until the script changes; "sxrun revoke" takes it back' } as const;

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
