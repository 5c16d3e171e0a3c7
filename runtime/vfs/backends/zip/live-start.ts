import { type Committed, commitToArchive, type Content, directoryOf, type NewEntry, type OldArchive } from './commit.ts';
import { type DirectoryRecord, FLAG_DESCRIPTOR } from './directory-record.ts';
import { type ByteSource, buildEnd, type DirectoryPlace, END, END_SIGNATURE, WIDE_SIGNATURE } from './end-records.ts';
import { copyOf, type EntryCopy } from './entry-copy.ts';
import { copyBytes, fileSource, writeExactly } from './file-bytes.ts';
import { LOCAL_HEADER_SIGNATURE } from './local-header.ts';
import type { OwnFiles } from './own-files.ts';
import { findData } from './read-data.ts';

/** More than this is not copied for it. */
const MOST_MOVED = 64 * 1024 * 1024;
/** Of the smallest entry, with a directory and an end of its own, about. */
const HEADERS = 300;
const DEAD_STARTS: readonly number[] = [LOCAL_HEADER_SIGNATURE, END_SIGNATURE, WIDE_SIGNATURE];

/**
 * Whether an archive with these entries is what 7-Zip takes it for. 7-Zip (ZipIn.cpp, ReadHeaders) believes the directory at the end only if it names the header that the archive begins with. Where
 * that entry was replaced or removed, 7-Zip goes from header to header instead, as far as the first directory in the file, and shows the archive as it was once. What begins in another way, as programs do
 * that extract themselves, is another matter.
 */
export async function hasLiveStart(source: ByteSource, { base }: DirectoryPlace, records: readonly DirectoryRecord[]): Promise<boolean> {
  if (records.some(({ headerOffset }) => headerOffset === 0)) return true;
  return source.size < base + 4 || !DEAD_STARTS.includes((await source.read(base, 4)).readUInt32LE(0));
}

/**
 * The same content, but what stands next to the start of the archive is put at its end again, so that `reviveStart` has room for an entry: as it is when there is room, or too much would have to be copied.
 * Rejects with `failed` when an entry is not where the directory says.
 */
export async function withRoom({ file, place, end }: OldArchive, content: Content): Promise<Content> {
  const smallest = smallestOf([...content.kept, ...content.added.map(({ record }) => record)]);
  const needed = smallest === undefined ? 0 : smallest.compressedSize + 3 * smallest.rawName.length + HEADERS;
  const leading = new Set(content.kept.filter(({ headerOffset }) => headerOffset < needed));
  let bytes = 0;
  for (const { compressedSize } of leading) bytes += compressedSize;
  if (bytes > MOST_MOVED || [...leading].some(({ flags }) => (flags & FLAG_DESCRIPTOR) !== 0)) return content;
  const source = fileSource(file, end);
  const again: NewEntry[] = [];
  for (const record of leading) {
    const position = place.base + record.headerOffset;
    const dataAt = await findData(record, { source, position });
    again.push({ record, file, position, length: dataAt + record.compressedSize - position });
  }
  return { ...content, kept: content.kept.filter((record) => !leading.has(record)), added: [...content.added, ...again] };
}

/** A commit, and the entry that it moved, as it was and as it is. */
export interface Revived extends Committed {
  readonly old: DirectoryRecord;
  readonly moved: DirectoryRecord;
}

/**
 * Gives an archive whose first entry is dead another one: its smallest entry is copied over the dead bytes at the start, and a new directory names it there. In between 7-Zip sees an archive that is empty, and then
 * one of this entry alone, since a directory of its own is put behind it; who reads the directory at the end sees the whole archive at every instant. undefined: there is no entry that fits.
 */
export async function reviveStart(archive: OldArchive, records: readonly DirectoryRecord[], files: OwnFiles): Promise<Revived | undefined> {
  const { file, place, end } = archive;
  const old = smallestOf(records);
  if (old === undefined || old.compressedSize > MOST_MOVED) return undefined;
  const copy = await copyOf(old, fileSource(file, end), place.base + old.headerOffset);
  const moved = copy.recordAt(0);
  const length = copy.header.length + copy.length;
  const directory = directoryOf([moved], length).bytes;
  const room = records.reduce((least, { headerOffset }) => Math.min(least, headerOffset), place.offset);
  if (length > room) return undefined;
  await writeStart(archive, copy, length + directory.length > room ? Buffer.alloc(0) : directory);
  const committed = await commitToArchive(archive, { kept: records.map((record) => (record === old ? moved : record)), added: [] }, files);
  return { ...committed, old, moved };
}

/** By a first step and a last one that are each a write within a sector. */
async function writeStart({ file, place: { base } }: OldArchive, copy: EntryCopy, directory: Buffer): Promise<void> {
  const { header, from, length } = copy;
  await writeExactly(file, buildEnd({ count: 0, offset: 0, size: 0 }, false, 0), base);
  await writeExactly(file, header.subarray(END), base + END);
  await copyBytes(file, from, file, base + header.length, length);
  await writeExactly(file, directory, base + header.length + length);
  await writeExactly(file, header.subarray(0, END), base);
  await file.datasync();
}

function smallestOf(records: readonly DirectoryRecord[]): DirectoryRecord | undefined {
  let smallest: DirectoryRecord | undefined;
  for (const record of records) {
    if (smallest === undefined || sizeOf(record) < sizeOf(smallest)) smallest = record;
  }
  return smallest;
}

function sizeOf({ compressedSize, rawName }: DirectoryRecord): number {
  return compressedSize + rawName.length;
}
