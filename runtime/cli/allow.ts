import { printable } from '../printable.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { findProjectFile, PROJECT_ENDINGS } from './project-source.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';
import { withGrants } from './with-grants.ts';

const HELP = `sxrun allow PROJECT GRANT… [--sub-project FILE…] [--any-change]
Remembers what a project's script may do beyond its own folder, until the script changes. PROJECT may be a saved plan, too.

  GRANT          read:PATH write:PATH net:HOST[:PORT] run:PROGRAM env:NAME secret:NAME
  --sub-project  a project file that it runs (sync.do('FILE')) may use them, too, until that file changes
  --any-change   also after changes of the script; without GRANT: for all that was allowed before

A run that lacks a permission prints the line that allows it.
`;

/** `sxrun allow`. Resolves to the exit code; rejects with `UsageError`. */
export async function runAllow(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun allow')
    .argument('[words...]')
    .option('--sub-project <file>', '', (value: string, before: string[]) => [...before, value], [])
    .option('--any-change')
    .option('-h, --help');
  parseWith(program, args);
  const flags = program.opts<{ subProject: string[]; anyChange?: true; help?: true }>();
  if (flags.help) {
    await say(context.stdout, HELP);
    return 0;
  }
  const [project, ...grants] = program.args;
  if (project === undefined) throw new UsageError('sxrun allow needs a project file and what to allow, such as read:/mnt/texts');
  if (grants.length === 0 && !flags.anyChange) {
    throw new UsageError('sxrun allow: what? Name it like read:/mnt/texts write:/mnt/texts; a run that lacks a permission prints the whole line');
  }
  const projectFile = await findProjectFile(project, context.currentDir, [...PROJECT_ENDINGS, '.json']);
  const subProjects = await Promise.all(flags.subProject.map((file) => findProjectFile(file, context.currentDir)));
  const allowed = await withGrants(({ allowProject }) =>
    allowProject({ projectFile, grants, subProjects, currentDir: context.currentDir, anyChange: flags.anyChange === true }),
  );
  const lines = allowed.map((grant) => `  ${printable(grant)}\n`).join('');
  const until = flags.anyChange ? 'also when it changes' : 'until it changes';
  const who = [projectFile, ...subProjects].map(printable).join(' with ');
  await say(context.stdout, `${who} may, ${until}:\n${lines || '  what was allowed before\n'}`);
  return 0;
}
