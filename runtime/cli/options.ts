export type OptionGroup = 'What is done' | 'Without a project file' | 'What takes part' | 'Output' | 'Asking and permissions' | 'Help';

/** One option as `--help` lists it and as commander learns it. */
export interface OptionSpec {
  /** One character after one dash. */
  readonly short?: string;
  /** Without the two dashes. */
  readonly long: string;
  /** Name of the argument; absent: the option takes none. */
  readonly argument?: string;
  /** May be given several times; the values add up. */
  readonly repeatable?: true;
  readonly group: OptionGroup;
  readonly help: string;
}

const DOING = 'What is done';
const BARE = 'Without a project file';
const SCOPE = 'What takes part';
const OUTPUT = 'Output';
const ASKING = 'Asking and permissions';

export const OPTIONS: readonly OptionSpec[] = [
  { short: 's', long: 'simulate', group: DOING, help: 'decide and show, change nothing' },
  { short: 'y', long: 'sync-db', group: DOING, help: 'keep a database: sees collisions and removals' },
  { short: '+', long: 'sync-remove', group: DOING, help: 'removals travel too (implies -y)' },
  { long: 'mirror', group: DOING, help: 'target-only roots become exact copies: orphans go, newer files are overwritten' },
  { long: 'approve', argument: 'PLANID', group: DOING, help: 'let exactly this plan pass the guard, once' },
  { long: 'fsync', group: DOING, help: 'flush every file to disk before it is renamed into place' },

  { short: 'z', long: 'no-project', group: BARE, help: 'read no project file; the options say it all' },
  { short: 'r', long: 'root', argument: 'URL', repeatable: true, group: BARE, help: 'add a root; alone, the current folder is root 0' },
  { short: 'n', long: 'target-only', argument: 'N,N', repeatable: true, group: BARE, help: 'numbers of roots that are never a source' },
  { short: 'c', long: 'stdin', group: BARE, help: 'read the project from standard input' },

  { short: 'e', long: 'exclude-files', argument: 'PATTERN', repeatable: true, group: SCOPE, help: 'leave files out; a leading / roots the pattern' },
  { short: 'i', long: 'include-files', argument: 'PATTERN', repeatable: true, group: SCOPE, help: 'take files in although they are excluded' },
  { short: 'x', long: 'exclude-dirs', argument: 'PATTERN', repeatable: true, group: SCOPE, help: 'leave directories out, with all that is below' },
  { short: 'k', long: 'kill-files', argument: 'PATTERN', repeatable: true, group: SCOPE, help: 'remove these files in every root' },
  { short: 'd', long: 'date', argument: 'DATE', group: SCOPE, help: 'copy only files newer than this day (midnight, or with -t)' },
  { short: 't', long: 'time', argument: 'TIME', group: SCOPE, help: 'the time of that day, or of today' },

  { short: 'v', long: 'verbose', group: OUTPUT, help: 'show more' },
  { short: 'q', long: 'quiet', group: OUTPUT, help: 'show only problems, collisions and what stopped the run' },
  { long: 'json', group: OUTPUT, help: 'one JSON event a line on standard output, nothing else there' },
  { short: 'l', long: 'source-list', argument: 'FILE', group: OUTPUT, help: 'write a line a file: as copied, or "remove PATH"' },
  { short: 'L', long: 'log-file', argument: 'FILE', group: OUTPUT, help: 'append what is shown to a file, with times' },
  { short: 'w', long: 'wait', group: OUTPUT, help: 'wait for ENTER at the end' },
  { short: 'W', long: 'wait-on-error', group: OUTPUT, help: 'wait for ENTER at the end unless all is in sync' },

  { short: 'p', long: 'no-prompt', group: ASKING, help: 'never ask; fail with what would have been asked' },
  { short: 'A', long: 'allow-all', group: ASKING, help: 'the script may do everything' },
  { long: 'allow-read', argument: 'PATHS', repeatable: true, group: ASKING, help: 'the script may read there (comma list)' },
  { long: 'allow-write', argument: 'PATHS', repeatable: true, group: ASKING, help: 'it may write and remove there' },
  { long: 'allow-net', argument: 'HOSTS', repeatable: true, group: ASKING, help: 'it may connect to HOST or HOST:PORT' },
  { long: 'allow-run', argument: 'PROGRAMS', repeatable: true, group: ASKING, help: 'it may run programs (they are outside the wall)' },
  { long: 'allow-env', argument: 'NAMES', repeatable: true, group: ASKING, help: 'it may read environment variables' },
  { long: 'allow-secret', argument: 'NAMES', repeatable: true, group: ASKING, help: 'it may use stored secrets' },
  { long: 'audit', argument: 'FILE', group: ASKING, help: 'append every permission and every call of the script to a file' },
  { long: 'script-timeout', argument: 'TIME', group: ASKING, help: 'CPU time of one turn of the script (30s)' },
  { long: 'script-memory', argument: 'SIZE', group: ASKING, help: 'memory of the script (256MB)' },
  { long: 'unsandboxed', group: ASKING, help: "run the script in plain Node: all of Node's API, nothing contains it" },

  { short: 'h', long: 'short-help', group: 'Help', help: 'the options most needed, on one screen' },
  { long: 'help', group: 'Help', help: 'everything, with exit codes and examples' },
  { long: 'version', group: 'Help', help: 'the version' },
];

/** Words that are commands when they come first. */
export const COMMANDS = ['plan', 'apply', 'new', 'check', 'allow', 'grants', 'revoke', 'secret', 'zip', 'versions'] as const;
export type CommandName = (typeof COMMANDS)[number];

export function isCommand(word: string | undefined): word is CommandName {
  return (COMMANDS as readonly (string | undefined)[]).includes(word);
}

/** `-s, --simulate`, `--approve <PLANID>`: as commander and the help pages write it. */
export function optionFlags(option: OptionSpec): string {
  const names = option.short === undefined ? `--${option.long}` : `-${option.short}, --${option.long}`;
  return option.argument === undefined ? names : `${names} <${option.argument}>`;
}
