import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { createCoderTurns } from '../../runtime/vfs/layers/encoded/coder-turns.ts';
import { type VersionedOptions, type VersionKeeper, versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { VersionChange } from '../../runtime/vfs/version-change.ts';
import { VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import { type Content, type Expected, NOTHING, type Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { failAt, faultyVfs, World } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { link, put, snapshot, type Tree } from '../kit/tree.ts';

const NOTES = /\.set-aside\.jsonl$/;
const NOON = Date.parse('2026-03-01T12:00:00Z');

function layer(inner: Vfs, options: Partial<VersionedOptions> = {}): VersionKeeper {
  return versioned(inner, {
    prefix: 'uxvs:',
    folder: 'XVS',
    place: 'beside',
    max: 10_000,
    isExcluded: () => false,
    keep: undefined,
    now: () => NOON,
    ...options,
  });
}

/** All that is below the layer, without notes. */
async function below(inner: Vfs): Promise<Tree> {
  return Object.fromEntries(Object.entries(await snapshot(inner)).filter(([path]) => !NOTES.test(path)));
}

async function expectedAt(vfs: Vfs, path: string): Promise<Expected> {
  const entry = await vfs.stat(path);
  if (entry?.kind === 'file') return { kind: 'file', revision: entry.revision };
  return entry?.kind === 'link' ? { kind: 'link', target: entry.target } : { kind: 'directory' };
}

async function overwrite(vfs: Vfs, path: string, text: string | Content): Promise<void> {
  await vfs.write(path, typeof text === 'string' ? bytesContent(text) : text, { expected: await expectedAt(vfs, path) });
}

async function remove(vfs: Vfs, path: string): Promise<void> {
  await vfs.removeFile(path, await expectedAt(vfs, path));
}

async function failsWith(work: Promise<unknown>, code: VfsErrorCode, message?: RegExp): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof VfsError, String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

describe('old versions', () => {
  test('are numbered in the folder beside the file, whether it is overwritten or removed', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/f.txt': '1' });
    const vfs = layer(inner);
    await overwrite(vfs, 'd/f.txt', '2');
    await overwrite(vfs, 'd/f.txt', '3');
    await remove(vfs, 'd/f.txt');
    assert.deepEqual(await below(inner), { 'd/XVS/001.f.txt': '1', 'd/XVS/002.f.txt': '2', 'd/XVS/003.f.txt': '3' });
    assert.deepEqual(await vfs.list('d'), []);
  });

  test('go on behind the highest number that is there, of this name only', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: 'now', g: 'now', 'XVS/041.f': 'of another program', 'XVS/9.f': 'no version', 'XVS/1000.g': 'old' });
    const vfs = layer(inner);
    await overwrite(vfs, 'f', 'new');
    await overwrite(vfs, 'g', 'new');
    const tree = await below(inner);
    assert.deepEqual([tree['XVS/042.f'], tree['XVS/1001.g']], ['now', 'now']);
  });

  test('keep time and mode, and links stay links', async () => {
    const inner = new MemoryVfs();
    await inner.write('f', bytesContent('old'), { expected: NOTHING, modifiedMs: NOON - 5000, mode: 0o640 });
    await put(inner, { l: link('f') });
    const vfs = layer(inner);
    await overwrite(vfs, 'f', 'new');
    await vfs.link('l', 'elsewhere', { expected: { kind: 'link', target: 'f' } });
    const kept = await inner.stat('XVS/001.f');
    assert.ok(kept?.kind === 'file');
    assert.deepEqual([kept.modifiedMs, kept.mode], [NOON - 5000, 0o640]);
    assert.deepEqual((await below(inner))['XVS/001.l'], link('f'));
  });

  test('of names that are too long to have a number put before them lie in a folder with that number', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sxrun-long-'));
    try {
      const inner = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
      const name = 'n'.repeat(253);
      const vfs = layer(inner);
      await put(vfs, { [name]: '1' });
      await overwrite(vfs, name, '2');
      await remove(vfs, name);
      assert.deepEqual(await below(inner), { [`XVS/001/${name}`]: '1', [`XVS/002/${name}`]: '2' });
      await vfs.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('are kept of what moves away, too', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: 'moving' });
    const vfs = layer(inner);
    await vfs.rename('f', 'g', await expectedAt(vfs, 'f'));
    assert.deepEqual(await below(inner), { g: 'moving', 'XVS/001.f': 'moving' });
  });

  test('of a directory that is removed go with it into a version of the directory', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'a/b/f': 'f', 'a/g': 'g' });
    const vfs = layer(inner);
    await remove(vfs, 'a/b/f');
    await vfs.removeDirectory('a/b');
    await remove(vfs, 'a/g');
    await vfs.removeDirectory('a');
    assert.deepEqual(await below(inner), { 'XVS/001.a/XVS/001.b/XVS/001.f': 'f', 'XVS/001.a/XVS/001.g': 'g' });
    await vfs.flush();
    const notes = (await snapshot(inner))['XVS/001.a/XVS/001.b/XVS/.set-aside.jsonl'];
    assert.equal(notes, '{"version":"001.f","at":"2026-03-01T12:00:00.000Z","by":"removed"}\n');
  });

  test('hold all of a directory that a file takes the place of', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/f': 'f', 'd/sub/g': 'g', 'd/sub/XVS/001.g': 'older g' });
    const vfs = layer(inner);
    await vfs.replace('d', { kind: 'file', content: bytesContent('file now'), as: { expected: { kind: 'directory' } } });
    assert.deepEqual(await below(inner), { d: 'file now', 'XVS/001.d/f': 'f', 'XVS/001.d/sub/g': 'g', 'XVS/001.d/sub/XVS/001.g': 'older g' });
  });

  test('go back when a directory is not replaced after all', async () => {
    const inner = new MemoryVfs();
    const before = { 'd/f': 'f', 'd/XVS/001.f': 'older f' };
    await put(inner, before);
    const vfs = layer(inner);
    const content: Content = {
      async *open() {
        yield Buffer.from('half');
        throw new VfsError('failed', 'source', 'it broke off');
      },
    };
    await failsWith(vfs.replace('d', { kind: 'file', content, as: { expected: { kind: 'directory' } } }), 'failed');
    assert.deepEqual(await below(inner), { ...before, 'XVS/': null });
  });

  test('are not made of excluded files', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'a.tmp': '1', 'b.tmp': '1', f: '1' });
    const vfs = layer(inner, { isExcluded: (path) => path.endsWith('.tmp') });
    await overwrite(vfs, 'a.tmp', '2');
    await remove(vfs, 'b.tmp');
    await remove(vfs, 'f');
    assert.deepEqual(await below(inner), { 'a.tmp': '2', 'XVS/001.f': '1' });
  });

  test('of a recycling root lie in one folder at the top, with their paths', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/e/f': '1', g: '1' });
    const vfs = layer(inner, { folder: '.recycle', place: 'top' });
    await overwrite(vfs, 'd/e/f', '2');
    await remove(vfs, 'd/e/f');
    await vfs.removeDirectory('d/e');
    await remove(vfs, 'g');
    assert.deepEqual(await below(inner), { 'd/': null, '.recycle/d/e/001.f': '1', '.recycle/d/e/002.f': '2', '.recycle/001.g': '1' });
  });
});

