import type { Command } from 'commander';
import { printable } from '../printable.ts';
import { formatBytes } from '../report/sizes.ts';
import type { Unmatched } from '../tools/unmatched-patterns.ts';
import type { KeepRules, Outcome, Restored, RestoreOrder, VersionsOrder } from '../tools/versions.ts';
import { commandParser, parseWith } from './command-parser.ts';
import { hasKeepFlags, keepRulesFrom, type KeepFlags } from './keep-flags.ts';
import { pastTime } from './past-time.ts';
import { addPermissionFlags, permissionFlagsOf } from './permission-flags.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';
import { versionLine, whenText } from './version-line.ts';
import { type KeepingRoot, wholeUrl, withKeepingRoots } from './versioned-roots.ts';

const HELP = `sxrun versions list ROOT [PATH…] [--as-of TIME]
sxrun versions restore ROOT [PATH…] [--as-of TIME | --number N] [--to FOLDER] [-s]
sxrun versions prune ROOT [PATH…] --keep-last N … [-s]
Old versions that xvs: and uxvs: roots keep in XVS/007.name beside the file, and rcy: roots in .recycle where there is no recycle bin. ROOT is a folder or a root URL, or a project file, which
stands for its roots that keep versions; a PATH is a pattern as of excludeFiles, or a folder for all below it.

  list            what there is, the oldest version first; with --as-of what was there then and is not there now
  restore         brings a version back: the newest one, or what --as-of or --number say; removed files, too. What is overwritten is kept as a version
    --as-of TIME  as it was then: 2024-01-31T18:00, 31.01.2024/18:00, 24h, "yesterday 18:00", now; what has no version of then stays as it is
    --number N    the version with this number
    --to FOLDER   into another folder or root; with --as-of all files of that time
  prune           removes all versions but those that a rule keeps; of a project by its own rules (versions.keep)
    --keep-last N, --keep-hourly N, --keep-daily N, --keep-weekly N, --keep-monthly N, --keep-within AGE
  --project FILE  the project whose encoders "ienc:" in ROOT means; its programs are asked for as in a run (-p, -A, --allow-run=…, --allow-secret=… and so on)
                  what stands behind -- are arguments of its script
  --folder NAME   the folders of versions have this name; /NAME: it is one, at the top
  -s, --simulate  show what would be done, change nothing
`;

interface Flags extends KeepFlags {
  readonly asOf?: string;
  readonly number?: string;
  readonly to?: string;
  readonly folder?: string;
  readonly simulate?: true;
  readonly project?: string;
  readonly help?: true;
}

/** Which options an action knows, beside those of all. */
const ACTIONS: Readonly<Record<string, readonly (keyof Flags)[]>> = {
  list: ['asOf'],
  restore: ['asOf', 'number', 'to', 'simulate'],
  prune: ['simulate', 'keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepWithin'],
};
const OWN: readonly (keyof Flags)[] = [...new Set(Object.values(ACTIONS).flat())];

/** `sxrun versions`. Resolves to the exit code; rejects with `UsageError`. */
export async function runVersions(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = parser();
  const end = args.indexOf('--');
  parseWith(program, end < 0 ? args : args.slice(0, end));
  const flags = program.opts<Flags>();
  if (flags.help) {
    await say(context.stdout, HELP);
    return 0;
  }
  const [action = '', place, ...patterns] = program.args;
  const scriptArguments = end < 0 ? [] : args.slice(end + 1);
  const known = ACTIONS[action];
  if (known === undefined || place === undefined)
    throw new UsageError('write sxrun versions list ROOT, restore ROOT or prune ROOT (see sxrun versions --help)');
  const stray = OWN.find((flag) => flags[flag] !== undefined && !known.includes(flag));
  if (stray !== undefined) {
    const option = program.options.find((one) => one.attributeName() === stray);
    throw new UsageError(`${option?.long ?? stray} has no meaning for "sxrun versions ${action}"`);
  }
  const outside = patterns.find((pattern) => pattern.split(/[\\/]/).includes('..'));
  if (outside !== undefined) throw new UsageError(`${outside} cannot lie below ${place}: a PATH counts from there, and has no ".."`);
  const work = workOf(action, { flags, patterns }, context);
  const query = { place, patterns, project: flags.project, folder: flags.folder, permissions: permissionFlagsOf(program), scriptArguments };
  return withKeepingRoots(query, context, work);
}

interface Wanted {
  readonly flags: Flags;
  readonly patterns: readonly string[];
}
type Work = (roots: readonly KeepingRoot[]) => Promise<number>;

