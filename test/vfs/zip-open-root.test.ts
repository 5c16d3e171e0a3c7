import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRoot, type RootOptions } from '../../runtime/vfs/open-root.ts';
import { parseRootAddress } from '../../runtime/vfs/root-address-parse.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { put, snapshot, type Tree } from '../kit/tree.ts';
import { freshFolder } from '../kit/zip-archive.ts';

const OPTIONS: RootOptions = { followLinks: false, flushEachFile: false, makeMissing: false, signal: new AbortController().signal };

function at(folder: string) {
  const place = { projectDir: folder, home: homedir(), platform: process.platform };
  const open = async (url: string, options: Partial<RootOptions> = {}): Promise<Vfs> =>
    (await openRoot(parseRootAddress(url, place), { ...OPTIONS, ...options })).vfs;
  const write = async (url: string, tree: Tree, options: Partial<RootOptions> = {}) => {
    const vfs = await open(url, options);
    await put(vfs, tree);
    await vfs.close();
  };
  const read = async (url: string) => {
    const vfs = await open(url, { changesNothing: true });
    const tree = await snapshot(vfs);
    await vfs.close();
    return tree;
  };
  return { open, write, read };
}

const TREE = { f: 'one', 'd/g': 'two' };

for (const url of ['zip:a.zip', 'zip:a.zip//in/side', 'zip:zip:a.zip//b.zip//in', 'zip:igz:a.zip', 'igz:zip:a.zip//in', 'igz:zip:igz:a.zip//in']) {
  test(`${url} holds what was written, and sees it again`, async (context) => {
    const { write, read } = at(freshFolder(context));
    await write(url, TREE);
    assert.deepEqual(await read(url), TREE);
    await write(url, { ...TREE, f: 'another' });
    assert.deepEqual(await read(url), { ...TREE, f: 'another' });
  });
}

test('the level says how hard what is put into an archive is compressed', async (context) => {
  const folder = freshFolder(context);
  const { write, read } = at(folder);
  const text = Array.from({ length: 20_000 }, (_, i) => `${i % 97} ${(i * i) % 1013}`).join('\n');
  const sizes: number[] = [];
  for (const level of [0, 1, 9]) {
    await write(`zip:${level}.zip`, { text }, { level });
    assert.deepEqual(await read(`zip:${level}.zip`), { text });
    sizes.push(statSync(join(folder, `${level}.zip`)).size);
  }
  const [stored = 0, fast = 0, small = 0] = sizes;
  assert.ok(stored > text.length && fast < text.length && small < fast, sizes.join(' '));
});

test('what something may be read from must be there: the archive, the one around it, and the folder in it', async (context) => {
  const folder = freshFolder(context);
  const { open, write } = at(folder);
  await write('zip:a.zip//in', TREE);
  await write('zip:zip:outer.zip//b.zip//', TREE);
  for (const url of [
    'zip:no.zip',
    'zip:a.zip//no',
    'zip:a.zip//in/no',
    'zip:zip:no.zip//b.zip//',
    'zip:zip:outer.zip//no.zip//',
    'igz:zip:no.zip',
    'zip:igz:no.zip',
  ])
    await assert.rejects(
      open(url, { mustExist: true }),
      (error) => error instanceof VfsError && error.code === 'unreachable' && / does not exist/.test(error.message),
      url,
    );
  assert.deepEqual(readdirSync(folder).sort(), ['a.zip', 'outer.zip']);
  for (const url of ['zip:a.zip//in/d', 'zip:a.zip', 'zip:zip:outer.zip//b.zip//', 'igz:zip:a.zip'])
    await (await open(url, { mustExist: true })).close();
});

test('the folder of an archive is made only where that is asked for', async (context) => {
  const folder = freshFolder(context);
  const { open, write, read } = at(folder);
  await assert.rejects(open('zip:no/where/a.zip'), (error) => error instanceof VfsError && error.code === 'unreachable');
  const looking = await open('zip:no/where/a.zip', { makeMissing: true });
  assert.deepEqual(await looking.list(''), []);
  await looking.close();
  assert.deepEqual(readdirSync(folder), []);
  await write('zip:no/where/a.zip//in', TREE, { makeMissing: true });
  assert.ok(existsSync(join(folder, 'no/where/a.zip')));
  assert.deepEqual(await read('zip:no/where/a.zip//in'), TREE);
});

test('roots in one archive are closed all at once, and opened again meanwhile', async (context) => {
  const { open, read } = at(freshFolder(context));
  const folders = Array.from({ length: 8 }, (_, n) => `zip:a.zip//in${n}`);
  for (const text of ['one', 'another']) {
    const roots = await Promise.all(folders.map((url) => open(url)));
    for (const root of roots) await put(root, { f: text });
    const closed = Promise.all(roots.map((root) => root.close()));
    const next = await open('zip:a.zip');
    await put(next, { g: text });
    await closed;
    await next.close();
    assert.deepEqual(await read('zip:a.zip'), Object.fromEntries([...folders.map((_, n) => [`in${n}/f`, text]), ['g', text]]));
  }
});

test('an archive in an archive is made with the folders that it is to lie in, or says which one is missing', async (context) => {
  const folder = freshFolder(context);
  const { write, read } = at(folder);
  const url = 'zip:zip:a.zip//x/y/b.zip//in';
  await assert.rejects(write(url, TREE), {
    code: 'unreachable',
    message: `the archive x/y/b.zip in zip:${join(folder, 'a.zip')}: the folder "x/y" is missing; make it, or set "autoMkdir"`,
  });
  await write(url, TREE, { makeMissing: true });
  assert.deepEqual(await read(url), TREE);
});

test('one slash instead of two is told, and no folder that is named as an archive is made for it', async (context) => {
  const folder = freshFolder(context);
  const { write, read } = at(folder);
  const told = (why: string) => ({
    code: 'unreachable',
    message: `${why} that an archive "in/side" could be in; what is in an archive comes after two slashes, "zip:${join(folder, 'a.zip')}//in/side"`,
  });
  await assert.rejects(write('zip:a.zip/in/side', TREE, { makeMissing: true }), told(`there is no folder ${join(folder, 'a.zip')}`));
  assert.deepEqual(readdirSync(folder), []);
  await write('zip:a.zip', TREE);
  await assert.rejects(write('zip:a.zip/in/side', TREE, { makeMissing: true }), told(`${join(folder, 'a.zip')} is no folder`));
  mkdirSync(join(folder, 'b.zip'));
  await write('zip:b.zip/c', TREE);
  assert.deepEqual(await read('zip:b.zip/c'), TREE);
});
