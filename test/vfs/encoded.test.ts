import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { createCoderTurns } from '../../runtime/vfs/layers/encoded/coder-turns.ts';
import type { StreamCoder } from '../../runtime/vfs/layers/encoded/stream-coder.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { type Content, NOTHING, type Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { put, snapshot } from '../kit/tree.ts';

const ENC = saltedEncoder({ extension: '.enc' });

/** What the file system below is given to write, and the file system. */
function taking(): { readonly vfs: MemoryVfs; given(): Content } {
  let given: Content | undefined;
  const vfs = new MemoryVfs();
  const proxy = new Proxy(vfs, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key !== 'write') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<MemoryVfs['write']>) => {
        given = args[1];
        return target.write(...args);
      };
    },
  });
  return { vfs: proxy, given: () => given ?? assert.fail('nothing was written') };
}

test('the label and the names below tell the encoder, and no size is promised', async () => {
  const inner = new MemoryVfs({ label: 'memory' });
  const vfs = encoded(inner, ENC);
  assert.equal(vfs.label, 'ienc(salted):memory');
  const stamp = await vfs.write('f', bytesContent('hello'), { expected: NOTHING });
  assert.equal(stamp.size, undefined);
  assert.equal(vfs.content('f').size, undefined);
  assert.deepEqual(Object.keys(await snapshot(inner)), ['f.enc']);
  assert.notEqual((await snapshot(inner))['f.enc'], 'hello');
  assert.deepEqual(await snapshot(vfs), { f: 'hello' });
});

test('a transfer that broke off starts anew, since the second half of another encoding would not fit, under compression neither', async () => {
  for (const layer of [(inner: Vfs) => encoded(inner, ENC), (inner: Vfs) => encoded(gzipped(inner, { extension: '.gz' }), ENC)]) {
    const below = taking();
    await layer(below.vfs).write('f', bytesContent('hello'), { expected: NOTHING });
    assert.equal(below.given().differsEachTime, true);
    assert.equal(below.given().size, undefined);
    await assert.rejects(async () => readContent(below.given(), 3), { name: 'VfsError', code: 'unsupported', path: 'f' });
  }
});

test('what is decoded can be read on from any offset', async () => {
  const vfs = encoded(new MemoryVfs(), ENC);
  await vfs.write('f', bytesContent('0123456789'), { expected: NOTHING });
  for (const from of [0, 1, 9, 10, 11]) assert.equal(Buffer.from(await readContent(vfs.content('f'), from)).toString(), '0123456789'.slice(from));
});

const FAILING: Readonly<Record<string, StreamCoder>> = {
  'fails at once': async function* () {
    yield* [];
    throw new Error('gpg ended with exit code 2: no such key');
  },
  'fails half-way': async function* (input) {
    for await (const chunk of input) yield chunk.subarray(0, 1);
    throw new Error('gpg ended with exit code 2: no such key');
  },
};

for (const [how, coder] of Object.entries(FAILING)) {
  test(`an encoder that ${how} leaves the old content, and the next run converges`, async () => {
    const inner = new MemoryVfs();
    const good = encoded(inner, ENC);
    await put(good, { 'd/f': 'old' });
    const before = await snapshot(inner, { times: true });
    const bad = encoded(inner, { ...ENC, encode: coder });
    const old = (await bad.stat('d/f')) as { kind: 'file'; revision: string };
    await assert.rejects(bad.write('d/f', bytesContent('new'), { expected: old }), {
      name: 'VfsError',
      code: 'failed',
      path: 'd/f',
      message: 'the file cannot be encoded: gpg ended with exit code 2: no such key',
    });
    await assert.rejects(bad.write('d/g', bytesContent('new'), { expected: NOTHING }), { code: 'failed', path: 'd/g' });
    assert.deepEqual(await snapshot(inner, { times: true }), before);
    await good.write('d/f', bytesContent('new'), { expected: old });
    assert.deepEqual(await snapshot(good), { 'd/f': 'new' });
  });

  test(`a decoder that ${how} is a failure of the file`, async () => {
    const inner = new MemoryVfs();
    await put(encoded(inner, ENC), { 'd/f': 'old' });
    const message = 'the file cannot be decoded: gpg ended with exit code 2: no such key';
    await assert.rejects(readContent(encoded(inner, { ...ENC, decode: coder }).content('d/f')), { code: 'failed', path: 'd/f', message });
  });
}

test('an encoder that makes nothing of something is a failure; of nothing it may', async () => {
  const nothing: StreamCoder = async function* (input) {
    for await (const _ of input);
    yield* [];
  };
  const inner = new MemoryVfs();
  const vfs = encoded(inner, { ...ENC, encode: nothing, decode: nothing });
  await assert.rejects(vfs.write('f', bytesContent('hello'), { expected: NOTHING }), {
    code: 'failed',
    message: 'the file cannot be encoded: of 5 bytes the encoder made none',
  });
  assert.deepEqual(await snapshot(inner), {});
  await vfs.write('f', bytesContent(''), { expected: NOTHING });
  await put(inner, { 'g.enc': 'what a decoder may find empty' });
  assert.deepEqual(await snapshot(vfs), { f: '', g: '' });
});

