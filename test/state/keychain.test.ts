import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { systemKeychain } from '../../runtime/state/keychain.ts';
import { askKeychain, type KeyringModule } from '../../runtime/state/keychain-entries.ts';

/** A package with entries in memory; `made` notes what they are made with, `spoil` changes what is given back. */
function keyring(spoil = (bytes: Uint8Array) => bytes) {
  const made: unknown[][] = [];
  const entries = new Map<string, Uint8Array>();
  class AsyncEntry {
    readonly #account: string;
    constructor(...args: [service: string, account: string, options: unknown]) {
      made.push(args);
      this.#account = args[1];
    }
    async getSecret() {
      const bytes = entries.get(this.#account);
      return bytes === undefined ? null : [...spoil(bytes)];
    }
    async setSecret(secret: Uint8Array) {
      if (secret.byteLength > 2560) throw new Error('longer than the platform limit of 2560 chars');
      entries.set(this.#account, secret);
    }
    deleteCredential = async () => entries.delete(this.#account);
  }
  const load = async (): Promise<KeyringModule> => ({ AsyncEntry });
  return {
    made,
    entries,
    read: (name: string) => askKeychain({ action: 'read', name }, load),
    write: (name: string, value: string) => askKeychain({ action: 'write', name, value }, load),
    remove: (name: string) => askKeychain({ action: 'remove', name }, load),
  };
}

test('a keychain gives back what it was given, and never uses the kernel’s keyring, which forgets', async () => {
  const { made, entries, read, write, remove } = keyring();
  assert.deepEqual(await read('mail'), { ok: true, value: null, found: false });
  assert.equal((await write('mail', 'pässword 🔑\n')).ok, true);
  assert.deepEqual(await read('mail'), { ok: true, value: 'pässword 🔑\n', found: true });
  assert.deepEqual(await remove('mail'), { ok: true, value: null, found: true });
  assert.deepEqual(await remove('mail'), { ok: true, value: null, found: false });
  assert.equal(entries.size, 0);
  for (const [service, , options] of made) assert.deepEqual([service, options], ['sxrun', { linux: { store: 'secret-service' } }]);
});

test('names that differ only in case are different to every keychain', async () => {
  const { entries, read, write } = keyring();
  for (const name of ['mail', 'Mail', 'MAIL']) await write(name, `value of ${name}`);
  assert.equal(new Set([...entries.keys()].map((name) => name.toLowerCase())).size, 3);
  for (const name of ['mail', 'Mail', 'MAIL']) assert.deepEqual(await read(name), { ok: true, value: `value of ${name}`, found: true });
});

test('a keychain that refuses, or keeps something else, is said to', async () => {
  assert.deepEqual(await keyring().write('key', 'x'.repeat(3000)), { ok: false, message: 'longer than the platform limit of 2560 chars' });
  const halving = keyring((bytes) => bytes.subarray(1));
  assert.deepEqual(await halving.write('mail', 'hunter-22'), { ok: false, message: 'it does not give back what it was given' });
});

test('without the optional package there is no keychain', async () => {
  const absent = async (): Promise<KeyringModule> =>
    Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
  assert.deepEqual(await askKeychain({ action: 'read', name: 'mail' }, absent), {
    ok: false,
    message: 'the optional package @napi-rs/keyring is not installed',
  });
});

test('without a session there is no keychain, and all that is asked of it says so', { skip: process.platform !== 'linux' }, async (context) => {
  const usual = process.env['DBUS_SESSION_BUS_ADDRESS'];
  context.after(() => {
    if (usual === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = usual;
  });
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere/bus';
  const keychain = systemKeychain();
  for (const ask of [() => keychain.read('mail'), () => keychain.write('mail', 'x'), () => keychain.remove('mail')]) {
    await assert.rejects(ask, { code: 'keychain', message: /^(?!.*(not installed|without an answer))./ });
  }
});

/** A process in the place of the one that asks, and what became of it. */
function standIn() {
  const children: ChildProcess[] = [];
  const start = () => {
    const child = fork(new URL('./fixtures/silent-keychain.ts', import.meta.url), {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  };
  return { children, start };
}

test('a keychain that waits for somebody to unlock it is given up, and nothing of it is left', async () => {
  const { children, start } = standIn();
  await assert.rejects(systemKeychain({ start, answerMs: 100 }).read('mail'), { code: 'keychain', message: /does not answer for 0.1 s; .*unlocked/ });
  const [child] = children;
  assert.ok(child);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
});

test('a keychain that takes its process down is an error', async () => {
  const { children, start } = standIn();
  const asked = systemKeychain({ start }).read('mail');
  children[0]?.kill('SIGTERM');
  await assert.rejects(asked, { code: 'keychain', message: /ended without an answer \(SIGTERM\)/ });
});
