import { printable } from '../printable.ts';
import type { ListedGrant } from '../project/grants.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { withGrants } from './with-grants.ts';

const HELP = `sxrun grants
Lists the permissions that are remembered, by project file; stale ones do not count: the project has changed since. "sxrun allow" adds, "sxrun revoke" takes away.
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
      return `${printable(projectFile)}\n${grants.map(grantLine).join('')}`;
    })
    .join('');
}

function grantLine({ grant, anyChange, stale, subProjects }: ListedGrant): string {
  const notes = [
    anyChange ? 'also when it changes' : undefined,
    staleNote(stale),
    ...subProjects.map((sub) => ['also in', printable(sub.file), staleNote(sub.stale)].filter((part) => part !== undefined).join(' ')),
  ].filter((note) => note !== undefined);
  return `  ${printable(grant)}${notes.length === 0 ? '' : `  (${notes.join('; ')})`}\n`;
}

function staleNote(stale: string | undefined): string | undefined {
  return stale === undefined ? undefined : `stale: ${stale}`;
}
