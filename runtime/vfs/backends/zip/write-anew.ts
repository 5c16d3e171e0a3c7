import type { FileHandle } from 'node:fs/promises';
import { type Committed, type Content, directoryOf, laidOut, type OldArchive } from './commit.ts';
import type { DirectoryRecord } from './directory-record.ts';
import type { ByteSource, DirectoryPlace } from './end-records.ts';
import { copyOf } from './entry-copy.ts';
import { copyBytes, fileSource, writeExactly } from './file-bytes.ts';

/** An archive that was written anew. */
export interface Anew extends Committed {
  /** Of the records that were kept, in their order. */
  readonly keptRecords: readonly DirectoryRecord[];
}

/**
 * Writes an archive of this content alone, one entry behind the other. Entries stay packed as they are; what stands before the archive, comments and extra fields are kept.
 * Rejects with VfsError: `failed` when an entry is not where the directory says.
 */
export async function writeAnew(old: OldArchive, { kept, added }: Content, fresh: FileHandle): Promise<Anew> {
  const { file, place } = old;
  const source = readingAhead(fileSource(file, old.end));
  const inOrder = kept.map((record, index) => ({ record, index })).sort((a, b) => a.record.headerOffset - b.record.headerOffset);
  const start = await startOf(source, place, inOrder[0]?.record);
  const output = new Output(fresh);
  await output.copy(file, 0, start);
  const keptRecords: DirectoryRecord[] = new Array(kept.length);
  for (const { record, index } of inOrder) {
    const copy = await copyOf(record, source, place.base + record.headerOffset);
    keptRecords[index] = copy.recordAt(output.length - place.base);
    await output.append(copy.header);
    if (copy.length > GROUP_BYTES) await output.copy(file, copy.from, copy.length);
    else await output.append(await source.read(copy.from, copy.length));
  }
  const { records, runs } = laidOut(added, output.length, place);
  for (const { file: from, position, length } of runs) await output.copy(from, position, length);
  const directory = directoryOf([...keptRecords, ...records], output.length, place);
  await output.append(directory.bytes);
  await output.settle();
  return { place: directory.place, end: output.length, records, keptRecords };
}

/** Small pieces come and go in groups of this size. */
const GROUP_BYTES = 1024 * 1024;

/** A file that is written from its start on. */
class Output {
  readonly #file: FileHandle;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #written = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get length(): number {
    return this.#written + this.#pendingBytes;
  }

  async append(bytes: Buffer): Promise<void> {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= GROUP_BYTES) await this.settle();
  }

  async copy(from: FileHandle, position: number, length: number): Promise<void> {
    await this.settle();
    await copyBytes(from, position, this.#file, this.#written, length);
    this.#written += length;
  }

  async settle(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    await writeExactly(this.#file, Buffer.concat(this.#pending), this.#written);
    this.#written += this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** For small reads in order. */
function readingAhead(source: ByteSource): ByteSource {
  let start = 0;
  let held: Buffer = Buffer.alloc(0);
  return {
    size: source.size,
    async read(position, length) {
      if (length > GROUP_BYTES || position + length > source.size) return source.read(position, length);
      if (position < start || position + length > start + held.length) {
        held = await source.read(position, Math.min(GROUP_BYTES, source.size - position));
        start = position;
      }
      return held.subarray(position - start, position - start + length);
    },
  };
}

/** Where the first entry goes: behind what stands before the archive. Where that is in doubt, there is nothing before it that has to stay. */
async function startOf(source: ByteSource, place: DirectoryPlace, first: DirectoryRecord | undefined): Promise<number> {
  if (place.base > 0 || first === undefined) return place.base;
  const isPlain = source.size >= 4 && (await source.read(0, 2)).toString('latin1') === 'PK';
  return isPlain ? 0 : first.headerOffset;
}
