import { type EntryFacts, flagsOf, MOST_32 } from './directory-record.ts';
import { toDosTime } from './dos-time.ts';
import { timeFields, zip64Field } from './extra-fields.ts';

/** What stands before the data of an entry (APPNOTE 4.3.7). */
export const LOCAL_HEADER_FIXED = 30;
export const LOCAL_HEADER_SIGNATURE = 0x04034b50;

/**
 * The local header of an entry of ours. `wide` makes room for sizes beyond 4 GiB before they are known; the header then has the same length whatever they are.
 */
export function buildLocalHeader(facts: EntryFacts, wide = facts.size > MOST_32 || facts.compressedSize > MOST_32): Buffer {
  const header = Buffer.alloc(LOCAL_HEADER_FIXED);
  const { date, time } = toDosTime(facts.modifiedMs);
  const extra = [wide ? zip64Field([facts.size, facts.compressedSize]) : Buffer.alloc(0), timeFields(facts.modifiedMs)];
  header.writeUInt32LE(LOCAL_HEADER_SIGNATURE, 0);
  header.writeUInt16LE(wide ? 45 : 20, 4);
  header.writeUInt16LE(flagsOf(facts.rawName), 6);
  header.writeUInt16LE(facts.method, 8);
  header.writeUInt16LE(time, 10);
  header.writeUInt16LE(date, 12);
  header.writeUInt32LE(facts.crc, 14);
  header.writeUInt32LE(wide ? 0xffff_ffff : facts.compressedSize, 18);
  header.writeUInt32LE(wide ? 0xffff_ffff : facts.size, 22);
  header.writeUInt16LE(facts.rawName.length, 26);
  header.writeUInt16LE(
    extra.reduce((sum, field) => sum + field.length, 0),
    28,
  );
  return Buffer.concat([header, facts.rawName, ...extra]);
}

/** How far the data is behind the start of a local header; undefined: there is none here. */
export function dataStart(header: Buffer): number | undefined {
  if (header.length < LOCAL_HEADER_FIXED || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) return undefined;
  return LOCAL_HEADER_FIXED + header.readUInt16LE(26) + header.readUInt16LE(28);
}
