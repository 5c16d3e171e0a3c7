import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openNull } from '../../runtime/vfs/backends/null.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { Clock } from '../kit/clock.ts';
import { readContent } from '../kit/bytes-content.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { syncTrees, type TreeOptions, type TreeRoot, type TreesEnd } from '../kit/run.ts';
import { edit, file, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';
import { day, isClean } from './story.ts';

const SX_GZ = { extension: '.sx.gz' };
const GZ = { extension: '.gz' };
const ENC = saltedEncoder();

const TREE: Tree = { 'a.txt': 'alpha', 'd/b.txt': 'beta', 'd/e/c.txt': '', 'empty/': null };

/** Roots of which the first is a plain one in memory, a database, and runs over them. */
class Layered {
  readonly source = new MemoryVfs({ label: 'source', now: new Clock().now });
  readonly database = new MemoryDatabase();
  readonly #others: readonly (Vfs | TreeRoot)[];
  readonly #options: TreeOptions;
  readonly #keeps: boolean;

  constructor(others: readonly (Vfs | TreeRoot)[], options: TreeOptions = {}, keeps = true) {
    this.#others = others;
    this.#options = options;
    this.#keeps = keeps;
  }

  sync(simulation = false): Promise<TreesEnd> {
    const database = this.#keeps ? { database: this.database } : {};
    return syncTrees({ roots: [this.source, ...this.#others], options: this.#options, simulation, ...database });
  }

  async lines(): Promise<readonly string[]> {
    const end = await this.sync();
    isClean(end);
    return end.lines;
  }
}

function target(vfs: Vfs): TreeRoot {
  return { vfs, targetOnly: true };
}

function memory(timePrecisionMs: number | undefined = 1, caseSensitive = true): MemoryVfs {
  return new MemoryVfs({ traits: { timePrecisionMs, caseSensitive }, now: new Clock().now });
}

/** Of targets without shadows stacks.test.ts has all. */
const STACKS: Readonly<Record<string, (inner: () => MemoryVfs) => TreeRoot>> = {
  igz: (inner) => target(gzipped(inner(), SX_GZ)),
  'igz as a source': (inner) => ({ vfs: gzipped(inner(), SX_GZ) }),
  'ienc as a source': (inner) => ({ vfs: encoded(inner(), ENC) }),
  'ienc with a shadow of ienc': (inner) => target(shadowed(encoded(inner(), ENC), [encoded(inner(), ENC)])),
  tfs: (inner) => target(stampOnly(inner())),
  'igz with shadows': (inner) => target(shadowed(gzipped(inner(), SX_GZ), [gzipped(inner(), GZ), stampOnly(inner())])),
  'tfs with a shadow of igz': (inner) => target(shadowed(stampOnly(inner()), [gzipped(inner(), SX_GZ)])),
};
const INNER: Readonly<Record<string, () => MemoryVfs>> = {
  memory: () => memory(),
  'memory with times of two seconds': () => memory(2000),
  'memory without times': () => new MemoryVfs({ traits: { timePrecisionMs: undefined } }),
  'memory without case': () => memory(1, false),
};

describe('with a database a second run does nothing, and then only what changed', () => {
  for (const [stack, open] of Object.entries(STACKS)) {
    for (const [where, inner] of Object.entries(INNER)) {
      test(`${stack} over ${where}`, async () => {
        const told = new Layered([open(inner)], { syncRemove: true });
        await put(told.source, TREE);
        assert.equal((await told.lines()).filter((line) => line.startsWith('copy')).length, 3);
        assert.deepEqual(await told.lines(), []);
        await edit(told.source, 'a.txt', 'alpha, longer', day(9));
        await remove(told.source, 'd/e');
        assert.deepEqual(await told.lines(), [
          'copy a.txt 0>1 (newer on root 0)',
          'remove d/e/c.txt 1 (removed on root 0)',
          'remove d/e 1 (removed on root 0)',
        ]);
        assert.deepEqual(await told.lines(), []);
        await move(told.source, 'a.txt', 'd/moved.txt');
        assert.deepEqual(await told.lines(), ['move a.txt to d/moved.txt 1 (moved on root 0)']);
        assert.deepEqual(await told.lines(), []);
      });
    }
  }
});

describe('without a database the times tell', () => {
  for (const stack of ['igz', 'igz as a source', 'tfs', 'igz with shadows', 'tfs with a shadow of igz']) {
    test(stack, async () => {
      const open = STACKS[stack];
      assert.ok(open !== undefined);
      const told = new Layered([open(() => memory())], {}, false);
      await put(told.source, TREE);
      await told.lines();
      assert.deepEqual(await told.lines(), []);
      await edit(told.source, 'a.txt', 'alpha, longer', day(9));
      assert.deepEqual(await told.lines(), ['copy a.txt 0>1 (older)']);
    });
  }

  test('and where neither time nor size is known, that is said and the file is brought again', async () => {
    const told = new Layered([target(gzipped(new MemoryVfs({ traits: { timePrecisionMs: undefined } }), SX_GZ))], {}, false);
    await put(told.source, { a: 'x' });
    await told.lines();
    assert.deepEqual(await told.lines(), ['copy a 0>1 (neither time nor size is known)']);
  });
});

describe('igz:', () => {
  test('what it keeps is a gzip file that anybody can read, beside files that are not its own', async () => {
    const inner = memory();
    await put(inner, { 'd/foreign.gz': 'not ours', 'd/plain.txt': 'neither' });
    const told = new Layered([target(gzipped(inner, SX_GZ))], { mirror: true }, false);
    await put(told.source, { 'd/b.txt': 'beta', 'd/foreign.gz': 'ours' });
    await told.lines();
    const kept = (path: string) => readContent(inner.content(path));
    assert.equal(gunzipSync(await kept('d/b.txt.sx.gz')).toString(), 'beta');
    assert.equal(gunzipSync(await kept('d/foreign.gz.sx.gz')).toString(), 'ours');
    await remove(told.source, 'd');
    const end = await told.sync();
    assert.deepEqual(end.kept, ['d@1']);
    assert.deepEqual(await snapshot(inner), { 'd/foreign.gz': 'not ours', 'd/plain.txt': 'neither' });
  });

  test('both ways: edits, removals and changes of kind travel, and are back as they were', async () => {
    const other = gzipped(memory(), SX_GZ);
    const told = new Layered([{ vfs: other }], { syncRemove: true });
    await put(told.source, { ...TREE, kind: 'a file', 'folder/x': 'x' });
    await told.lines();
    await put(other, { 'd/b.txt': file('changed there', { modified: day(9) }), 'new.txt': 'new' });
    await remove(other, 'a.txt');
    await remove(told.source, 'kind');
    await put(told.source, { 'kind/now': 'a folder' });
    await remove(told.source, 'folder');
    await put(told.source, { folder: 'a file now' });
    await told.lines();
    const wanted: Tree = {
      'd/b.txt': 'changed there',
      'd/e/c.txt': '',
      'empty/': null,
      'new.txt': 'new',
      'kind/now': 'a folder',
      folder: 'a file now',
    };
    assert.deepEqual(await snapshot(told.source), sorted(wanted));
    assert.deepEqual(await snapshot(other), sorted(wanted));
    assert.deepEqual(await told.lines(), []);
  });

  test('a copy that was not recorded is found equal by its content, though no time and no size is known', async () => {
    const other = gzipped(new MemoryVfs({ traits: { timePrecisionMs: undefined } }), SX_GZ);
    const told = new Layered([{ vfs: other }]);
    await put(told.source, { a: 'one' });
    await told.lines();
    await edit(told.source, 'a', 'two', day(9));
    await put(other, { a: 'two' });
    assert.deepEqual(await told.lines(), []);
    await edit(told.source, 'a', 'three', day(10));
    await put(other, { a: 'four' });
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });

  for (const [what, spoil] of [
    ['truncated', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9)],
    ['cut to its header', (bytes: Uint8Array) => bytes.subarray(0, 10)],
    ['empty', () => new Uint8Array(0)],
    ['of another format', () => Buffer.from('PK\u0003\u0004 not gzip at all')],
    ['flipped in a bit', (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 12 ? byte ^ 4 : byte))],
    ['with something behind its end', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('garbage')])],
    ['of two members, the second damaged', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from([0x1e]), bytes.subarray(1)])],
    ['of two members, the second cut off', (bytes: Uint8Array) => Buffer.concat([bytes, bytes.subarray(0, -4)])],
    ['with a wrong checksum', (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 6 ? byte ^ 1 : byte))],
  ] as const) {
    test(`a file ${what} is a problem that says so, and nothing is lost`, async () => {
      const inner = memory();
      const source = gzipped(inner, SX_GZ);
      await put(source, { a: 'a content that is long enough to be cut '.repeat(50), b: 'b' });
      inner.editInPlace('a.sx.gz', spoil(await readContent(inner.content('a.sx.gz'))), Date.parse(day(9)));
      const backup = memory();
      await put(backup, { a: 'the last good one' });
      const end = await syncTrees({ roots: [{ vfs: source }, target(backup)] });
      assert.deepEqual(end.problems, ['a@0 failed']);
      assert.match(end.result.problems[0]?.message ?? '', /the compressed file is damaged \(.+\)/);
      assert.deepEqual(await snapshot(backup), { a: 'the last good one', b: 'b' });
    });
  }

  test('what is written is counted although nobody knew how much it would be', async () => {
    const source = gzipped(memory(), SX_GZ);
    await put(source, { a: 'alpha', 'd/b': 'be' });
    const end = await syncTrees({ roots: [{ vfs: source }, target(memory())] });
    assert.deepEqual([end.result.copied, end.result.bytes], [2, 7]);
    assert.equal((await syncTrees({ roots: [{ vfs: source }, target(memory())], simulation: true })).result.bytes, 0);
  });

  test('a name that does not fit with the extension is a problem of that file alone', async () => {
    const told = new Layered([target(gzipped(memory(), SX_GZ))]);
    await put(told.source, { ['x'.repeat(252)]: 'x', ['y'.repeat(249)]: 'y' });
    const end = await told.sync();
    assert.deepEqual(end.problems, [`${'x'.repeat(252)}@1 name-refused`]);
    assert.equal(end.result.copied, 1);
  });

  test('a file without the extension is no rival of the one with it, and stays', async () => {
    const inner = memory();
    await put(inner, { a: 'foreign', 'a.gz': 'foreign too' });
    const told = new Layered([{ vfs: gzipped(inner, SX_GZ) }], { syncRemove: true });
    await put(told.source, { a: 'mine', b: 'mine' });
    await told.lines();
    await remove(told.source, 'a');
    assert.deepEqual(await told.lines(), ['remove a 1 (removed on root 0)']);
    assert.deepEqual(Object.keys(await snapshot(inner)), ['a', 'a.gz', 'b.sx.gz']);
  });

  test('a folder and a file of one name are a problem, and both stay', async () => {
    const inner = memory();
    await put(inner, { 'a.sx.gz': 'x', 'a/b.sx.gz': 'y' });
    const told = new Layered([{ vfs: gzipped(inner, SX_GZ) }]);
    await put(told.source, { a: 'mine' });
    const end = await told.sync();
    assert.deepEqual(end.problems, ['a@1 missed']);
    assert.deepEqual(await snapshot(inner), { 'a.sx.gz': 'x', 'a/b.sx.gz': 'y' });
  });
});

