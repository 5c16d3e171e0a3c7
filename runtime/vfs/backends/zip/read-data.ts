import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRaw as inflateRawCallback } from 'node:zlib';
import { VfsError } from '../../vfs-error.ts';
import { type DirectoryRecord, STORED } from './directory-record.ts';
import type { ByteSource } from './end-records.ts';
import { dataStart, LOCAL_HEADER_FIXED } from './local-header.ts';

const inflateRaw = promisify(inflateRawCallback);

/** Entries up to this are read and inflated in one go. */
const MOST_AT_ONCE = 1024 * 1024;
const PIECE = 256 * 1024;

/** Where the data of an entry is in its file. */
export interface DataPlace {
  readonly source: ByteSource;
  /** Of the local header. */
  readonly position: number;
}

/**
 * The plain bytes of an entry from an offset on. What the directory says of size and checksum is not believed: reading stops one byte beyond the size, and anything else than what was said is `failed`.
 * With an offset, all before it is read and checked too.
 */
export async function* readData(record: DirectoryRecord, place: DataPlace, from: number): AsyncGenerator<Uint8Array> {
  const at = await findData(record, place);
  let done = 0;
  let crc = 0;
  for await (const chunk of plainBytes(record, place.source, at)) {
    crc = crc32(chunk, crc);
    done += chunk.length;
    if (done > record.size) throw damaged('its data is longer than the archive says');
    if (done > from) yield chunk.length <= done - from ? chunk : chunk.subarray(chunk.length - (done - from));
  }
  if (done < record.size) throw damaged('its data is shorter than the archive says');
  if (crc !== record.crc) throw damaged('its checksum is wrong');
}

/** Position of the data, by the entry's own header. */
export async function findData(record: DirectoryRecord, { source, position }: DataPlace): Promise<number> {
  const left = source.size - position;
  const header = await readHere(source, position, Math.min(LOCAL_HEADER_FIXED, Math.max(0, left)));
  const start = dataStart(header);
  if (start === undefined || start + record.compressedSize > left) throw damaged('it is not where the directory says');
  return position + start;
}

function plainBytes(record: DirectoryRecord, source: ByteSource, at: number): AsyncIterable<Uint8Array> {
  const packed = pieces(source, at, record.compressedSize);
  if (record.method === STORED) return packed;
  return record.compressedSize <= MOST_AT_ONCE && record.size <= MOST_AT_ONCE ? atOnce(packed, record.size) : inflated(packed, record.size);
}

async function* pieces(source: ByteSource, at: number, length: number): AsyncGenerator<Uint8Array> {
  const piece = length <= MOST_AT_ONCE ? MOST_AT_ONCE : PIECE;
  for (let done = 0; done < length; done += piece) yield await readHere(source, at + done, Math.min(piece, length - done));
}

async function* atOnce(packed: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  for await (const bytes of packed) yield await inflateAll(bytes, size);
}

async function inflateAll(packed: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    return await inflateRaw(packed, { maxOutputLength: size + 1 });
  } catch (error) {
    throw error instanceof RangeError ? damaged('its data is longer than the archive says') : damaged('its data cannot be inflated', error);
  }
}

async function* inflated(packed: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: PIECE });
  const feeding = (async () => {
    for await (const piece of packed) {
      if (inflate.destroyed) return;
      await new Promise<void>((resolve) => inflate.write(piece, () => resolve()));
    }
    inflate.end();
  })().catch((error: unknown) => void inflate.destroy(error as Error));
  let done = 0;
  try {
    for await (const chunk of inflate) {
      done += (chunk as Buffer).length;
      yield chunk as Buffer;
      if (done > size) return;
    }
    await feeding;
  } catch (error) {
    throw error instanceof VfsError ? error : damaged('its data cannot be inflated', error);
  } finally {
    inflate.destroy();
  }
}

/** The file says where it is short; a person is told of the entry. */
async function readHere(source: ByteSource, position: number, length: number): Promise<Buffer> {
  if (position + length > source.size) throw damaged('it reaches beyond the end of the archive');
  return source.read(position, length);
}

function damaged(what: string, cause?: unknown): VfsError {
  return new VfsError('failed', '', `the entry is damaged: ${what}; restore the archive from a copy`, { cause });
}
