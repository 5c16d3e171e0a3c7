import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { syncFolders, temporaryFolder, type Folder, type FoldersRun } from '../kit/sync-folders.ts';
import { edit, file, link, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';

const onWindows = process.platform === 'win32';

/** Real folders with one tree each, below a fresh one. */
async function folders(context: TestContext, ...trees: readonly Tree[]): Promise<{ base: string; paths: string[]; database: string }> {
  const base = await temporaryFolder(context);
  const paths = trees.map((_, index) => join(base, `root${index}`));
  for (const [index, path] of paths.entries()) {
    await mkdir(path);
    await put(path, trees[index] ?? {});
  }
  return { base, paths, database: join(base, 'p.syncdb') };
}

async function clean(run: FoldersRun): Promise<Awaited<ReturnType<typeof syncFolders>>> {
  const end = await syncFolders(run);
  assert.deepEqual({ end: end.end, collisions: end.collisions, problems: end.problems }, { end: 'finished', collisions: [], problems: [] });
  return end;
}

async function allHold(paths: readonly string[], tree: Tree): Promise<void> {
  for (const path of paths) assert.deepEqual(sorted(await snapshot(path)), sorted(tree), path);
}

function sorted(tree: Tree): [string, Tree[string]][] {
  return Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1));
}

const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