describe('tfs:', () => {
  test('takes no byte, and its shadow has the files: incremental upload', async () => {
    const [base, server] = [memory(), new MemoryVfs({ label: 'server', traits: { timePrecisionMs: undefined } })];
    const told = new Layered([target(shadowed(stampOnly(base), [server]))], { mirror: true }, false);
    await put(told.source, TREE);
    await told.lines();
    assert.deepEqual(await snapshot(server), TREE);
    assert.ok(Object.values(await snapshot(base)).every((content) => content === '' || content === null));
    assert.deepEqual(await told.lines(), []);
    await edit(told.source, 'd/b.txt', 'beta two', day(9));
    await remove(told.source, 'a.txt');
    assert.deepEqual(await told.lines(), ['copy d/b.txt 0>1 (older)', 'remove a.txt 1 (orphan)']);
    assert.deepEqual(await snapshot(server), { 'd/b.txt': 'beta two', 'd/e/c.txt': '', 'empty/': null });
  });

  test('an upload that fails is not noted, and done by the next run', async () => {
    const server = new MemoryVfs({ label: 'server' });
    await put(server, { 'd/b.txt/precious': 'not to be lost' });
    const told = new Layered([target(shadowed(stampOnly(memory()), [server]))], {}, false);
    await put(told.source, { 'd/b.txt': 'beta' });
    assert.deepEqual((await told.sync()).problems, ['d/b.txt@1 exists']);
    assert.deepEqual(await snapshot(server), { 'd/b.txt/precious': 'not to be lost' });
    await remove(server, 'd/b.txt');
    assert.deepEqual(await told.lines(), ['copy d/b.txt 0>1 (missing)']);
  });

  test('after a crash that left two notes of one file the older one counts, and the file is brought again', async () => {
    const base = memory();
    const told = new Layered([target(stampOnly(base))], {}, false);
    await put(told.source, { 'a.txt': file('now', { modified: day(9) }) });
    await told.lines();
    await put(base, { 'a.txt.5_lqu5m2o0.sx.tfs': '' });
    assert.deepEqual(await told.lines(), ['copy a.txt 0>1 (older)']);
    assert.equal(Object.keys(await snapshot(base)).length, 1);
    assert.deepEqual(await told.lines(), []);
  });

  test('a name that is too long with its note is noted by its hash, and known again under every change', async () => {
    const [base, server] = [memory(), new MemoryVfs({ label: 'server' })];
    const told = new Layered([target(shadowed(stampOnly(base), [server]))], { mirror: true });
    const [long, other] = ['日本'.repeat(42), 'x'.repeat(255)];
    const isInSync = async (tree: Tree) => {
      assert.deepEqual(await snapshot(server), tree);
      assert.deepEqual(await snapshot(told.source), tree);
      assert.equal(Object.keys(await snapshot(base)).length, Object.keys(tree).length);
      assert.deepEqual(await told.lines(), []);
    };
    await put(told.source, { [long]: 'one', [other]: 'x', short: 's' });
    assert.equal((await told.lines()).length, 3);
    await isInSync({ [long]: 'one', [other]: 'x', short: 's' });
    await edit(told.source, long, 'two', day(9));
    await touch(told.source, other, day(8));
    assert.deepEqual((await told.lines()).length, 2);
    await isInSync({ [long]: 'two', [other]: 'x', short: 's' });
    await move(told.source, long, 'brief');
    await move(told.source, 'short', `${other.slice(1)}y`);
    await remove(told.source, other);
    assert.deepEqual(
      (await told.lines()).map((line) => line.split(' ')[0]),
      ['move', 'move', 'remove'],
    );
    await isInSync({ brief: 'two', [`${other.slice(1)}y`]: 's' });
    assert.deepEqual(Object.values(await snapshot(base)).sort(), ['', `${other.slice(1)}y`]);
  });

  test('a note that lost the long name it held is written again with its file', async () => {
    const base = memory();
    const told = new Layered([target(stampOnly(base))], {}, false);
    const long = 'x'.repeat(250);
    await put(told.source, { [long]: 'x' });
    await told.lines();
    const [note = ''] = Object.keys(await snapshot(base));
    await remove(base, note);
    await put(base, { [note]: '' });
    assert.deepEqual(await told.lines(), [`copy ${long} 0>1 (missing)`]);
    assert.deepEqual(await snapshot(base), { [note]: long });
    assert.deepEqual(await told.lines(), []);
  });
});