describe('nothing is lost', () => {
  test('when the number of versions is exhausted: the file stays, and the message says what to do', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '1' });
    const vfs = layer(inner, { max: 2 });
    await overwrite(vfs, 'f', '2');
    await overwrite(vfs, 'f', '3');
    await failsWith(overwrite(vfs, 'f', '4'), 'failed', /2 old versions in XVS.*"versions\.max".*sxrun versions prune/);
    await failsWith(remove(vfs, 'f'), 'failed');
    assert.deepEqual(await below(inner), { f: '3', 'XVS/001.f': '1', 'XVS/002.f': '2' });
    await inner.removeFile('XVS/001.f', await expectedAt(inner, 'XVS/001.f'));
    const next = layer(inner, { max: 2 });
    await overwrite(next, 'f', '4');
    assert.deepEqual(await below(inner), { f: '4', 'XVS/002.f': '2', 'XVS/003.f': '3' });
  });

  test('when content breaks off: the old stays, and no version is left', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: 'old' });
    const vfs = layer(inner, { max: 1 });
    const broken: Content = {
      async *open() {
        yield Buffer.from('half');
        throw new VfsError('transient', 'source', 'lost');
      },
    };
    for (let attempt = 0; attempt < 3; attempt++) await failsWith(overwrite(vfs, 'f', broken), 'transient');
    assert.deepEqual(await below(inner), { f: 'old', 'XVS/': null });
    await overwrite(vfs, 'f', 'new');
    assert.deepEqual(Object.values(await below(inner)).sort(), ['new', 'old']);
  });

  for (const [what, method] of [
    ['made', 'makeDirectory'],
    ['written to', 'write'],
  ] as const) {
    test(`when the folder of versions cannot be ${what}: the file stays, and the next run goes on`, async () => {
      const inner = new MemoryVfs();
      await put(inner, { f: 'old', g: 'old' });
      const world = new World([failAt(method, (path) => path.startsWith('XVS'), 'read-only'), failAt('rename', 'g', 'read-only')]);
      const vfs = layer(faultyVfs(inner, world));
      await failsWith(overwrite(vfs, 'f', 'new'), 'read-only', /old version cannot be put into XVS/);
      await failsWith(remove(vfs, 'g'), 'read-only');
      assert.deepEqual(
        Object.entries(await below(inner)).filter(([, value]) => value !== null),
        [
          ['f', 'old'],
          ['g', 'old'],
        ],
      );
      const next = layer(inner);
      await overwrite(next, 'f', 'new');
      await remove(next, 'g');
      assert.deepEqual(await below(inner), { f: 'new', 'XVS/001.f': 'old', 'XVS/001.g': 'old' });
    });
  }

  test('when two runs set versions of one name aside at once', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '1', 'XVS/001.g': '0' });
    const [one, two] = [layer(inner), layer(inner)];
    await overwrite(one, 'f', '2');
    await overwrite(two, 'f', '3');
    await overwrite(one, 'f', '4');
    assert.deepEqual(await below(inner), { f: '4', 'XVS/001.f': '1', 'XVS/002.f': '2', 'XVS/003.f': '3', 'XVS/001.g': '0' });
    await Promise.all([one.close(), two.close()]);
    const notes = String((await snapshot(inner))['XVS/.set-aside.jsonl']);
    assert.deepEqual([...notes.matchAll(/"(\d+\.f)"/g)].map(([, name]) => name).sort(), ['001.f', '002.f', '003.f']);
  });

  test('when a version has the highest number there is, and others go on', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: 'old', g: 'old', 'XVS/999999999999998.g': 'older', 'XVS/999999999999999.f': 'older' });
    const vfs = layer(inner);
    await failsWith(overwrite(vfs, 'f', 'new'), 'failed', /XVS\/999999999999999\.f has the highest number .*rename or remove/);
    await failsWith(remove(vfs, 'f'), 'failed', /highest number/);
    await overwrite(vfs, 'g', 'new');
    const versions = { 'XVS/999999999999998.g': 'older', 'XVS/999999999999999.f': 'older', 'XVS/999999999999999.g': 'old' };
    assert.deepEqual(await below(inner), { f: 'old', g: 'new', ...versions });
  });

  test('when something is in the way of the folder of versions', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: 'old', XVS: 'a file' });
    await failsWith(overwrite(layer(inner), 'f', 'new'), 'wrong-kind', /XVS/);
    assert.deepEqual(await below(inner), { f: 'old', XVS: 'a file' });
  });

  test('when a file is put into a directory while it is set aside', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/XVS/001.f': 'f' });
    let isFirst = true;
    const late = {
      when: 'before' as const,
      at: ({ method }: { method: string }) => method === 'rename' && isFirst,
      effect: async () => {
        isFirst = false;
        await put(inner, { 'd/late': 'precious' });
      },
    };
    await failsWith(layer(faultyVfs(inner, new World([late]))).removeDirectory('d'), 'not-empty');
    const tree = await below(inner);
    assert.deepEqual([tree['d/late'], tree['d/XVS/001.f']], ['precious', 'f']);
  });
});

