import { join } from 'node:path';
import { secretNameFault } from '../secret-name.ts';
import { printable } from '../printable.ts';
import type { Keychain } from './keychain.ts';
import type { MachineIdentity } from './machine-identity.ts';
import { isPrivate } from './private-path.ts';
import { SecretError } from './secret-error.ts';
import {
  createCipher,
  type KeptSecret,
  labelOf,
  NO_SECRETS,
  openCipher,
  type SecretsFile,
  type SecretsPlace,
  validateSecretsFile,
} from './secrets-file.ts';
import { openStore, type Store } from './store.ts';

export type SecretPlace = 'keychain' | 'file';

/** The user's secrets by name. All methods reject with SecretError, or with StateError for the file in which the names stand. */
export interface SecretStore {
  /** Where names, and secrets that no keychain has, are kept; for messages. */
  readonly file: string;
  /**
   * Keeps `value` under `name`, whatever was there before. Without `place`: where it is kept already, else in the keychain where there is one, else in the file;
   * when the keychain refuses, in the file.
   */
  set(name: string, value: string, place?: SecretPlace): Promise<SecretKept>;
  /** undefined: there is none of this name. */
  get(name: string): Promise<string | undefined>;
  /** Sorted by name. No value is read, no keychain opened. */
  list(): Promise<readonly { readonly name: string; readonly place: SecretPlace }[]>;
  /** False: there was none. */
  remove(name: string): Promise<boolean>;
}

export interface SecretKept {
  readonly place: SecretPlace;
  /** Why the keychain, which would have been the place, does not have it. */
  readonly keychainRefused?: string;
  /** True when the keychain, not to be reached now, still has an older value. */
  readonly oldInKeychain: boolean;
}

export interface SecretStoreOptions {
  /** Absolute; made when the first secret is kept. */
  readonly folder: string;
  readonly keychain: Keychain;
  identity(): Promise<MachineIdentity>;
}

/** A PEM key with its chain is some 10 KB. */
const MAX_BYTES = 64 * 1024;

export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { folder } = options;
  const place: SecretsPlace = { folder, file: join(folder, 'secrets.json'), keyFile: join(folder, 'key') };

  async function open(): Promise<Store<SecretsFile>> {
    if (isPrivate(folder, 'folder')) isPrivate(place.file, 'file');
    return openStore(place.file, NO_SECRETS, (data) => validateSecretsFile(data, place.file));
  }

  return {
    file: place.file,
    async set(name, value, wanted) {
      requireName(name);
      requireValue(value);
      const store = await open();
      const before = find(store.data, name)?.kept;
      let keychainRefused: string | undefined;
      if ((wanted ?? before ?? 'keychain') === 'keychain') {
        try {
          // The keychain first: what the file says is then true, whenever this is stopped.
          await options.keychain.write(name, value);
          await store.update((data) => putIntoKeychain(data, name));
          return { place: 'keychain', oldInKeychain: false };
        } catch (error) {
          if (wanted === 'keychain') throw inWords(error, `The keychain cannot keep the secret "${name}"`);
          if (!isRefusal(error)) throw error;
          keychainRefused = error.message;
        }
      }
      const identity = await options.identity();
      await store.update((data) => putIntoFile(data, { name, value }, place, identity));
      const oldInKeychain = before === 'keychain' && !(await isForgotten(name, options));
      return { place: 'file', oldInKeychain, ...(keychainRefused !== undefined && { keychainRefused }) };
    },
    async get(name) {
      requireName(name);
      const { data } = await open();
      const secret = find(data, name);
      if (secret === undefined) return undefined;
      if (secret.kept === 'keychain') return readKeychain(name, options);
      const value = data.key && openCipher(data.key, place, await options.identity()).open(labelOf(name), secret.box);
      if (typeof value !== 'string') {
        throw new SecretError('damaged', `The secret "${name}" in ${place.file} is damaged. Set it anew: sxrun secret set ${name}`);
      }
      return value;
    },
    async list() {
      const { data } = await open();
      return data.secrets.map(({ name, kept }) => ({ name, place: kept }));
    },
    async remove(name) {
      requireName(name);
      const store = await open();
      const secret = find(store.data, name);
      if (secret?.kept === 'keychain') await removeFromKeychain(name, options);
      await store.update((data) => {
        data.secrets = data.secrets.filter((other) => other.name !== name);
        forgetUnusedKey(data);
      });
      return secret !== undefined;
    },
  };
}

