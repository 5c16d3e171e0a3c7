import { printable } from '../printable.ts';
import { secretNameFault } from '../secret-name.ts';
import { commandParser, parseWith } from './command-parser.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { askForValue, readValue } from './secret-value.ts';
import { UsageError } from './usage-error.ts';

const HELP = `sxrun secret set NAME [--in keychain|file]
sxrun secret list
sxrun secret remove NAME
Keeps passwords and keys for projects and root URLs. The value is asked for, or read from standard input:  sxrun secret set NAME < FILE

  set      keeps a value in the operating system's keychain, or, where there is none, in a file encrypted for this machine and user
    --in   only there; a run without a desktop session (cron, ssh) can read no keychain
  list     names, and where each is kept
  remove   forgets one

A script has a secret by secret('NAME'), and asks for the permission secret:NAME. Passwords of URLs: password:sftp://user@host
`;

const ACTIONS = ['set', 'list', 'remove'];

/** `sxrun secret`. Resolves to the exit code; rejects with `UsageError`. */
export async function runSecret(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun secret').argument('[words...]').option('--in <place>').option('-h, --help');
  parseWith(program, args);
  const flags = program.opts<{ in?: string; help?: true }>();
  const [action, ...words] = program.args;
  if (flags.help) {
    await say(context.stdout, HELP);
    return 0;
  }
  if (action === undefined || !ACTIONS.includes(action)) {
    throw new UsageError(
      `sxrun secret ${action === undefined ? 'what?' : `knows no "${action}".`} Write sxrun secret set NAME, list, or remove NAME`,
    );
  }
  if (flags.in !== undefined && action !== 'set')
    throw new UsageError(`--in is for "sxrun secret set"; "${action}" finds a secret wherever it is kept`);
  if (action === 'list') return await list(words, context);
  const name = nameOf(action, words);
  return action === 'set' ? await set(name, placeOf(flags.in), context) : await remove(name, context);
}

async function set(name: string, place: 'keychain' | 'file' | undefined, context: ProcessContext): Promise<number> {
  const value = context.stdin.isTTY ? await askForValue(name, context) : await readValue(context.stdin);
  if (value === undefined) return 130;
  const kept = await withSecrets(({ setSecret }) => setSecret(name, value, place));
  const where = kept.place === 'keychain' ? 'in the keychain' : `in ${printable(kept.file)}, encrypted for this machine and user`;
  const reason = kept.keychainRefused === undefined ? '' : `The keychain cannot be used: ${printable(kept.keychainRefused)}.\n`;
  const old = kept.oldInKeychain ? `The keychain may still have an older value; remove "${name}" of "sxrun" there.\n` : '';
  await say(context.stdout, `${name} is kept ${where}.\n${reason}${old}`);
  return 0;
}

async function list(words: readonly string[], context: ProcessContext): Promise<number> {
  if (words.length > 0) throw new UsageError('sxrun secret list takes no name: it lists all, and never shows a value');
  const { secrets, file } = await withSecrets(({ listSecrets }) => listSecrets());
  const width = Math.max(0, ...secrets.map(({ name }) => name.length));
  const lines = secrets.map(({ name, place }) => `${name.padEnd(width)}  ${place}\n`).join('');
  const where = secrets.some(({ place }) => place === 'file') ? `file: ${printable(file)}, encrypted for this machine and user\n` : '';
  await say(context.stdout, lines === '' ? 'No secrets are kept.\n' : `${lines}${where}`);
  return 0;
}

async function remove(name: string, context: ProcessContext): Promise<number> {
  const found = await withSecrets(({ removeSecret }) => removeSecret(name));
  if (!found) throw new UsageError(`there is no secret "${name}"; "sxrun secret list" lists what there is`);
  await say(context.stdout, `${name} is forgotten.\n`);
  return 0;
}

/** Never repeats what stands behind the name: it may be the value. */
function nameOf(action: string, [name, ...more]: readonly string[]): string {
  if (name === undefined) throw new UsageError(`sxrun secret ${action} needs the name of a secret, such as mail`);
  const fault = secretNameFault(name);
  if (fault !== undefined) throw new UsageError(`a secret cannot have the name "${name.slice(0, 80)}": it ${fault}`);
  if (more.length === 0) return name;
  throw new UsageError(
    action === 'set'
      ? 'a value is not taken from the command line, where other programs and the history of the shell see it. Leave it away to be asked, or give it as standard input'
      : 'one secret at a time',
  );
}

function placeOf(place: string | undefined): 'keychain' | 'file' | undefined {
  if (place === undefined || place === 'keychain' || place === 'file') return place;
  throw new UsageError(`--in ${place}: a secret is kept in the keychain or in the file`);
}

/** Does something with the secrets, loaded now. Rejects with `UsageError` for what the user can mend. */
async function withSecrets<T>(action: (secrets: typeof import('../project/secrets.ts')) => Promise<T>): Promise<T> {
  const secrets = await import('../project/secrets.ts');
  try {
    return await action(secrets);
  } catch (error) {
    throw error instanceof secrets.SecretsError ? new UsageError(error.message) : error;
  }
}
