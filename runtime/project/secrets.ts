import { join } from 'node:path';
import { ownFolders } from '../machine/own-folders.ts';
import { type Keychain, systemKeychain } from '../state/keychain.ts';
import { machineIdentity } from '../state/machine-identity.ts';
import { SecretError } from '../state/secret-error.ts';
import { createSecretStore, type SecretKept, type SecretPlace, type SecretStore } from '../state/secret-store.ts';
import { StateError } from '../state/state-error.ts';

/** Something for the user to mend: a name or value that cannot be kept, a file that others can read, a keychain that is closed. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
}

/** The secrets of this user. Nothing is opened before something is asked for. */
function userSecrets(): SecretStore {
  return createSecretStore({
    folder: join(ownFolders().data, 'secrets'),
    keychain: process.env['SXRUN_HOME'] ? NO_KEYCHAIN : systemKeychain(),
    identity: machineIdentity,
  });
}

/** `sxrun secret set`. Rejects with SecretsError. */
export function setSecret(name: string, value: string, place?: SecretPlace): Promise<SecretKept & { readonly file: string }> {
  const secrets = userSecrets();
  return mendable(async () => ({ ...(await secrets.set(name, value, place)), file: secrets.file }));
}

/** undefined: there is none of that name. Rejects with SecretsError. */
export function keptSecret(name: string): Promise<string | undefined> {
  return mendable(() => userSecrets().get(name));
}

/** `sxrun secret list`: names and where each is kept; `file` is the encrypted file. Rejects with SecretsError. */
export function listSecrets(): Promise<{
  readonly secrets: readonly { readonly name: string; readonly place: SecretPlace }[];
  readonly file: string;
}> {
  const secrets = userSecrets();
  return mendable(async () => ({ secrets: await secrets.list(), file: secrets.file }));
}

/** `sxrun secret remove`. False when there was none of that name. Rejects with SecretsError. */
export function removeSecret(name: string): Promise<boolean> {
  return mendable(() => userSecrets().remove(name));
}

async function refuse(): Promise<never> {
  throw new SecretError('keychain', 'SXRUN_HOME keeps everything in its folder');
}
const NO_KEYCHAIN: Keychain = { read: refuse, write: refuse, remove: refuse };

async function mendable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SecretError || error instanceof StateError) throw new SecretsError(error.message, { cause: error });
    throw error;
  }
}