describe('folders of versions', () => {
  test('are not shown, whoever made them, and nothing is done in them', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '1', 'XVS/001.f': '0', '.XVS/001.f': '0', '.recycle/001.f': '0', 'mine/001.f': '0', 'XVS2/f': '2' });
    const vfs = layer(inner, { folder: 'mine' });
    assert.deepEqual(await snapshot(vfs), { f: '1', 'XVS2/f': '2' });
    assert.equal(await vfs.stat('XVS/001.f'), undefined);
    await failsWith(vfs.list('mine'), 'not-found');
    await failsWith(vfs.makeDirectory('XVS2/XVS'), 'name-refused');
    await failsWith(vfs.write('.recycle/x', bytesContent('x'), { expected: NOTHING }), 'name-refused');
    await failsWith(vfs.rename('f', 'mine/f', await expectedAt(vfs, 'f')), 'name-refused');
    assert.throws(() => vfs.content('XVS/001.f'), VfsError);
  });

  test('at the top take no name from the folders below', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/old/f': 'of a user', g: '1' });
    const vfs = layer(inner, { folder: 'old', place: 'top' });
    await overwrite(vfs, 'd/old/f', 'new');
    await overwrite(vfs, 'g', '2');
    assert.deepEqual(await snapshot(vfs), { 'd/old/f': 'new', g: '2' });
    assert.deepEqual(await below(inner), { 'd/old/f': 'new', 'old/d/old/001.f': 'of a user', 'old/001.g': '1', g: '2' });
    await failsWith(vfs.makeDirectory('old/x'), 'name-refused');
  });

  test('are told apart without regard to case where the file system does so', async () => {
    const inner = new MemoryVfs({ traits: { caseSensitive: false } });
    await put(inner, { 'xvs/001.f': '0', F: '1' });
    const vfs = layer(inner);
    assert.deepEqual(await snapshot(vfs), { F: '1' });
    await overwrite(vfs, 'f', '2');
    assert.equal((await below(inner))['xvs/002.f'], '1');
  });

  test('are cleared of the versions that no rule keeps when the file system is closed, for files that got one', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '3', g: '1', 'XVS/001.f': '1', 'XVS/002.f': '2', 'XVS/001.h': '1', 'XVS/002.h': '2' });
    const vfs = layer(inner, { keep: { last: 1 }, now: () => Date.now() + 10_000 });
    await overwrite(vfs, 'f', '4');
    await vfs.close();
    assert.deepEqual(await below(inner), { f: '4', g: '1', 'XVS/003.f': '3', 'XVS/001.h': '1', 'XVS/002.h': '2' });
  });
});

