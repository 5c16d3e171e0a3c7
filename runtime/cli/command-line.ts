import { jsonLine } from '../report/json.ts';
import { defectMessage } from './defect-message.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { isCommand, type CommandName } from './options.ts';
import { parseArguments } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { runCommand } from './run-command.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

/** From arguments to exit code; whatever happens is told. */
export async function runCommandLine(context: ProcessContext): Promise<number> {
  try {
    const [first] = context.args;
    if (isCommand(first)) return await runNamed(first, context);
    const line = parseArguments(context.args, context.currentDir, new Date());
    if (line.kind === 'run') return await runCommand(line.run, context);
    const { fullHelp, shortHelp } = await import('./help.ts');
    await say(context.stdout, line.kind === 'version' ? `${context.version}\n` : line.full ? fullHelp() : shortHelp());
    return 0;
  } catch (error) {
    await tellFailure(error instanceof UsageError ? error.message : defectMessage(error, context.env), context);
    return EXIT_FAILED;
  }
}

async function runNamed(name: CommandName, context: ProcessContext): Promise<number> {
  const args = context.args.slice(1);
  switch (name) {
    case 'plan':
      return await (await import('./plan.ts')).runPlan(args, context);
    case 'apply':
      return await (await import('./apply.ts')).runApply(args, context);
    case 'new':
      return await (await import('./new.ts')).runNew(args, context);
    case 'check':
      return await (await import('./check.ts')).runCheck(args, context);
    case 'allow':
      return await (await import('./allow.ts')).runAllow(args, context);
    case 'grants':
      return await (await import('./grants.ts')).runGrants(args, context);
    case 'revoke':
      return await (await import('./revoke.ts')).runRevoke(args, context);
    case 'secret':
      return await (await import('./secret.ts')).runSecret(args, context);
    case 'versions':
      return await (await import('./versions.ts')).runVersions(args, context);
    case 'zip':
      return await (await import('./zip.ts')).runZip(args, context);
  }
}

/** With `--json` standard output is JSON and ends with `exit`, also when nothing ran. */
async function tellFailure(message: string, context: ProcessContext): Promise<void> {
  const end = context.args.indexOf('--');
  const json = (end < 0 ? context.args : context.args.slice(0, end)).includes('--json');
  if (json) {
    await say(context.stdout, jsonLine({ type: 'stopped', cause: 'error', message }) + jsonLine({ type: 'exit', code: EXIT_FAILED }));
  } else {
    await say(context.stderr, `sxrun: ${message}\n`);
  }
}
