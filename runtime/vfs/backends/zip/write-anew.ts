import type { FileHandle } from 'node:fs/promises';
import { type Committed, type Content, directoryOf, type OldArchive } from './commit.ts';
import { type DirectoryRecord, movedRecord } from './directory-record.ts';
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
  const source = fileSource(file, old.end);
  const inOrder = kept.map((record, index) => ({ record, index })).sort((a, b) => a.record.headerOffset - b.record.headerOffset);
  let at = await startOf(source, place, inOrder[0]?.record);
  await copyBytes(file, 0, fresh, 0, at);
  const keptRecords: DirectoryRecord[] = new Array(kept.length);
  for (const { record, index } of inOrder) {
    const copy = await copyOf(record, source, place.base + record.headerOffset);
    keptRecords[index] = copy.recordAt(at - place.base);
    await writeExactly(fresh, copy.header, at);
    await copyBytes(file, copy.from, fresh, at + copy.header.length, copy.length);
    at += copy.header.length + copy.length;
  }
  const records: DirectoryRecord[] = [];
  for (const entry of added) {
    records.push(movedRecord(entry.record, at - place.base));
    await copyBytes(entry.file, entry.position, fresh, at, entry.length);
    at += entry.length;
  }
  const directory = directoryOf([...keptRecords, ...records], at, place);
  await writeExactly(fresh, directory.bytes, at);
  return { place: directory.place, end: at + directory.bytes.length, records, keptRecords };
}

/** Where the first entry goes: behind what stands before the archive. Where that is in doubt, there is nothing before it that has to stay. */
async function startOf(source: ByteSource, place: DirectoryPlace, first: DirectoryRecord | undefined): Promise<number> {
  if (place.base > 0 || first === undefined) return place.base;
  const isPlain = source.size >= 4 && (await source.read(0, 2)).toString('latin1') === 'PK';
  return isPlain ? 0 : first.headerOffset;
}
