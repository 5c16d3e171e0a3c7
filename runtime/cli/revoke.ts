import { resolve } from 'node:path';
import { printable } from '../printable.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';
import { withGrants } from './with-grants.ts';

const HELP = `sxrun revoke PROJECT
Forgets all permissions that are remembered for a project. The file itself need not exist any more.
`;

/** `sxrun revoke`. Resolves to the exit code; rejects with `UsageError`. */
export async function runRevoke(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun revoke').argument('[project]').option('-h, --help');
  parseWith(program, args);
  if (program.opts<{ help?: true }>().help) {
    await say(context.stdout, HELP);
    return 0;
  }
  const [project] = program.args;
  if (project === undefined) throw new UsageError('sxrun revoke needs the project file; "sxrun grants" lists them');
  const projectFile = resolve(context.currentDir, project);
  const found = await withGrants(({ revokeGrants }) => revokeGrants(projectFile));
  if (!found) throw new UsageError(`nothing is remembered for ${projectFile}; "sxrun grants" lists what is`);
  await say(context.stdout, `${printable(projectFile)} has no permissions any more.\n`);
  return 0;
}
