import { MAX_ROOTS } from '../../engine/ancestry.ts';
import type { GuardLimit, GuardLimits } from '../../engine/sync-run.ts';
import { type CheckedEncoder, checkEncoders, usedEncoders, withKnownEncoders } from './encoders.ts';
import { OptionError, understood } from './option-error.ts';
import type { OutputFile } from './option-layers.ts';
import { optionErrorOf, shown } from './option-message.ts';
import { type ProjectOptions, projectSchema } from './option-schema.ts';
import type { WireProject } from '../../../sdk/protocol.ts';
import { countSearched } from '../../vfs/pattern-list.ts';
import { localFolderOf, type RootAddress, unreadableReason } from '../../vfs/root-address.ts';
import type { VersionRules } from '../../vfs/version-rules.ts';
import { type LocalPlace, parseRootAddress } from '../../vfs/root-address-parse.ts';
import type { Callback } from './wire-options.ts';
import { parseTime } from './parse-time.ts';
import { versionRulesOf } from './version-options.ts';
import { checkVolumes, type CheckedVolume, withUse } from './volumes.ts';
import { localPathOf } from '../roots/root-url.ts';

/** What the meaning of some options depends on. */
export interface CheckContext extends LocalPlace {
  /** Absolute; undefined for a project without a file (`-z`, `-c`). */
  readonly projectFile: string | undefined;
  /** ms since 1970; ages count from it. */
  readonly now: number;
}

export interface CheckedRoot {
  /** As the project wrote it: how the root is named in messages. */
  readonly url: string;
  /** Paths are absolute; links in them are not yet resolved (see `placeRoots`). */
  readonly address: RootAddress;
  readonly targetOnly: boolean;
  readonly autoMkdir: boolean;
  /** Of an archive, 0 (stored) to 9; undefined: the usual one. */
  readonly level?: number;
  readonly shadows: readonly RootAddress[];
}

/** A project whose every option is checked, with defaults applied and paths absolute. */
export interface CheckedProject {
  readonly name: string;
  /** Empty in a project that only runs `subSyncs`. */
  readonly roots: readonly CheckedRoot[];
  /** Absolute paths of project files, and projects, which are checked when their turn comes. */
  readonly subSyncs: readonly (string | WireProject)[];
  readonly excludeFiles: readonly string[];
  readonly includeFiles: readonly string[];
  readonly excludeDirs: readonly string[];
  readonly includeDirs: readonly string[];
  readonly killFiles: readonly string[];
  readonly isExclude: Callback | undefined;
  readonly isExcludeDir: Callback | undefined;
  readonly newerThanMs: number | undefined;
  /** Absolute path of the database; undefined: none is kept. */
  readonly syncDb: string | undefined;
  readonly syncRemove: boolean;
  readonly mirror: boolean;
  readonly onCollision: 'report' | 'newest' | 'keepBoth' | Callback;
  readonly compare: 'time' | 'size' | 'content';
  readonly evenTime: boolean;
  readonly timeShiftsMs: readonly number[];
  readonly simulation: boolean;
  readonly lazyMkdir: boolean;
  readonly symlinks: 'ignore' | 'copy' | 'follow';
  readonly onError: 'stop' | 'continue-files' | 'continue-syncs' | 'continue-subsyncs';
  /** undefined: `guard: false`. */
  readonly guard: GuardLimits | undefined;
  readonly checkCwd: boolean;
  readonly logFile: OutputFile | undefined;
  readonly sourceList: OutputFile | undefined;
  readonly verbose: boolean;
  readonly parallel: number | undefined;
  readonly versions: VersionRules;
  /** Those that the roots and their shadows use. */
  readonly encoders: readonly CheckedEncoder[];
  /** Used or not. */
  readonly volumes: readonly CheckedVolume[];
}

/** Some 10 ms for each file. */
const MOST_SEARCHED = 10_000;

const PATTERN_LISTS = ['excludeFiles', 'includeFiles', 'excludeDirs', 'includeDirs', 'killFiles'] as const;

