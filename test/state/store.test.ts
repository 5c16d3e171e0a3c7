import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { openStore } from '../../runtime/state/store.ts';
import { photograph, withFolder } from './fixtures/database-kit.ts';
import { startChild } from './fixtures/start-child.ts';

const Grants = z.object({ grants: z.array(z.string()) });
type Grants = z.infer<typeof Grants>;
const openGrants = (file: string) => openStore<Grants>(file, { grants: [] }, (value) => Grants.parse(value));

const withStore = (story: (file: string, folder: string) => Promise<void>) =>
  withFolder((_, folder) => story(join(folder, 'config', 'grants.json'), folder));

test('a store holds its defaults until the first update makes the file', () =>
  withStore(async (file, folder) => {
    const store = await openGrants(file);
    assert.deepEqual(store.data, { grants: [] });
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual(await store.update((data) => data.grants.push('read:/a')), { grants: ['read:/a'] });
    assert.deepEqual(store.data, { grants: ['read:/a'] });
    assert.deepEqual((await openGrants(file)).data, { grants: ['read:/a'] });
    assert.deepEqual(await readdir(join(folder, 'config')), ['grants.json']);
  }));

test('the file and its folder are for the user’s eyes only', { skip: process.platform === 'win32' }, () =>
  withStore(async (file, folder) => {
    await (await openGrants(file)).update((data) => data.grants.push('x'));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'config'))).mode & 0o777, 0o700);
  }),
);

test('an update that changes nothing leaves the file alone', () =>
  withStore(async (file, folder) => {
    const store = await openGrants(file);
    await store.update((data) => data.grants.push('x'));
    const before = await photograph(join(folder, 'config'));
    await store.update((data) => data);
    assert.deepEqual(await photograph(join(folder, 'config')), before);
  }));

test('an update sees what others wrote meanwhile, and reload shows it', () =>
  withStore(async (file) => {
    const [one, two] = [await openGrants(file), await openGrants(file)];
    await one.update((data) => data.grants.push('one'));
    assert.deepEqual(two.data, { grants: [] });
    assert.deepEqual(await two.reload(), { grants: ['one'] });
    await Promise.all([
      one.update((data) => data.grants.push('two')),
      two.update((data) => data.grants.push('three')),
      one.update((data) => data.grants.push('four')),
    ]);
    assert.deepEqual([...(await one.reload()).grants].sort(), ['four', 'one', 'three', 'two']);
  }));

test('an update that throws writes nothing and gives the lock back', () =>
  withStore(async (file, folder) => {
    const store = await openGrants(file);
    await store.update((data) => data.grants.push('kept'));
    const failing = store.update((data) => {
      data.grants.push('lost');
      throw new Error('no');
    });
    await assert.rejects(failing, { message: 'no' });
    assert.deepEqual(store.data, { grants: ['kept'] });
    assert.deepEqual(await readdir(join(folder, 'config')), ['grants.json']);
    assert.deepEqual((await openGrants(file)).data, { grants: ['kept'] });
  }));

for (const text of ['', '{', '{"grants":"all"}', '[]']) {
  test(`a store that holds ${JSON.stringify(text)} is refused and not overwritten`, () =>
    withStore(async (file, folder) => {
      const store = await openGrants(file);
      await mkdir(join(folder, 'config'));
      await writeFile(file, text);
      await assert.rejects(openGrants(file), {
        name: 'StateError',
        code: 'damaged',
        path: file,
        message: /grants\.json is damaged: .*repair it, or move it away/s,
      });
      await assert.rejects(
        store.update((data) => data.grants.push('x')),
        { code: 'damaged' },
      );
      assert.equal(await readFile(file, 'utf8'), text);
      assert.deepEqual(await readdir(join(folder, 'config')), ['grants.json']);
    }));
}

test('a store that cannot be written says so', { skip: process.platform === 'win32' }, () =>
  withStore(async (file, folder) => {
    const store = await openGrants(file);
    await writeFile(join(folder, 'config'), 'a file where the folder should be');
    await assert.rejects(
      store.update((data) => data.grants.push('x')),
      { code: 'unwritable', path: file },
    );
    await chmod(join(folder, 'config'), 0o600);
  }),
);

test('updates of several processes at once all count', () =>
  withStore(async (file) => {
    const children = Array.from({ length: 4 }, () => startChild('update-store', [file, '20']));
    const codes = await Promise.all(children.map(async ({ process: child }) => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0, 0, 0]);
    assert.equal(Object.keys(JSON.parse(await readFile(file, 'utf8'))).length, 80);
  }));
