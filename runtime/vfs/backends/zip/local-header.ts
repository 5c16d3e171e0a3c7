import { type EntryFacts, flagsOf, MOST_32 } from './directory-record.ts';
import { toDosTime } from './dos-time.ts';
import { timeFields, zip64Field } from './extra-fields.ts';

/** What stands before the data of an entry (APPNOTE 4.3.7). */
export const LOCAL_HEADER_FIXED = 30;
export const LOCAL_HEADER_SIGNATURE = 0x04034b50;
const NO_FIELD = Buffer.alloc(0);

/**
 * The local header of an entry of ours. `wide` makes room for sizes beyond 4 GiB before they are known; the header then has the same length whatever they are.
 */
export function buildLocalHeader(facts: EntryFacts, wide = facts.size > MOST_32 || facts.compressedSize > MOST_32): Buffer {
  const { rawName } = facts;
  const sizes = wide ? zip64Field([facts.size, facts.compressedSize]) : NO_FIELD;
  const time = timeFields(facts.modifiedMs);
  const header = Buffer.allocUnsafe(LOCAL_HEADER_FIXED + rawName.length + sizes.length + time.length);
  const dos = toDosTime(facts.modifiedMs);
  header.writeUInt32LE(LOCAL_HEADER_SIGNATURE, 0);
  header.writeUInt16LE(wide ? 45 : 20, 4);
  header.writeUInt16LE(flagsOf(rawName), 6);
  header.writeUInt16LE(facts.method, 8);
  header.writeUInt16LE(dos.time, 10);
  header.writeUInt16LE(dos.date, 12);
  header.writeUInt32LE(facts.crc, 14);
  header.writeUInt32LE(wide ? 0xffff_ffff : facts.compressedSize, 18);
  header.writeUInt32LE(wide ? 0xffff_ffff : facts.size, 22);
  header.writeUInt16LE(rawName.length, 26);
  header.writeUInt16LE(sizes.length + time.length, 28);
  header.set(rawName, LOCAL_HEADER_FIXED);
  header.set(sizes, LOCAL_HEADER_FIXED + rawName.length);
  header.set(time, LOCAL_HEADER_FIXED + rawName.length + sizes.length);
  return header;
}

/** How far the data is behind the start of a local header; undefined: there is none here. */
export function dataStart(header: Buffer): number | undefined {
  if (header.length < LOCAL_HEADER_FIXED || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) return undefined;
  return LOCAL_HEADER_FIXED + header.readUInt16LE(26) + header.readUInt16LE(28);
}
