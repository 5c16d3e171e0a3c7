import { basename, dirname, join, resolve } from 'node:path';
import { Option } from 'commander';
import type { Overrides } from '../../sdk/project.ts';
import { placeIn } from '../project/command-context.ts';
import { absoluteRootUrl } from '../project/roots/root-url.ts';
import type { GrantFlags, RunRequest } from '../project/run-request.ts';
import { realPathOf } from '../machine/real-path.ts';
import { splitCommas } from './comma-list.ts';
import { commandParser, parseWith } from './command-parser.ts';
import { isCommand, OPTIONS, optionFlags } from './options.ts';
import { bytes, milliseconds } from './quantity.ts';
import { threshold } from './threshold.ts';
import { UsageError } from './usage-error.ts';

export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly full: boolean }
  | { readonly kind: 'run'; readonly run: RunSettings };

/** What a command line asks for, checked as far as that goes without looking at a file. Local paths of `extraRoots` are absolute. */
export interface RunSettings extends Omit<RunRequest, 'source' | 'ask' | 'emit' | 'signal' | 'killSignal'> {
  /** `path`: as typed; undefined: the default file of the current folder. */
  readonly source:
    | { readonly kind: 'file'; readonly path: string | undefined }
    | { readonly kind: 'stdin' }
    | { readonly kind: 'none' }
    | { readonly kind: 'plan'; readonly path: string };
  readonly mayAsk: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly wait: 'never' | 'on-error' | 'always';
}

/** As commander leaves them: absent when not given; `--no-X` sets X to false. */
interface Flags {
  readonly simulate?: true;
  readonly syncDb?: true;
  readonly syncRemove?: true;
  readonly mirror?: true;
  readonly approve?: string;
  readonly audit?: string;
  readonly fsync?: true;
  readonly unsandboxed?: true;
  readonly project: boolean;
  readonly root?: readonly string[];
  readonly targetOnly?: readonly string[];
  readonly stdin?: true;
  readonly excludeFiles?: string[];
  readonly includeFiles?: string[];
  readonly excludeDirs?: string[];
  readonly killFiles?: string[];
  readonly date?: string;
  readonly time?: string;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly json?: true;
  readonly sourceList?: string;
  readonly logFile?: string;
  readonly wait?: true;
  readonly waitOnError?: true;
  readonly prompt: boolean;
  readonly allowAll?: true;
  readonly allowRead?: readonly string[];
  readonly allowWrite?: readonly string[];
  readonly allowNet?: readonly string[];
  readonly allowRun?: readonly string[];
  readonly allowEnv?: readonly string[];
  readonly allowSecret?: readonly string[];
  readonly scriptTimeout?: string;
  readonly scriptMemory?: string;
  readonly shortHelp?: true;
  readonly help?: true;
  readonly version?: true;
}

const DEFAULT_SCRIPT_TIMEOUT_MS = 30_000;
const DEFAULT_SCRIPT_MEMORY_BYTES = 256 * 1024 ** 2;

/** `args` without node and script. Throws `UsageError`. `currentDir` is where relative paths start; `now` gives `-t` its day. */
export function parseArguments(args: readonly string[], currentDir: string, now: Date): CommandLine {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  refuseOneDash(own);
  const { flags, operands } = parseFlags(own);
  if (flags.version) return { kind: 'version' };
  if (flags.help || flags.shortHelp) return { kind: 'help', full: flags.help === true };
  if (operands.length === 0) refuseSwallowed(own);
  refuseContradictions(flags, operands);
  const run: RunSettings = {
    source: sourceOf(flags, operands),
    planFile: undefined,
    overrides: overridesOf(flags, currentDir, now),
    extraRoots: (flags.root ?? []).map((url) => rootUrl(url, currentDir)),
    targetOnly: (flags.targetOnly ?? []).flatMap(rootNumbers),
    scriptArguments: end < 0 ? [] : args.slice(end + 1),
    grants: grantsOf(flags),
    approve: flags.approve,
    audit: flags.audit === undefined ? undefined : file('--audit', flags.audit, currentDir),
    fsync: flags.fsync === true,
    unsandboxed: flags.unsandboxed === true,
    scriptTimeoutMs: flags.scriptTimeout === undefined ? DEFAULT_SCRIPT_TIMEOUT_MS : milliseconds('--script-timeout', flags.scriptTimeout),
    scriptMemoryBytes: flags.scriptMemory === undefined ? DEFAULT_SCRIPT_MEMORY_BYTES : bytes('--script-memory', flags.scriptMemory),
    mayAsk: flags.prompt && !flags.stdin,
    json: flags.json === true,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true,
    wait: flags.wait ? 'always' : flags.waitOnError ? 'on-error' : 'never',
  };
  return { kind: 'run', run };
}

function parseFlags(args: readonly string[]): { flags: Flags; operands: readonly string[] } {
  const program = commandParser('sxrun').argument('[file...]');
  for (const spec of OPTIONS) {
    const option = new Option(optionFlags(spec));
    if (spec.repeatable) option.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]);
    program.addOption(option);
  }
  parseWith(program, args);
  return { flags: program.opts<Flags & Record<string, unknown>>(), operands: program.args };
}