/** Throws `UsageError` before any root is looked for. */
function workOf(action: string, { flags, patterns }: Wanted, context: ProcessContext): Work {
  if (action === 'list') {
    const atMs = flags.asOf === undefined ? undefined : pastTime('--as-of', flags.asOf, new Date());
    return (roots) => oneAfterAnother(roots, context, ({ order }) => list(order, atMs, context));
  }
  if (action === 'prune') return (roots) => prune(roots, flags, context);
  const choice = choiceOf(flags);
  if (patterns.length === 0 && choice.kind !== 'asOf')
    throw new UsageError('sxrun versions restore: name a path, or a time with --as-of (all paths as they were then)');
  return async (roots) => {
    const [root, ...others] = roots;
    if (root === undefined || others.length > 0) throw new UsageError(severalRoots(roots));
    return restore(root.order, { flags, choice }, context);
  };
}

function severalRoots(roots: readonly KeepingRoot[]): string {
  const urls = roots.map(({ order }) => wholeUrl(order));
  return `which root is meant? The project keeps versions in ${urls.join(' and ')}: sxrun versions restore ROOT … --project FILE`;
}

/** Resolves to the worst exit code. Each root of a project is named. */
async function oneAfterAnother<T extends Pick<KeepingRoot, 'order'>>(
  roots: readonly T[],
  context: ProcessContext,
  act: (root: T) => Promise<number>,
): Promise<number> {
  let code = 0;
  for (const root of roots) {
    if (root.order.project?.signal.aborted) break;
    if (root.order.isOfProject) await say(context.stdout, `${printable(root.order.url)}\n`);
    code = Math.max(code, await act(root));
  }
  return code;
}

function parser(): Command {
  const keep = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'within'];
  const program = commandParser('sxrun versions')
    .argument('[words...]')
    .option('--as-of <time>')
    .option('--number <n>')
    .option('--to <folder>')
    .option('--folder <name>')
    .option('--project <file>')
    .option('-s, --simulate')
    .option('-h, --help');
  return addPermissionFlags(keep.reduce((with_, rule) => with_.option(`--keep-${rule} <n>`), program));
}

async function list(order: VersionsOrder, asOfMs: number | undefined, context: ProcessContext): Promise<number> {
  const { listVersions } = await import('../tools/versions.ts');
  const outcome = await listVersions(order, asOfMs);
  if (outcome.kind === 'failed') return tellFailed(outcome, order, context);
  let count = 0;
  const { histories, unmatched, mayUseBin } = outcome.value;
  for (const { path, versions, present } of histories) {
    await say(context.stdout, `${printable(path)}${present === undefined ? ' (removed)' : ''}\n`);
    for (const version of versions) await say(context.stdout, `  ${versionLine(version)}\n`);
    count += versions.length;
  }
  await say(
    context.stdout,
    count === 0
      ? 'no old versions\n'
      : `${count} ${count === 1 ? 'version' : 'versions'} of ${histories.length} ${histories.length === 1 ? 'file' : 'files'}\n`,
  );
  if (mayUseBin) await say(context.stdout, 'what went into the recycle bin of this desktop is listed there, not here\n');
  await sayUnmatched(unmatched, order, context);
  return unmatched.every(({ isPresent }) => isPresent) ? 0 : 1;
}

interface RestoreHow {
  readonly flags: Flags;
  readonly choice: RestoreOrder['choice'];
}

async function restore(order: VersionsOrder, { flags, choice }: RestoreHow, context: ProcessContext): Promise<number> {
  const { restoreVersions } = await import('../tools/versions.ts');
  const simulate = flags.simulate === true;
  const to = flags.to === undefined ? undefined : wholeUrl({ url: flags.to, currentDir: context.currentDir });
  const counts = { restored: 0, asNow: 0, problems: 0 };
  const outcome = await restoreVersions({ ...order, choice, to, simulate }, async (restored) => {
    const line = restoredLine(restored, simulate);
    if (restored.problem !== undefined || restored.kind === 'noSuchNumber') counts.problems++;
    else if (restored.kind === 'restore') counts.restored++;
    else if (restored.kind === 'same' && to !== undefined) counts.asNow++;
    if (line !== undefined) await say(context.stdout, `${line}\n`);
  });
  if (outcome.kind === 'failed') return tellFailed(outcome, order, context);
  const asNow = counts.asNow > 0 ? `, ${counts.asNow} as ${counts.asNow === 1 ? 'it is' : 'they are'} now` : '';
  const not = counts.problems > 0 ? `, ${counts.problems} not` : '';
  await say(context.stdout, `${counts.restored} ${simulate ? 'would be restored' : 'restored'}${asNow}${not}\n`);
  const { unmatched, isBeforeAll } = outcome.value;
  await sayUnmatched(unmatched, order, context);
  const isWithout = unmatched.some(({ isPresent }) => choice.kind !== 'asOf' || !isPresent);
  if (isBeforeAll && !isWithout) await say(context.stdout, 'nothing is known to have been there at that time\n');
  return counts.problems > 0 || isWithout || isBeforeAll ? 1 : 0;
}

