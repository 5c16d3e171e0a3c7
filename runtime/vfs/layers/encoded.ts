import { codedFiles, type FileCoder } from '../coded-files.ts';
import type { RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Vfs } from '../vfs.ts';
import type { CoderTurns, Turns } from './encoded/coder-turns.ts';
import type { Sampling } from './encoded/sampling.ts';
import type { NoCoder, StreamCoder } from './encoded/stream-coder.ts';
import { verified } from './encoded/verified.ts';

export interface Encoder {
  /** Of `ienc(NAME):`. */
  readonly name: string;
  /** What the names of encoded files end in, with its point. */
  readonly extension: string;
  readonly encode: StreamCoder | NoCoder;
  readonly decode: StreamCoder | NoCoder;
  /** Which files are in place only when `decode` has brought them back from what `encode` made; undefined: none. Without `decode` none either. */
  readonly sampling: Sampling | undefined;
  readonly turns: CoderTurns;
}

export interface EncodedOptions extends Encoder {
  /** How many of the layers below are encoded ones. */
  readonly layersBelow: number;
}

/** Each file goes through a coder of somebody else's, such as a program that encrypts. Files without the extension are not shown and not touched. */
export function encoded(inner: Vfs, { name, extension, encode, decode, sampling, turns, layersBelow }: EncodedOptions): Vfs {
  const makingSomething = isThere(encode) ? refusingNothing(encode) : encode;
  // One turn is for both: who encodes and waits for a turn to decode might wait for those who wait to encode.
  const encoding = sampling && isThere(makingSomething) && isThere(decode) ? verified(makingSomething, decode, sampling) : makingSomething;
  const coder: FileCoder = {
    prefix: `ienc(${name}):`,
    extension,
    encode: (plain, path) => ({
      differsEachTime: true,
      open: (from = 0) => {
        if (from > 0) throw new VfsError('unsupported', path, 'an encoded file is different each time, so its transfer cannot go on in its middle');
        return through(encoding, plain, { path, turns: turns.to('encode', layersBelow), word: 'encoded' });
      },
    }),
    decode: (stored, path) => ({
      open: (from = 0) => skipping(from, through(decode, stored, { path, turns: turns.to('decode', layersBelow), word: 'decoded' })),
    }),
  };
  return codedFiles(inner, coder);
}

function isThere(coder: StreamCoder | NoCoder): coder is StreamCoder {
  return !('refused' in coder);
}

interface Coding {
  readonly path: RelPath;
  readonly turns: Turns;
  readonly word: 'encoded' | 'decoded';
}

async function* through(coder: StreamCoder | NoCoder, content: Content, { path, turns, word }: Coding): AsyncGenerator<Uint8Array> {
  if (!isThere(coder)) throw new VfsError('unsupported', path, `the file cannot be ${word}: ${coder.refused}`);
  const turn = await turns.take();
  try {
    for await (const chunk of coder(content.open())) {
      turn.begun();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof VfsError) throw error;
    throw new VfsError('failed', path, `the file cannot be ${word}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    turn.end();
  }
}

/** A coder that makes nothing of something has failed, whatever it says: the file would be lost. */
function refusingNothing(encode: StreamCoder): StreamCoder {
  return async function* (input) {
    let taken = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of input) {
        taken += chunk.length;
        yield chunk;
      }
    }
    let given = 0;
    for await (const chunk of encode(counted())) {
      given += chunk.length;
      if (chunk.length > 0) yield chunk;
    }
    if (given === 0 && taken > 0) throw new Error(`of ${taken} bytes the encoder made none`);
  };
}

async function* skipping(bytes: number, decoded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of decoded) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
