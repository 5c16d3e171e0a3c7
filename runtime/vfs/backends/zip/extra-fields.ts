/** Extra fields (APPNOTE 4.5): pairs of id and data behind a name. */
export const ZIP64_FIELD = 0x0001;
const NTFS_FIELD = 0x000a;
const UNIX_TIME_FIELD = 0x5455;
export const UNICODE_PATH_FIELD = 0x7075;

const NO_FIELD = Buffer.alloc(0);
const LEAST_UNIX_TIME = -0x8000_0000;
const MOST_UNIX_TIME = 0x7fff_ffff;
/** From 1601 to 1970, in ms. */
const NTFS_EPOCH_MS = 11_644_473_600_000;

/** The data of the first field with this id, in the area from `start` to `end`; undefined where there is none. What does not fit in the area ends it. */
export function findField(bytes: Buffer, id: number, start = 0, end = bytes.length): Buffer | undefined {
  const at = dataOfField(bytes, id, start, end);
  return at < 0 ? undefined : bytes.subarray(at, at + bytes.readUInt16LE(at - 2));
}

export function hasField(bytes: Buffer, id: number, start: number, end: number): boolean {
  return dataOfField(bytes, id, start, end) >= 0;
}

/** Behind its id and length; -1: there is none. */
function dataOfField(bytes: Buffer, id: number, start: number, end: number): number {
  for (let at = start; at + 4 <= end; ) {
    const next = at + 4 + bytes.readUInt16LE(at + 2);
    if (next > end) return -1;
    if (bytes.readUInt16LE(at) === id) return at + 4;
    at = next;
  }
  return -1;
}

/** All fields but those with this id; what does not fit in the area is left out. */
export function withoutField(extra: Buffer, id: number): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) break;
    if (extra.readUInt16LE(at) !== id) kept.push(extra.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/**
 * The modification time in ms since 1970, from the extended timestamp (Info-ZIP extrafld.txt, 0x5455: seconds, signed) or the NTFS times (APPNOTE 4.5.5: 100 ns since 1601);
 * undefined where there is neither. The fields stand from `start` to `end`.
 */
export function timeOf(bytes: Buffer, start: number, end: number): number | undefined {
  const ntfs = dataOfField(bytes, NTFS_FIELD, start, end);
  if (ntfs >= 0 && bytes.readUInt16LE(ntfs - 2) >= 16 && bytes.readUInt16LE(ntfs + 4) === 1) {
    return Math.floor(Number(bytes.readBigUInt64LE(ntfs + 8)) / 10_000_000) * 1000 - NTFS_EPOCH_MS;
  }
  const unix = dataOfField(bytes, UNIX_TIME_FIELD, start, end);
  return unix >= 0 && bytes.readUInt16LE(unix - 2) >= 5 && (bytes.readUInt8(unix) & 1) === 1 ? bytes.readInt32LE(unix + 1) * 1000 : undefined;
}

/** The fields for a time: an extended timestamp, and outside of its range (1901 to 2038) the NTFS times. */
export function timeFields(ms: number): Buffer {
  const seconds = Math.floor(ms / 1000);
  if (seconds >= LEAST_UNIX_TIME && seconds <= MOST_UNIX_TIME) {
    const field = Buffer.allocUnsafe(9);
    field.writeUInt16LE(UNIX_TIME_FIELD, 0);
    field.writeUInt16LE(5, 2);
    field.writeUInt8(1, 4);
    field.writeInt32LE(seconds, 5);
    return field;
  }
  const field = Buffer.alloc(36);
  const ticks = BigInt(Math.max(0, seconds * 1000 + NTFS_EPOCH_MS)) * 10_000n;
  field.writeUInt16LE(NTFS_FIELD, 0);
  field.writeUInt16LE(32, 2);
  field.writeUInt16LE(1, 8);
  field.writeUInt16LE(24, 10);
  for (const at of [12, 20, 28]) field.writeBigUInt64LE(ticks, at);
  return field;
}

/** The UTF-8 name of Info-ZIP's Unicode Path field (APPNOTE 4.6.9), with the CRC of the plain name that it belongs to. */
export function unicodePathOf(extra: Buffer): { readonly crc: number; readonly name: Buffer } | undefined {
  const field = findField(extra, UNICODE_PATH_FIELD);
  return field !== undefined && field.length > 5 && field[0] === 1 ? { crc: field.readUInt32LE(1), name: field.subarray(5) } : undefined;
}

/** A zip64 field (APPNOTE 4.5.3) of these numbers, in the order of the specification; empty without any. */
export function zip64Field(numbers: readonly number[]): Buffer {
  if (numbers.length === 0) return NO_FIELD;
  const field = Buffer.alloc(4 + numbers.length * 8);
  field.writeUInt16LE(ZIP64_FIELD, 0);
  field.writeUInt16LE(numbers.length * 8, 2);
  for (const [index, number] of numbers.entries()) field.writeBigUInt64LE(BigInt(number), 4 + index * 8);
  return field;
}
