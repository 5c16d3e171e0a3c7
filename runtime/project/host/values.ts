import { basename } from 'node:path';
import * as z from 'zod/mini';
import type { ValueMethods } from '../../../sdk/values-protocol.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { secretNameFault } from '../../secret-name.ts';
import type { ScriptQuestion } from '../run-request.ts';
import { grantedSecret } from './granted-secret.ts';
import type { HostContext, HostFunctions } from './host-function.ts';

/** More would push everything else off the screen. */
const LONGEST_QUESTION = 500;

/** Names that nobody can keep are no question of permission. */
const secretName = z
  .string({ error: 'the name of a secret' })
  .check(z.refine((name) => secretNameFault(name) === undefined, { error: 'a name of letters, digits and _ . : / @ % + -' }));

/** `secret`, `env`, `ask`. */
export const valueFunctions: HostFunctions<keyof ValueMethods> = {
  secret: {
    request: z.strictObject({ name: secretName }),
    run: ({ name }, context) => grantedSecret(name, context),
  },
  env: {
    request: z.strictObject({ name: z.string({ error: 'the name of a variable' }) }),
    async run({ name }, { broker }) {
      const [granted = name] = await broker.require([{ kind: 'env', name }]);
      // The environment has a prototype, whose members are no variables.
      return Object.hasOwn(process.env, granted) ? (process.env[granted] ?? null) : null;
    },
  },
  ask: {
    request: z.strictObject({
      question: z
        .string({ error: 'a question' })
        .check(
          z.refine((text) => text.trim() !== '' && text.length <= LONGEST_QUESTION, { error: `a question of 1 to ${LONGEST_QUESTION} characters` }),
        ),
      hidden: z.boolean({ error: 'true or false' }),
    }),
    async run({ question, hidden }, context) {
      const { secrets } = context.command;
      const answer = await askUser({ script: basename(context.projectFile), text: secrets.redact(question), hidden }, context);
      if (hidden) secrets.add(answer);
      return answer;
    },
  },
};

/** A question does not outlive its script. */
async function askUser(question: ScriptQuestion, context: HostContext): Promise<string> {
  const { ask } = context.command.request;
  const shown = `"${printable(question.text)}"`;
  if (ask === undefined) {
    const message = `nobody can be asked ${shown} without a terminal, or with -p; give the answer as an argument (sync.args) or a variable (env)`;
    throw new ScriptCallError({ code: 'no-answer', message });
  }
  const dropped = new AbortController();
  const answered = context.atEnd(async () => dropped.abort());
  const answer = await ask.answer(question, dropped.signal).finally(answered);
  if (answer === undefined) throw new ScriptCallError({ code: 'interrupted', message: `${shown} was left open` });
  return answer;
}
