import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createSecretStore, type SecretStore } from '../../runtime/state/secret-store.ts';
import { withFolder } from './fixtures/database-kit.ts';
import { type MemoryKeychain, memoryKeychain } from './fixtures/memory-keychain.ts';

const HERE = { machine: 'a1b2', user: 'uid:1000' };
const NO_KEYCHAIN = 'no session bus';
const posixOnly = { skip: process.platform === 'win32' };

interface Scene {
  readonly secrets: SecretStore;
  readonly keychain: MemoryKeychain;
  /** Of the store. */
  readonly folder: string;
  /** The same store as seen from elsewhere. */
  seenBy(identity: typeof HERE): SecretStore;
}

const scene = (closed: string | undefined, story: (scene: Scene) => Promise<void>) => () =>
  withFolder((_, outer) => {
    const folder = join(outer, 'data', 'secrets');
    const keychain = memoryKeychain(closed);
    const seenBy = (identity: typeof HERE) => createSecretStore({ folder, keychain, identity: async () => identity });
    return story({ secrets: seenBy(HERE), keychain, folder, seenBy });
  });

describe('secrets in the keychain', () => {
  test(
    'are kept there and nowhere else',
    scene(undefined, async ({ secrets, keychain, folder }) => {
      assert.deepEqual(await secrets.set('mail', 'hunter22'), { place: 'keychain', oldInKeychain: false });
      assert.equal(await secrets.get('mail'), 'hunter22');
      assert.deepEqual(await secrets.list(), [{ name: 'mail', place: 'keychain' }]);
      assert.deepEqual([...keychain.entries], [['mail', 'hunter22']]);
      assert.deepEqual(await readdir(folder), ['secrets.json']);
      assert.ok(!(await readFile(secrets.file, 'utf8')).includes('hunter22'));
      assert.equal(await secrets.remove('mail'), true);
      assert.deepEqual([[...keychain.entries], await secrets.list(), await secrets.get('mail')], [[], [], undefined]);
    }),
  );

  test(
    'that it refuses are kept in the file, with its reason',
    scene(undefined, async ({ secrets, keychain }) => {
      keychain.limit = 4;
      assert.deepEqual(await secrets.set('key', 'longer'), { place: 'file', keychainRefused: 'too long', oldInKeychain: false });
      assert.equal(await secrets.get('key'), 'longer');
      await assert.rejects(secrets.set('key', 'longer', 'keychain'), {
        code: 'keychain',
        message: 'The keychain cannot keep the secret "key": too long.',
      });
    }),
  );

  test(
    'that it has no more, or that cannot be reached, are an error that says what to do',
    scene(undefined, async ({ secrets, keychain }) => {
      await secrets.set('mail', 'hunter22');
      keychain.closed = NO_KEYCHAIN;
      await assert.rejects(secrets.get('mail'), {
        code: 'keychain',
        message: /cannot be read here: no session bus\. .*sxrun secret set mail --in file/,
      });
      await assert.rejects(secrets.remove('mail'), { code: 'keychain', message: /no session bus\. Nothing was changed/ });
      assert.deepEqual(await secrets.list(), [{ name: 'mail', place: 'keychain' }]);
      keychain.closed = undefined;
      keychain.entries.clear();
      await assert.rejects(secrets.get('mail'), { code: 'keychain', message: /has lost the secret "mail"/ });
      assert.equal(await secrets.remove('mail'), true);
    }),
  );

  test(
    'that are moved to the file leave nothing behind, or it is said',
    scene(undefined, async ({ secrets, keychain }) => {
      await secrets.set('a', 'one-value');
      await secrets.set('b', 'two-value');
      assert.deepEqual(await secrets.set('a', 'new-value', 'file'), { place: 'file', oldInKeychain: false });
      assert.deepEqual([...keychain.entries.keys()], ['b']);
      keychain.closed = NO_KEYCHAIN;
      assert.deepEqual(await secrets.set('b', 'new-value'), { place: 'file', keychainRefused: NO_KEYCHAIN, oldInKeychain: true });
      assert.equal(await secrets.get('b'), 'new-value');
    }),
  );

  test(
    'stay in the file when they were put there, until someone says otherwise',
    scene(undefined, async ({ secrets, folder }) => {
      await secrets.set('cron', 'value-1', 'file');
      assert.equal((await secrets.set('cron', 'value-2')).place, 'file');
      assert.equal((await secrets.set('cron', 'value-3', 'keychain')).place, 'keychain');
      assert.equal(await secrets.get('cron'), 'value-3');
      assert.equal(JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8')).key, null);
    }),
  );
});

describe('secrets in the file', () => {
  test(
    'are encrypted, each in a new way every time, and come back as they were',
    scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
      const values = { 'password:sftp://me@host': 'pass word', 'deploy/token': '-----BEGIN KEY-----\nline\r\n', größe: '⛔ 🔑', x: ' ' };
      const texts = new Set<string>();
      for (const [name, value] of Object.entries(values)) assert.equal((await secrets.set(name, value)).keychainRefused, NO_KEYCHAIN);
      for (const [name, value] of Object.entries(values)) assert.equal(await secrets.get(name), value);
      for (let i = 0; i < 3; i++) {
        await secrets.set('x', 'a-value');
        texts.add(await readFile(secrets.file, 'utf8'));
      }
      assert.equal(texts.size, 3);
      for (const value of Object.values(values).filter((value) => value.length > 1)) for (const text of texts) assert.ok(!text.includes(value));
      assert.deepEqual(
        (await secrets.list()).map(({ name }) => name),
        ['deploy/token', 'größe', 'password:sftp://me@host', 'x'],
      );
      assert.deepEqual((await readdir(folder)).sort(), ['key', 'secrets.json']);
    }),
  );

  test(
    'take any name that grants take, also those that JavaScript gives a meaning',
    scene(NO_KEYCHAIN, async ({ secrets }) => {
      for (const name of ['__proto__', 'constructor', 'toString']) {
        assert.equal(await secrets.get(name), undefined);
        await secrets.set(name, `value of ${name}`);
        assert.equal(await secrets.get(name), `value of ${name}`);
        assert.equal(await secrets.remove(name), true);
        assert.equal(await secrets.remove(name), false);
      }
    }),
  );

  test(
    'are for the user’s eyes only',
    posixOnly,
    scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
      await secrets.set('mail', 'hunter22');
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
    }),
  );

  for (const [name, mode, advice] of [
    ['.', 0o750, 'chmod 700'],
    ['secrets.json', 0o640, 'chmod 600'],
    ['key', 0o604, 'chmod 600'],
  ] as const) {
    test(
      `are refused when others can read ${name}`,
      posixOnly,
      scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
        await secrets.set('mail', 'hunter22');
        await chmod(join(folder, name), mode);
        const before = await readFile(secrets.file, 'utf8');
        const refusal = { code: 'exposed', message: new RegExp(`can be read or changed by others \\(mode ${mode.toString(8)}\\).*${advice}`) };
        await assert.rejects(secrets.get('mail'), refusal);
        await assert.rejects(secrets.set('other', 'value'), refusal);
        assert.equal(await readFile(secrets.file, 'utf8'), before);
        await chmod(join(folder, name), name === '.' ? 0o700 : 0o600);
        assert.equal(await secrets.get('mail'), 'hunter22');
      }),
    );
  }

  test(
    'are not read through a link',
    posixOnly,
    scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
      await secrets.set('mail', 'hunter22');
      for (const name of ['secrets.json', 'key']) {
        const file = join(folder, name);
        await rename(file, join(folder, 'elsewhere'));
        await symlink('elsewhere', file);
        await assert.rejects(secrets.get('mail'), { code: 'exposed', message: /is no plain file/ });
        await rename(join(folder, 'elsewhere'), file);
      }
      assert.equal(await secrets.get('mail'), 'hunter22');
    }),
  );

  for (const [what, identity] of [
    ['machine', { ...HERE, machine: 'other' }],
    ['user', { ...HERE, user: 'uid:1001' }],
  ] as const) {
    test(
      `of another ${what} are refused, listed, and can be replaced after they are removed`,
      scene(NO_KEYCHAIN, async ({ secrets, seenBy, folder }) => {
        await secrets.set('mail', 'hunter22');
        const before = await readFile(secrets.file, 'utf8');
        const there = seenBy(identity);
        const refusal = { code: 'foreign', message: /encrypted on another machine, by another user or .*sxrun secret remove NAME/ };
        await assert.rejects(there.get('mail'), refusal);
        await assert.rejects(there.set('mail', 'x'), refusal);
        await assert.rejects(there.set('more', 'x'), refusal);
        assert.equal(await readFile(secrets.file, 'utf8'), before);
        assert.equal(await secrets.get('mail'), 'hunter22');
        assert.deepEqual(await there.list(), [{ name: 'mail', place: 'file' }]);
        await there.remove('mail');
        await there.set('mail', 'anew');
        assert.equal(await there.get('mail'), 'anew');
        assert.deepEqual((await readdir(folder)).sort(), ['key', 'secrets.json']);
      }),
    );
  }

  test(
    'without their key file, or with another one, are refused',
    scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
      await secrets.set('mail', 'hunter22');
      const [key, kept] = [join(folder, 'key'), join(folder, 'kept')];
      await copyFile(key, kept);
      await writeFile(key, 'another\n');
      await assert.rejects(secrets.get('mail'), { code: 'foreign' });
      await rm(key);
      await assert.rejects(secrets.set('more', 'x'), { code: 'foreign', message: /its key file .*key is gone/ });
      await assert.rejects(stat(key), { code: 'ENOENT' });
      await rename(kept, key);
      assert.equal(await secrets.get('mail'), 'hunter22');
    }),
  );

  test(
    'cannot change places, and one that is damaged takes no other along',
    scene(NO_KEYCHAIN, async ({ secrets }) => {
      await secrets.set('a', 'value of a');
      await secrets.set('b', 'value of b');
      await secrets.set('c', 'value of c');
      const data = JSON.parse(await readFile(secrets.file, 'utf8'));
      [data.secrets[0].box, data.secrets[1].box] = [data.secrets[1].box, 'AAAA'];
      await writeFile(secrets.file, JSON.stringify(data));
      await assert.rejects(secrets.get('a'), { code: 'damaged', message: /"a" in .*secrets\.json is damaged\. Set it anew: sxrun secret set a/ });
      await assert.rejects(secrets.get('b'), { code: 'damaged' });
      assert.equal(await secrets.get('c'), 'value of c');
      await secrets.set('a', 'again');
      assert.equal(await secrets.get('a'), 'again');
    }),
  );

  for (const text of [
    '',
    '{',
    '[]',
    '{"format":"sxrun-secrets","version":1,"key":null}',
    '{"format":"sxrun-secrets","version":1,"key":null,"secrets":[{"name":"a b","kept":"keychain"}]}',
    '{"format":"sxrun-secrets","version":1,"key":null,"secrets":[{"name":"a","kept":"file","box":"AA"}]}',
    '{"format":"sxrun-secrets","version":1,"key":null,"secrets":[{"name":"a","kept":"keychain"},{"name":"a","kept":"keychain"}]}',
  ]) {
    test(
      `in a file that holds ${JSON.stringify(text).slice(0, 130)} are refused, and it is not overwritten`,
      scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(secrets.file, text, { mode: 0o600 });
        const refusal = { name: 'StateError', code: 'damaged', message: /secrets\.json is damaged: .*left as it is/s };
        for (const action of [() => secrets.list(), () => secrets.get('a'), () => secrets.set('a', 'x'), () => secrets.remove('a')])
          await assert.rejects(action, refusal);
        assert.equal(await readFile(secrets.file, 'utf8'), text);
        assert.deepEqual(await readdir(folder), ['secrets.json']);
      }),
    );
  }

  test(
    'of a newer version are left to it',
    scene(NO_KEYCHAIN, async ({ secrets, folder }) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(secrets.file, '{"format":"sxrun-secrets","version":2,"all":"new"}', { mode: 0o600 });
      await assert.rejects(secrets.set('a', 'x'), { code: 'newer-version', message: /newer sxrun \(format version 2\)/ });
    }),
  );

  test(
    'that are set at the same time all count, whoever makes the key',
    scene(NO_KEYCHAIN, async ({ seenBy }) => {
      const names = Array.from({ length: 8 }, (_, index) => `name${index}`);
      await Promise.all(names.map((name) => seenBy(HERE).set(name, `value of ${name}`)));
      for (const name of names) assert.equal(await seenBy(HERE).get(name), `value of ${name}`);
    }),
  );
});

