import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import type { StreamCoder } from '../../runtime/vfs/layers/encoded/stream-coder.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { type Content, NOTHING } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { salted, saltedEncoder } from '../kit/salted-coder.ts';
import { put, snapshot } from '../kit/tree.ts';
import { createSampling } from '../../runtime/vfs/layers/encoded/sampling.ts';

const BIG = Buffer.alloc(3_000_000, 'the plain content ');

async function* dropping(input: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of input) {
    yield chunk.subarray(0, Math.max(0, from - at));
    at += chunk.length;
  }
}

/** Encoders that say that all is well. */
const LIARS: Readonly<Record<string, { readonly encode: StreamCoder; readonly says: RegExp }>> = {
  'writes garbage': {
    async *encode(input) {
      for await (const _ of input);
      yield Buffer.from('usage: encoder [options]');
    },
    says: /^the file cannot be encoded: what was made of it cannot be decoded again: salted: the end is missing \(see "verify" of the encoder\)$/,
  },
  'leaves out the end': {
    encode: (input) => salted.encode(dropping(input, 2_000_000)),
    says: /is not the same when it is decoded again, but 2000000 bytes instead of 3000000 \(see "verify"/,
  },
  'changes a byte': {
    encode: (input) =>
      salted.encode(
        (async function* () {
          let isFirst = true;
          for await (const chunk of input) {
            yield isFirst ? chunk.map((byte, index) => (index === 7 ? byte ^ 1 : byte)) : chunk;
            isFirst = false;
          }
        })(),
      ),
    says: /is not the same when it is decoded again, but other 3000000 bytes/,
  },
};

describe('what an encoder makes is decoded again before it is put in place:', () => {
  for (const [what, { encode, says }] of Object.entries(LIARS)) {
    test(`one that ${what} leaves the old content`, async () => {
      const inner = new MemoryVfs();
      await put(encoded(inner, saltedEncoder()), { f: 'the last good one' });
      const vfs = encoded(inner, saltedEncoder({ encode }));
      const old = (await vfs.stat('f')) as { kind: 'file'; revision: string };
      await assert.rejects(vfs.write('f', bytesContent(BIG), { expected: old }), { name: 'VfsError', code: 'failed', path: 'f', message: says });
      assert.deepEqual(await snapshot(vfs), { f: 'the last good one' });
    });
  }

  test('files of all sizes pass', async () => {
    const vfs = encoded(new MemoryVfs(), saltedEncoder());
    for (const size of [0, 1, 65_535, 65_536, 65_537, BIG.length]) {
      await vfs.write(`f${size}`, bytesContent(BIG.subarray(0, size)), { expected: NOTHING });
      assert.deepEqual(Buffer.from(await readContent(vfs.content(`f${size}`))), BIG.subarray(0, size));
    }
  });

  test('unless that is not wanted, or there is nothing to decode with', async () => {
    const encode = LIARS['writes garbage']?.encode ?? assert.fail();
    for (const more of [{ sampling: undefined }, { decode: { refused: 'there is no key' } }]) {
      await encoded(new MemoryVfs(), saltedEncoder({ encode, ...more })).write('f', bytesContent('x'), { expected: NOTHING });
    }
  });
});

describe('some are verified:', () => {
  /** An encoder that is right as long as it is told to be, and how often what it made was decoded. */
  function sometimes(oneIn: number) {
    const state = { isRight: true, decoded: 0 };
    const wrong = LIARS['writes garbage']?.encode ?? assert.fail();
    const vfs = encoded(
      new MemoryVfs(),
      saltedEncoder({
        encode: (input) => (state.isRight ? salted.encode(input) : wrong(input)),
        decode(input) {
          state.decoded++;
          return salted.decode(input);
        },
        sampling: createSampling(oneIn),
      }),
    );
    return { state, write: (name: string) => vfs.write(name, bytesContent(name), { expected: NOTHING }) };
  }
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test('the first, then one in so many', async () => {
    const { state, write } = sometimes(10);
    for (const name of names('f', 31)) await write(name);
    assert.equal(state.decoded, 4);
  });

  test('until the first has passed none is in place that was not verified, however many go at once', async () => {
    const { state, write } = sometimes(10);
    state.isRight = false;
    const ends = await Promise.allSettled(names('f', 30).map(write));
    assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(['rejected']));
    assert.equal(state.decoded, 30);
  });

  test('every one again when one has failed, until one passes', async () => {
    const { state, write } = sometimes(3);
    await write('f');
    state.isRight = false;
    const ends = [];
    for (const name of names('g', 5)) ends.push((await Promise.allSettled([write(name)]))[0]?.status);
    assert.deepEqual(ends, ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
    state.isRight = true;
    const before = state.decoded;
    for (const name of names('h', 4)) await write(name);
    assert.equal(state.decoded - before, 2);
  });
});

describe('a decoder that verifies', () => {
  test('and fails at once ends the encoding early', async () => {
    let read = 0;
    const content: Content = {
      async *open() {
        for (; read < 1000; read++) yield Buffer.alloc(65_536);
      },
    };
    const decode: StreamCoder = async function* () {
      yield* [];
      throw new Error('gpg ended with exit code 2: no secret key');
    };
    await assert.rejects(encoded(new MemoryVfs(), saltedEncoder({ decode })).write('f', content, { expected: NOTHING }), {
      code: 'failed',
      message:
        'the file cannot be encoded: what was made of it cannot be decoded again: gpg ended with exit code 2: no secret key (see "verify" of the encoder)',
    });
    assert.ok(read < 100, `${read} pieces were read`);
  });

  test('and does not read all that was made is not believed, and holds up nobody', async () => {
    const nothing: StreamCoder = async function* () {
      yield* [];
    };
    const vfs = encoded(new MemoryVfs(), saltedEncoder({ decode: nothing }));
    await assert.rejects(vfs.write('f', bytesContent(BIG), { expected: NOTHING }), { message: /0 bytes instead of 3000000/ });
  });

  test('has ended before the write has, whatever ended that', async () => {
    let running = 0;
    const decode: StreamCoder = async function* (input) {
      running++;
      try {
        yield* salted.decode(input);
      } finally {
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      }
    };
    const lost = new VfsError('transient', 'source', 'lost', { inContent: true });
    const breaking: Content = {
      async *open() {
        yield BIG;
        throw lost;
      },
    };
    const inner = new MemoryVfs();
    const vfs = encoded(inner, saltedEncoder({ decode }));
    await assert.rejects(vfs.write('f', breaking, { expected: NOTHING }), (error) => error === lost);
    assert.equal(running, 0);
    await vfs.write('f', bytesContent(BIG), { expected: NOTHING });
    assert.equal(running, 0);
    // Whoever writes below gives up.
    inner.write = async (_path, content) => {
      for await (const chunk of content.open()) if (chunk.length > 0) break;
      throw new VfsError('no-space', 'g.sx.enc', 'the disk is full');
    };
    await assert.rejects(vfs.write('g', bytesContent(BIG), { expected: NOTHING }), { code: 'no-space', path: 'g' });
    assert.equal(running, 0);
  });
});
