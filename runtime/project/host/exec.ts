import { basename } from 'node:path';
import * as z from 'zod/mini';
import type { ExecMethods, ExecRequest, WireExecResult } from '../../../sdk/exec-protocol.ts';
import { isRefusedVariable } from '../../permissions/child-environment.ts';
import type { Need } from '../../permissions/need.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { placeIn } from '../command-context.ts';
import { shown } from '../options/option-message.ts';
import { localPathOf } from '../roots/root-url.ts';
import { shellCommand } from '../shell-command.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
import { environmentOfPrograms } from './program-environment.ts';
import { runProgram } from './run-program.ts';

const DEFAULT_MAX_OUTPUT_BYTES = 10_000_000;
/** What is handed to the script must fit into its memory several times over. */
const MOST_OUTPUT_BYTES = 64_000_000;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const word = (what: string) => z.string({ error: what }).check(z.refine((text) => !text.includes('\0'), { error: `${what} without NUL characters` }));

/** `exec`: programs, never a shell. */
export const execFunctions: HostFunctions<keyof ExecMethods> = {
  exec: {
    request: z.strictObject({
      file: word('the name or path of a program').check(z.minLength(1, { error: 'the name or path of a program' })),
      args: z.array(word('a text for each argument'), { error: 'a list of texts, one an argument' }),
      input: z.optional(z.string({ error: 'a text' })),
      cwd: z.optional(z.string({ error: 'the path of a folder' })),
      env: z.optional(z.record(z.string(), word('a text for each variable'), { error: 'an object with a text for each variable' })),
      timeoutMs: z.optional(
        z.number({ error: 'a time' }).check(z.minimum(1, { error: 'a time' }), z.maximum(LONGEST_TIMEOUT_MS, { error: 'at most 24 days' })),
      ),
      maxOutput: z.optional(
        z
          .int({ error: 'a number of bytes' })
          .check(z.minimum(1, { error: 'a number of bytes' }), z.maximum(MOST_OUTPUT_BYTES, { error: 'at most 64000000 bytes' })),
      ),
      reject: z.optional(z.boolean({ error: 'true or false' })),
    }) as z.ZodMiniType<ExecRequest>,
    run: execute,
  },
};

async function execute(request: ExecRequest, context: HostContext): Promise<WireExecResult> {
  for (const name of Object.keys(request.env ?? {})) {
    if (isRefusedVariable(name))
      throw failure('options', `exec: the variable ${printable(name)} cannot be set for a program: it could make it run other code`);
  }
  if (context.simulation) {
    context.suppress(`run ${shellCommand([request.file, ...request.args])}`);
    return { exitCode: 0, signal: null, stdout: '', stderr: '' };
  }
  const run: Need = { kind: 'run', program: request.file };
  const read: Need = {
    kind: 'read',
    path: request.cwd === undefined ? context.directory : folderOf(request.cwd, context),
    words: 'starts a program in',
  };
  const [program = '', folder = ''] = await context.broker.require(request.cwd === undefined ? [run] : [run, read]);
  const result = await runProgram(
    {
      program,
      name: basename(request.file),
      args: request.args,
      input: request.input,
      folder: request.cwd === undefined ? context.directory : folder,
      environment: { ...environmentOfPrograms(context.broker), ...request.env },
      timeoutMs: request.timeoutMs,
      maxOutputBytes: request.maxOutput ?? DEFAULT_MAX_OUTPUT_BYTES,
    },
    context,
  );
  if (request.reject === true && result.exitCode !== 0) throw failure('program', failedMessage(request.file, result));
  return result;
}

function folderOf(cwd: string, { directory }: HostContext): string {
  try {
    return localPathOf(cwd, placeIn(directory));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw failure('options', `exec: cwd ${printable(shown(cwd))} ${error.message}`);
  }
}

function failedMessage(file: string, { exitCode, signal, stderr }: WireExecResult): string {
  const end = exitCode === null ? `was ended by ${signal}` : `ended with exit code ${exitCode}`;
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return `${printable(file)} ${end}${last === '' ? '' : `: ${printable(last).slice(0, 300)}`}`;
}

function failure(code: 'options' | 'program', message: string): ScriptCallError {
  return new ScriptCallError({ code, message });
}
