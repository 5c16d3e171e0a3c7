import { printable } from '../printable.ts';
import type { Ask, PermissionQuestion } from '../project/run-request.ts';
import type { ProcessContext } from './process-context.ts';

export interface PromptOptions {
  readonly context: Pick<ProcessContext, 'stdin' | 'stderr'>;
  /** Ends an open question; the answer is no. */
  readonly signal: AbortSignal;
  /** The terminal is the question's until `resume`. */
  pause(): { resume(): void };
  /** A question was left open. Ctrl-C reaches a prompt as a key, not the process as a signal. */
  onAbandon(): void;
}

type Prompts = typeof import('@inquirer/prompts');
type Terminal = { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream; readonly signal: AbortSignal };
type Question<T> = (prompts: Prompts, terminal: Terminal) => Promise<T>;

/**
 * Asks on standard error, so that standard output stays the report's. Questions stand one after another, whoever asks: what is typed is the answer to
 * the one that can be seen.
 */
export function terminalAsk(options: PromptOptions): Ask {
  const { stdin, stderr } = options.context;
  let last: Promise<unknown> = Promise.resolve();

  /** Resolves to undefined when the question is left open, or nobody wants to know any more (`dropped`). */
  function inTurn<T>(question: Question<T>, dropped?: AbortSignal): Promise<T | undefined> {
    const turn = last.then(() => alone(question, dropped));
    last = turn.catch(() => undefined);
    return turn;
  }

  async function alone<T>(question: Question<T>, dropped?: AbortSignal): Promise<T | undefined> {
    const signal = dropped === undefined ? options.signal : AbortSignal.any([options.signal, dropped]);
    if (signal.aborted) return undefined;
    const prompts = await import('@inquirer/prompts');
    const paused = options.pause();
    try {
      return await question(prompts, { input: stdin, output: stderr, signal });
    } catch (error) {
      if (!isNamed(error, 'ExitPromptError') && !isNamed(error, 'AbortPromptError')) throw error;
      if (!dropped?.aborted) options.onAbandon();
      return undefined;
    } finally {
      paused.resume();
    }
  }

  return {
    async permission(question) {
      const answer = await inTurn(({ select }, terminal) => {
        stderr.write(permissionText(question));
        return select({ message: 'Allow?', choices: question.canRemember ? [NO, ONCE, ALWAYS] : [NO, ONCE] }, terminal);
      });
      return answer ?? 'no';
    },
    answer: ({ script, text, hidden }, dropped) =>
      inTurn(({ input, password }, terminal) => {
        const message = `${printable(script)} asks: ${printable(text)}`;
        return hidden ? password({ message }, terminal) : input({ message }, terminal);
      }, dropped),
    secret: ({ name, text, isTypedTwice }) =>
      inTurn(async ({ password, select }, terminal) => {
        const typed = (message: string) => password({ message, validate: (value) => value !== '' || 'Nothing was typed' }, terminal);
        let value = await typed(printable(text));
        while (isTypedTwice && value !== (await typed('The same again'))) value = await typed(`They differ. ${printable(text)} once more`);
        const keep = await select({ message: 'Keep it?', choices: [FOR_THIS_RUN, keptAs(name)] }, terminal);
        return { value, keep };
      }),
    async confirm({ text, yes, no, isYesFirst }) {
      const choices = [
        { value: true, name: yes },
        { value: false, name: no },
      ];
      const answer = await inTurn(({ select }, terminal) =>
        select({ message: printable(text), choices: isYesFirst ? choices : choices.reverse() }, terminal),
      );
      return answer ?? false;
    },
  };
}

const NO = { value: 'no', name: 'no', description: 'what needs it is not done, exit code 3' } as const;
const ONCE = { value: 'once', name: 'once', description: 'for this run' } as const;
const ALWAYS = { value: 'always', name: 'always', description: 'until the script changes; "sxrun revoke" takes it back' } as const;

const FOR_THIS_RUN = { value: false, name: 'once', description: 'for this run' };

function keptAs(name: string) {
  return { value: true, name: 'always', description: `"sxrun secret remove ${printable(name)}" forgets it` };
}

function permissionText({ projectFile, changedSinceAllowed, needs }: PermissionQuestion): string {
  const changed = changedSinceAllowed ? ' It, or a file it runs, has changed since it was allowed.' : '';
  return `${printable(projectFile)} wants more than its own folder.${changed}\n${needs.map((need) => `  ${printable(need)}\n`).join('')}`;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
