import { isAscii } from 'node:buffer';
import { type DosTime, fromDosTime, toDosTime } from './dos-time.ts';
import { findField, hasField, timeFields, timeOf, UNICODE_PATH_FIELD, withoutField, ZIP64_FIELD, zip64Field } from './extra-fields.ts';
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
  readonly dosTime: DosTime;
  /** The name where it is ASCII and no extra field gives another one: it reads the same in every code page. */
  readonly asciiName: string | undefined;
  /** See `timeOf`. */
  readonly extraTimeMs: number | undefined;
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
const FULL_32 = 0xffff_ffff;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all that is ASCII
const NOT_ASCII = /[^\u0000-\u007f]/;

/** All records of a directory. Throws VfsError `failed` when it is damaged: an archive is never shown in part. */
export function parseDirectory(directory: Buffer): DirectoryRecord[] {
  const records: DirectoryRecord[] = [];
  for (let at = 0; at < directory.length; ) {
    const left = directory.length - at;
    const signature = left >= 4 ? directory.readUInt32LE(at) : 0;
    if (signature === DIGITAL_SIGNATURE) break;
    if (signature !== SIGNATURE || left < FIXED) throw damaged(records.length);
    const end = endOfRecord(directory, at);
    const record = end === undefined ? undefined : parseRecord(directory, at);
    if (end === undefined || record === undefined) throw damaged(records.length);
    records.push(record);
    at = end;
  }
  return records;
}

/** A record as it stands in a directory. Most of it is asked for seldom, and an archive can have a million: nothing is taken apart before. */
class StandingRecord implements DirectoryRecord {
  readonly size: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
  readonly #directory: Buffer;
  readonly #at: number;

  constructor(directory: Buffer, at: number, [size, compressedSize, headerOffset]: PlaceNumbers) {
    this.size = size;
    this.compressedSize = compressedSize;
    this.headerOffset = headerOffset;
    this.#directory = directory;
    this.#at = at;
  }

  get raw(): Buffer {
    const { extraEnd } = this.#ends();
    return this.#directory.subarray(this.#at, extraEnd + this.#directory.readUInt16LE(this.#at + 32));
  }

  get rawName(): Buffer {
    return this.#directory.subarray(this.#at + FIXED, this.#ends().nameEnd);
  }

  get extra(): Buffer {
    const { nameEnd, extraEnd } = this.#ends();
    return this.#directory.subarray(nameEnd, extraEnd);
  }

  get flags(): number {
    return this.#directory.readUInt16LE(this.#at + 8);
  }

  get method(): number {
    return this.#directory.readUInt16LE(this.#at + 10);
  }

  get dosTime(): DosTime {
    return { time: this.#directory.readUInt16LE(this.#at + 12), date: this.#directory.readUInt16LE(this.#at + 14) };
  }

  get crc(): number {
    return this.#directory.readUInt32LE(this.#at + 16);
  }

  get system(): number {
    return this.#directory.readUInt8(this.#at + 5);
  }

  get externalAttributes(): number {
    return this.#directory.readUInt32LE(this.#at + 38);
  }

  get asciiName(): string | undefined {
    const { nameEnd, extraEnd } = this.#ends();
    const name = this.#directory.toString('latin1', this.#at + FIXED, nameEnd);
    return NOT_ASCII.test(name) || hasField(this.#directory, UNICODE_PATH_FIELD, nameEnd, extraEnd) ? undefined : name;
  }

  get extraTimeMs(): number | undefined {
    const { nameEnd, extraEnd } = this.#ends();
    return timeOf(this.#directory, nameEnd, extraEnd);
  }

  #ends(): { readonly nameEnd: number; readonly extraEnd: number } {
    const nameEnd = this.#at + FIXED + this.#directory.readUInt16LE(this.#at + 28);
    return { nameEnd, extraEnd: nameEnd + this.#directory.readUInt16LE(this.#at + 30) };
  }
}

/** Size, packed size, place of the local header. */
type PlaceNumbers = readonly [number, number, number];

/** Where the record ends; undefined: beyond the directory. */
function endOfRecord(directory: Buffer, at: number): number | undefined {
  const end = at + FIXED + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  return end > directory.length ? undefined : end;
}

function parseRecord(directory: Buffer, at: number): DirectoryRecord | undefined {
  const narrow: PlaceNumbers = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
  if (!narrow.includes(FULL_32)) return new StandingRecord(directory, at, narrow);
  const nameEnd = at + FIXED + directory.readUInt16LE(at + 28);
  const wide = wideNumbers(directory.subarray(nameEnd, nameEnd + directory.readUInt16LE(at + 30)), narrow);
  return wide === undefined ? undefined : new StandingRecord(directory, at, wide);
}

/** Numbers that do not fit in 32 bits stand in the zip64 field, in this order, and only those (APPNOTE 4.5.3). */
function wideNumbers(extra: Buffer, narrow: PlaceNumbers): PlaceNumbers | undefined {
  const field = findField(extra, ZIP64_FIELD) ?? Buffer.alloc(0);
  let at = 0;
  const wide = narrow.map((number) => {
    if (number !== FULL_32 || at + 8 > field.length) return number;
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
export function modifiedMsOf(record: DirectoryRecord): number | undefined {
  return record.extraTimeMs ?? fromDosTime(record.dosTime);
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
  const { rawName, unixMode, modifiedMs } = facts;
  const isDirectory = (unixMode & 0o170000) === 0o040000;
  const time = timeFields(modifiedMs);
  const wide = zip64Field([facts.size, facts.compressedSize, headerOffset].filter((number) => number > MOST_32));
  const record = Buffer.allocUnsafe(FIXED + rawName.length + wide.length + time.length).fill(0, 0, FIXED);
  const dos = toDosTime(modifiedMs);
  record.writeUInt32LE(SIGNATURE, 0);
  record.writeUInt8(63, 4);
  record.writeUInt8(UNIX, 5);
  record.writeUInt16LE(wide.length > 0 ? 45 : 20, 6);
  record.writeUInt16LE(flagsOf(rawName), 8);
  record.writeUInt16LE(facts.method, 10);
  record.writeUInt16LE(dos.time, 12);
  record.writeUInt16LE(dos.date, 14);
  record.writeUInt32LE(facts.crc, 16);
  record.writeUInt32LE(Math.min(facts.compressedSize, FULL_32), 20);
  record.writeUInt32LE(Math.min(facts.size, FULL_32), 24);
  record.writeUInt16LE(rawName.length, 28);
  record.writeUInt16LE(wide.length + time.length, 30);
  record.writeUInt32LE(((unixMode << 16) | (isDirectory ? 0x10 : 0)) >>> 0, 38);
  record.writeUInt32LE(Math.min(headerOffset, FULL_32), 42);
  record.set(rawName, FIXED);
  record.set(wide, FIXED + rawName.length);
  record.set(time, FIXED + rawName.length + wide.length);
  return new StandingRecord(record, 0, [facts.size, facts.compressedSize, headerOffset]);
}

/** The same record with its local header elsewhere, and no data descriptor behind its data. */
export function movedRecord(record: DirectoryRecord, headerOffset: number): DirectoryRecord {
  const raw = Buffer.from(record.raw);
  raw.writeUInt16LE(movedFlags(record), 8);
  if (headerOffset <= MOST_32 && findField(record.extra, ZIP64_FIELD) === undefined) {
    raw.writeUInt32LE(headerOffset, 42);
    return parseRecord(raw, 0) as DirectoryRecord;
  }
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
  return isAscii(rawName) ? 0 : FLAG_UTF8;
}
