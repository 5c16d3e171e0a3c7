import { printable } from '../printable.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { withGrants } from './with-grants.ts';

const HELP = `sxrun grants
Lists the permissions that are remembered, by project file. "sxrun allow" adds, "sxrun revoke" takes away.
`;

/** `sxrun grants`. Resolves to the exit code; rejects with `UsageError`. */
export async function runGrants(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun grants').option('-h, --help');
  parseWith(program, args);
  await say(context.stdout, program.opts<{ help?: true }>().help ? HELP : await grantsText());
  return 0;
}

async function grantsText(): Promise<string> {
  const projects = await withGrants(({ listGrants }) => listGrants());
  if (projects.length === 0) return 'No permissions are remembered.\n';
  return projects
    .map(({ projectFile, grants }) => {
      const lines = grants.map(({ grant, anyChange }) => `  ${printable(grant)}${anyChange ? '  (also when it changes)' : ''}\n`);
      return `${printable(projectFile)}\n${lines.join('')}`;
    })
    .join('');
}
