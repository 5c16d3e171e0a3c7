import assert from 'node:assert/strict';
import { chmod, link, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BaselineDirectory } from '../../runtime/engine/baseline.ts';
import { openSyncDatabase, syncDatabaseFiles } from '../../runtime/state/sync-database.ts';
import { digestOf, digestPart } from '../../runtime/vfs/digest.ts';
import { isOwnName } from '../../runtime/vfs/scope.ts';
import { directory, file, open, photograph, rowsOf, run, withFolder } from './fixtures/database-kit.ts';

async function directoriesOf(path: string, roots?: readonly string[]): Promise<BaselineDirectory[]> {
  const database = await open(path, { simulation: true, ...(roots && { roots }) });
  try {
    return [...database.directories()];
  } finally {
    await database.close();
  }
}

test('what was committed is there when the database is opened again, directories in the order of a walk', () =>
  withFolder(async (path, folder) => {
    await run(path, (database) => {
      database.record('b!/z', file('1', '2'));
      database.record('b/x', file('3', '4'));
      database.record('b', directory());
      database.record('b!', directory());
      database.record('top|name', { kind: 'link', at: [{ revision: '../a|b' }, { revision: '../a|b' }] });
      database.record('b/ä\t"x"', {
        kind: 'file',
        at: [
          { revision: '5', fileId: '1:9', hash: 'h' },
          { revision: '6', behind: true },
        ],
      });
    });
    assert.deepEqual(await readdir(folder), ['x.syncdb']);
    assert.deepEqual(
      (await directoriesOf(path)).map((one) => one.path),
      ['', 'b', 'b!'],
    );
    const rows = await rowsOf(path);
    assert.deepEqual([...rows.keys()], ['b', 'b!', 'top|name', 'b/x', 'b/ä\t"x"', 'b!/z']);
    assert.deepEqual(rows.get('top|name'), { kind: 'link', at: [{ revision: '../a|b' }, { revision: '../a|b' }] });
    assert.deepEqual(rows.get('b/ä\t"x"'), {
      kind: 'file',
      at: [
        { revision: '5', fileId: '1:9', hash: 'h' },
        { revision: '6', behind: true },
      ],
    });
  }));

test('a settled directory has the digest that its listing has, and counts', () =>
  withFolder(async (path) => {
    await run(path, (database) => {
      database.record('d', directory());
      database.record('f', file('a1', 'b1'));
      database.record('l', { kind: 'link', at: [{ revision: 'f' }, { revision: 'f' }] });
    });
    const [root] = await directoriesOf(path);
    const listing = (revision: string) => digestOf(digestPart('d', 1, '') + digestPart('f', 0, revision) + digestPart('l', 2, 'f'));
    assert.deepEqual(root?.digests, [listing('a1'), listing('b1')]);
    assert.deepEqual(root?.fileCounts, [2, 2]);
    assert.deepEqual(root?.entryCounts, [3, 3]);
    assert.deepEqual((await directoriesOf(path, ['/b', '/a']))[0]?.digests, [listing('b1'), listing('a1')]);
  }));

test('a directory is not settled while a root is behind or lacks a row', () =>
  withFolder(async (path) => {
    await run(path, (database) => {
      database.record('behind/f', file('a1', 'b1!'));
      database.record('lacking/f', file('a1', undefined));
      database.record('crossed/f', file('a1', undefined));
      database.record('crossed/g', file(undefined, 'b1'));
    });
    const found = await directoriesOf(path);
    assert.deepEqual(
      found.map((one) => [one.path, one.digests, one.fileCounts]),
      [
        ['behind', undefined, [1, 1]],
        ['crossed', undefined, [1, 1]],
        ['lacking', undefined, [1, 0]],
      ],
    );
    assert.deepEqual(
      (await directoriesOf(path, ['/a', '/new'])).map((one) => one.digests),
      [undefined, undefined, undefined],
    );
  }));

