import { VfsError } from '../../vfs-error.ts';
import { type DirectoryRecord, FLAG_DESCRIPTOR, MOST_32, movedFlags, movedRecord } from './directory-record.ts';
import type { ByteSource } from './end-records.ts';
import { withoutField, ZIP64_FIELD, zip64Field } from './extra-fields.ts';
import { dataStart, LOCAL_HEADER_FIXED } from './local-header.ts';

/** How an entry is put elsewhere as it is: a header, and then so many bytes of where it was. */
export interface EntryCopy {
  readonly header: Buffer;
  readonly from: number;
  readonly length: number;
  /** What the directory says of it at its new place (offset as stored). */
  recordAt(offset: number): DirectoryRecord;
}

const DESCRIPTOR_SIGNATURE = 0x08074b50;

/** `position`: of the local header in `source`. Rejects with `failed` when there is none. The name and its extra fields stay as they are; sizes stand in the header and in no data descriptor. */
export async function copyOf(record: DirectoryRecord, source: ByteSource, position: number): Promise<EntryCopy> {
  const left = source.size - position;
  const fixed = await source.read(position, Math.min(LOCAL_HEADER_FIXED, Math.max(left, 0)));
  const start = dataStart(fixed);
  if (start === undefined || start + record.compressedSize > left)
    throw new VfsError('failed', '', 'an entry of the archive is not where the directory says; restore the archive from a copy');
  const header = await source.read(position, start);
  const from = position + start;
  const recordAt = (offset: number) => movedRecord(record, offset);
  if ((movedFlags(record) & FLAG_DESCRIPTOR) === 0) return { header: withSizes(header, record), from, length: record.compressedSize, recordAt };
  // Encrypted data counts on the descriptor behind it (APPNOTE 4.3.9): with or without signature, sizes of 4 or 8 bytes.
  const behind = await source.read(from + record.compressedSize, Math.min(4, left - start - record.compressedSize));
  const signed = behind.length === 4 && behind.readUInt32LE(0) === DESCRIPTOR_SIGNATURE ? 4 : 0;
  const wide = record.size > MOST_32 || record.compressedSize > MOST_32;
  return { header, from, length: record.compressedSize + signed + (wide ? 20 : 12), recordAt };
}

function withSizes(header: Buffer, record: DirectoryRecord): Buffer {
  const nameEnd = LOCAL_HEADER_FIXED + header.readUInt16LE(26);
  const wide = record.size > MOST_32 || record.compressedSize > MOST_32;
  const extra = Buffer.concat([
    wide ? zip64Field([record.size, record.compressedSize]) : Buffer.alloc(0),
    withoutField(header.subarray(nameEnd), ZIP64_FIELD),
  ]);
  const whole = Buffer.concat([header.subarray(0, nameEnd), extra]);
  whole.writeUInt16LE(movedFlags(record), 6);
  whole.writeUInt32LE(record.crc, 14);
  whole.writeUInt32LE(wide ? 0xffff_ffff : record.compressedSize, 18);
  whole.writeUInt32LE(wide ? 0xffff_ffff : record.size, 22);
  whole.writeUInt16LE(extra.length, 28);
  return whole;
}