describe('real folders with the real database', () => {
  test('three roots: first copy, edits, removals, moves, a collision, and then nothing to do', async (context) => {
    const { paths, database } = await folders(context, { 'd/a': 'a', b: 'b', ...ballast }, { 'e/ünï 📁': 'c' }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await allHold(paths, { 'd/a': 'a', b: 'b', 'e/ünï 📁': 'c', ...ballast });
    assert.deepEqual((await clean(run)).lines, []);
    await edit(paths[0]!, 'd/a', 'edited');
    await remove(paths[1]!, 'b');
    await move(paths[2]!, 'e', 'moved');
    const end = await clean(run);
    assert.equal(end.result.moved, 1);
    await allHold(paths, { 'd/a': 'edited', 'moved/ünï 📁': 'c', ...ballast });
    await edit(paths[0]!, 'k1', 'one');
    await edit(paths[1]!, 'k1', 'three');
    assert.deepEqual((await syncFolders(run)).collisions, ['k1']);
    await edit(paths[1]!, 'k1', 'one');
    await clean(run);
    assert.deepEqual((await clean(run)).lines, []);
  });
  test('a chmod alone is no change', { skip: onWindows }, async (context) => {
    const { paths, database } = await folders(context, { a: 'a', ...ballast }, {});
    const run: FoldersRun = { folders: paths, database };
    await clean(run);
    await chmod(join(paths[0]!, 'a'), 0o755);
    assert.deepEqual((await clean(run)).lines, []);
  });
  test('a copy keeps time and mode', { skip: onWindows }, async (context) => {
    const { paths } = await folders(
      context,
      { a: file('a', { modified: '1970-01-02T00:00:00.000Z' }), b: file('b', { modified: '2024-02-29T11:12:13.456Z', mode: 0o755 }) },
      {},
    );
    await clean({ folders: paths });
    assert.deepEqual(await snapshot(paths[1]!, { times: true }), await snapshot(paths[0]!, { times: true }));
    assert.equal((await stat(join(paths[1]!, 'b'))).mode & 0o777, 0o755);
    assert.deepEqual((await clean({ folders: paths })).lines, []);
  });
  for (const year of ['1850', '1902', '1969', '2038', '2262', '2300', '2446', '9999']) {
    test(`a time of the year ${year}, as far as the file system keeps it, is copied and no change`, async (context) => {
      const { paths, database } = await folders(context, { a: file('a', { modified: `${year}-12-30T11:12:13.500Z` }), ...ballast }, {}, {});
      await clean({ folders: paths.slice(0, 2), database });
      assert.deepEqual(await snapshot(paths[1]!, { times: true }), await snapshot(paths[0]!, { times: true }));
      assert.deepEqual((await clean({ folders: paths.slice(0, 2), database })).lines, []);
      await clean({ folders: paths });
      assert.deepEqual(await snapshot(paths[2]!, { times: true }), await snapshot(paths[0]!, { times: true }));
      assert.deepEqual((await clean({ folders: paths })).lines, []);
      await remove(paths[0]!, 'a');
      await clean({ folders: paths.slice(0, 2), database, options: { syncRemove: true } });
      assert.deepEqual(await snapshot(paths[1]!), ballast);
    });
  }
  test('the database beside the files of a root is not synchronized', async (context) => {
    const { paths } = await folders(context, { a: 'a' }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database: join(paths[0]!, 'p.sync.ts.syncdb') };
    await clean(run);
    assert.deepEqual(await snapshot(paths[1]!), { a: 'a' });
    assert.deepEqual((await clean(run)).lines, []);
  });
  test('a simulation leaves folders and database untouched', async (context) => {
    const { paths, database } = await folders(context, { a: 'a' }, { b: 'b' });
    const end = await clean({ folders: paths, options: { syncRemove: true }, database, simulation: true });
    assert.equal(end.lines.length, 2);
    assert.deepEqual([await snapshot(paths[0]!), await snapshot(paths[1]!)], [{ a: 'a' }, { b: 'b' }]);
    await assert.rejects(stat(database));
  });
  test('files of every size around the buffers arrive whole', async (context) => {
    const sizes = [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 262_144, 1_048_577, 5_000_000];
    const { paths } = await folders(context, {}, {});
    for (const size of sizes) await writeFile(join(paths[0]!, `s${size}`), Buffer.alloc(size, `${size}-`));
    await clean({ folders: paths });
    for (const size of sizes)
      assert.ok((await readFile(join(paths[1]!, `s${size}`))).equals(await readFile(join(paths[0]!, `s${size}`))), `size ${size}`);
  });
  test('odd names arrive', { skip: onWindows || process.platform === 'darwin' }, async (context) => {
    const names = [
      'new\nline',
      'back\\slash',
      ' lead',
      'trail ',
      '-dash',
      '*',
      '?',
      '"q"',
      '...',
      'x'.repeat(255),
      'ä'.repeat(127),
      'e\u0301',
      '\u00e9',
      '\u202Egpj',
      '$(x)',
      '%41',
    ];
    const { paths, database } = await folders(context, Object.fromEntries(names.map((name) => [`d${name.slice(0, 5)}/${name}`, name])), {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await allHold(paths, await snapshot(paths[0]!));
    assert.deepEqual((await clean(run)).lines, []);
  });
  test('a deep tree arrives', async (context) => {
    const { paths } = await folders(context, { [`${Array.from({ length: 60 }, (_, level) => `level${level}`).join('/')}/f`]: 'deep' }, {});
    await clean({ folders: paths });
    await allHold(paths, await snapshot(paths[0]!));
  });
});

describe('real folders that lie inside one another', () => {
  test('the inner one is a root of its own', async (context) => {
    const { paths } = await folders(context, { a: 'a', 'backup/old': 'old' });
    const outer: Folder = { path: paths[0]!, innerRoots: ['backup'] };
    await clean({ folders: [outer, { path: join(paths[0]!, 'backup'), targetOnly: true }], options: { mirror: true } });
    await allHold(paths, { a: 'a', 'backup/a': 'a' });
  });
});

describe('links on disk', { skip: onWindows }, () => {
  test("'follow' takes what a link inside the root leads to", async (context) => {
    const { paths } = await folders(context, { 'd/x': 'x', f: 'f', ld: link('d'), lf: link('f') }, {});
    await clean({ folders: paths, options: { symlinks: 'follow' } });
    await allHold(paths.slice(1), { 'd/x': 'x', f: 'f', 'ld/x': 'x', lf: 'f' });
    assert.deepEqual((await clean({ folders: paths, options: { symlinks: 'follow' } })).lines, []);
  });
  test("'follow' neither reads nor writes through a link that leads out of the root", async (context) => {
    const { base, paths } = await folders(context, { a: 'a' }, { 'out/new': 'escaped?' });
    await put(base, { 'secret/s': 'secret' });
    await symlink(join(base, 'secret'), join(paths[0]!, 'out'));
    await syncFolders({ folders: paths, options: { symlinks: 'follow' } });
    assert.deepEqual(await snapshot(join(base, 'secret')), { s: 'secret' });
    assert.ok(!('out/s' in (await snapshot(paths[1]!))));
  });
  test("'follow' removes nothing that has another name in the root", async (context) => {
    const { paths, database } = await folders(context, { 'real/f': 'f', 'real/g': 'g', ...ballast }, {});
    await symlink('real', join(paths[0]!, 'l'));
    const run: FoldersRun = { folders: paths, options: { symlinks: 'follow', syncRemove: true }, database };
    await clean(run);
    await allHold([paths[1]!], { 'real/f': 'f', 'real/g': 'g', 'l/f': 'f', 'l/g': 'g', ...ballast });
    await remove(paths[1]!, 'l/f');
    assert.deepEqual((await syncFolders(run)).problems, ['l/f@0 unsupported']);
    await move(paths[1]!, 'l/g', 'moved');
    await syncFolders(run);
    assert.deepEqual((await syncFolders(run)).problems, ['l/f@0 unsupported', 'l/g@0 unsupported']);
    for (const path of paths) assert.deepEqual(await readdir(join(path, 'real')), ['f', 'g']);
    assert.equal((await snapshot(paths[0]!))['moved'], 'g');
    await rm(join(paths[0]!, 'l'));
    await clean(run);
    assert.deepEqual((await clean(run)).lines, []);
  });
  test("'follow' detects cycles", async (context) => {
    const { paths } = await folders(context, { 'd/x': 'x' }, {});
    await symlink('..', join(paths[0]!, 'd', 'up'));
    await symlink('.', join(paths[0]!, 'self'));
    await syncFolders({ folders: paths, options: { symlinks: 'follow' } });
    const tree = await snapshot(paths[1]!);
    assert.equal(tree['d/x'], 'x');
    assert.ok(Object.keys(tree).length < 10, Object.keys(tree).join());
  });
  for (const symlinks of ['ignore', 'copy'] as const) {
    test(`'${symlinks}' never writes through a directory link of the target`, async (context) => {
      const { base, paths } = await folders(context, { 'd/x': 'x' }, {});
      await mkdir(join(base, 'elsewhere'));
      await symlink(join(base, 'elsewhere'), join(paths[1]!, 'd'));
      await syncFolders({ folders: paths, options: { symlinks } });
      assert.deepEqual(await snapshot(join(base, 'elsewhere')), {});
      assert.ok((await lstat(join(paths[1]!, 'd'))).isSymbolicLink());
    });
    test(`'${symlinks}' with mirror never removes through a directory link of the target`, async (context) => {
      const { base, paths } = await folders(context, { a: 'a' }, {});
      await put(base, { 'elsewhere/precious': 'p' });
      await symlink(join(base, 'elsewhere'), join(paths[1]!, 'd'));
      await syncFolders({ folders: [paths[0]!, { path: paths[1]!, targetOnly: true }], options: { symlinks, mirror: true } });
      assert.deepEqual(await snapshot(join(base, 'elsewhere')), { precious: 'p' });
    });
  }
  test("'copy' keeps a dangling and an absolute link as they are spelled", async (context) => {
    const { paths, database } = await folders(context, { l: link('nowhere'), abs: link('/no/such/path') }, {});
    const run: FoldersRun = { folders: paths, options: { symlinks: 'copy', syncRemove: true }, database };
    await clean(run);
    await allHold(paths, { l: link('nowhere'), abs: link('/no/such/path') });
    assert.deepEqual((await clean(run)).lines, []);
  });
  test('a folder that became a link between two runs is no reason to remove what is in it elsewhere', async (context) => {
    const { base, paths, database } = await folders(context, { 'd/x': 'x', ...ballast }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await move(paths[0]!, 'd', '../moved-out');
    await symlink(join(base, 'moved-out'), join(paths[0]!, 'd'));
    await syncFolders(run);
    assert.equal((await snapshot(paths[1]!))['d/x'], 'x');
    assert.deepEqual(await snapshot(join(base, 'moved-out')), { x: 'x' });
  });
  test('a fifo is left alone and never opened', async (context) => {
    const { paths } = await folders(context, { a: 'a' }, {});
    execFileSync('mkfifo', [join(paths[0]!, 'fifo')]);
    await syncFolders({ folders: paths });
    assert.deepEqual(await snapshot(paths[1]!), { a: 'a' });
  });
});

describe('shadows', () => {
  test('get every action of their root', async (context) => {
    const { base, paths, database } = await folders(context, { 'd/a': 'a', b: 'b', turned: 'file', ...ballast }, {});
    const shadow = join(base, 'shadow');
    await mkdir(shadow);
    const run: FoldersRun = { folders: [paths[0]!, { path: paths[1]!, shadows: [shadow] }], options: { syncRemove: true }, database };
    await clean(run);
    await allHold([...paths, shadow], { 'd/a': 'a', b: 'b', turned: 'file', ...ballast });
    await remove(paths[0]!, 'b');
    await move(paths[0]!, 'd/a', 'e/a');
    await edit(paths[0]!, 'k1', 'edited');
    await remove(paths[0]!, 'turned');
    await put(paths[0]!, { 'turned/x': 'x' });
    await clean(run);
    await allHold([...paths, shadow], { 'd/': null, 'e/a': 'a', 'turned/x': 'x', k1: 'edited', k2: '2', k3: '3' });
  });
  test('that fail leave the root untouched, and the next run repeats the action', { skip: onWindows }, async (context) => {
    const { base, paths } = await folders(context, { 'd/a': 'a', b: 'b' }, {});
    const shadow = join(base, 'shadow');
    await put(base, { 'shadow/d': 'a file in the way' });
    const run: FoldersRun = { folders: [paths[0]!, { path: paths[1]!, shadows: [shadow] }] };
    const end = await syncFolders(run);
    assert.ok(end.problems.length > 0);
    assert.equal((await snapshot(paths[1]!))['d/a'], undefined);
    await remove(shadow, 'd');
    await clean(run);
    await allHold([...paths, shadow], { 'd/a': 'a', b: 'b' });
  });
});

describe('changes under the eyes of the run, on disk', () => {
  test('a file rewritten with equal size is a change like any other', async (context) => {
    const { paths, database } = await folders(context, { a: 'one', ...ballast }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await edit(paths[0]!, 'a', 'two');
    await clean(run);
    await allHold(paths, { a: 'two', ...ballast });
  });
  test('a truncated file is a change like any other', async (context) => {
    const { paths, database } = await folders(context, { a: 'a long content', ...ballast }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await truncate(join(paths[1]!, 'a'), 6);
    await clean(run);
    await allHold(paths, { a: 'a long', ...ballast });
  });
  test('a touched file gives the others its time', async (context) => {
    const { paths, database } = await folders(context, { a: 'a', ...ballast }, {});
    const run: FoldersRun = { folders: paths, options: { syncRemove: true }, database };
    await clean(run);
    await touch(paths[1]!, 'a', '2020-05-05T05:05:05.000Z');
    await clean(run);
    assert.deepEqual(await snapshot(paths[0]!, { times: true }), await snapshot(paths[1]!, { times: true }));
  });
});