test('roots left out of a run keep their records, and what only they have is not shown', () =>
  withFolder(async (path) => {
    const roots = ['/a', '/b', '/c'];
    await run(path, (database) => ['same', 'new version', 'removed'].map((name) => database.record(name, file('a1', 'b1', 'c1'))), { roots });
    await run(
      path,
      (database) => {
        database.record('new version', file('b2', 'a2'));
        database.record('removed', undefined);
      },
      { roots: ['/b', '/a'] },
    );
    assert.deepEqual(
      await rowsOf(path, roots),
      new Map([
        ['new version', file('a2', 'b2', 'c1!')],
        ['removed', file(undefined, undefined, 'c1!')],
        ['same', file('a1', 'b1', 'c1')],
      ]),
    );
    assert.deepEqual(
      await rowsOf(path),
      new Map([
        ['new version', file('a2', 'b2')],
        ['same', { ...file('a1', 'b1'), agreedElsewhere: true }],
      ]),
    );
    const [two] = await directoriesOf(path);
    assert.equal(two?.digests?.length, 2, 'for the two roots that agree the directory is settled');
    assert.equal((await directoriesOf(path, roots))[0]?.digests, undefined);
  }));

test('a forgotten tree is forgotten on all roots, and what is recorded after it counts', () =>
  withFolder(async (path) => {
    const roots = ['/a', '/b', '/c'];
    const paths = ['d', 'd/x', 'd/e/y', 'd!/z', 'da'];
    await run(path, (database) => paths.map((one) => database.record(one, file('1', '1', '1'))), { roots });
    await run(path, (database) => {
      database.record('d/x', file('2', '2'));
      database.forgetTree('d');
      database.record('d/x', file('3', '3'));
    });
    assert.deepEqual(
      [...(await rowsOf(path, roots))],
      [
        ['da', file('1', '1', '1')],
        ['d/x', file('3', '3', undefined)],
        ['d!/z', file('1', '1', '1')],
      ],
    );
    await run(path, (database) => database.forgetTree(''));
    assert.deepEqual([...(await rowsOf(path, roots))], []);
  }));

test('directories() shows what was there when the database was opened, rows() also later', () =>
  withFolder(async (path) => {
    await run(path, (database) => {
      for (let i = 0; i < 3000; i++) database.record(`d${i % 300}/${'long name '.repeat(20)}${i}`, file(`${i}`, `${i}`));
    });
    const database = await open(path);
    database.record('new', file('1', '1'));
    await database.commit();
    const found = [...database.directories()];
    assert.equal(found.length, 300);
    assert.deepEqual(
      found.map((one) => one.rows().size),
      new Array(300).fill(10),
    );
    await database.close();
  }));

test('a directory with a line longer than the reading buffer is read', () =>
  withFolder(async (path) => {
    await run(path, (database) => {
      for (let i = 0; i < 30_000; i++) database.record(`big/${'x'.repeat(50)}${i}`, file(`${i}`, `${i}`));
      database.record('big!/after', file('1', '1'));
    });
    const rows = await rowsOf(path);
    assert.equal(rows.size, 30_001);
    assert.deepEqual(rows.get('big!/after'), file('1', '1'));
  }));

test('a root is joined when a complete run was recorded with it', () =>
  withFolder(async (path) => {
    await run(path, (database) => database.record('f', file('1', '1')));
    const first = await open(path);
    assert.deepEqual(first.joined, [false, false]);
    first.markJoined();
    await first.close();
    const second = await open(path, { roots: ['/c', '/b'] });
    assert.deepEqual(second.joined, [false, true]);
    second.record('f', file('1', '1'));
    second.markJoined();
    await second.close();
    assert.deepEqual((await open(path, { roots: ['/c'], simulation: true })).joined, [false], 'its record was dropped, so it did not join either');
  }));

test('a run that changes nothing leaves the files alone', () =>
  withFolder(async (path, folder) => {
    await run(path, (database) => {
      database.record('f', file('1', '1'));
      database.markJoined();
    });
    const before = await photograph(folder);
    await run(path, (database) => {
      assert.equal([...database.directories()].length, 1);
      database.markJoined();
    });
    assert.deepEqual(await photograph(folder), before);
    await run(path, (database) => database.record('f', file('1', '1')));
    assert.deepEqual(await photograph(folder), before, 'the same record once more is no change');
  }));

test('a run that was closed before it committed leaves nothing', () =>
  withFolder(async (path, folder) => {
    const database = await open(path);
    database.record('f', file('1', '1'));
    await database.close();
    await database.close();
    assert.deepEqual(await readdir(folder), []);
  }));