test('versions that no rule keeps and that cannot be removed are told, and the file system is closed all the same', async () => {
  const inner = new MemoryVfs();
  await put(inner, { f: '2', 'd/g': '2', 'XVS/001.f': '1', 'd/XVS/001.g': '1' });
  const told: VersionChange[] = [];
  const world = new World([failAt('removeFile', 'XVS/001.f', 'read-only')]);
  const vfs = layer(faultyVfs(inner, world), { keep: { last: 1 }, now: () => Date.now() + 10_000, tell: (change) => told.push(change) });
  await overwrite(vfs, 'f', '3');
  await overwrite(vfs, 'd/g', '3');
  await vfs.close();
  assert.deepEqual(
    told.map(({ op, path, stored }) => [op, path, stored]),
    [
      ['aside', 'f', 'XVS/002.f'],
      ['aside', 'd/g', 'd/XVS/002.g'],
      ['stays', 'XVS/001.f', 'XVS'],
      ['remove', 'd/g', 'd/XVS/001.g'],
    ],
  );
  assert.match(told[2]?.reason ?? '', /"versions\.keep"/);
  assert.ok(world.calls.some(({ method }) => method === 'close'));
});

test('when versions were set aside that cannot be noted in one folder is noted later or told, and noted in the others', async () => {
  const inner = new MemoryVfs();
  await put(inner, { f: '1', 'd/g': '1' });
  const told: VersionChange[] = [];
  const isStuck = { now: true };
  const stuck = {
    when: 'before' as const,
    at: ({ method, path }: { method: string; path: string }) => isStuck.now && method === 'write' && path === 'XVS/.set-aside.jsonl',
  };
  const world = new World([{ ...stuck, effect: async () => Promise.reject(new VfsError('no-space', 'XVS/.set-aside.jsonl', 'the disk is full')) }]);
  const vfs = layer(faultyVfs(inner, world), { tell: (change) => told.push(change) });
  await overwrite(vfs, 'f', '2');
  await overwrite(vfs, 'd/g', '2');
  await vfs.flush();
  assert.deepEqual(
    Object.keys(await snapshot(inner)).filter((path) => NOTES.test(path)),
    ['d/XVS/.set-aside.jsonl'],
  );
  isStuck.now = false;
  await vfs.flush();
  assert.match(String((await snapshot(inner))['XVS/.set-aside.jsonl']), /"001\.f"/);
  isStuck.now = true;
  await overwrite(vfs, 'f', '3');
  await vfs.close();
  assert.deepEqual(
    told.filter(({ op }) => op === 'stays'),
    [{ op: 'stays', path: 'XVS', stored: 'XVS', reason: 'when and why its versions were set aside could not be noted: the disk is full' }],
  );
  assert.ok(world.calls.some(({ method }) => method === 'close'));
});