test('an error of the content stays what it is, and frees the turn', async () => {
  const vfs = encoded(new MemoryVfs(), { ...ENC, turns: createCoderTurns(1) });
  const lost = new VfsError('transient', 'source', 'lost', { inContent: true });
  const breaking: Content = {
    async *open() {
      yield Buffer.from('x');
      throw lost;
    },
  };
  for (let i = 0; i < 3; i++) await assert.rejects(vfs.write('f', breaking, { expected: NOTHING }), (error) => error === lost);
  assert.deepEqual(await vfs.list(''), []);
});

test('without a program for it nothing is encoded or decoded, and the reason is said', async () => {
  const inner = new MemoryVfs();
  await put(encoded(inner, ENC), { f: 'x' });
  const vfs = encoded(inner, { ...ENC, encode: { refused: 'there is no key' }, decode: { refused: 'there is no key' } });
  await assert.rejects(vfs.write('g', bytesContent('x'), { expected: NOTHING }), {
    code: 'unsupported',
    path: 'g',
    message: /cannot be encoded: there is no key/,
  });
  await assert.rejects(readContent(vfs.content('f')), { code: 'unsupported', path: 'f', message: /cannot be decoded: there is no key/ });
  const found = (await vfs.stat('f')) as { kind: 'file'; revision: string };
  await vfs.rename('f', 'h', found);
  assert.deepEqual(
    (await vfs.list('')).map(({ name }) => name),
    ['h'],
  );
});

test('only so many coders run at once, in all layers that share their turns, and each has its turn', async () => {
  let running = 0;
  let most = 0;
  const counted: StreamCoder = async function* (input) {
    most = Math.max(most, ++running);
    try {
      for await (const chunk of input) {
        await new Promise((resolve) => setImmediate(resolve));
        yield chunk;
      }
    } finally {
      running--;
    }
  };
  const coder = { encode: counted, decode: counted, sampling: undefined, turns: createCoderTurns(3) };
  const [a, b] = [0, 1].map(() => encoded(new MemoryVfs(), saltedEncoder(coder))) as [Vfs, Vfs];
  const names = Array.from({ length: 20 }, (_, i) => `f${i}`);
  await Promise.all(names.flatMap((name) => [a, b].map((vfs) => vfs.write(name, bytesContent(name), { expected: NOTHING }))));
  assert.equal(most, 3);
  for (const name of names) {
    // Whoever stops reading gives the turn back.
    for await (const chunk of a.content(name).open()) if (chunk.length > 0) break;
  }
  assert.equal(Object.keys(await snapshot(a)).length, 20);
  assert.equal(running, 0);
});

test('the first one runs alone until it gives something, since programs make themselves what they need then', async () => {
  const running = { now: 0, beforeFirstGift: 0, hasGiven: false };
  const counted: StreamCoder = async function* (input) {
    running.now++;
    if (!running.hasGiven) running.beforeFirstGift = Math.max(running.beforeFirstGift, running.now);
    for await (const chunk of input) {
      await new Promise((resolve) => setImmediate(resolve));
      running.hasGiven = true;
      yield chunk;
    }
    running.now--;
  };
  const vfs = encoded(new MemoryVfs(), saltedEncoder({ encode: counted, decode: counted, sampling: undefined, turns: createCoderTurns(3) }));
  await Promise.all(['a', 'b', 'c'].map((name) => vfs.write(name, bytesContent(name), { expected: NOTHING })));
  assert.equal(running.beforeFirstGift, 1);
});

test('whoever takes what the first one gives may use the others before he takes more', async () => {
  const vfs = encoded(new MemoryVfs(), saltedEncoder({ turns: createCoderTurns(2) }));
  const plain = Buffer.alloc(300_000, 'plain');
  const unhurried: Content = {
    async *open() {
      for (let from = 0; from < plain.length; from += 100_000) {
        if (from > 0) await vfs.write(`beside ${from}`, bytesContent('x'), { expected: NOTHING });
        yield plain.subarray(from, from + 100_000);
      }
    },
  };
  await vfs.write('f', unhurried, { expected: NOTHING });
  let taken = 0;
  for await (const chunk of vfs.content('f').open()) {
    assert.equal(Buffer.from(await readContent(vfs.content('beside 100000'))).toString(), 'x');
    taken += chunk.length;
  }
  assert.equal(taken, 300_000);
});

test('files go both ways between stacks of encoded layers that share one turn, and are verified', async () => {
  const turns = createCoderTurns(1);
  const layer = (inner: Vfs, layersBelow: number) => encoded(inner, saltedEncoder({ extension: `.${layersBelow}`, turns, layersBelow }));
  const [a, b] = [0, 1].map(() => layer(layer(new MemoryVfs(), 0), 1)) as [Vfs, Vfs];
  const names = Array.from({ length: 10 }, (_, i) => `${i}`);
  await put(a, Object.fromEntries(names.map((name) => [`a${name}`, name])));
  await put(b, Object.fromEntries(names.map((name) => [`b${name}`, name])));
  const as = { expected: NOTHING };
  await Promise.all(names.flatMap((name) => [b.write(`a${name}`, a.content(`a${name}`), as), a.write(`b${name}`, b.content(`b${name}`), as)]));
  assert.deepEqual(await snapshot(a), await snapshot(b));
});