test('a simulation leaves no trace, not even beside a run that holds the lock', () =>
  withFolder(async (path, folder) => {
    const simulate = async () => {
      const database = await open(path, { simulation: true });
      database.record('g', file('1', '1'));
      database.forgetTree('f');
      database.markJoined();
      await database.commit();
      const rows = [...database.directories()].map((one) => [...one.rows().keys()]);
      await database.close();
      return rows;
    };
    assert.deepEqual(await simulate(), []);
    assert.deepEqual(await readdir(folder), []);
    const running = await open(path);
    running.record('f', file('1', '1'));
    await running.commit();
    const before = await photograph(folder);
    assert.deepEqual(await simulate(), [['f']]);
    assert.deepEqual(await photograph(folder), before);
    await running.close();
  }));

test('a commit takes what was recorded before it was called and nothing later', () =>
  withFolder(async (path) => {
    const database = await open(path);
    database.record('a', file('1', '1'));
    const first = database.commit();
    database.record('b', file('1', '1'));
    const second = database.commit();
    database.record('c', file('1', '1'));
    await Promise.all([first, second]);
    await database.close();
    assert.deepEqual([...(await rowsOf(path)).keys()], ['a', 'b']);
  }));

test('a database behind a link stays behind it, and both names share one lock', () =>
  withFolder(async (path, folder) => {
    await mkdir(join(folder, 'elsewhere'));
    await run(join(folder, 'elsewhere', 'real.syncdb'), (database) => database.record('f', file('1', '1')));
    await symlink(join('elsewhere', 'real.syncdb'), path);
    const database = await open(path);
    await assert.rejects(open(join(folder, 'elsewhere', 'real.syncdb')), { code: 'locked' });
    database.record('g', file('1', '1'));
    await database.commit();
    await database.close();
    assert.deepEqual([...(await rowsOf(join(folder, 'elsewhere', 'real.syncdb'))).keys()], ['f', 'g']);
    assert.deepEqual(await readdir(folder), ['elsewhere', 'x.syncdb']);
  }));

test('nothing is written through a link that bears a name of ours', { skip: process.platform === 'win32' }, () =>
  withFolder(async (path, folder) => {
    const precious = join(folder, 'precious');
    await writeFile(precious, 'precious');
    const { database: _, ...others } = syncDatabaseFiles(path);
    for (const name of Object.values(others)) await symlink(precious, name);
    await utimes(precious, 1, 1);
    await run(path, (database) => database.record('f', file('1', '1')));
    assert.equal(await readFile(precious, 'utf8'), 'precious');
    assert.deepEqual((await readdir(folder)).sort(), ['precious', 'x.syncdb']);
    const database = await open(path);
    database.record('g', file('1', '1'));
    await symlink(precious, others.journal);
    await database.commit();
    assert.equal(await readFile(precious, 'utf8'), 'precious');
    await database.close();
  }),
);

test('the database is for the user’s eyes only, and keeps a mode that was set', { skip: process.platform === 'win32' }, () =>
  withFolder(async (path) => {
    await run(path, (database) => database.record('f', file('1', '1')));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await chmod(path, 0o640);
    await run(path, (database) => database.record('f', file('2', '2')));
    assert.equal((await stat(path)).mode & 0o777, 0o640);
  }),
);

test('a root named twice is refused', () =>
  withFolder(async (path, folder) => {
    await assert.rejects(open(path, { roots: ['/a', '/a'] }), { name: 'StateError', code: 'same-root' });
    assert.deepEqual(await readdir(folder), []);
  }));

test('an aborted signal ends the opening of a journal and gives the lock back', () =>
  withFolder(async (path, folder) => {
    const database = await open(path);
    database.record('f', file('1', '1'));
    await database.commit();
    await link(`${path}.journal`, `${path}.kept`);
    await database.close();
    await link(`${path}.kept`, join(folder, 'y.syncdb.journal'));
    const options = { rootKeys: ['/a'], simulation: false, signal: AbortSignal.abort(new Error('Ctrl-C')), now: Date.now };
    await assert.rejects(openSyncDatabase(join(folder, 'y.syncdb'), options), { message: 'Ctrl-C' });
    assert.ok(!(await readdir(folder)).includes('y.syncdb.lock'));
  }));

test('all files of a database bear names that no run synchronizes', () => {
  for (const name of Object.values(syncDatabaseFiles('x.syncdb'))) assert.ok(isOwnName(name), name);
});
