import { resolve } from 'node:path';
import { parseArguments } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { runCommand } from './run-command.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

const HELP = `sxrun plan [OPTIONS] [PROJECT] -o FILE [-- ARGUMENTS]
Runs a project as a simulation and saves what it would do. "sxrun apply FILE" does it later.

  -o, --output FILE   the plan; an older plan there is replaced, nothing else is
  OPTIONS             as of a run (sxrun --help); they are part of the plan
`;

/** `sxrun plan`. Resolves to the exit code; rejects with `UsageError`. */
export async function runPlan(args: readonly string[], context: ProcessContext): Promise<number> {
  const { file, others } = takeOutput(args);
  const line = parseArguments(others, context.currentDir, new Date());
  if (line.kind !== 'run') {
    await say(context.stdout, line.kind === 'version' ? `${context.version}\n` : HELP);
    return 0;
  }
  if (file === undefined) throw new UsageError('sxrun plan needs a file for the plan: -o FILE (to see the plan only: sxrun -s)');
  if (line.run.unsandboxed) throw new UsageError('sxrun plan cannot go with --unsandboxed: nothing holds back what such a script does');
  const planFile = resolve(context.currentDir, file);
  return runCommand({ ...line.run, planFile, overrides: { ...line.run.overrides, simulation: true } }, context);
}

/** `-o FILE`, `-oFILE`, `--output FILE`, `--output=FILE`, and the words besides. */
function takeOutput(args: readonly string[]): { readonly file: string | undefined; readonly others: readonly string[] } {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const at = own.findIndex((word) => /^(?:-o|--output(?:=|$))/.test(word));
  if (at < 0) return { file: undefined, others: args };
  const [, joined] = /^(?:-o|--output=)(.+)$/s.exec(args[at] ?? '') ?? [];
  const file = joined ?? own[at + 1];
  if (file === undefined || file === '') throw new UsageError('sxrun plan: -o needs the name of a file');
  return { file, others: args.filter((_, index) => index !== at && (joined !== undefined || index !== at + 1)) };
}
