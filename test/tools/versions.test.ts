import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stateAt } from '../../runtime/tools/version-as-of.ts';
import { type History, readHistories } from '../../runtime/tools/version-history.ts';
import { chooseVersion } from '../../runtime/tools/restore-versions.ts';
import { versioned } from '../../runtime/vfs/layers/versioned.ts';
import { findVersions, removeVersions } from '../../runtime/vfs/stored-versions.ts';
import type { SetAsideBy } from '../../runtime/vfs/version-notes.ts';
import type { Expected, Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { put, snapshot } from '../kit/tree.ts';

function layer(inner: Vfs, now: () => number, place: 'beside' | 'top' = 'beside'): Vfs {
  const folder = place === 'top' ? '.recycle' : 'XVS';
  return versioned(inner, { prefix: 'uxvs:', folder, place, max: 10_000, isExcluded: () => false, keep: undefined, now });
}

async function expectedAt(vfs: Vfs, path: string): Promise<Expected> {
  const entry = await vfs.stat(path);
  assert.ok(entry?.kind === 'file');
  return { kind: 'file', revision: entry.revision };
}

/** `[content time, set aside at, by]`; the last one without an end is what is present. */
type Life = readonly [modified: number | undefined, end?: number | undefined, by?: SetAsideBy];

function history(...lives: readonly Life[]): History {
  const versions = lives.flatMap(([modifiedMs, atMs, by], at) => {
    if (atMs === undefined && at === lives.length - 1) return [];
    const time = modifiedMs === undefined ? {} : { modifiedMs };
    const setAside = atMs === undefined || by === undefined ? undefined : { atMs, by };
    return [
      {
        path: 'f',
        stored: `XVS/00${at + 1}.f`,
        readAs: `XVS/00${at + 1}.f`,
        number: at + 1,
        entry: { name: 'f', kind: 'file' as const, revision: `${at}`, ...time },
        setAside,
      },
    ];
  });
  const [presentMs, end] = lives.at(-1) ?? [];
  const present =
    presentMs !== undefined && end === undefined ? { name: 'f', kind: 'file' as const, revision: 'now', modifiedMs: presentMs } : undefined;
  return { path: 'f', versions, present };
}

function told(from: History, atMs: number): string {
  const state = stateAt(from, atMs);
  if (state.kind === 'nothing') return 'nothing';
  const what = state.kind === 'version' ? String(state.version.number) : 'present';
  return state.certain ? what : `${what}?`;
}

describe('what was at a path at some time', () => {
  test('is the version that was set aside next, whatever the times of contents', () => {
    const lived = history([10, 100, 'overwritten'], [50, 200, 'overwritten'], [150]);
    assert.deepEqual(
      [5, 60, 99, 100, 199, 200, 999].map((at) => told(lived, at)),
      ['nothing', '1', '1', '2', '2', 'present', 'present'],
    );
  });
  test('is nothing after a removal, until the next content can have come', () => {
    const lived = history([10, 100, 'removed'], [300, 400, 'overwritten'], [390]);
    assert.deepEqual(
      [50, 150, 299, 350, 450].map((at) => told(lived, at)),
      ['1', 'nothing', 'nothing', '2?', 'present'],
    );
    assert.equal(told(history([10, 100, 'removed']), 150), 'nothing');
  });
  test('is not made up where a version in between was pruned', () => {
    const { versions, ...rest } = history([10, 100, 'overwritten'], [90, 200, 'overwritten'], [190, 300, 'overwritten'], [290]);
    const pruned = { ...rest, versions: versions.filter(({ number }) => number !== 2) };
    assert.deepEqual(
      [150, 250].map((at) => told(pruned, at)),
      ['nothing', '3?'],
    );
  });
  test('is told by the times of contents where nobody noted more, and said to be a guess', () => {
    const foreign = history([10, undefined], [50, undefined], [150]);
    assert.deepEqual(
      [5, 20, 60, 160].map((at) => told(foreign, at)),
      ['nothing', '1?', '2?', 'present?'],
    );
  });
  test('is what is there, as a guess, where its time is in the future', () => {
    assert.equal(told(history([Date.now() + 1e9]), 20), 'present?');
    assert.equal(told(history([Date.now() - 1e6]), 20), 'nothing');
    assert.deepEqual(
      [20, 150].map((at) => told(history([900, 100, 'overwritten'], [120]), at)),
      ['1?', 'present'],
    );
  });
  test('without any time is the oldest version that may have been there', () => {
    assert.equal(told(history([undefined, undefined], [undefined, undefined]), 20), '1?');
  });
});

describe('the versions of a root', () => {
  test('are found beside files, in directories that were removed or replaced, under long names, and in the recycle folder', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '1', 'd/a': 'a', 'd/sub/b': 'b', 'k/x': 'x', 'XVS/007/longname': 'long', 'XVS/readme': 'no version' });
    const vfs = layer(inner, () => 1000);
    await vfs.write('f', bytesContent('2'), { expected: await expectedAt(vfs, 'f') });
    for (const path of ['d/sub/b', 'd/a']) await vfs.removeFile(path, await expectedAt(vfs, path));
    for (const path of ['d/sub', 'd']) await vfs.removeDirectory(path);
    await vfs.replace('k', { kind: 'file', content: bytesContent('k'), as: { expected: { kind: 'directory' } } });
    await vfs.flush();
    const bin = layer(inner, () => 2000, 'top');
    await bin.removeFile('f', await expectedAt(bin, 'f'));
    await bin.close();
    const found = await findVersions(inner);
    assert.deepEqual(
      found.map(({ path, stored, setAside }) => `${path} ${stored} ${setAside?.by ?? '?'}`),
      [
        'd/a XVS/001.d/XVS/001.a removed',
        'd/sub/b XVS/001.d/XVS/001.sub/XVS/001.b removed',
        'f XVS/001.f overwritten',
        'f .recycle/001.f removed',
        'k/x XVS/001.k/x replaced',
        'longname XVS/007/longname ?',
      ],
    );
  });

  test('are removed with their notes and with what is empty then', async () => {
    const inner = new MemoryVfs();
    await put(inner, { f: '1', 'd/sub/b': 'b' });
    const vfs = layer(inner, () => 1000);
    await vfs.removeFile('d/sub/b', await expectedAt(vfs, 'd/sub/b'));
    for (const path of ['d/sub', 'd']) await vfs.removeDirectory(path);
    await vfs.write('f', bytesContent('2'), { expected: await expectedAt(vfs, 'f') });
    await vfs.close();
    const found = await findVersions(inner);
    await removeVersions(
      inner,
      found.filter(({ path }) => path !== 'f'),
    );
    assert.deepEqual(await snapshot(inner), {
      f: '2',
      'XVS/001.f': '1',
      'XVS/.set-aside.jsonl': '{"version":"001.f","at":"1970-01-01T00:00:01.000Z","by":"overwritten"}\n',
    });
    await removeVersions(inner, await findVersions(inner));
    assert.deepEqual(await snapshot(inner), { f: '2' });
  });

  test('in a chosen folder at the top are found by its name', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'old/001.f': '1', 'old/d/002.g': '2', 'd/old/003.h': 'of a user', 'XVS/001.i': 'i' });
    const found = await findVersions(inner, '/old');
    assert.deepEqual(
      found.map(({ path, number }) => `${path} ${number}`),
      ['d/g 2', 'f 1', 'i 1'],
    );
    assert.equal((await findVersions(inner)).length, 1);
  });

  test('that a killed run was giving to a bin are one, though they have two names', async () => {
    const inner = new MemoryVfs();
    await put(inner, { '.recycle/001.f': '1', '.recycle/001/f': '1', '.recycle/002/f': '2' });
    const same: Vfs = Object.assign(Object.create(inner) as Vfs, {
      list: async (directory: string) =>
        (await inner.list(directory)).map((entry) => (entry.kind === 'file' ? { ...entry, fileId: directory.endsWith('002') ? 'b' : 'a' } : entry)),
      stat: (path: string) => inner.stat(path),
    });
    assert.deepEqual(
      (await findVersions(same)).map(({ stored }) => stored),
      ['.recycle/001.f', '.recycle/002/f'],
    );
  });

  test('with damaged notes are versions of unknown time', async () => {
    const inner = new MemoryVfs();
    await put(inner, {
      'XVS/001.f': '1',
      'XVS/002.f': '2',
      'XVS/.set-aside.jsonl': '{"version":"001.f","at":"no time","by":"removed"}\n\u0000\n{"version":"002',
    });
    assert.deepEqual(
      (await findVersions(inner)).map(({ number, setAside }) => [number, setAside]),
      [
        [1, undefined],
        [2, undefined],
      ],
    );
  });

  test('are named by pattern, path or folder', async () => {
    const inner = new MemoryVfs();
    await put(inner, { 'd/XVS/001.a.txt': '', 'd/e/XVS/001.b.md': '', 'XVS/001.a.txt': '' });
    const named = async (...patterns: string[]) =>
      (await readHistories({ bare: inner, seenPath: (path) => path, keeping: layer(inner, Date.now), folder: undefined }, { patterns })).map(
        ({ path }) => path,
      );
    assert.deepEqual(await named('*.txt'), ['a.txt', 'd/a.txt']);
    assert.deepEqual(await named('/a.txt'), ['a.txt']);
    assert.deepEqual(await named('d'), ['d/a.txt', 'd/e/b.md']);
    assert.deepEqual(await named('/d/e/'), ['d/e/b.md']);
    assert.deepEqual(await named(), ['a.txt', 'd/a.txt', 'd/e/b.md']);
  });
});

test('a version that equals what is present is not restored', () => {
  const from = history([10, 100, 'overwritten'], [20]);
  const [version] = from.versions;
  assert.ok(version !== undefined);
  const entry = { name: 'f', kind: 'file' as const, revision: '0', size: 4, modifiedMs: 10 };
  const equal: History = { ...from, versions: [{ ...version, entry }], present: { ...entry, revision: 'other' } };
  assert.equal(chooseVersion(equal, { kind: 'newest' }).kind, 'same');
  assert.equal(chooseVersion({ ...equal, present: { ...entry, size: 5 } }, { kind: 'newest' }).kind, 'restore');
  assert.equal(chooseVersion(equal, { kind: 'number', number: 9 }).kind, 'noSuchNumber');
});
