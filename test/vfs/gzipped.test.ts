import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { type Content, NOTHING } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { put, snapshot } from '../kit/tree.ts';

const SX_GZ = { extension: '.sx.gz' };

/** 3 MB that compress to about a tenth. */
const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `line ${(i * 7919) % 65_536}\n`).join('')).subarray(0, 3_000_000);

/** What a back end below is given to write. */
async function writtenBy(content: Content): Promise<Content> {
  let given: Content | undefined;
  const inner = new MemoryVfs();
  const taking = new Proxy(inner, {
    get(target, key) {
      if (key !== 'write') return Reflect.get(target, key, target);
      return async (...args: Parameters<MemoryVfs['write']>) => {
        given = args[1];
        return target.write(...args);
      };
    },
  });
  await gzipped(taking, SX_GZ).write('f', content, { expected: NOTHING });
  assert.ok(given !== undefined);
  return given;
}

test('a transfer goes on from any offset with the same bytes, however the source comes in pieces', async () => {
  const whole = await readContent(await writtenBy(bytesContent(BYTES, 65_536)));
  assert.deepEqual(gunzipSync(whole), BYTES);
  for (const [pieces, from] of [
    [1000, 0],
    [100_001, 1],
    [65_536, 70_000],
    [3_000_000, whole.length],
  ] as const) {
    const rest = await readContent(await writtenBy(bytesContent(BYTES, pieces)), from);
    assert.ok(Buffer.from(whole.subarray(from)).equals(rest), `pieces of ${pieces}, from ${from}`);
  }
});

test('no size is promised for what is compressed, nor for what it will be', async () => {
  const content = await writtenBy(bytesContent('hello'));
  assert.equal(content.size, undefined);
  assert.equal(content.local, undefined);
  const vfs = gzipped(new MemoryVfs(), SX_GZ);
  const stamp = await vfs.write('f', bytesContent('hello'), { expected: NOTHING });
  assert.equal(stamp.size, undefined);
  assert.equal(vfs.content('f').size, undefined);
});

test('nothing is read ahead of what is taken, in either direction', async () => {
  let given = 0;
  const endless: Content = {
    async *open() {
      for (;;) {
        given++;
        yield BYTES.subarray(0, 65_536);
      }
    },
  };
  const inner = new MemoryVfs();
  const vfs = gzipped(inner, SX_GZ);
  await assert.rejects(vfs.write('f', { open: () => failAfter(endless.open(), 20) }, { expected: NOTHING }), VfsError);
  assert.equal(given, 20);

  await vfs.write('big', bytesContent(BYTES), { expected: NOTHING });
  const stored = await readContent(inner.content('big.sx.gz'));
  let read = 0;
  const counting = new Proxy(inner, {
    get(target, key) {
      if (key !== 'content') return Reflect.get(target, key, target);
      return (): Content => ({
        async *open() {
          for (let at = 0; at < stored.length; at += 4096) {
            read++;
            yield stored.subarray(at, at + 4096);
          }
        },
      });
    },
  });
  for await (const chunk of gzipped(counting, SX_GZ).content('big').open()) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal(read, 1);
});

test('files of other tools are read: several members, another level, a name in the header', async () => {
  const inner = new MemoryVfs();
  const vfs = gzipped(inner, SX_GZ);
  const stored = Buffer.concat([gzipSync('one, ', { level: 1 }), gzipSync('two', { level: 9 })]);
  const named = gzipSync('named');
  named[3] = 8;
  const withName = Buffer.concat([named.subarray(0, 10), Buffer.from('name\0'), named.subarray(10)]);
  await inner.write('a.sx.gz', bytesContent(stored), { expected: NOTHING });
  await inner.write('b.sx.gz', bytesContent(withName), { expected: NOTHING });
  assert.deepEqual(await snapshot(vfs), { a: 'one, two', b: 'named' });
});

test('where case is ignored below, the extension is known in any', async () => {
  const inner = new MemoryVfs({ traits: { caseSensitive: false } });
  await inner.write('NOTES.TXT.SX.GZ', bytesContent(gzipSync('notes')), { expected: NOTHING });
  const vfs = gzipped(inner, SX_GZ);
  assert.deepEqual(await snapshot(vfs), { 'NOTES.TXT': 'notes' });
  await put(vfs, { 'NOTES.TXT': 'more notes' });
  assert.deepEqual(
    Object.keys(await snapshot(inner)).map((name) => name.toLowerCase()),
    ['notes.txt.sx.gz'],
  );
  assert.deepEqual(await snapshot(vfs), { 'NOTES.TXT': 'more notes' });
});

test('a directory that holds what is not ours is neither replaced nor removed', async () => {
  const inner = new MemoryVfs();
  const vfs = gzipped(inner, SX_GZ);
  await put(vfs, { 'd/ours': 'x' });
  await put(inner, { 'd/foreign.gz': 'precious' });
  const as = { expected: { kind: 'directory' } as const };
  await assert.rejects(vfs.replace('d', { kind: 'file', content: bytesContent('new'), as }), { code: 'changed', message: /foreign\.gz/ });
  await assert.rejects(vfs.removeDirectory('d'), { code: 'not-empty' });
  assert.equal((await snapshot(inner))['d/foreign.gz'], 'precious');
  assert.deepEqual(await snapshot(vfs), { 'd/ours': 'x' });
});

async function* failAfter(source: AsyncIterable<Uint8Array>, chunks: number): AsyncGenerator<Uint8Array> {
  let left = chunks;
  for await (const chunk of source) {
    yield chunk;
    if (--left === 0) throw new VfsError('transient', 'source', 'lost');
  }
}
