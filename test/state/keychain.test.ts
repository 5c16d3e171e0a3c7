import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type KeyringModule, openKeychain } from '../../runtime/state/keychain.ts';
import { REPOSITORY } from '../kit/built-command.ts';

/** A package with entries in memory; `made` notes what they are made with, `spoil` what is given back. */
function keyring(spoil = (bytes: Uint8Array) => bytes) {
  const made: unknown[][] = [];
  const entries = new Map<string, Uint8Array>();
  class AsyncEntry {
    readonly #name: string;
    constructor(...args: [service: string, name: string, options: unknown]) {
      made.push(args);
      this.#name = args[1];
    }
    async getSecret() {
      const bytes = entries.get(this.#name);
      return bytes === undefined ? null : [...spoil(bytes)];
    }
    async setSecret(secret: Uint8Array) {
      if (secret.byteLength > 2560) throw new Error('longer than the platform limit of 2560 chars');
      entries.set(this.#name, secret);
    }
    deleteCredential = async () => entries.delete(this.#name);
  }
  return { made, entries, load: async (): Promise<KeyringModule> => ({ AsyncEntry }) };
}

test('a keychain gives back what it was given, and never uses the kernel’s keyring, which forgets', async () => {
  const { made, entries, load } = keyring();
  const keychain = await openKeychain(load);
  assert.equal(await keychain.read('mail'), undefined);
  await keychain.write('mail', 'pässword 🔑\n');
  assert.equal(await keychain.read('mail'), 'pässword 🔑\n');
  assert.equal(await keychain.remove('mail'), true);
  assert.equal(await keychain.remove('mail'), false);
  assert.equal(entries.size, 0);
  for (const [service, , options] of made) assert.deepEqual([service, options], ['sxrun', { linux: { store: 'secret-service' } }]);
});

test('names that differ only in case are different to every keychain', async () => {
  const { entries, load } = keyring();
  const keychain = await openKeychain(load);
  for (const name of ['mail', 'Mail', 'MAIL']) await keychain.write(name, `value of ${name}`);
  assert.equal(new Set([...entries.keys()].map((name) => name.toLowerCase())).size, 3);
  for (const name of ['mail', 'Mail', 'MAIL']) assert.equal(await keychain.read(name), `value of ${name}`);
});

test('a keychain that refuses, or keeps something else, is said to', async () => {
  await assert.rejects((await openKeychain(keyring().load)).write('key', 'x'.repeat(3000)), { code: 'keychain', message: /limit of 2560/ });
  const halving = await openKeychain(keyring((bytes) => bytes.subarray(1)).load);
  await assert.rejects(halving.write('mail', 'hunter-22'), { code: 'keychain', message: /does not give back/ });
});

test('without the optional package there is no keychain', async () => {
  const absent = async (): Promise<KeyringModule> =>
    Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
  await assert.rejects(openKeychain(absent), { code: 'keychain', message: 'the optional package @napi-rs/keyring is not installed' });
});

test('without a session there is no keychain, which takes no time to tell', { skip: process.platform !== 'linux' }, async () => {
  const script = `import { openKeychain } from './runtime/state/keychain.ts'; openKeychain().catch(({ code, message }) => console.log(code, message));`;
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY, env });
  assert.match(stdout, /^keychain (?!the optional package).+/);
});
