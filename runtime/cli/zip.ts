import { resolve } from 'node:path';
import { printable } from '../printable.ts';
import { formatBytes } from '../report/sizes.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

const HELP = `sxrun zip compact FILE.zip
Frees the space that replaced and removed entries still take in an archive. The new archive is written beside the old one, read as a whole, and then takes its
place; the old one stays when anything in it is damaged.
`;

/** Another run is writing into the archive. */
const EXIT_TAKEN = 4;

/** `sxrun zip`. Resolves to the exit code; rejects with `UsageError`. */
export async function runZip(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun zip').argument('[action]').argument('[file]').option('-h, --help');
  parseWith(program, args);
  if (program.opts<{ help?: true }>().help) {
    await say(context.stdout, HELP);
    return 0;
  }
  const [action, file] = program.args;
  if (action !== 'compact' || file === undefined) throw new UsageError('write sxrun zip compact FILE.zip');
  const { compactArchiveFile } = await import('../project/compact-archive.ts');
  const outcome = await compactArchiveFile(resolve(context.currentDir, file));
  if (outcome.kind === 'failed') {
    await say(context.stderr, `sxrun: ${printable(file)}: ${printable(outcome.message)}\n`);
    return outcome.isTaken ? EXIT_TAKEN : 2;
  }
  const { beforeBytes, afterBytes } = outcome;
  const said = afterBytes < beforeBytes ? `${formatBytes(beforeBytes - afterBytes)} freed, ${formatBytes(afterBytes)} left` : 'nothing to free';
  await say(context.stdout, `${printable(file)}: ${said}\n`);
  return 0;
}
