import { EXIT_CODES } from './exit-codes.ts';
import { OPTIONS, optionFlags, type OptionGroup, type OptionSpec } from './options.ts';

const USAGE = `sxrun synchronizes N folders as a TypeScript project file says.

  sxrun [options] [project.sync.ts] [-- script arguments]    without a file: config.sync.ts of the current folder
  sxrun new [template]       write a commented project file; sxrun check P says what is wrong with one
  sxrun plan P -o FILE       decide now; sxrun apply FILE does it later, and refuses what has changed meanwhile
  sxrun allow P GRANT…       remember permissions for a project; sxrun grants lists them, sxrun revoke P forgets them
  sxrun secret set NAME      keep a password or key for projects; sxrun secret list, sxrun secret remove NAME
  sxrun versions list ROOT   old versions that xvs:, uxvs: and rcy: roots keep; also versions restore, versions prune
  sxrun zip compact FILE     free what replaced and removed files still take in an archive
`;

const GROUPS: readonly OptionGroup[] = ['What is done', 'Without a project file', 'What takes part', 'Output', 'Asking and permissions', 'Help'];

/** Long names of what fits on one screen. */
const MOST_NEEDED = [
  'simulate',
  'sync-db',
  'sync-remove',
  'mirror',
  'no-project',
  'root',
  'target-only',
  'exclude-files',
  'exclude-dirs',
  'verbose',
  'quiet',
  'short-help',
  'help',
  'version',
];

const EXAMPLES = `Examples
  sxrun photos.sync.ts -s              show what a run would do
  sxrun photos.sync.ts                 do it
  sxrun -z -r /mnt/usb/texts -n1       back up the current folder, without a project file
  sxrun -z -y -+ -r a -r b -e '*.bak'  two-way, with database and removals
  sxrun photos.sync.ts -d 31.01.2024   only files since then
  sxrun photos.sync.ts --json | jq     for programs
`;

export function shortHelp(): string {
  const options = MOST_NEEDED.flatMap((long) => OPTIONS.filter((option) => option.long === long));
  return `${USAGE}\n${optionLines(options)}`;
}

export function fullHelp(): string {
  const groups = GROUPS.map((group) => `${group}\n${optionLines(OPTIONS.filter((option) => option.group === group))}`);
  const codes = `Exit codes\n${EXIT_CODES.map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}\n`).join('')}`;
  const notes =
    'A project file named like a command is written ./new\nEnvironment: NO_COLOR, FORCE_COLOR; SXRUN_HOME, a folder for settings, secrets and cache\n';
  return [USAGE, ...groups, codes, EXAMPLES, notes].join('\n');
}

function optionLines(options: readonly OptionSpec[]): string {
  const names = options.map((option) => `${option.short === undefined ? '    ' : ''}${optionFlags(option).replace(/[<>]/g, '')}`);
  const width = Math.max(...names.map((name) => name.length));
  return options.map((option, index) => `  ${(names[index] ?? '').padEnd(width)}  ${option.help}\n`).join('');
}
