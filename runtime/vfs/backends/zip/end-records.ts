import { VfsError } from '../../vfs-error.ts';

/** Bytes that can be read anywhere. `read` gives exactly what is asked for, or rejects with VfsError. */
export interface ByteSource {
  readonly size: number;
  read(position: number, length: number): Promise<Buffer>;
}

/** Where the directory of an archive is. Positions are of the file; `offset`s are as stored, `base` less. */
export interface DirectoryPlace {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
  /** Bytes before the archive proper (a program that extracts itself) which the offsets do not count. */
  readonly base: number;
  /** Position of the zip64 end record; undefined where there is none. */
  readonly wideAt: number | undefined;
  /** The archive's comment, with what may stand behind it. */
  readonly comment: Buffer;
}

/** End of central directory record (APPNOTE 4.3.16), its zip64 form (4.3.14) and the locator of that (4.3.15). */
export const END_SIGNATURE = 0x06054b50;
export const WIDE_SIGNATURE = 0x06064b50;
const LOCATOR_SIGNATURE = 0x07064b50;
export const END = 22;
const WIDE = 56;
const LOCATOR = 20;
/** All three: what an archive ends in at most, but for its comment. */
export const TRAILER = WIDE + LOCATOR + END;
const MOST_COMMENT = 0xffff;
/** More in a directory than this is damage or an attack: it is read as a whole. */
const MOST_DIRECTORY = 0x8000_0000;

/** Finds the directory from the end. Throws VfsError `failed` for what is no archive, or no whole one. */
export async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const tailAt = Math.max(0, source.size - TRAILER - MOST_COMMENT);
  const tail = await source.read(tailAt, source.size - tailAt);
  const end = findEnd(tail);
  if (end === undefined) throw new VfsError('failed', '', 'this is no ZIP archive, or its end is missing (an unfinished download or copy?)');
  const endAt = tailAt + end;
  const narrow = {
    count: tail.readUInt16LE(end + 10),
    size: tail.readUInt32LE(end + 12),
    offset: tail.readUInt32LE(end + 16),
    comment: Buffer.from(tail.subarray(end + END)),
  };
  const locator =
    end >= LOCATOR && tail.readUInt32LE(end - LOCATOR) === LOCATOR_SIGNATURE ? Number(tail.readBigUInt64LE(end - LOCATOR + 8)) : undefined;
  const wide = locator === undefined ? undefined : await findWide(source, locator, endAt - LOCATOR - WIDE);
  if (wide !== undefined) return checked(source, { ...narrow, ...wide }, wide.wideAt);
  if (tail.readUInt16LE(end + 4) !== 0 || tail.readUInt16LE(end + 6) !== 0) throw severalParts();
  if (narrow.offset === 0xffff_ffff) throw damagedEnd();
  return checked(source, { ...narrow, wideAt: undefined }, endAt);
}

/** The last record whose comment reaches the end of the file, else the last one that is whole. */
function findEnd(tail: Buffer): number | undefined {
  let found: number | undefined;
  for (let at = tail.length - END; at >= Math.max(0, tail.length - END - MOST_COMMENT); at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END + tail.readUInt16LE(at + 20) === tail.length) return at;
    found ??= at;
  }
  return found;
}

type Wide = Pick<DirectoryPlace, 'count' | 'size' | 'offset'> & { readonly wideAt: number };

/** Where the locator says (of a file without anything before the archive), else right before the locator. */
async function findWide(source: ByteSource, stored: number, usual: number): Promise<Wide | undefined> {
  for (const wideAt of [stored, usual]) {
    if (!Number.isSafeInteger(wideAt) || wideAt < 0 || wideAt + WIDE > source.size) continue;
    const record = await source.read(wideAt, WIDE);
    if (record.readUInt32LE(0) !== WIDE_SIGNATURE) continue;
    if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) throw severalParts();
    return {
      wideAt,
      count: Number(record.readBigUInt64LE(32)),
      size: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
    };
  }
  return undefined;
}

