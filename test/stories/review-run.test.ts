import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findMoves } from '../../runtime/engine/moves.ts';
import { OptionError } from '../../runtime/project/options/option-error.ts';
import { checkProject } from '../../runtime/project/options/options.ts';
import { closeRoots, openRoots } from '../../runtime/project/roots/open-roots.ts';
import { failureOf } from '../../runtime/project/sync-failure.ts';
import { madeOnDemand } from '../../runtime/vfs/layers/made-on-demand.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { runBuilt } from '../kit/built-command.ts';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees } from '../kit/run.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { put, snapshot } from '../kit/tree.ts';
import { story, synced } from './story.ts';

describe('a root that cannot be made on demand', () => {
  test('does not take away what the database and the result say of the others', async () => {
    const database = new MemoryDatabase();
    const [source, target] = [new MemoryVfs({ label: 'source' }), new MemoryVfs({ label: 'target' })];
    await put(source, { a: 'a', b: 'b' });
    const missing = madeOnDemand({ label: 'missing', traits: target.traits }, async () => {
      throw new VfsError('unreachable', '', 'the folder cannot be made');
    });
    const end = await syncTrees({ roots: [source, target, { vfs: missing, targetOnly: true }], database, options: { parallel: 1 } });
    assert.equal(end.end, 'failed');
    const there = Object.keys(await snapshot(target));
    assert.deepEqual({ copied: end.result.copied, known: Object.keys(database.contents()) }, { copied: there.length, known: there });
  });
  test('can be closed', async () => {
    const missing = madeOnDemand({ label: 'missing', traits: new MemoryVfs().traits }, async () => {
      throw new VfsError('unreachable', '', 'the folder cannot be made');
    });
    await assert.rejects(missing.makeDirectory('d'));
    await missing.close();
  });
});

test('more roots than the engine takes are an option error, no defect', () => {
  const context = { projectFile: '/p/x.sync.ts', projectDir: '/p', home: '/h', platform: 'linux', now: 0 } as const;
  assert.throws(() => checkProject({ roots: Array.from({ length: 31 }, (_, i) => `/r${i}`) }, context), OptionError);
});

test('a failure is about the problem that stopped the run, not the first one', async () => {
  const told = await story({ syncDb: true, parallel: 1 }, { a: 'a', b: 'b' }, {});
  const end = await told.sync({}, { world: new World([failAt('write', 'a', 'denied', 1), failAt('write', 'b', 'unreachable', 1)]) });
  assert.equal(end.end, 'failed');
  assert.deepEqual([failureOf(end.whole)?.code, failureOf(end.whole)?.path], ['root', 'b']);
});

test('a name that only changed its case is renamed on a root that ignores case', async () => {
  const told = await synced(
    { syncRemove: true, onError: 'stop', ignoreCase: true },
    { 'a.txt': 'a', k: 'k', l: 'l' },
    { tree: {}, traits: { caseSensitive: false } },
  );
  const { revision } = (await told.vfs[0]!.stat('a.txt')) as { revision: string };
  await told.vfs[0]!.rename('a.txt', 'A.txt', { kind: 'file', revision });
  const end = await told.sync();
  assert.deepEqual([end.end, end.problems], ['finished', []]);
});

test('a file to be killed where another root has a directory is gone at last', async () => {
  const told = await story({ killFiles: ['d'] }, { d: 'kill me', k: 'k' }, { 'd/x': 'x', k: 'k' });
  for (let run = 0; run < 3; run++) await told.sync();
  await told.allHold({ 'd/x': 'x', k: 'k' });
});

test('roots that were opened are closed when a shadow of a later one cannot be', async (context) => {
  const base = await temporaryFolder(context);
  const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'shadow')];
  await mkdir(a);
  await mkdir(b);
  await writeFile(shadow, 'a file');
  const at = (path: string) => ({ layers: [], base: { kind: 'local', path } });
  const project = {
    symlinks: 'ignore',
    roots: [
      { address: at(a), shadows: [], targetOnly: false, autoMkdir: false },
      { address: at(b), shadows: [at(shadow)], targetOnly: true, autoMkdir: false },
    ],
  } as never;
  const options = { signal: new AbortController().signal, flushEachFile: false, pathRules: { refusedBelow: async () => [] } as never };
  const open = () => readdirSync('/proc/self/fd').length;
  await openRoots(project, options).then(closeRoots, () => undefined);
  const before = open();
  for (let round = 0; round < 10; round++) await openRoots(project, options).then(closeRoots, () => undefined);
  assert.equal(open(), before);
});