test('what a simulation foresees is what a run does', async () => {
  const inner = new MemoryVfs();
  await put(inner, { f: '3', 'd/g': '2', n: '', 'XVS/001.f': '1', 'XVS/002.f': '2', 'x.tmp': '' });
  const told: string[] = [];
  const tell = ({ op, path, stored }: VersionChange) => told.push(`${op} ${path} ${stored ?? '-'}`);
  const vfs = layer(inner, { keep: { last: 2 }, now: () => Date.now() + 10_000, tell, isExcluded: (path) => path.endsWith('.tmp') });
  for (const path of ['f', 'd/g', 'x.tmp']) vfs.foresee(path, 'overwritten');
  await vfs.foretell();
  assert.deepEqual(told.splice(0), ['aside f -', 'aside d/g -', 'remove f XVS/001.f']);
  assert.equal((await snapshot(inner))['XVS/001.f'], '1');
  for (const path of ['f', 'd/g', 'x.tmp']) await overwrite(vfs, path, 'new');
  await vfs.close();
  assert.deepEqual(told, ['aside f XVS/003.f', 'aside d/g d/XVS/001.g', 'remove f XVS/001.f']);
});

test('a version that a killed run made is known again where only one file is decoded at once', async () => {
  const turns = createCoderTurns(1);
  const old = 'old'.repeat(100_000);
  const inner = encoded(new MemoryVfs(), saltedEncoder({ turns }));
  for (const path of ['f', 'g', 'XVS/001.f', 'XVS/001.g']) {
    if (path === 'XVS/001.f') await inner.makeDirectory('XVS');
    const text = path === 'XVS/001.g' ? 'new'.repeat(100_000) : old;
    await inner.write(path, bytesContent(text), { expected: NOTHING, modifiedMs: NOON });
  }
  const vfs = layer(inner);
  await Promise.all(['f', 'g'].map((path) => overwrite(vfs, path, 'new')));
  assert.deepEqual(await below(inner), { f: 'new', g: 'new', 'XVS/001.f': old, 'XVS/001.g': 'new'.repeat(100_000), 'XVS/002.g': old });
});

