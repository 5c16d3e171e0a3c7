import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createPathRules } from '../../runtime/permissions/path-rules.ts';
import { closeRoots, openRoots } from '../../runtime/project/roots/open-roots.ts';
import type { RootAddress } from '../../runtime/vfs/root-address.ts';
import { expectedOf } from '../../runtime/vfs/expected.ts';
import { NOTHING } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

function at(path: string): RootAddress {
  return { layers: [], base: { kind: 'local', path } };
}

/** Two folders, the second with a shadow that does not exist, nor the folder that it would lie in. */
async function withMissingShadow(context: TestContext, autoMkdir: boolean) {
  const base = await temporaryFolder(context);
  const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'not', 'there')];
  await mkdir(a);
  await mkdir(b);
  const roots = [
    { address: at(a), shadows: [], targetOnly: false, autoMkdir: false },
    { address: at(b), shadows: [at(shadow)], targetOnly: true, autoMkdir },
  ];
  const options = { signal: new AbortController().signal, flushEachFile: false, pathRules: { refusedBelow: async () => [] } as never };
  return { base, shadow, open: () => openRoots({ symlinks: 'ignore', volumes: [], roots } as never, options) };
}

test('a shadow that is missing is an error that says what to do, and makes nothing', async (context) => {
  const { base, shadow, open } = await withMissingShadow(context, false);
  const message = `the shadow ${shadow} does not exist; mount its disk, create it, or correct its path, or set "autoMkdir" on its root`;
  await assert.rejects(open(), { name: 'VfsError', code: 'unreachable', message });
  assert.equal(existsSync(join(base, 'not')), false);
});

test('a shadow of a root with autoMkdir is made by the first action', async (context) => {
  const { shadow, open } = await withMissingShadow(context, true);
  const roots = await open();
  try {
    assert.equal(existsSync(shadow), false);
    await roots[1]?.vfs.makeDirectory('d');
    assert.equal(existsSync(join(shadow, 'd')), true);
  } finally {
    await closeRoots(roots);
  }
});

const withoutLinks = { skip: process.platform === 'win32' && 'links need a right that not everybody has' };

test('where links are followed, none leads to our own folders, to another root, or to what the run lives from', withoutLinks, async (context) => {
  const base = await temporaryFolder(context);
  const [a, b, store] = [join(base, 'a'), join(base, 'a/in/b'), join(base, 'a/home/config')];
  for (const folder of [b, store, join(a, 'project'), join(a, 'plain')]) await mkdir(folder, { recursive: true });
  await writeFile(join(store, 'grants.json'), 'ours');
  await writeFile(join(a, 'project/p.sync.ts'), 'the project');
  const ways = { s: 'home/config', t: 'home', u: 'project', v: 'project/p.sync.ts', w: 'in/b', x: 'in', y: 'plain' };
  for (const [name, target] of Object.entries(ways)) await symlink(target, join(a, name));
  const roots = await openRoots(
    {
      symlinks: 'follow',
      volumes: [],
      roots: [a, b].map((path) => ({ address: at(path), shadows: [], targetOnly: false, autoMkdir: false })),
    } as never,
    {
      signal: new AbortController().signal,
      flushEachFile: false,
      pathRules: createPathRules([store]),
      ownFiles: { sources: [join(a, 'project/p.sync.ts')], written: [] },
    },
  );
  try {
    const [root] = roots;
    assert.ok(root !== undefined);
    const { innerRoots } = root;
    const scope = {
      excludeFiles: [],
      includeFiles: [],
      excludeDirs: [],
      includeDirs: [],
      killFiles: [],
      ignoreCase: false,
      links: 'follow',
    } as const;
    const walk = root.walk({ scope, innerRoots, digests: false });
    const top = await walk.next();
    await walk.close();
    const links = Object.keys(ways);
    const walked = links.map((name) => top?.entry(top.names().indexOf(name)).kind);
    assert.deepEqual(walked, ['other', 'other', 'other', 'other', 'other', 'other', 'directory']);
    const listed = (await root.vfs.list('')).filter(({ name }) => links.includes(name)).map(({ kind }) => kind);
    assert.deepEqual(listed, walked);
    for (const path of ['s/grants.json', 's/new', 't/config/grants.json', 'u/p.sync.ts', 'v', 'w/f', 'x/b/f'])
      await assert.rejects(root.vfs.write(path, bytesContent('theirs'), { expected: NOTHING }), { code: 'outside' }, path);
    await root.vfs.write('y/f', bytesContent('f'), { expected: NOTHING });
    assert.equal(await readFile(join(a, 'plain/f'), 'utf8'), 'f');
  } finally {
    await closeRoots(roots);
  }
});

test('our own folders are not made where they are missing below a root', async (context) => {
  const base = await temporaryFolder(context);
  const a = join(base, 'a');
  await mkdir(join(a, 'home'), { recursive: true });
  const roots = await openRoots(
    { symlinks: 'ignore', volumes: [], roots: [{ address: at(a), shadows: [], targetOnly: true, autoMkdir: false }] } as never,
    {
      signal: new AbortController().signal,
      flushEachFile: false,
      pathRules: createPathRules([join(a, 'home/config'), join(a, 'home/log')]),
    },
  );
  try {
    const vfs = roots[0]?.vfs;
    assert.ok(vfs !== undefined);
    for (const path of ['home/config', 'home/Config']) await assert.rejects(vfs.makeDirectory(path), { code: 'denied' }, path);
    await vfs.makeDirectory('home/other');
    await vfs.write('home/other/f', bytesContent('f'), { expected: NOTHING });
    const other = await vfs.stat('home/other');
    assert.ok(other !== undefined);
    await assert.rejects(vfs.rename('home/other', 'home/config', expectedOf(other, 'home/other')), { code: 'denied' });
    await assert.rejects(vfs.write('home/log', bytesContent('l'), { expected: NOTHING }), { code: 'denied' });
    assert.deepEqual(await readdir(join(a, 'home')), ['other']);
  } finally {
    await closeRoots(roots);
  }
});

test('a shadow around our own folders is refused: what its root gets could be written into them', async (context) => {
  const base = await temporaryFolder(context);
  const [a, shadow] = [join(base, 'a'), join(base, 'shadow')];
  for (const folder of [a, join(shadow, 'home')]) await mkdir(folder, { recursive: true });
  const opening = openRoots(
    { symlinks: 'ignore', volumes: [], roots: [{ address: at(a), shadows: [at(shadow)], targetOnly: true, autoMkdir: true }] } as never,
    {
      signal: new AbortController().signal,
      flushEachFile: false,
      pathRules: createPathRules([join(shadow, 'home/config')]),
    },
  );
  const message = `the shadow ${shadow} is around a folder of sxrun's own; name another folder`;
  await assert.rejects(opening, { name: 'VfsError', code: 'denied', message });
});
