import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SecretError } from './secret-error.ts';

/** The operating system's store of passwords: Keychain of macOS, Credential Manager of Windows, a Secret Service (GNOME, KDE, KeePassXC) elsewhere. */
export interface Keychain {
  /** undefined: there is none. All three reject with SecretError `keychain`. */
  read(name: string): Promise<string | undefined>;
  /** What it cannot hold whole is refused: Windows takes 2560 bytes. */
  write(name: string, value: string): Promise<void>;
  /** False: there was none. */
  remove(name: string): Promise<boolean>;
}

/** Under which all entries stand; people see it when they look into their keychain. */
const SERVICE = 'sxrun';
/** A locked keychain asks on the desktop; someone has to see it and type. */
const ANSWER_MS = 60_000;

/** What of @napi-rs/keyring is used. */
export interface KeyringModule {
  readonly AsyncEntry: new (service: string, name: string, options: { readonly linux: { readonly store: 'secret-service' } }) => KeyringEntry;
}
interface KeyringEntry {
  getSecret(): Promise<readonly number[] | Uint8Array | null | undefined>;
  setSecret(secret: Uint8Array): Promise<void>;
  deleteCredential(): Promise<boolean>;
}

/** `load` imports the optional package. Rejects with SecretError `keychain` where there is no keychain. */
export async function openKeychain(load: () => Promise<KeyringModule> = () => import('@napi-rs/keyring')): Promise<Keychain> {
  const { AsyncEntry } = await load().catch((error: unknown) => {
    throw refusal(error);
  });
  // Else it would fall back to the kernel's keyring, which forgets when the machine is shut down.
  const entry = (name: string) => translated(() => new AsyncEntry(SERVICE, accountOf(name), { linux: { store: 'secret-service' } }));
  const read = async (name: string) => {
    const one = entry(name);
    const bytes = await answer(one.getSecret());
    return bytes === null || bytes === undefined ? undefined : Buffer.from(Uint8Array.from(bytes)).toString('utf8');
  };
  entry('probe');
  return {
    read,
    async write(name, value) {
      const one = entry(name);
      await answer(one.setSecret(Buffer.from(value)));
      if ((await read(name)) !== value) throw new SecretError('keychain', 'it does not give back what it was given');
    },
    remove: async (name) => answer(entry(name).deleteCredential()),
  };
}

/** Windows takes names that differ only in case for one: those with capitals have a mark of their own. No name holds a `#`. */
function accountOf(name: string): string {
  return name === name.toLowerCase() ? name : `${name}#${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

async function answer<T>(asked: Promise<T>): Promise<T> {
  const ending = new AbortController();
  const tooLong = pause(ANSWER_MS, undefined, { signal: ending.signal }).then(() => {
    throw new SecretError('keychain', `it does not answer for ${ANSWER_MS / 1000} s; is it waiting to be unlocked?`);
  });
  try {
    return await Promise.race([asked, tooLong]);
  } catch (error) {
    throw refusal(error);
  } finally {
    tooLong.catch(() => undefined);
    ending.abort();
  }
}

function translated<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): SecretError {
  if (error instanceof SecretError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ERR_MODULE_NOT_FOUND' ? 'the optional package @napi-rs/keyring is not installed' : message;
  return new SecretError('keychain', reason, { cause: error });
}
