import assert from 'node:assert/strict';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { syncFolders, temporaryFolder } from '../kit/sync-folders.ts';
import { edit, file, put, remove, snapshot } from '../kit/tree.ts';
import { openSyncDatabase } from '../../runtime/state/sync-database.ts';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { thisProcess } from '../../runtime/vfs/backends/local/transfer-names.ts';
import { walkLocal } from '../../runtime/vfs/backends/local/walk-local.ts';
import type { EngineRoot } from '../../runtime/engine/sync-run.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';
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
    const meanwhile = {
      when: 'before',
      at: (call: { method: string; path: string }) => call.method === 'content' && call.path === 'd',
      effect: () => edit(told.vfs[1]!, 'd/x', 'edited meanwhile'),
    } as const;
    await told.sync({}, { world: new World([meanwhile]) });
    assert.equal((await snapshot(told.vfs[1]!))['d/x'], 'edited meanwhile');
  });
});

describe('a shadow', () => {
  async function withShadow() {
    const [source, target, shadow] = [new MemoryVfs({ label: 'source' }), new MemoryVfs({ label: 'target' }), new MemoryVfs({ label: 'shadow' })];
    const database = new MemoryDatabase();
    const sync = (world?: World) =>
      syncTrees({ roots: [source, shadowed(target, [shadow])], options: { syncRemove: true }, database, ...(world ? { world } : {}) });
    return { source, target, shadow, sync };
  }
  test('is not changed when the root is found changed and left alone', async () => {
    const { source, target, shadow, sync } = await withShadow();
    await put(source, { a: file('a', { modified: day(1) }), k: 'k', l: 'l' });
    await sync();
    await remove(source, 'a');
    const meanwhile = {
      when: 'before',
      at: (call: { method: string }) => call.method === 'removeFile',
      effect: () => edit(target, 'a', 'edited meanwhile', day(5)),
    } as const;
    await sync(new World([meanwhile]));
    assert.equal((await snapshot(target))['a'], 'edited meanwhile');
    assert.ok('a' in (await snapshot(shadow)), 'the shadow lost a file that its root keeps');
  });
  test('does not lose a folder of its own that no plan named', async () => {
    const { source, shadow, sync } = await withShadow();
    await put(source, { x: 'file' });
    await put(shadow, { 'x/precious': 'a', 'x/deep/er': 'b' });
    await sync();
    assert.deepEqual(await snapshot(shadow), { 'x/precious': 'a', 'x/deep/er': 'b' });
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
    await mkdir(a);
    await mkdir(b);
    await put(a, { k: 'k' });
    const left = `.sxrun-${thisProcess().host}-${spawnSync('true').pid}-abcdef10.part`;
    await writeFile(join(a, left), 'half');
    await syncFolders({ folders: [a, { path: b, targetOnly: true }] });
    assert.deepEqual((await readdir(a)).includes(left), true, 'the run wrote in a root that it only reads');
  });
});

describe('the second Ctrl-C', () => {
  test('drops the files in flight, and still saves the database', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b] = [join(base, 'a'), join(base, 'b')];
    await mkdir(a);
    await mkdir(b);
    for (let i = 0; i < 300; i++) await writeFile(join(a, `f${i}`), `content ${i}`);
    const [first, second] = [new AbortController(), new AbortController()];
    const local = { followLinks: false, signal: second.signal, flushEachFile: false };
    const [one, two] = [await openLocal(a, local), await openLocal(b, local)];
    const open = (signal: AbortSignal) => openSyncDatabase(join(base, 'x.syncdb'), { rootKeys: [a, b], simulation: false, signal, now: Date.now });
    const baseline = await open(first.signal);
    let begun = 0;
    const end = await syncTrees({
      roots: [
        { vfs: one, walk: (options) => walkLocal(a, options) },
        { vfs: two, walk: (options) => walkLocal(b, options) },
      ],
      baseline,
      now: Date.now,
      signal: first.signal,
      options: { parallel: 8 },
      onEvent: (event) => {
        if (event.type !== 'action' || ++begun !== 200) return;
        first.abort();
        second.abort();
      },
    });
    await baseline.close();
    await Promise.all([one.close(), two.close()]);
    const again = await open(new AbortController().signal);
    let recorded = 0;
    for (const directory of again.directories()) recorded += directory.rows().size;
    await again.close();
    const there = (await readdir(b)).length;
    assert.equal(end.end, 'interrupted');
    assert.deepEqual({ copied: end.result.copied, recorded }, { copied: there, recorded: there });
  });
});

