import type { FileHandle } from 'node:fs/promises';
import { type DirectoryRecord, movedRecord } from './directory-record.ts';
import { buildEnd, buildGapEnd, type DirectoryPlace, END, needsWide, type StoredPlace, TRAILER } from './end-records.ts';
import { copyBytes, fileSource, writeExactly } from './file-bytes.ts';
import { removeJournal, writeJournal } from './journal.ts';
import type { OwnFiles } from './own-files.ts';

/** An entry to be put into the archive: its local header and data as they lie in another file, one behind the other. */
export interface NewEntry {
  /** For its place in that file. */
  readonly record: DirectoryRecord;
  readonly file: FileHandle;
  readonly position: number;
  /** Of header and data. */
  readonly length: number;
}

/** What the archive is to hold: the records that stay as they are, and what is new. */
export interface Content {
  readonly kept: readonly DirectoryRecord[];
  readonly added: readonly NewEntry[];
  /** Zip64 records are made also where they are not needed yet. */
  readonly wide?: boolean;
}

/** The archive as it was before. */
export interface OldArchive {
  readonly file: FileHandle;
  readonly place: DirectoryPlace;
  /** Length of the file. */
  readonly end: number;
}

export interface Committed {
  readonly place: DirectoryPlace;
  readonly end: number;
  /** Of the new entries, in their order. */
  readonly records: readonly DirectoryRecord[];
}

/** The last bytes of a file are written in one go, and a disk does so whole within a sector. */
const SECTOR = 512;

/**
 * Makes the archive longer by the new entries and a new directory, in an order that leaves an archive at every instant: first the end of the longer file, which still names the old directory
 * (`buildGapEnd`); then, in the gap before it, entries and directory; then, by one write of less than a sector, the end that names the new directory. Each step is on disk before the next begins, and a journal tells where the archive
 * ended, for the case that a power cut loses the first. When a step fails, the archive is cut to its old length. Where the gap is too large for the old directory
 * (4 GiB), the archive gets zip64 records before.
 */
export async function commitToArchive(old: OldArchive, content: Content, files: OwnFiles): Promise<Committed> {
  const plan = planCommit(old, content);
  const { place } = old;
  const comment = place.comment;
  const gapEnd = buildGapEnd(place, plan.trailerAt - place.base);
  if (gapEnd === undefined) {
    const widened = await commitToArchive(old, { kept: content.kept, added: [], wide: true }, files);
    return commitToArchive({ ...old, ...widened }, content, files);
  }
  const oldTail = await fileSource(old.file, old.end).read(Math.max(0, old.end - TRAILER), Math.min(TRAILER, old.end));
  await writeJournal(files, {
    oldEnd: old.end,
    oldTail: oldTail.toString('hex'),
    newEnd: plan.end,
    trailerAt: plan.trailerAt,
    trailer: plan.trailer.toString('hex'),
  });
  try {
    await writeExactly(old.file, Buffer.concat([gapEnd, comment]), plan.trailerAt);
    await old.file.datasync();
    for (const copy of plan.copies) await copyBytes(copy.file, copy.position, old.file, copy.to, copy.length);
    await writeExactly(old.file, plan.directory, plan.directoryAt);
    await old.file.datasync();
    await writeExactly(old.file, plan.trailer, plan.trailerAt);
    await old.file.datasync();
  } catch (error) {
    await old.file.truncate(old.end);
    await removeJournal(files);
    throw error;
  }
  await removeJournal(files);
  return { place: plan.place, end: plan.end, records: plan.records };
}

/** What stands behind the entries of a new archive, which end at `offset`. */
export function directoryOf(records: readonly DirectoryRecord[], offset: number, old?: Pick<DirectoryPlace, 'base' | 'comment'>) {
  const base = old?.base ?? 0;
  const comment = old?.comment ?? Buffer.alloc(0);
  const { directory, stored } = buildDirectory(records, offset - base);
  const wide = needsWide(stored);
  const place: DirectoryPlace = { ...stored, base, wideAt: wide ? offset + stored.size : undefined, comment };
  return { bytes: Buffer.concat([directory, buildEnd(stored, wide, comment.length), comment]), place };
}

/** Bytes of another file, and where they go. */
export interface Copy {
  readonly file: FileHandle;
  readonly position: number;
  readonly to: number;
  length: number;
}

/** New entries, one behind the other from `at` on: their records, and what is to be copied, in as few pieces as it lies in. */
export function laidOut(added: readonly NewEntry[], at: number, { base }: Pick<DirectoryPlace, 'base'>) {
  const runs: Copy[] = [];
  const records: DirectoryRecord[] = [];
  let end = at;
  for (const entry of added) {
    records.push(movedRecord(entry.record, end - base));
    const last = runs.at(-1);
    if (last?.file === entry.file && last.position + last.length === entry.position) last.length += entry.length;
    else runs.push({ file: entry.file, position: entry.position, to: end, length: entry.length });
    end += entry.length;
  }
  return { records, runs, end };
}

interface Plan extends Committed {
  readonly copies: readonly Copy[];
  /** All but what lies in the trailer. */
  readonly directory: Buffer;
  readonly directoryAt: number;
  readonly trailer: Buffer;
  readonly trailerAt: number;
}

function planCommit({ place, end }: OldArchive, { kept, added, wide }: Content): Plan {
  const { records, runs: copies, end: at } = laidOut(added, end, place);
  const { directory, stored } = buildDirectory([...kept, ...records], at - place.base);
  const isWide = wide === true || needsWide(stored) || place.wideAt !== undefined;
  const length = directory.length + (isWide ? TRAILER : END);
  const lead = Math.max(0, TRAILER - length);
  const directoryAt = at + lead + paddingBefore(at + lead + length - TRAILER);
  const placed = { ...stored, offset: directoryAt - place.base };
  const bytes = Buffer.concat([Buffer.alloc(lead), directory, buildEnd(placed, isWide, place.comment.length)]);
  const trailerAt = directoryAt + length - TRAILER;
  return {
    copies,
    records,
    directory: bytes.subarray(0, bytes.length - TRAILER),
    directoryAt: directoryAt - lead,
    trailer: bytes.subarray(bytes.length - TRAILER),
    trailerAt,
    end: trailerAt + TRAILER + place.comment.length,
    place: { ...placed, base: place.base, wideAt: isWide ? directoryAt + placed.size : undefined, comment: place.comment },
  };
}

/** So many bytes that the trailer lies in one sector. */
function paddingBefore(trailerAt: number): number {
  const into = trailerAt % SECTOR;
  return into + TRAILER <= SECTOR ? 0 : SECTOR - into;
}

function buildDirectory(records: readonly DirectoryRecord[], offset: number): { directory: Buffer; stored: StoredPlace } {
  const sorted = records.toSorted((a, b) => a.headerOffset - b.headerOffset);
  const directory = Buffer.concat(sorted.map((record) => record.raw));
  return { directory, stored: { count: sorted.length, offset, size: directory.length } };
}