/** Checks the options of one project (layers already merged). Throws OptionError for the first thing that is wrong. Touches no file. */
export function checkProject(raw: unknown, context: CheckContext): CheckedProject {
  const parsed = projectSchema.safeParse(raw);
  if (!parsed.success) throw optionErrorOf(parsed.error.issues, raw);
  const options = parsed.data;
  for (const option of PATTERN_LISTS) checkPatterns(options[option] ?? [], option);
  checkPatterns(options.versions?.exclude ?? [], 'versions.exclude');
  const encoders = checkEncoders(options.encoders, context);
  const roots = checkRoots(options, { ...context, encoders });
  const volumes = withUse(roots, checkVolumes(options.volumes, context));
  for (const option of PATTERN_LISTS) refuseAbsolute(options[option] ?? [], option, roots);
  return {
    name: options.name ?? baseName(context.projectFile) ?? 'sxrun',
    roots,
    subSyncs: (options.subSyncs ?? []).map((sub, index) => (typeof sub === 'string' ? pathOf(sub, `subSyncs[${index}]`, context) : sub)),
    excludeFiles: options.excludeFiles ?? [],
    includeFiles: options.includeFiles ?? [],
    excludeDirs: options.excludeDirs ?? [],
    includeDirs: options.includeDirs ?? [],
    killFiles: options.killFiles ?? [],
    isExclude: options.isExclude,
    isExcludeDir: options.isExcludeDir,
    newerThanMs: newerThan(options.newerThan, context.now),
    syncDb: databasePath(options, context),
    syncRemove: options.syncRemove ?? false,
    mirror: options.mirror ?? false,
    onCollision: options.onCollision ?? 'report',
    compare: options.compare ?? 'time',
    evenTime: options.evenTime ?? false,
    timeShiftsMs: (options.ignoreTimeShifts ?? []).map((minutes) => minutes * 60_000),
    simulation: options.simulation ?? false,
    lazyMkdir: options.lazyMkdir ?? false,
    symlinks: options.symlinks ?? 'ignore',
    onError: options.onError ?? 'stop',
    guard: guardLimits(options.guard),
    checkCwd: options.checkCwd ?? false,
    logFile: outputFile(options.logFile, { option: 'logFile', mode: 'append' }, context),
    sourceList: outputFile(options.sourceList, { option: 'sourceList', mode: 'overwrite' }, context),
    verbose: options.verbose ?? false,
    parallel: options.parallel,
    versions: versionRulesOf(options.versions),
    encoders: usedEncoders(roots, encoders),
    volumes,
  };
}

interface RootContext extends CheckContext {
  readonly encoders: readonly CheckedEncoder[];
}

function checkRoots(options: ProjectOptions, context: RootContext): readonly CheckedRoot[] {
  const roots = (options.roots ?? []).map((root, index) => checkRoot(typeof root === 'string' ? { url: root } : root, index, context));
  const onlySubSyncs = roots.length === 0 && (options.subSyncs ?? []).length > 0;
  if (onlySubSyncs) return roots;
  if (options.roots === undefined) throw new OptionError('roots', 'option "roots" is missing; it wants a list of two or more roots');
  if (roots.length < 2)
    throw new OptionError('roots', `option "roots" has ${roots.length === 0 ? 'no root' : 'only one root'}; it wants two or more`);
  if (roots.length > MAX_ROOTS) throw new OptionError('roots', `option "roots" has ${roots.length} roots; a run takes ${MAX_ROOTS} at most`);
  if (roots.every((root) => root.targetOnly))
    throw new OptionError('roots', 'option "roots" has only targetOnly roots; at least one must be a source');
  if (options.compare === 'content') requireContent(roots);
  return roots;
}

/** A root without content cannot be compared by it. (One that is always empty has nothing to compare.) */
function requireContent(roots: readonly CheckedRoot[]): void {
  for (const [index, { address }] of roots.entries()) {
    const unreadable = address.base.kind === 'null' ? undefined : unreadableReason(address);
    if (unreadable !== undefined) throw new OptionError('compare', `option "compare" is "content", and roots[${index}] ${unreadable}`);
  }
}

type RootOptions = Exclude<NonNullable<ProjectOptions['roots']>[number], string>;

function checkRoot(root: RootOptions, index: number, context: RootContext): CheckedRoot {
  const option = `roots[${index}]`;
  const address = addressOf(root.url, option, context);
  const targetOnly = isTargetOnly(root, address, option);
  const autoMkdir = root.autoMkdir ?? false;
  if (autoMkdir && !targetOnly) {
    throw new OptionError(
      `${option}.autoMkdir`,
      `option "${option}.autoMkdir" is only for roots with targetOnly: true; a missing source must not look like an empty one`,
    );
  }
  const { level } = root;
  if (level !== undefined && address.base.kind !== 'zip')
    throw new OptionError(`${option}.level`, `option "${option}.level" is only for archives ("zip:…")`);
  const shadows = typeof root.shadow === 'string' ? [root.shadow] : (root.shadow ?? []);
  return {
    url: root.url,
    address,
    targetOnly,
    autoMkdir,
    ...(level === undefined ? {} : { level }),
    shadows: shadows.map((shadow) => addressOf(shadow, `${option}.shadow`, context)),
  };
}

/** What is always empty receives only, whether or not that is said. */
function isTargetOnly(root: RootOptions, address: RootAddress, option: string): boolean {
  const unreadable = unreadableReason(address);
  if (unreadable === undefined || root.targetOnly === true) return root.targetOnly ?? false;
  if (address.base.kind === 'null' && root.targetOnly === undefined) return true;
  throw new OptionError(option, `option "${option}" ${unreadable}, so it can be no source; it wants targetOnly: true`);
}

function addressOf(url: string, option: string, context: RootContext): RootAddress {
  const address = understood(option, () => parseRootAddress(url, context));
  return withKnownEncoders(address, context.encoders, option);
}

