import { commandParser, parseWith } from './command-parser.ts';
import type { OpenProject } from './new-project.ts';
import type { Template } from './template.ts';
import type { ChosenOptions, OptionValue, TemplateOption } from './template-option.ts';
import { threshold } from './threshold.ts';
import { UsageError } from './usage-error.ts';

/** As commander gives them. */
interface Flags {
  readonly source: string[];
  readonly root: string[];
  readonly target: string[];
  readonly set: string[];
  readonly excludeFiles: string[];
  readonly includeFiles: string[];
  readonly excludeDirs: string[];
  readonly includeDirs: string[];
  readonly syncDb?: boolean;
  readonly syncRemove?: boolean;
  readonly onCollision?: string;
  readonly onError?: string;
  readonly newerThan?: string;
  readonly logFile?: string;
  readonly sourceList?: string;
  readonly verbose?: true;
  readonly checkCwd?: true;
  readonly simulate?: true;
  readonly output?: string;
  readonly help?: true;
}

/** Flags that the command line of a run has, too, are called as there. */
const FLAGS: readonly (readonly [flags: string, help: string])[] = [
  ['-y, --sync-db', 'keep a database: sees collisions and removals (--no-sync-db: none)'],
  ['-+, --sync-remove', 'removals travel too (--no-sync-remove: not)'],
  ['--on-collision CHOICE', 'report, newest or keepBoth'],
  ['--on-error CHOICE', 'stop, continue-files, continue-syncs or continue-subsyncs'],
  ['--newer-than TIME', 'only files younger than a date, or an age such as 24h'],
  ['-e, -i PATTERN', 'files to leave out; files to take although they match'],
  ['-x, --include-dirs PATTERN', 'the same for folders'],
  ['-L, --log-file FILE', 'what is shown goes there, too'],
  ['-l, --source-list FILE', 'a line for each file copied or removed'],
  ['-v, --verbose', 'show more'],
  ['--check-cwd', 'an error unless the file lies in a root'],
  ['-s, --simulate', 'simulation first: nothing is changed until a line is removed'],
  ['--set NAME=VALUE', 'what else a template asks for'],
  ['-o, --output FILE', 'the file to write'],
];

/** Throws UsageError. */
export function parseNewArguments(args: readonly string[], templates: readonly Template[]): OpenProject | 'help' {
  const collect = (value: string, before: string[]) => [...before, value];
  const command = commandParser('sxrun new').argument('[template]').option('-h, --help').option('-o, --output <file>');
  for (const list of ['--source <place>', '--root <place>', '--target <place>', '--set <name=value>']) command.option(list, '', collect, []);
  for (const list of ['-e, --exclude-files', '-i, --include-files', '-x, --exclude-dirs', '--include-dirs'])
    command.option(`${list} <pattern>`, '', collect, []);
  for (const flag of ['-y, --sync-db', '--no-sync-db', '-+, --sync-remove', '--no-sync-remove', '-v, --verbose', '--check-cwd', '-s, --simulate'])
    command.option(flag);
  for (const text of ['--on-collision <choice>', '--on-error <choice>', '--newer-than <time>', '-L, --log-file <file>', '-l, --source-list <file>'])
    command.option(text);
  // Without this a flag that has a `--no-` form would be true where nobody names it.
  command.setOptionValue('syncDb', undefined).setOptionValue('syncRemove', undefined);
  parseWith(command, args);
  const flags = command.opts<Flags & Record<string, unknown>>();
  if (flags.help) return 'help';
  return {
    template: templateNamed(command.args[0], templates),
    places: [...flags.source, ...flags.root, ...flags.target],
    settings: settingsOf(flags.set),
    options: optionsOf(flags),
    output: flags.output,
  };
}

function templateNamed(name: string | undefined, templates: readonly Template[]): Template | undefined {
  const template = templates.find((candidate) => candidate.name === name);
  if (name !== undefined && template === undefined)
    throw new UsageError(`there is no template "${name}"; there are ${templates.map((known) => known.name).join(', ')}`);
  return template;
}

function settingsOf(set: readonly string[]): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const one of set) {
    const at = one.indexOf('=');
    if (at < 1) throw new UsageError(`--set ${one} wants a name and a value: --set NAME=VALUE`);
    settings[one.slice(0, at)] = one.slice(at + 1);
  }
  return settings;
}

function optionsOf(flags: Flags): ChosenOptions {
  oneOf('--on-collision', flags.onCollision, ['report', 'newest', 'keepBoth']);
  oneOf('--on-error', flags.onError, ['stop', 'continue-files', 'continue-syncs', 'continue-subsyncs']);
  if (flags.newerThan !== undefined) threshold(flags.newerThan, undefined, new Date());
  const given: Readonly<Record<TemplateOption, OptionValue | undefined>> = {
    excludeFiles: listOf(flags.excludeFiles),
    includeFiles: listOf(flags.includeFiles),
    excludeDirs: listOf(flags.excludeDirs),
    includeDirs: listOf(flags.includeDirs),
    newerThan: flags.newerThan,
    syncDb: flags.syncDb,
    onCollision: flags.onCollision,
    syncRemove: flags.syncRemove,
    onError: flags.onError,
    logFile: flags.logFile,
    sourceList: flags.sourceList,
    verbose: flags.verbose,
    checkCwd: flags.checkCwd,
    simulation: flags.simulate,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function listOf(values: readonly string[]): readonly string[] | undefined {
  return values.length > 0 ? values : undefined;
}

function oneOf(flag: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value)) throw new UsageError(`${flag} wants ${choices.join(', ')}; it got ${value}`);
}

/** What `sxrun new --help` says. */
export function newHelp(templates: readonly Template[]): string {
  const rows = (lines: readonly (readonly [string, string])[]) => {
    const width = Math.max(...lines.map(([first]) => first.length));
    return lines.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
  };
  return `${[
    'sxrun new [TEMPLATE]                                     asks for what is open, at a terminal',
    'sxrun new TEMPLATE --source PLACE --target PLACE [-o FILE] [options]',
    'sxrun new TEMPLATE --root PLACE --root PLACE … [-o FILE] [options]',
    '',
    'Templates:',
    ...rows(templates.map(({ name, description }) => [name, description])),
    '',
    'Options:',
    ...rows(FLAGS),
  ].join('\n')}\n`;
}
