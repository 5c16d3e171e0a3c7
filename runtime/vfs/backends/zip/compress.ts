import { constants, crc32, createDeflateRaw } from 'node:zlib';
import type { RelPath } from '../../path.ts';
import { inContent, VfsError } from '../../vfs-error.ts';
import type { Content } from '../../vfs.ts';
import { deflateWhole } from './deflate-whole.ts';
import { DEFLATED, STORED } from './directory-record.ts';

/** Contents up to this size are compressed in memory, several at once; larger ones flow through. */
export const MOST_IN_MEMORY = 8 * 1024 * 1024;
const LEAST_TO_DEFLATE = 32;

/** What is compressed already: deflating it again costs time and gains nothing. */
const COMPRESSED =
  /\.(?:7z|aac|apk|avif|br|bz2|cab|deb|docx|epub|flac|gif|gz|heic|heif|ipa|jar|jpe?g|jxl|lz4?|lzma|m4[abv]|mkv|mov|mp[34]|mpe?g|odp|ods|odt|og[agvx]|opus|png|pptx|rar|rpm|tbz2?|tgz|txz|war|web[mp]|wm[av]|woff2?|xlsx|xz|zipx?|zst)$/i;

export interface CompressedData {
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly data: Uint8Array;
}

/** A content as far as it was read: all of it, or its start and the way to the rest. */
export type Gathered = { readonly whole: readonly Uint8Array[]; readonly size: number } | { readonly chunks: AsyncIterable<Uint8Array> };

/** Reads a content up to what is handled in memory. The source's VfsErrors pass. `requireRunning` throws when the run was ended. */
export async function gather(content: Content, path: RelPath, requireRunning: () => void): Promise<Gathered> {
  const iterator = passErrors(content.open(), path)[Symbol.asyncIterator]();
  const whole: Uint8Array[] = [];
  let size = 0;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    requireRunning();
    whole.push(next.value);
    size += next.value.length;
    if (size > MOST_IN_MEMORY) return { chunks: chained(whole, iterator, requireRunning) };
  }
  return { whole, size };
}

async function* passErrors(chunks: AsyncIterable<Uint8Array>, path: RelPath): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof VfsError) throw inContent(error);
    throw new VfsError('failed', path, 'the content could not be read', { cause: error, inContent: true });
  }
}

async function* chained(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>, requireRunning: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* start;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      requireRunning();
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** Deflates in the thread pool, or stores what does not get smaller. */
export async function compressWhole(parts: readonly Uint8Array[], name: string, level: number): Promise<CompressedData> {
  const plain = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  const facts = { crc: crc32(plain), size: plain.length };
  if (isStored(name, level) || plain.length < LEAST_TO_DEFLATE) return { ...facts, method: STORED, data: plain };
  const data = await deflateWhole(plain, level);
  return data.length < plain.length ? { ...facts, method: DEFLATED, data } : { ...facts, method: STORED, data: plain };
}

/** Whether a content is taken as it is, by its name. */
export function isStored(name: string, level: number): boolean {
  return level === constants.Z_NO_COMPRESSION || COMPRESSED.test(name);
}

/** Counts what flows through. */
export class Meter {
  crc = 0;
  size = 0;

  async *count(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.crc = crc32(chunk, this.crc);
      this.size += chunk.length;
      yield chunk;
    }
  }
}

/** Deflates what flows through. */
export async function* deflated(chunks: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw({ level, chunkSize: 256 * 1024 });
  const feeding = feed(chunks, deflate);
  // Its error comes out of the loop below, by `destroy`.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of deflate) yield chunk as Buffer;
    await feeding;
  } finally {
    deflate.destroy();
  }
}

async function feed(chunks: AsyncIterable<Uint8Array>, into: ReturnType<typeof createDeflateRaw>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (into.destroyed) return;
      await new Promise<void>((resolve) => into.write(chunk, () => resolve()));
    }
    into.end();
  } catch (error) {
    into.destroy(error as Error);
  }
}
