import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Crash, CrashingDisk } from './fixtures/crashing-disk.ts';
import { file, open, rowsOf, run, withFolder } from './fixtures/database-kit.ts';
import { startChild } from './fixtures/start-child.ts';

test('a journal cut at any byte gives the groups that were complete', () =>
  withFolder(async (path) => {
    await run(path, (database) => database.record('old', file('1', '1')));
    const database = await open(path);
    const sizes: number[] = [];
    for (const name of ['one', 'two', 'three']) {
      database.record(name, file('1', '1'));
      database.record(`d/${name}`, file('1', '1'));
      if (name === 'two') database.forgetTree('d');
      await database.commit();
      sizes.push((await readFile(`${path}.journal`)).length);
    }
    const [snapshot, journal] = await Promise.all([readFile(path), readFile(`${path}.journal`)]);
    await database.close();
    const states = [['old'], ['old', 'one', 'd/one'], ['old', 'one', 'two'], ['old', 'one', 'three', 'two', 'd/three']];
    for (let length = 0; length <= journal.length; length++) {
      await writeFile(path, snapshot);
      await writeFile(`${path}.journal`, journal.subarray(0, length));
      const complete = sizes.filter((size) => size <= length).length;
      assert.deepEqual([...(await rowsOf(path)).keys()], states[complete], `cut at ${length}`);
      const next = await open(path);
      next.record('zz', file('1', '1'));
      await next.commit();
      assert.ok((await rowsOf(path)).has('zz'), `what is appended behind a cut at ${length} counts`);
      await next.close();
      assert.equal((await rowsOf(path)).size, (states[complete]?.length ?? 0) + 1);
    }
  }));

type Step = (record: (name: string, revision: string) => void, forget: (name: string) => void) => void;

/** A first run, then one with changes in old and new directories; resolves to the number of the last commit that was promised. */
async function story(path: string, disk: CrashingDisk): Promise<number> {
  let promised = 0;
  const session = async (steps: readonly Step[]) => {
    const database = await open(path, { disk });
    try {
      for (const step of steps) {
        step(
          (name, revision) => database.record(name, file(revision, revision)),
          (name) => database.forgetTree(name),
        );
        await database.commit();
        promised++;
      }
    } finally {
      await database.close();
    }
  };
  try {
    await session([(record) => record('a/x', '1'), (record) => record('b/x', '1')]);
    const changeTree: Step = (record, forget) => {
      forget('b');
      record('c/x', '1');
    };
    await session([(record) => record('a/x', '2'), changeTree]);
  } catch (error) {
    assert.ok(error instanceof Crash || (error as Error).cause instanceof Crash, String(error));
  }
  return promised;
}

const STATES = [{}, { 'a/x': '1' }, { 'a/x': '1', 'b/x': '1' }, { 'a/x': '2', 'b/x': '1' }, { 'a/x': '2', 'c/x': '1' }];

async function contentOf(path: string): Promise<Record<string, string>> {
  return Object.fromEntries([...(await rowsOf(path))].map(([name, row]) => [name, row.at[0]?.revision ?? '']));
}

test('after a crash at any step the database holds what was promised, and goes on', async () => {
  let crashed = true;
  for (let step = 0; crashed; step++) {
    await withFolder(async (path, folder) => {
      const disk = new CrashingDisk(step);
      const promised = await story(path, disk);
      crashed = disk.isDead;
      const found = await contentOf(path);
      const possible = STATES.slice(promised, promised + 2);
      assert.ok(
        possible.some((one) => JSON.stringify(one) === JSON.stringify(found)),
        `step ${step}: ${promised} commits promised, found ${JSON.stringify(found)}`,
      );
      await rm(`${path}.lock`, { force: true });
      await run(path, (database) => database.record('later', file('1', '1')));
      assert.deepEqual(await contentOf(path), { later: '1', ...found });
      assert.deepEqual(await readdir(folder), ['x.syncdb'], `step ${step} leaves nothing behind after the next run`);
    });
  }
});

test('after a failed commit nothing more is promised, and what was stays', () =>
  withFolder(async (path) => {
    const disk = new CrashingDisk();
    const database = await open(path, { disk });
    database.record('a', file('1', '1'));
    await database.commit();
    disk.die();
    database.record('b', file('1', '1'));
    await assert.rejects(database.commit(), { code: 'unwritable', path: `${path}.journal` });
    database.record('c', file('1', '1'));
    await assert.rejects(database.commit(), { code: 'unwritable' });
    await assert.rejects(database.close(), 'the lock cannot be removed either');
    assert.deepEqual(await contentOf(path), { a: '1' });
  }));

test('a journal that the snapshot already holds is not applied again', () =>
  withFolder(async (path, folder) => {
    const first = await open(path);
    first.record('f', file('1', '1'));
    await first.commit();
    const journal = await readFile(`${path}.journal`);
    await first.close();
    await run(path, (database) => database.record('f', undefined));
    await writeFile(`${path}.journal`, journal);
    assert.deepEqual(await contentOf(path), {});
    await (await open(path)).close();
    assert.deepEqual(await readdir(folder), ['x.syncdb']);
  }));

test('what a torn tail held is gone from the journal with the next commit', () =>
  withFolder(async (path) => {
    const first = await open(path);
    first.record('f', file('1', '1'));
    await first.commit();
    const journal = await readFile(`${path}.journal`, 'utf8');
    await first.close();
    await rm(path);
    await writeFile(`${path}.journal`, `${journal}${'torn '.repeat(500)}\n{"commit":1,"crc":1}\n["`);
    const next = await open(path);
    next.record('g', file('1', '1'));
    await next.commit();
    const after = await readFile(`${path}.journal`, 'utf8');
    assert.ok(after.startsWith(journal) && /\{"commit":\d+,"crc":\d+\}\n$/.test(after) && !after.includes('torn'));
    await next.close();
    assert.deepEqual(await contentOf(path), { f: '1', g: '1' });
  }));

test('a torn journal head is an empty journal', () =>
  withFolder(async (path) => {
    await run(path, (database) => database.record('f', file('1', '1')));
    await writeFile(`${path}.journal`, '\0\0\0\0');
    assert.deepEqual(await contentOf(path), { f: '1' });
    await truncate(`${path}.journal`, 0);
    await run(path, (database) => database.record('g', file('1', '1')));
    assert.deepEqual(await contentOf(path), { f: '1', g: '1' });
  }));

test('a process killed while it records keeps what it had committed, and its lock is taken over', () =>
  withFolder(async (path) => {
    let known = 0;
    for (let round = 1; round <= 3; round++) {
      const { process: child, line } = startChild('record-forever', [path, String(known)]);
      let promised = 0;
      for (let i = 0; i < 5 * round; i++) promised = Number(await line());
      child.kill('SIGKILL');
      await once(child, 'exit');
      const rows = await rowsOf(path);
      for (let i = 0; i < promised; i++) assert.ok(rows.has(`d${i % 7}/f${i}`), `row ${i} of ${promised}`);
      const database = await open(path);
      await database.close();
      known = (await rowsOf(path)).size;
      assert.equal(known, rows.size);
    }
  }));
