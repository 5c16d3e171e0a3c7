import { printable } from '../printable.ts';
import { mailServersIn } from './bundle/foreseen-needs.ts';
import type { CommandContext } from './command-context.ts';
import { passwordName } from './passwords.ts';

/** What was told already, by command. */
const told = new WeakMap<CommandContext, Set<string>>();

/**
 * Tells which passwords of mail servers a script (bundled, without comments) has no other way to get than to ask for them: mails are sent when something went wrong, and nobody may be there then. A script that
 * says "password" anywhere has its own way.
 */
export async function tellMissingPasswords(code: string, command: CommandContext): Promise<void> {
  if (command.commandLine['simulation'] === true || /\bpassword\b\s*[:,}=]/.test(code)) return;
  const names = told.get(command) ?? new Set();
  told.set(command, names);
  for (const { scheme, user, host, writtenPort, password } of mailServersIn(code)) {
    if (user === undefined || password !== undefined) continue;
    const name = passwordName({ scheme, user, host, port: writtenPort });
    if (names.has(name) || (await isKept(name))) continue;
    names.add(name);
    const message = `the password of ${printable(user)}@${host} is not kept, and the script may want it later, when nobody can be asked; to keep it: sxrun secret set ${name}`;
    command.log.tell({ type: 'log', level: 'warn', message });
  }
}

/** What is wrong with the store is told when something is wanted of it. */
async function isKept(name: string): Promise<boolean> {
  const { listSecrets, SecretsError } = await import('./secrets.ts');
  try {
    const { secrets } = await listSecrets();
    return secrets.some((secret) => secret.name === name);
  } catch (error) {
    if (error instanceof SecretsError) return true;
    throw error;
  }
}
