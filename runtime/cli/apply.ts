import { resolve } from 'node:path';
import { parseArguments, type RunSettings } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { runCommand } from './run-command.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

const HELP = `sxrun apply PLAN [OPTIONS]
Does what "sxrun plan" or plan.save wrote down. Everything is looked at again: what is not just as it was when the plan was made is not done (exit code 1).

  -s               show it, change nothing
  --approve ID     for a plan that the guard stops
  -p -A --allow-…  permissions, as of a run; "sxrun allow PLAN GRANT…" remembers them for this plan
  -v -q --json --fsync --audit FILE -w -W

A script's own steps (programs, mails, files it writes) are not part of a plan; apply lists them.
`;

/** Options that a plan has of its own. */
const PART_OF_PLAN = 'the options of what is done are part of the plan: give them to "sxrun plan"';

/** `sxrun apply`. Resolves to the exit code; rejects with `UsageError`. */
export async function runApply(args: readonly string[], context: ProcessContext): Promise<number> {
  const line = parseArguments(args, context.currentDir, new Date());
  if (line.kind !== 'run') {
    await say(context.stdout, line.kind === 'version' ? `${context.version}\n` : HELP);
    return 0;
  }
  const { run } = line;
  if (run.source.kind !== 'file' || run.source.path === undefined)
    throw new UsageError('sxrun apply needs a plan: the file that "sxrun plan -o FILE" wrote');
  refuseOthers(run);
  return runCommand({ ...run, source: { kind: 'plan', path: resolve(context.currentDir, run.source.path) } }, context);
}

function refuseOthers({ overrides, extraRoots, targetOnly, scriptArguments, unsandboxed }: RunSettings): void {
  const { simulation, verbose, ...others } = overrides;
  if (Object.keys(others).length > 0 || extraRoots.length > 0 || targetOnly.length > 0) throw new UsageError(PART_OF_PLAN);
  if (scriptArguments.length > 0 || unsandboxed) throw new UsageError('sxrun apply runs no script: no arguments after --, and no --unsandboxed');
}