describe('null:', () => {
  const nothing = () => openNull({ signal: new AbortController().signal });

  test('with a shadow every run copies everything, database or not, and no guard minds', async () => {
    for (const keeps of [true, false]) {
      const mirror = memory();
      const told = new Layered([{ vfs: shadowed(nothing(), [mirror]), targetOnly: true, alwaysEmpty: true }], { syncRemove: keeps }, keeps);
      await put(told.source, TREE);
      for (let run = 1; run <= 3; run++) {
        const end = await told.sync();
        isClean(end);
        assert.equal(end.result.copied, 3, `run ${run}`);
        assert.deepEqual(await snapshot(mirror), TREE);
      }
      await touch(mirror, 'a.txt', day(20));
      await told.lines();
      assert.equal((await mirror.stat('a.txt'))?.kind, 'file');
      assert.deepEqual(await snapshot(mirror, { times: true }), await snapshot(told.source, { times: true }));
    }
  });

  test('finds what cannot be read', async () => {
    const inner = memory();
    await put(inner, { 'good.sx.gz': '', 'bad.sx.gz': 'no gzip' });
    const end = await syncTrees({ roots: [{ vfs: gzipped(inner, SX_GZ) }, { vfs: nothing(), targetOnly: true, alwaysEmpty: true }] });
    assert.deepEqual(end.problems, ['bad@0 failed', 'good@0 failed']);
  });

  test('a simulation reads nothing', async () => {
    const inner = memory();
    await put(inner, { 'bad.sx.gz': 'no gzip' });
    const roots = [{ vfs: gzipped(inner, SX_GZ) }, { vfs: nothing(), targetOnly: true, alwaysEmpty: true as const }];
    assert.deepEqual((await syncTrees({ roots, simulation: true })).lines, ['copy bad 0>1 (missing)']);
  });
});

function sorted(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}
