import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { VfsError } from '../../vfs-error.ts';
import type { Sampling } from './sampling.ts';
import type { StreamCoder } from './stream-coder.ts';

/**
 * Encodes, and has what comes out decoded at the same time, of those files that `sampling` wants: the end is then only reached when the plain content has come back. No more than a few chunks
 * are held, and none on disk.
 */
export function verified(encode: StreamCoder, decode: StreamCoder, sampling: Sampling): StreamCoder {
  return async function* (input) {
    if (!sampling.isDue()) return yield* encode(input);
    const plain = measured(input);
    let check: Decoding | undefined;
    try {
      for await (const chunk of encode(plain.chunks)) {
        yield chunk;
        // Not before there is something: two programs that are both new to a machine get into each other's way.
        check ??= decoding(decode);
        await check.take(chunk);
        if (check.hasFailed()) break;
      }
      if (check === undefined) return;
      const problem = problemOf(plain, await check.end());
      sampling.note(problem === undefined);
      if (problem !== undefined) throw problem;
    } finally {
      await check?.close();
    }
  };
}

/** What has passed so far. */
interface Measured {
  bytes(): number;
  /** To be asked once, at the end. */
  sha256(): string;
}
type DecodingEnd = { readonly back: Measured } | { readonly failure: unknown };

function measured(source: AsyncIterable<Uint8Array>): Measured & { readonly chunks: AsyncIterable<Uint8Array> } {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: chunks(), bytes: () => bytes, sha256: () => hash.digest('hex') };
}

interface Decoding {
  take(chunk: Uint8Array): Promise<void>;
  hasFailed(): boolean;
  end(): Promise<DecodingEnd>;
  /** Resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

function decoding(decode: StreamCoder): Decoding {
  const copy = new PassThrough();
  copy.on('error', () => undefined);
  let end: DecodingEnd | undefined;
  const done = endOf(decode(copy)).then((reached) => {
    end = reached;
    // Whether or not all was taken, nobody takes any more.
    copy.destroy();
    return reached;
  });
  return {
    async take(chunk) {
      if (!copy.destroyed && !copy.write(chunk)) await room(copy);
    },
    hasFailed: () => end !== undefined && 'failure' in end,
    end() {
      copy.end();
      return done;
    },
    async close() {
      copy.destroy();
      await done;
    },
  };
}

async function endOf(decoded: AsyncIterable<Uint8Array>): Promise<DecodingEnd> {
  const back = measured(decoded);
  try {
    for await (const _ of back.chunks);
    return { back };
  } catch (failure) {
    return { failure };
  }
}

/** Until more can be written, or nobody reads any more. */
async function room(copy: PassThrough): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([once(copy, 'drain', over), once(copy, 'close', over)]);
  } finally {
    over.abort();
  }
}

function problemOf(plain: Measured, end: DecodingEnd): Error | undefined {
  if ('failure' in end) {
    const { failure } = end;
    if (failure instanceof VfsError) return failure;
    const why = failure instanceof Error ? failure.message : String(failure);
    return new Error(`what was made of it cannot be decoded again: ${why} (see "verify" of the encoder)`, { cause: failure });
  }
  if (plain.sha256() === end.back.sha256()) return undefined;
  const [before, after] = [plain.bytes(), end.back.bytes()];
  const difference = before === after ? `other ${before} bytes` : `${after} bytes instead of ${before}`;
  return new Error(`what was made of it is not the same when it is decoded again, but ${difference} (see "verify" of the encoder)`);
}