/**
 * `behind`: what comes right behind the directory, unless bytes were put before or into the archive. Offsets that count from the start of the file are tried first: in a gap
 * (`buildGapEnd`) a new directory may stand where the old one would be otherwise.
 */
async function checked(source: ByteSource, place: Omit<DirectoryPlace, 'base'>, behind: number): Promise<DirectoryPlace> {
  const base = behind - place.size - place.offset;
  if (!Number.isSafeInteger(base) || place.size > MOST_DIRECTORY) throw damagedEnd();
  for (const candidate of base > 0 ? [0, base] : [0]) {
    const at = candidate + place.offset;
    if (at + place.size > behind) continue;
    if (place.count === 0 && place.size === 0) return { ...place, base: candidate };
    if (place.size >= 4 && (await source.read(at, 4)).readUInt32LE(0) === 0x02014b50) return { ...place, base: candidate };
  }
  throw damagedEnd();
}

function damagedEnd(): VfsError {
  return new VfsError('failed', '', 'the archive is damaged: its directory is not where its end says; restore it from a copy, or try "zip -FF"');
}

function severalParts(): VfsError {
  return new VfsError('unsupported', '', 'the archive is split into several files; join it first ("zip -s 0")');
}

/** Where a directory is, as stored. */
export type StoredPlace = Pick<DirectoryPlace, 'count' | 'offset' | 'size'>;

/** Whether an archive needs the zip64 records. */
export function needsWide({ count, offset, size }: StoredPlace): boolean {
  return count > 0xfffe || offset > 0xffff_fffe || size > 0xffff_fffe;
}

/** What stands behind a directory, without the comment: zip64 record and locator when `wide`, and the end record. */
export function buildEnd(place: StoredPlace, wide: boolean, commentLength: number): Buffer {
  if (!wide) return endRecord(place, commentLength);
  return Buffer.concat([wideRecord(place), locatorRecord(place.offset + place.size), endRecord(FULL, commentLength)]);
}

/**
 * The end of a file in which there is a gap between the archive and its end, so that something can be put there while the archive stays whole. `gapEnd` is where these
 * `TRAILER` bytes come, as stored. undefined: the gap is too large for an archive without zip64 records.
 *
 * An archive with zip64 records gets a locator of the record that it has, far behind it (APPNOTE 4.3.15 says where by number). For one without, Info-ZIP wants the size in the end record to
 * reach up to that record, and 7-Zip wants a true zip64 record instead: the size in the end record is false and the one in the zip64 record is true, which both accept.
 */
export function buildGapEnd(place: DirectoryPlace, gapEnd: number): Buffer | undefined {
  const commentLength = place.comment.length;
  if (place.wideAt !== undefined) {
    return Buffer.concat([Buffer.alloc(WIDE), locatorRecord(place.wideAt - place.base), endRecord(FULL, commentLength)]);
  }
  const reaching = gapEnd + WIDE + LOCATOR - place.offset;
  if (reaching > 0xffff_fffe) return undefined;
  return Buffer.concat([wideRecord(place), locatorRecord(gapEnd), endRecord({ ...place, size: reaching }, commentLength)]);
}

const FULL: StoredPlace = { count: 0xffff, size: 0xffff_ffff, offset: 0xffff_ffff };

function wideRecord({ count, size, offset }: StoredPlace): Buffer {
  const record = Buffer.alloc(WIDE);
  record.writeUInt32LE(WIDE_SIGNATURE, 0);
  record.writeUInt32LE(WIDE - 12, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const [index, number] of [count, count, size, offset].entries()) record.writeBigUInt64LE(BigInt(number), 24 + index * 8);
  return record;
}

function locatorRecord(offset: number): Buffer {
  const record = Buffer.alloc(LOCATOR);
  record.writeUInt32LE(LOCATOR_SIGNATURE, 0);
  record.writeBigUInt64LE(BigInt(offset), 8);
  record.writeUInt32LE(1, 16);
  return record;
}

function endRecord({ count, size, offset }: StoredPlace, commentLength: number): Buffer {
  const record = Buffer.alloc(END);
  record.writeUInt32LE(END_SIGNATURE, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(commentLength, 20);
  return record;
}