function pathOf(path: string, option: string, context: CheckContext): string {
  return understood(option, () => localPathOf(path, context));
}

/** Refuses patterns that could never match, as people bring them along from other tools. */
function checkPatterns(patterns: readonly string[], list: string): void {
  if (countSearched(patterns) > MOST_SEARCHED) {
    const more = 'names, "NAME*" and "*NAME" may be as many as you like; for the others write an "isExclude" callback';
    throw new OptionError(
      list,
      `option "${list}" has more than ${MOST_SEARCHED} patterns with wildcards that every path is compared with one by one; ${more}`,
    );
  }
  for (const [index, pattern] of patterns.entries()) checkPattern(pattern, `${list}[${index}]`);
}

/** Of names and paths none is longer; what is compiled for them takes its time. */
const LONGEST_PATTERN = 10_000;

function checkPattern(pattern: string, option: string): void {
  if (pattern.length > LONGEST_PATTERN)
    throw new OptionError(option, `option "${option}" has ${pattern.length} characters; a pattern has at most ${LONGEST_PATTERN}`);
  if (pattern.startsWith('!')) {
    const kept = option.replace(/^exclude/, 'include').replace(/\[\d+\]$/, '');
    throw new OptionError(option, `option "${option}" is ${shown(pattern)}; a pattern does not negate: name what is to stay in "${kept}"`);
  }
  if (/^\.\.(\/|$)/.test(pattern))
    throw new OptionError(option, `option "${option}" is ${shown(pattern)}, which leads out of the roots; patterns count from a root`);
  const bare = pattern.replace(/^\.?\/+|\/+$/g, '');
  if (bare === '') throw new OptionError(option, `option "${option}" is ${shown(pattern)}, which matches nothing`);
  if (pattern.endsWith('/'))
    throw new OptionError(
      option,
      `option "${option}" is ${shown(pattern)}; write it without the slash at the end: ${shown(pattern.replace(/\/+$/, ''))}`,
    );
  if (/^\.\//.test(pattern))
    throw new OptionError(option, `option "${option}" is ${shown(pattern)}; a pattern at the root starts with a slash: ${shown(`/${bare}`)}`);
}

/** The path of a file is no pattern: a leading slash stands for the root. */
function refuseAbsolute(patterns: readonly string[], list: string, roots: readonly CheckedRoot[]): void {
  const folders = roots.map(({ address }) => localFolderOf(address)).filter((folder) => folder !== undefined);
  for (const [index, pattern] of patterns.entries()) {
    const folder = folders.find((one) => one.length > 1 && pattern.startsWith(`${one}/`));
    if (folder === undefined) continue;
    const option = `${list}[${index}]`;
    const meant = shown(pattern.slice(folder.length));
    throw new OptionError(option, `option "${option}" is ${shown(pattern)}; a leading slash stands for the root: write ${meant}`);
  }
}

function newerThan(value: number | string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  try {
    return parseTime(value, now);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OptionError('newerThan', `option "newerThan" is ${shown(value)}, ${error.message}`);
  }
}

function databasePath(options: ProjectOptions, context: CheckContext): string | undefined {
  const { syncDb = false, syncRemove = false } = options;
  if (typeof syncDb === 'string') return pathOf(syncDb, 'syncDb', context);
  if (options.syncDb === false && syncRemove) {
    throw new OptionError(
      'syncDb',
      'option "syncDb" is false, and "syncRemove" needs the database; leave "syncDb" out, or set "syncRemove" to false',
    );
  }
  if (!syncDb && !syncRemove) return undefined;
  return context.projectFile === undefined ? localPathOf('sxrun.syncdb', context) : `${context.projectFile}.syncdb`;
}

function guardLimits(guard: ProjectOptions['guard']): GuardLimits | undefined {
  if (guard === false) return undefined;
  return {
    maxRemove: guardLimit(guard?.maxRemove, 'maxRemove'),
    maxOverwrite: guardLimit(guard?.maxOverwrite, 'maxOverwrite'),
    minFiles: guard?.minFiles ?? 10,
  };
}

function guardLimit(value: number | string | undefined, name: 'maxRemove' | 'maxOverwrite'): GuardLimit {
  if (value === undefined) return { share: 0.5 };
  if (typeof value === 'number') return { files: value };
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(value)?.[1];
  if (percent === undefined || Number(percent) > 100) {
    throw new OptionError(`guard.${name}`, `option "guard.${name}" is ${shown(value)}; it wants a number of files or a share from "0%" to "100%"`);
  }
  return { share: Number(percent) / 100 };
}

function outputFile(
  value: ProjectOptions['logFile'],
  how: { option: string; mode: OutputFile['mode'] },
  context: CheckContext,
): OutputFile | undefined {
  if (value === undefined) return undefined;
  const { path, mode } = typeof value === 'string' ? { path: value, mode: how.mode } : value;
  return { path: pathOf(path, how.option, context), mode };
}

function baseName(file: string | undefined): string | undefined {
  return file?.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