function putIntoKeychain(data: SecretsFile, name: string): void {
  data.secrets = withSecret(data.secrets, { name, kept: 'keychain' });
  forgetUnusedKey(data);
}

/** With all other processes kept out. Throws like `openCipher` and `createCipher`. */
function putIntoFile(
  data: SecretsFile,
  { name, value }: { readonly name: string; readonly value: string },
  place: SecretsPlace,
  identity: MachineIdentity,
): void {
  const { cipher, key } = data.key === null ? createCipher(place, identity) : { cipher: openCipher(data.key, place, identity), key: data.key };
  data.key = key;
  data.secrets = withSecret(data.secrets, { name, kept: 'file', box: cipher.seal(labelOf(name), value) });
}

function find(data: SecretsFile, name: string): KeptSecret | undefined {
  return data.secrets.find((secret) => secret.name === name);
}

function withSecret(secrets: readonly KeptSecret[], added: KeptSecret): KeptSecret[] {
  return [...secrets.filter(({ name }) => name !== added.name), added].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** So that a file of another machine can be used again when its secrets are removed. */
function forgetUnusedKey(data: SecretsFile): void {
  if (!data.secrets.some(({ kept }) => kept === 'file')) data.key = null;
}

async function readKeychain(name: string, options: SecretStoreOptions): Promise<string> {
  let value: string | undefined;
  try {
    value = await options.keychain.read(name);
  } catch (error) {
    const advice = `For runs without a desktop session keep it in the file instead: sxrun secret set ${name} --in file`;
    throw inWords(error, `The secret "${name}" is kept in the keychain, which cannot be read here`, advice);
  }
  if (value === undefined) throw new SecretError('keychain', `The keychain has lost the secret "${name}". Set it anew: sxrun secret set ${name}`);
  return value;
}

async function removeFromKeychain(name: string, options: SecretStoreOptions): Promise<void> {
  try {
    await options.keychain.remove(name);
  } catch (error) {
    throw inWords(error, `The secret "${name}" cannot be removed from the keychain`, 'Nothing was changed. Remove it where the keychain is open');
  }
}

/** Whether the keychain surely has the name no more. */
async function isForgotten(name: string, options: SecretStoreOptions): Promise<boolean> {
  try {
    await options.keychain.remove(name);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function requireName(name: string): void {
  const fault = secretNameFault(name);
  if (fault !== undefined)
    throw new SecretError('name', `The name of a secret "${printable(name.slice(0, 80))}" ${fault}. A good name is "mail" or "deploy/token".`);
}

function requireValue(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes === 0) throw new SecretError('value', 'The value is empty.');
  if (bytes > MAX_BYTES) throw new SecretError('value', `The value has ${bytes} bytes; ${MAX_BYTES} are the most that a secret can have.`);
  if (value.includes('\0')) throw new SecretError('value', 'The value holds a NUL character; a secret is text in UTF-8.');
  if (/\p{Surrogate}/u.test(value)) throw new SecretError('value', 'The value holds half a surrogate pair, which is no text.');
}

function isRefusal(error: unknown): error is SecretError {
  return error instanceof SecretError && error.code === 'keychain';
}

/** What is not the keychain's refusal stays as it is. */
function inWords(error: unknown, what: string, advice?: string): unknown {
  if (!isRefusal(error)) return error;
  return new SecretError('keychain', `${what}: ${printable(error.message)}.${advice === undefined ? '' : ` ${advice}.`}`, { cause: error });
}