async function sayUnmatched(unmatched: readonly Unmatched[], { url }: VersionsOrder, context: ProcessContext): Promise<void> {
  for (const { pattern, isPresent } of unmatched) {
    const what = isPresent ? 'no old version is kept of' : `there is no such path in ${url}, now or among its old versions:`;
    await say(context.stdout, `${printable(`${what} ${pattern}`)}\n`);
  }
}

function choiceOf({ asOf, number }: Flags): RestoreOrder['choice'] {
  if (asOf !== undefined && number !== undefined) throw new UsageError('--as-of and --number cannot go together: a version has one number');
  if (asOf !== undefined) return { kind: 'asOf', atMs: pastTime('--as-of', asOf, new Date()) };
  if (number === undefined) return { kind: 'newest' };
  if (!/^\d{1,15}$/.test(number)) throw new UsageError(`--number ${number} is no number of a version, such as 7`);
  return { kind: 'number', number: Number(number) };
}

/** undefined: nothing to tell. */
function restoredLine(restored: Restored, simulate: boolean): string | undefined {
  const path = printable(restored.path);
  if (restored.problem !== undefined) return `not restored  ${path}: ${printable(restored.problem)}`;
  switch (restored.kind) {
    case 'restore': {
      const { version, replaces, certain } = restored;
      const size = version.entry.kind === 'file' && version.entry.size !== undefined ? `, ${formatBytes(version.entry.size)}` : '';
      const guess = certain ? '' : '; when it was replaced is not known for sure';
      return `${simulate ? 'would restore' : 'restored'}  ${path} (version ${version.number} of ${whenText(version.entry.modifiedMs)}${size}${replaces ? '; the present one is kept' : ''}${guess})`;
    }
    case 'noSuchNumber':
      return `not restored  ${path}: it has no version with this number`;
    case 'nothing':
      return `left alone  ${path} (no version of that time is kept)`;
    case 'same':
      return restored.isGuess === true ? `as it is now  ${path} (its time is in the future: that it was so then is a guess)` : undefined;
  }
}

async function prune(roots: readonly KeepingRoot[], flags: Flags, context: ProcessContext): Promise<number> {
  const given = hasKeepFlags(flags) ? keepRulesFrom(flags) : undefined;
  const ruled = roots.flatMap(({ order, keep: own }) => {
    const rules = given ?? own;
    return rules === undefined ? [] : [{ order, rules }];
  });
  if (ruled.length === 0 && roots.some(({ order }) => order.isOfProject))
    throw new UsageError('no root of the project keeps versions by rules (option "versions.keep"); say what stays: --keep-last 3 …');
  if (ruled.length === 0) keepRulesFrom(flags);
  return oneAfterAnother(ruled, context, ({ order, rules }) => pruneRoot(order, { rules, simulate: flags.simulate === true }, context));
}

interface PruneHow {
  readonly rules: KeepRules;
  readonly simulate: boolean;
}

async function pruneRoot(order: VersionsOrder, { rules, simulate }: PruneHow, context: ProcessContext): Promise<number> {
  const { pruneVersions } = await import('../tools/versions.ts');
  const outcome = await pruneVersions({ ...order, rules, simulate }, async ({ version, reasons }) => {
    const verdict = reasons.length > 0 ? `keep   (${reasons.join(', ')})` : simulate ? 'would remove' : 'remove';
    await say(context.stdout, `${printable(version.path)}  ${versionLine(version)}  ${verdict}\n`);
  });
  if (outcome.kind === 'failed') return tellFailed(outcome, order, context);
  const { removed, kept, unmatched } = outcome.value;
  await say(context.stdout, `${removed} ${simulate ? 'would be removed' : 'removed'}, ${kept} kept\n`);
  await sayUnmatched(unmatched, order, context);
  return unmatched.every(({ isPresent }) => isPresent) ? 0 : 1;
}

async function tellFailed(outcome: Outcome<unknown> & { readonly kind: 'failed' }, { url }: VersionsOrder, context: ProcessContext): Promise<number> {
  await say(context.stderr, `sxrun: ${printable(outcome.message.startsWith(url) ? outcome.message : `${url}: ${outcome.message}`)}\n`);
  return 2;
}
