import type { Transform } from 'node:stream';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { codedFiles } from '../coded-files.ts';
import type { RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Vfs } from '../vfs.ts';

export interface GzipOptions {
  /** What the names of compressed files end in, with its point. */
  readonly extension: string;
}

/** Each file is compressed by itself (RFC 1952). Other files, compressed by others or not at all, are not shown and not touched. */
export function gzipped(inner: Vfs, { extension }: GzipOptions): Vfs {
  return codedFiles(inner, { prefix: 'igz:', extension, encode, decode });
}

function encode(plain: Content): Content {
  const { differsEachTime } = plain;
  if (differsEachTime === true) return { differsEachTime, open: (from) => compressed(inBlocks(plain.open(from))) };
  return { open: (from = 0) => skipping(from, compressed(inBlocks(plain.open()))) };
}

/** A file of one block is compressed at once, which takes a fraction of what a stream does. */
async function* compressed(blocks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const first = await blocks.next();
    if (first.done) yield gzipSync(NO_BYTES);
    else if (first.value.length < BLOCK_BYTES) yield gzipSync(first.value);
    else yield* through(followedBy(first.value, blocks), () => createGzip());
  } finally {
    await blocks.return(undefined);
  }
}

async function* followedBy(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function decode(compressed: Content, path: RelPath): Content {
  return {
    async *open(from = 0) {
      try {
        yield* skipping(
          from,
          through(compressed.open(), () => createGunzip()),
        );
      } catch (error) {
        if (error instanceof VfsError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new VfsError('failed', path, `the compressed file is damaged (${why}); restore it, or remove it to have it written again`, {
          cause: error,
        });
      }
    },
  };
}

/**
 * What comes out while the source goes in. The next chunk is only asked for when all of the last has been taken, so that nothing is read ahead and an error of
 * the source, however late, is the error of the result.
 */
async function* through(source: AsyncIterable<Uint8Array>, open: () => Transform): AsyncGenerator<Uint8Array> {
  const stream = open();
  stream.on('error', () => undefined);
  try {
    let isEmpty = true;
    for await (const chunk of source) {
      if (chunk.length === 0) continue;
      isEmpty = false;
      yield* outputOf(stream, (done) => stream.write(chunk, done));
    }
    if (isEmpty) yield* outputOf(stream, (done) => stream.write(NO_BYTES, done));
    // A zlib stream is finished before the last of its output is there.
    yield* outputOf(stream, (done) => stream.once('end', done).end());
  } finally {
    stream.destroy();
  }
}
const NO_BYTES = new Uint8Array(0);

async function* outputOf(stream: Transform, act: (done: (error?: Error | null) => void) => unknown): AsyncGenerator<Uint8Array> {
  let failure: Error | undefined;
  let isDone = false;
  let wake = (): void => undefined;
  const onReadable = () => wake();
  stream.on('readable', onReadable);
  stream.on('error', onReadable);
  act((error) => {
    failure = error ?? undefined;
    isDone = true;
    wake();
  });
  try {
    for (;;) {
      for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) yield chunk;
      const failed = stream.errored ?? failure;
      if (failed) throw failed;
      if (isDone) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isDone || stream.errored || stream.readableLength > 0) resolve();
      });
    }
  } finally {
    stream.off('readable', onReadable);
    stream.off('error', onReadable);
  }
}

const BLOCK_BYTES = 64 * 1024;

/** The same bytes are compressed in the same steps however they arrive, so that a transfer can go on where another broke off. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(BLOCK_BYTES - filled, chunk.length - at);
      block.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < BLOCK_BYTES) continue;
      yield block;
      block = Buffer.allocUnsafe(BLOCK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

async function* skipping(bytes: number, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of source) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
