import { fromDosTime, toDosTime } from './dos-time.ts';
import { findField, timeFields, timeOf, withoutField, ZIP64_FIELD, zip64Field } from './extra-fields.ts';
import { VfsError } from '../../vfs-error.ts';

/** What the central directory says of one entry (APPNOTE 4.3.12). `raw` is how it stands there. */
export interface DirectoryRecord {
  readonly raw: Buffer;
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of its local header, as stored: relative to the start of the archive (see `DirectoryPlace.base`). */
  readonly headerOffset: number;
  readonly extra: Buffer;
  /** The system whose attributes it has: 3 is Unix, 19 macOS, 0, 10 and 11 Windows (APPNOTE 4.4.2). */
  readonly system: number;
  readonly externalAttributes: number;
}

export const STORED = 0;
export const DEFLATED = 8;
export const FLAG_ENCRYPTED = 1;
export const FLAG_DESCRIPTOR = 8;
export const FLAG_UTF8 = 0x800;
export const UNIX = 3;
const MACOS = 19;
export const MOST_32 = 0xffff_fffe;

const SIGNATURE = 0x02014b50;
const DIGITAL_SIGNATURE = 0x05054b50;
const FIXED = 46;

/** All records of a directory. Throws VfsError `failed` when it is damaged: an archive is never shown in part. */
export function parseDirectory(directory: Buffer): DirectoryRecord[] {
  const records: DirectoryRecord[] = [];
  for (let at = 0; at < directory.length; ) {
    const left = directory.length - at;
    const signature = left >= 4 ? directory.readUInt32LE(at) : 0;
    if (signature === DIGITAL_SIGNATURE) break;
    if (signature !== SIGNATURE || left < FIXED) throw damaged(records.length);
    const record = parseRecord(directory, at);
    if (record === undefined) throw damaged(records.length);
    records.push(record);
    at += record.raw.length;
  }
  return records;
}

function parseRecord(directory: Buffer, at: number): DirectoryRecord | undefined {
  const nameEnd = at + FIXED + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const end = extraEnd + directory.readUInt16LE(at + 32);
  if (end > directory.length) return undefined;
  const extra = directory.subarray(nameEnd, extraEnd);
  const numbers = wideNumbers(extra, [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)]);
  if (numbers === undefined) return undefined;
  const [size, compressedSize, headerOffset] = numbers;
  return {
    raw: directory.subarray(at, end),
    rawName: directory.subarray(at + FIXED, nameEnd),
    flags: directory.readUInt16LE(at + 8),
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    compressedSize,
    size,
    headerOffset,
    extra,
    system: directory.readUInt8(at + 5),
    externalAttributes: directory.readUInt32LE(at + 38),
  };
}

/** Numbers that do not fit in 32 bits stand in the zip64 field, in this order, and only those (APPNOTE 4.5.3). */
function wideNumbers(extra: Buffer, narrow: readonly [number, number, number]): [number, number, number] | undefined {
  if (!narrow.includes(0xffff_ffff)) return [...narrow];
  const field = findField(extra, ZIP64_FIELD) ?? Buffer.alloc(0);
  let at = 0;
  const wide = narrow.map((number) => {
    if (number !== 0xffff_ffff || at + 8 > field.length) return number;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
  return wide.every(Number.isSafeInteger) ? (wide as [number, number, number]) : undefined;
}

function damaged(index: number): VfsError {
  return new VfsError(
    'failed',
    '',
    `the directory of the archive is damaged at entry ${index + 1}; restore the archive from a copy, or try "zip -FF"`,
  );
}

/** ms since 1970; undefined where the record has no believable time. A DOS time alone is taken as this machine's local time. */
export function modifiedMsOf({ extra, raw }: DirectoryRecord): number | undefined {
  return timeOf(extra) ?? fromDosTime({ time: raw.readUInt16LE(12), date: raw.readUInt16LE(14) });
}

/** Type and permission bits of Unix; undefined where the entry was made elsewhere. */
export function unixModeOf({ system, externalAttributes }: DirectoryRecord): number | undefined {
  const mode = externalAttributes >>> 16;
  return (system === UNIX || system === MACOS) && mode !== 0 ? mode : undefined;
}

/** What a new entry is, but for its place. */
export interface EntryFacts {
  readonly rawName: Buffer;
  /** Deflated or stored. */
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** With the type bits. */
  readonly unixMode: number;
}

/** A record of ours. `headerOffset` as stored. */
export function buildRecord(facts: EntryFacts, headerOffset: number): DirectoryRecord {
  const isDirectory = (facts.unixMode & 0o170000) === 0o040000;
  const externalAttributes = ((facts.unixMode << 16) | (isDirectory ? 0x10 : 0)) >>> 0;
  const record = Buffer.alloc(FIXED);
  const { date, time } = toDosTime(facts.modifiedMs);
  record.writeUInt32LE(SIGNATURE, 0);
  record.writeUInt8(63, 4);
  record.writeUInt8(UNIX, 5);
  record.writeUInt16LE(flagsOf(facts.rawName), 8);
  record.writeUInt16LE(facts.method, 10);
  record.writeUInt16LE(time, 12);
  record.writeUInt16LE(date, 14);
  record.writeUInt32LE(facts.crc, 16);
  record.writeUInt32LE(externalAttributes, 38);
  const fixed = Buffer.concat([record, facts.rawName, timeFields(facts.modifiedMs)]);
  fixed.writeUInt16LE(facts.rawName.length, 28);
  fixed.writeUInt16LE(fixed.length - FIXED - facts.rawName.length, 30);
  return withPlace(fixed, { size: facts.size, compressedSize: facts.compressedSize, headerOffset });
}

/** The same record with its local header elsewhere, and no data descriptor behind its data. */
export function movedRecord(record: DirectoryRecord, headerOffset: number): DirectoryRecord {
  const raw = Buffer.from(record.raw);
  raw.writeUInt16LE(movedFlags(record), 8);
  return withPlace(raw, { size: record.size, compressedSize: record.compressedSize, headerOffset });
}

/** Encrypted data is tied to its flags, and is moved with its descriptor. */
export function movedFlags({ flags }: DirectoryRecord): number {
  return (flags & FLAG_ENCRYPTED) === 0 ? flags & ~FLAG_DESCRIPTOR : flags;
}

function withPlace(raw: Buffer, numbers: { readonly size: number; readonly compressedSize: number; readonly headerOffset: number }): DirectoryRecord {
  const nameEnd = FIXED + raw.readUInt16LE(28);
  const extraEnd = nameEnd + raw.readUInt16LE(30);
  const extra = withoutField(raw.subarray(nameEnd, extraEnd), ZIP64_FIELD);
  const inOrder = [numbers.size, numbers.compressedSize, numbers.headerOffset];
  const field = zip64Field(inOrder.filter((number) => number > MOST_32));
  const whole = Buffer.concat([raw.subarray(0, nameEnd), field, extra, raw.subarray(extraEnd)]);
  for (const [index, at] of [24, 20, 42].entries()) whole.writeUInt32LE(Math.min(inOrder[index] as number, 0xffff_ffff), at);
  whole.writeUInt16LE(field.length + extra.length, 30);
  whole.writeUInt16LE(Math.max(whole.readUInt16LE(6), field.length > 0 ? 45 : 20), 6);
  return parseRecord(whole, 0) as DirectoryRecord;
}

/** Names that are not ASCII are said to be UTF-8 (APPNOTE 4.4.4, bit 11). */
export function flagsOf(rawName: Buffer): number {
  return rawName.some((byte) => byte > 127) ? FLAG_UTF8 : 0;
}