/** A list of grants takes the word behind it. */
function refuseSwallowed(args: readonly string[]): void {
  const at = args.findIndex((word, index) => /^--allow-(?!all$)[a-z]+$/.test(word) && args[index + 1]?.endsWith('.sync.ts') === true);
  if (at >= 0) throw new UsageError(`${args[at]} takes "${args[at + 1]}" for what it allows: write ${args[at]}=LIST before the project file`);
}

/** `-simulate` would be read as `-s -i mulate`, `-help` as `-h -e lp`. */
function refuseOneDash(args: readonly string[]): void {
  for (const word of args) {
    const long = OPTIONS.find((option) => option.long.length > 2 && word.split('=')[0] === `-${option.long}`)?.long;
    if (long !== undefined) throw new UsageError(`unknown option '${word}' (Did you mean --${long}?)`);
  }
}

function refuseContradictions(flags: Flags, operands: readonly string[]): void {
  if (operands.length > 1 && isCommand(operands[0])) throw new UsageError(`"${operands[0]}" is a command: it comes first, before all options`);
  if (operands.length > 1) {
    throw new UsageError(`one project file at a time: "${operands[0]}", then what is "${operands[1]}"? Arguments for the script go after --`);
  }
  const [file] = operands;
  if (!flags.project && file !== undefined) throw new UsageError(`-z is for a run without project file, but "${file}" is given`);
  if (flags.stdin && file !== undefined) throw new UsageError(`-c reads the project from standard input, but "${file}" is given`);
  if (flags.stdin && !flags.project) throw new UsageError('-c reads a project and -z wants none: give one of the two');
  if (!flags.project && flags.root === undefined)
    throw new UsageError('-z needs roots: -r URL (alone, the current folder is root 0), or several of them');
  if (flags.unsandboxed && (flags.stdin || !flags.project))
    throw new UsageError('--unsandboxed runs a project file in plain Node: it cannot go with -c or -z');
  if (flags.verbose && flags.quiet) throw new UsageError('-v shows more and -q shows less: give one of the two');
}

function sourceOf(flags: Flags, operands: readonly string[]): RunSettings['source'] {
  if (flags.stdin) return { kind: 'stdin' };
  return flags.project ? { kind: 'file', path: operands[0] } : { kind: 'none' };
}

function overridesOf(flags: Flags, currentDir: string, now: Date): Overrides {
  const newerThan = threshold(flags.date, flags.time, now);
  return {
    ...(flags.simulate && { simulation: true }),
    ...(flags.syncDb && { syncDb: true }),
    ...(flags.syncRemove && { syncRemove: true }),
    ...(flags.mirror && { mirror: true }),
    ...(flags.verbose && { verbose: true }),
    ...(flags.excludeFiles && { excludeFiles: flags.excludeFiles }),
    ...(flags.includeFiles && { includeFiles: flags.includeFiles }),
    ...(flags.excludeDirs && { excludeDirs: flags.excludeDirs }),
    ...(flags.killFiles && { killFiles: flags.killFiles }),
    ...(newerThan !== undefined && { newerThan }),
    ...(flags.sourceList !== undefined && { sourceList: { path: file('-l', flags.sourceList, currentDir), mode: 'overwrite' as const } }),
    ...(flags.logFile !== undefined && { logFile: { path: file('-L', flags.logFile, currentDir), mode: 'append' as const } }),
  };
}

/** In the real folder as it is before a script runs, which might put a link in its place. */
function file(option: string, path: string, currentDir: string): string {
  if (path === '') throw new UsageError(`${option} needs the name of a file`);
  const absolute = resolve(currentDir, path);
  return join(realPathOf(dirname(absolute)), basename(absolute));
}

/** Unlike a project's, roots of the command line are relative to the current folder. */
function rootUrl(url: string, currentDir: string): string {
  if (url === '') throw new UsageError('-r needs a root: a folder or a URL');
  return absoluteRootUrl(url, placeIn(currentDir));
}

function rootNumbers(list: string): number[] {
  return list.split(',').map((item) => {
    if (!/^\d{1,4}$/.test(item.trim())) throw new UsageError(`-n ${list}: "${item}" is not the number of a root; they count from 0, as in -n 0,2`);
    return Number(item);
  });
}

function grantsOf(flags: Flags): GrantFlags {
  const list = (values: readonly string[] | undefined) => (values ?? []).flatMap(splitCommas);
  return {
    // Nothing contains an unsandboxed script, so there is nothing to ask.
    all: flags.allowAll === true || flags.unsandboxed === true,
    read: list(flags.allowRead),
    write: list(flags.allowWrite),
    net: list(flags.allowNet),
    run: list(flags.allowRun),
    env: list(flags.allowEnv),
    secret: list(flags.allowSecret),
  };
}