for (const [place, folder, path, left] of [
  ['beside', 'XVS', 'd/f', 'd/XVS/.sxrun-dead.part'],
  ['top', '.recycle', 'd/f', '.recycle/d/.sxrun-dead.part'],
] as const) {
  test(`what a killed run left of a copy in ${folder} is cleared before the next version goes there`, async () => {
    const memory = new MemoryVfs();
    await put(memory, { [path]: '1', [left]: 'half' });
    const inner: Vfs = Object.assign(Object.create(memory) as Vfs, {
      list: async (directory: string) => (await memory.list(directory)).filter(({ name }) => !name.startsWith('.sxrun-')),
      stat: (at: string) => memory.stat(at),
      content: (at: string, revision?: string) => memory.content(at, revision),
      write: memory.write.bind(memory),
      makeDirectory: memory.makeDirectory.bind(memory),
      leftovers: async (directory: string) => (left.startsWith(`${directory}/.sxrun`) ? [left] : []),
      recover: async (paths: readonly string[]) => {
        for (const one of paths) await memory.removeFile(one, await expectedAt(memory, one));
        return { returned: 0 };
      },
    });
    const vfs = layer(inner, { folder, place });
    for (const directory of ['', 'd']) {
      await vfs.list(directory);
      assert.deepEqual(await vfs.leftovers(directory), directory === '' ? [] : [left]);
    }
    await overwrite(vfs, path, '2');
    assert.deepEqual(Object.values(await below(memory)).sort(), ['1', '2']);
  });
}

test('on a local folder an overwritten file is kept without being copied, and later writes into the new one leave it alone', async (context) => {
  if (process.platform === 'win32') return context.skip('inodes are asked for');
  const folder = mkdtempSync(join(tmpdir(), 'sxrun-hard-'));
  try {
    const inner = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
    const vfs = layer(inner);
    await put(vfs, { f: 'old' });
    const { ino } = statSync(join(folder, 'f'));
    await overwrite(vfs, 'f', 'new');
    assert.equal(statSync(join(folder, 'XVS/001.f')).ino, ino);
    assert.equal(statSync(join(folder, 'XVS/001.f')).nlink, 1);
    assert.equal(readFileSync(join(folder, 'XVS/001.f'), 'utf8'), 'old');
    // A file that moves shares nothing with its version, since other programs write into files in place.
    await vfs.rename('f', 'g', await expectedAt(vfs, 'f'));
    assert.notEqual(statSync(join(folder, 'g')).ino, statSync(join(folder, 'XVS/002.f')).ino);
    await vfs.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a read-only folder of versions on disk leaves the file as it is', async (context) => {
  if (process.platform === 'win32' || process.getuid?.() === 0) return context.skip('needs permissions that hold');
  const folder = mkdtempSync(join(tmpdir(), 'sxrun-denied-'));
  try {
    const inner = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
    const vfs = layer(inner);
    await put(inner, { f: 'old', 'XVS/001.x': 'x' });
    chmodSync(join(folder, 'XVS'), 0o500);
    await failsWith(overwrite(vfs, 'f', 'new'), 'denied', /old version cannot be put into XVS/);
    await failsWith(remove(vfs, 'f'), 'denied');
    assert.equal(readFileSync(join(folder, 'f'), 'utf8'), 'old');
    chmodSync(join(folder, 'XVS'), 0o700);
    await remove(vfs, 'f');
    assert.equal(readFileSync(join(folder, 'XVS', '001.f'), 'utf8'), 'old');
    await vfs.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