test('the first Ctrl-C ends the reading of contents', async () => {
  const told = await story(
    { syncDb: true, compare: 'content' },
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, `content ${i}`])),
    {},
  );
  const controller = new AbortController();
  let reads = 0;
  const count = () => {
    if (++reads === 10) controller.abort();
  };
  const end = await told.sync(
    {},
    { signal: controller.signal, world: new World([{ when: 'before', at: (call) => call.method === 'content', effect: count }]) },
  );
  assert.equal(end.end, 'interrupted');
  assert.ok(reads < 50, `${reads} files were read, 10 of them before Ctrl-C`);
});

test('moves are looked for without comparing every arrival with every removal', async () => {
  const count = 200;
  const numbers = Array.from({ length: count }, (_, i) => i);
  const removals = numbers.map((i) => ({
    path: `old/f${i}`,
    kind: 'file',
    from: undefined,
    sourcePath: `old/f${i}`,
    kept: [],
    steps: [{ op: 'remove', to: 1, reason: '', expected: { kind: 'file', revision: `${i}` } }],
    row: {
      path: `old/f${i}`,
      at: [undefined, { kind: 'file', revision: `${i}`, size: 10, modifiedMs: 5 }],
      baseline: { kind: 'file', at: [{ revision: 'x' }, { revision: `${i}` }] },
    },
  }));
  const arrivals = numbers.map((i) => ({
    path: `new/f${i}`,
    kind: 'file',
    from: 0,
    sourcePath: `new/f${i}`,
    kept: [],
    steps: [{ op: 'copy', to: 1, reason: '', expected: { kind: 'nothing' } }],
    row: { path: `new/f${i}`, at: [{ kind: 'file', revision: `n${i}`, size: 10, modifiedMs: 5 }, undefined], baseline: undefined },
  }));
  const root = { targetOnly: false, joined: true, timePrecisionMs: 1 };
  const rules = { compare: 'time', evenTime: false, timeShiftsMs: [], syncRemove: true, mirror: false, database: true, roots: [root, root] } as const;
  let reads = 0;
  await findMoves([...removals, ...arrivals] as never, { ...rules, newerThanMs: undefined }, async (_root, path) => {
    reads++;
    return path;
  });
  assert.ok(reads <= 2 * count, `${reads} files were read to find moves among ${count}`);
});

test('the guard of a sub-project can be approved', async (context) => {
  const base = await temporaryFolder(context);
  for (const name of ['a', 'b', 'c', 'd']) await mkdir(join(base, name));
  for (let i = 0; i < 20; i++) await writeFile(join(base, 'c', `f${i}`), `${i}`);
  const text = `import { defineProject } from 'sxrun';
export default defineProject({ roots: ['a', 'b'], subSyncs: [defineProject({ name: 'cd', roots: ['c', 'd'], syncDb: 'cd.syncdb', syncRemove: true })] });`;
  await writeFile(join(base, 'p.sync.ts'), text);
  const where = { currentDir: base, home: join(base, 'home') };
  const run = (...more: string[]) => runBuilt(['-A', '-p', ...more, 'p.sync.ts'], where);
  assert.equal((await run()).code, 0);
  await put(join(base, 'c'), { left: 'left' });
  for (let i = 0; i < 20; i++) await rm(join(base, 'c', `f${i}`));
  const stopped = await run();
  assert.equal(stopped.code, 3);
  const planId = /--approve ([0-9a-f]{12})/.exec(stopped.stdout + stopped.stderr)?.[1] ?? '';
  await run('--approve', planId);
  assert.deepEqual(await readdir(join(base, 'd')), ['left']);
});
