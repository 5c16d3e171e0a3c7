import { createHash } from 'node:crypto';

/** What a keychain is asked for; `write` refuses what it does not give back. */
export type KeychainRequest =
  | { readonly action: 'read' | 'remove'; readonly name: string }
  | { readonly action: 'write'; readonly name: string; readonly value: string };

/** `read`: the value, null when there is none. `remove`: whether there was one. `message` says why not. */
export type KeychainReply =
  | { readonly ok: true; readonly value: string | null; readonly found: boolean }
  | { readonly ok: false; readonly message: string };

/** What of @napi-rs/keyring is used. */
export interface KeyringModule {
  readonly AsyncEntry: new (service: string, account: string, options: { readonly linux: { readonly store: 'secret-service' } }) => KeyringEntry;
}
interface KeyringEntry {
  getSecret(): Promise<readonly number[] | Uint8Array | null | undefined>;
  setSecret(secret: Uint8Array): Promise<void>;
  deleteCredential(): Promise<boolean>;
}

/** Under which all entries stand; people see it when they look into their keychain. */
const SERVICE = 'sxrun';

/** Asks the operating system's keychain; may wait without end, and in ways that keep the process from ending. `load` imports the optional package. */
export async function askKeychain(request: KeychainRequest, load: () => Promise<KeyringModule>): Promise<KeychainReply> {
  try {
    const { AsyncEntry } = await load();
    // Else it would fall back to the kernel's keyring, which forgets when the machine is shut down.
    const entry = new AsyncEntry(SERVICE, accountOf(request.name), { linux: { store: 'secret-service' } });
    if (request.action === 'remove') return { ok: true, value: null, found: await entry.deleteCredential() };
    if (request.action === 'write') await entry.setSecret(Buffer.from(request.value));
    const bytes = await entry.getSecret();
    const value = bytes === null || bytes === undefined ? null : Buffer.from(Uint8Array.from(bytes)).toString('utf8');
    if (request.action === 'write' && value !== request.value) return { ok: false, message: 'it does not give back what it was given' };
    return { ok: true, value, found: value !== null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, message: code === 'ERR_MODULE_NOT_FOUND' ? 'the optional package @napi-rs/keyring is not installed' : String(message) };
  }
}

/** Windows takes names that differ only in case for one: those with capitals have a mark of their own. No name holds a `#`. */
function accountOf(name: string): string {
  return name === name.toLowerCase() ? name : `${name}#${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