describe('what is no secret', () => {
  for (const name of [
    '',
    'a b',
    'a\nb',
    'a=b',
    'a,b',
    '*',
    "a'b",
    'a"b',
    'a;b',
    'a$b',
    'a`b',
    '-a',
    '@a',
    '/etc/passwd',
    '../a',
    'a\u202eb',
    'a\0b',
    '\ud800',
    'x'.repeat(256),
  ]) {
    test(
      `the name ${JSON.stringify(name).slice(0, 20)} is refused`,
      scene(undefined, async ({ secrets, folder }) => {
        for (const action of [() => secrets.set(name, 'value'), () => secrets.get(name), () => secrets.remove(name)])
          await assert.rejects(action, { code: 'name' });
        await assert.rejects(stat(folder), { code: 'ENOENT' });
      }),
    );
  }

  for (const [what, value, message] of [
    ['nothing', '', /empty/],
    ['10 MB', 'x'.repeat(10 * 1024 ** 2), /has 10485760 bytes; 65536 are the most/],
    ['a NUL', 'a\0b', /NUL/],
    ['half a character', 'a\ud800', /half a surrogate pair/],
  ] as const) {
    test(
      `a value of ${what} is refused`,
      scene(undefined, async ({ secrets, keychain }) => {
        await assert.rejects(secrets.set('mail', value), { code: 'value', message });
        assert.equal(keychain.entries.size, 0);
      }),
    );
  }
});
