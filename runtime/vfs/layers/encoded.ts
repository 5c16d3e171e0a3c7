import { codedFiles, type FileCoder } from '../coded-files.ts';
import type { RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Vfs } from '../vfs.ts';
import { createTurns, type Turns } from './encoded/turns.ts';

/**
 * What comes out of a coder while `input` goes in. Errors of `input` are the result's own; any other error says in its message what the coder did wrong. What it gives before it
 * fails is of no use.
 */
export type StreamCoder = (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
/** Why there is none, in words that follow `the file cannot be encoded:`. */
export interface NoCoder {
  readonly refused: string;
}

export interface EncodedOptions {
  /** Of `ienc(NAME):`. */
  readonly name: string;
  /** What the names of encoded files end in, with its point. */
  readonly extension: string;
  readonly encode: StreamCoder | NoCoder;
  readonly decode: StreamCoder | NoCoder;
  /** How many coders may run at once, in each direction. */
  readonly atOnce: number;
}

/** Each file goes through a coder of somebody else's, such as a program that encrypts. Files without the extension are not shown and not touched. */
export function encoded(inner: Vfs, { name, extension, encode, decode, atOnce }: EncodedOptions): Vfs {
  // Each direction has its own turns: who encodes may wait for what is decoded elsewhere, never the reverse.
  const encodeTurns = createTurns(atOnce);
  const decodeTurns = createTurns(atOnce);
  const coder: FileCoder = {
    prefix: `ienc(${name}):`,
    extension,
    encode: (plain, path) => ({
      differsEachTime: true,
      open: (from = 0) => {
        if (from > 0) throw new VfsError('unsupported', path, 'an encoded file is different each time, so its transfer cannot go on in its middle');
        return refusingNothing(through(encode, plain, { path, turns: encodeTurns, word: 'encoded' }), path);
      },
    }),
    decode: (stored, path) => ({
      open: (from = 0) => skipping(from, through(decode, stored, { path, turns: decodeTurns, word: 'decoded' })),
    }),
  };
  return codedFiles(inner, coder);
}

interface Coding {
  readonly path: RelPath;
  readonly turns: Turns;
  readonly word: 'encoded' | 'decoded';
}

interface Coded {
  readonly chunk: Uint8Array;
  /** How much has gone in so far, in bytes. */
  readonly given: number;
}

async function* through(coder: StreamCoder | NoCoder, content: Content, { path, turns, word }: Coding): AsyncGenerator<Coded> {
  if ('refused' in coder) throw new VfsError('unsupported', path, `the file cannot be ${word}: ${coder.refused}`);
  const release = await turns.take();
  const counted = counting(content.open());
  try {
    for await (const chunk of coder(counted.chunks)) yield { chunk, given: counted.given() };
    yield { chunk: NO_BYTES, given: counted.given() };
  } catch (error) {
    if (error instanceof VfsError) throw error;
    throw new VfsError('failed', path, `the file cannot be ${word}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    release();
  }
}
const NO_BYTES = new Uint8Array(0);

function counting(source: AsyncIterable<Uint8Array>): { readonly chunks: AsyncIterable<Uint8Array>; given(): number } {
  let given = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      given += chunk.length;
      yield chunk;
    }
  }
  return { chunks: chunks(), given: () => given };
}

/** A coder that makes nothing of something has failed, whatever it says: the file would be lost. */
async function* refusingNothing(coded: AsyncIterable<Coded>, path: RelPath): AsyncGenerator<Uint8Array> {
  let taken = 0;
  let given = 0;
  for await (const { chunk, given: before } of coded) {
    given = before;
    taken += chunk.length;
    if (chunk.length > 0) yield chunk;
  }
  if (taken === 0 && given > 0) throw new VfsError('failed', path, `the file cannot be encoded: of ${given} bytes the encoder made none`);
}

async function* skipping(bytes: number, coded: AsyncIterable<Coded>): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const { chunk } of coded) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