describe('a directory that becomes a file on a root that never had all of it', () => {
  test('is a collision when a copy into it had failed there', async () => {
    const told = await synced({ syncDb: true }, { 'd/x': 'x', k: 'k', l: 'l' }, {}, {});
    await put(told.vfs[0]!, { 'd/new': 'a day of work' });
    const end = await told.sync({}, { world: new World([failAt('write', 'd/new', 'denied', 1)]) });
    assert.deepEqual(end.problems, ['d/new@1 denied']);
    await remove(told.vfs[1]!, 'd');
    await put(told.vfs[1]!, { d: 'a file now' });
    await told.sync();
    assert.equal((await snapshot(told.vfs[0]!))['d/new'], 'a day of work');
  });
  test('is a collision when it was left out of the run that changed it', async () => {
    const told = await synced({ syncDb: true }, { 'd/x': 'x', k: 'k', l: 'l' }, {}, {});
    await edit(told.vfs[1]!, 'd/x', 'a day of work');
    await told.sync({}, { only: [1, 2] });
    await remove(told.vfs[0]!, 'd');
    await put(told.vfs[0]!, { d: 'a file now' });
    await told.sync();
    assert.equal((await snapshot(told.vfs[1]!))['d/x'], 'a day of work');
  });
});

describe('a leftover that cannot be cleared', () => {
  test('does not keep the run from doing everything else', async () => {
    const told = await synced({ syncDb: true }, { a: 'a' }, {});
    await put(told.vfs[0]!, { b: 'b' });
    const source = told.vfs[0]!;
    // A snapshot mounted read-only, taken while another run wrote into it.
    const walk: EngineRoot['walk'] = (options) => {
      const inner = walkByListing(source, options);
      const next = async () => {
        const listing = await inner.next();
        return (
          listing && {
            path: listing.path,
            problem: listing.problem,
            count: listing.count,
            fileCount: listing.fileCount,
            hasHidden: listing.hasHidden,
            hasKilled: listing.hasKilled,
            digest: listing.digest,
            leftovers: ['.sxrun-00000000-1-abcdef10.part'],
            names: () => listing.names(),
            joinedNames: () => listing.joinedNames(),
            kind: (i: number) => listing.kind(i),
            entry: (i: number) => listing.entry(i),
            size: (i: number) => listing.size(i),
            modifiedMs: (i: number) => listing.modifiedMs(i),
            revision: (i: number) => listing.revision(i),
          }
        );
      };
      return { next, prune: (path) => inner.prune(path), close: () => inner.close() };
    };
    const world = new World([failAt('recover', '', 'denied', 0)]);
    await syncTrees({
      roots: [
        { vfs: source, walk },
        { vfs: told.vfs[1]!, targetOnly: true },
      ],
      database: told.database,
      world,
    });
    assert.equal((await snapshot(told.vfs[1]!))['b'], 'b');
  });
});

describe('a file taken out of the trash after its removal was done everywhere it could be', () => {
  test('stays, in real folders, though a target-only root kept its own version', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b, kept] = [join(base, 'a'), join(base, 'b'), join(base, 'kept')];
    for (const folder of [a, b, kept]) await mkdir(folder);
    await put(a, { x: 'x', k: 'k', l: 'l' });
    const run = { folders: [a, b, { path: kept, targetOnly: true }], options: { syncRemove: true }, database: join(base, 'db.syncdb') };
    await syncFolders(run);
    await edit(kept, 'x', 'newer', day(9));
    await rename(join(a, 'x'), join(base, 'trash'));
    await syncFolders(run);
    assert.deepEqual(await snapshot(b), { k: 'k', l: 'l' });
    await rename(join(base, 'trash'), join(a, 'x'));
    await syncFolders(run);
    assert.equal((await snapshot(a))['x'], 'x');
  });
});

describe('a kill while the shadow replaces a directory', () => {
  test('does not keep later runs from doing it', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'shadow')];
    for (const folder of [a, b, shadow]) await mkdir(folder);
    await put(a, { 'd/x': 'x', k: 'k', l: 'l' });
    const run = { folders: [a, { path: b, shadows: [shadow] }], database: join(base, 'db.syncdb') };
    await syncFolders(run);
    await remove(a, 'd');
    await put(a, { d: 'a file now' });
    // What a kill right after the old directory was set aside leaves behind.
    const aside = join(shadow, `.sxrun-${thisProcess().host}-${spawnSync('true').pid}-abcdef123456.aside`);
    await mkdir(aside);
    await rename(join(shadow, 'd'), join(aside, 'd'));
    for (let again = 0; again < 2; again++) await syncFolders(run);
    assert.deepEqual([await snapshot(b), await snapshot(shadow)], [await snapshot(a), await snapshot(a)]);
  });
});
