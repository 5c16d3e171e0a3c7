import assert from 'node:assert/strict';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { listBelow } from '../../runtime/vfs/below.ts';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { thisProcess } from '../../runtime/vfs/backends/local/transfer-names.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { NOTHING, type Below, type Expected, type Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { failAt, faultyVfs, World } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { put, snapshot } from '../kit/tree.ts';

const DIRECTORY: Expected = { kind: 'directory' };

function trio() {
  const [root, shadow] = [new MemoryVfs({ label: 'root' }), new MemoryVfs({ label: 'shadow' })];
  return { root, shadow, both: shadowed(root, [shadow]) };
}

async function belowOf(vfs: Vfs, directory: string): Promise<Below> {
  return new Map([...(await listBelow(vfs, directory))].map(([path, version]) => [path, version ?? '']));
}

async function fileAt(vfs: Vfs, path: string): Promise<Expected> {
  const entry = await vfs.stat(path);
  assert.ok(entry?.kind === 'file');
  return { kind: 'file', revision: entry.revision };
}

describe('an action on a root that is not as expected leaves the shadow alone:', () => {
  const gone: Expected = { kind: 'file', revision: 'no such' };
  const actions: readonly [string, (vfs: Vfs) => Promise<unknown>][] = [
    ['write', (vfs) => vfs.write('f', bytesContent('new'), { expected: gone })],
    ['write something new', (vfs) => vfs.write('f', bytesContent('new'), { expected: NOTHING })],
    ['make a folder', (vfs) => vfs.makeDirectory('d')],
    ['remove a file', (vfs) => vfs.removeFile('f', gone)],
    ['remove a folder', (vfs) => vfs.removeDirectory('d')],
    ['rename', (vfs) => vfs.rename('f', 'g', gone)],
    ['rename to a name that is taken', async (vfs) => vfs.rename('f', 'd', await fileAt(vfs, 'f'))],
    ['link', (vfs) => vfs.link('f', 'to', { expected: NOTHING })],
    ['set a time', (vfs) => vfs.setModified('f', 1000, gone)],
    ['replace', (vfs) => vfs.replace('f', { kind: 'directory', expected: gone })],
    [
      'replace a folder that got more',
      (vfs) => vfs.replace('d', { kind: 'file', content: bytesContent('f'), as: { expected: DIRECTORY }, below: new Map() }),
    ],
  ];
  for (const [what, act] of actions) {
    test(what, async () => {
      const { root, shadow, both } = trio();
      await put(root, { f: 'f', 'd/x': 'x' });
      // What a shadow that fell behind may lack, so that the action would be possible there.
      await put(shadow, what === 'make a folder' ? { f: 'f' } : { f: 'f', 'd/': null });
      const before = await snapshot(shadow, { times: true });
      await assert.rejects(act(both), VfsError);
      assert.deepEqual(await snapshot(shadow, { times: true }), before);
    });
  }
});

test('a folder on the shadow goes with all that the root’s has, whatever the versions, and not with more', async () => {
  const { root, shadow, both } = trio();
  await put(root, { 'd/x': 'x', 'd/sub/y': 'y' });
  await put(shadow, { 'd/x': 'older x', 'd/own': 'own' });
  const replacement = { kind: 'file', content: bytesContent('f'), as: { expected: DIRECTORY }, below: await belowOf(root, 'd') } as const;
  await assert.rejects(both.replace('d', replacement), /on the shadow shadow: the folder holds "d\/own"/);
  assert.deepEqual(await snapshot(shadow), { 'd/x': 'older x', 'd/own': 'own' });
  assert.deepEqual(await snapshot(root), { 'd/x': 'x', 'd/sub/y': 'y' });
  await shadow.removeFile('d/own', await fileAt(shadow, 'd/own'));
  await both.replace('d', replacement);
  assert.deepEqual([await snapshot(root), await snapshot(shadow)], [{ d: 'f' }, { d: 'f' }]);
});

test('an empty folder of the shadow gives way to what is written or linked', async () => {
  const { root, shadow, both } = trio();
  await put(shadow, { 'f/': null, 'l/': null });
  await both.write('f', bytesContent('f'), { expected: NOTHING });
  await both.link('l', 'f', { expected: NOTHING });
  assert.deepEqual(await snapshot(shadow), await snapshot(root));
});

test('a name that only changes its case does so on a shadow that ignores case', async () => {
  const traits = { caseSensitive: false };
  const [root, shadow] = [new MemoryVfs({ traits }), new MemoryVfs({ traits })];
  await put(root, { a: 'a' });
  await put(shadow, { a: 'a' });
  await shadowed(root, [shadow]).rename('a', 'A', await fileAt(root, 'a'));
  assert.deepEqual([await snapshot(root), await snapshot(shadow)], [{ A: 'a' }, { A: 'a' }]);
});

test('what cannot be renamed on the shadow is copied from the root', async () => {
  const { root, shadow } = trio();
  await put(root, { a: 'a' });
  await put(shadow, { a: 'a' });
  const mounts = faultyVfs(shadow, new World([failAt('rename', 'a', 'cross-device')]));
  await shadowed(root, [mounts]).rename('a', 'b', await fileAt(root, 'a'));
  assert.deepEqual([await snapshot(root), await snapshot(shadow)], [{ b: 'a' }, { b: 'a' }]);
});

test('what the shadow lacks, and the root has no content of, is not renamed but to be copied', async () => {
  const { root, shadow } = trio();
  const contentless = stampOnly(root);
  await put(contentless, { b: 'b' });
  await assert.rejects(shadowed(contentless, [shadow]).rename('b', 'c', await fileAt(contentless, 'b')), { code: 'cross-device' });
  assert.notEqual(await contentless.stat('b'), undefined);
});

test('what a dead run set aside in a shadow is back before anything is done there', async (context) => {
  const base = await temporaryFolder(context);
  const [path, shadowPath] = [join(base, 'root'), join(base, 'shadow')];
  await mkdir(path);
  await mkdir(shadowPath);
  await put(path, { 'd/x': 'x' });
  await put(shadowPath, { 'd/own': 'own' });
  const dead = `.sxrun-${thisProcess().host}-${spawnSync('true').pid}-abcdef10`;
  await mkdir(join(shadowPath, `${dead}.aside`));
  await rename(join(shadowPath, 'd'), join(shadowPath, `${dead}.aside/d`));
  await writeFile(join(shadowPath, `${dead}.part`), 'half');
  const options = { followLinks: false, signal: new AbortController().signal, flushEachFile: false };
  const both = shadowed(await openLocal(path, options), [await openLocal(shadowPath, options)]);
  await both.write('d/new', bytesContent('new'), { expected: NOTHING });
  await both.close();
  assert.deepEqual(await snapshot(shadowPath), { 'd/new': 'new', 'd/own': 'own' });
  assert.deepEqual(await readdir(shadowPath), ['d']);
});

test('an interrupt on the shadow is no failure of it', async () => {
  const { root, shadow } = trio();
  await put(root, { f: 'f' });
  const ended = faultyVfs(shadow, new World([failAt('write', 'g', 'aborted')]));
  await assert.rejects(
    shadowed(root, [ended]).write('g', bytesContent('g'), { expected: NOTHING }),
    (error: unknown) => error instanceof VfsError && error.code === 'aborted',
  );
});
