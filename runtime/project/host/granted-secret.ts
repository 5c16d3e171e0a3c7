import { ScriptCallError } from '../../sandbox/script-host.ts';
import type { HostContext } from './host-function.ts';

/**
 * A kept secret that the script names; from then on it is not shown. Rejects with PermissionError without the grant `secret:NAME`, with ScriptCallError `secret` when there is
 * none, or it cannot be read.
 */
export async function grantedSecret(name: string, { broker, command }: Pick<HostContext, 'broker' | 'command'>): Promise<string> {
  const { SecretsError, keptSecret } = await import('../secrets.ts');
  await broker.require([{ kind: 'secret', name }]);
  try {
    const value = await keptSecret(name);
    if (value === undefined)
      throw new ScriptCallError({ code: 'secret', message: `there is no secret "${name}": keep it with "sxrun secret set ${name}"` });
    command.secrets.add(value);
    return value;
  } catch (error) {
    throw error instanceof SecretsError ? new ScriptCallError({ code: 'secret', message: error.message }) : error;
  }
}
