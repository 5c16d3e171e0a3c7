import type { DirectoryRecord } from './directory-record.ts';
import { LOCAL_HEADER_FIXED } from './local-header.ts';

const NONE: ReadonlySet<DirectoryRecord> = new Set();

/**
 * Entries whose header and data reach over the start of another one. No program packs so; an archive of some megabytes can claim to hold petabytes that way (a "zip bomb"), each entry with
 * a true size and checksum. Of several at one place it is all but one, the same one in whatever order they are given.
 */
export function overlappingEntries(records: readonly DirectoryRecord[]): ReadonlySet<DirectoryRecord> {
  if (isApart(records)) return NONE;
  const inOrder = records.toSorted((a, b) => a.headerOffset - b.headerOffset || Buffer.compare(a.raw, b.raw));
  return new Set(inOrder.filter((record, i) => leastEnd(record) > (inOrder[i + 1]?.headerOffset ?? Number.POSITIVE_INFINITY)));
}

/** As nearly always: they stand in order. */
function isApart(records: readonly DirectoryRecord[]): boolean {
  let end = 0;
  for (const record of records) {
    if (record.headerOffset < end) return false;
    end = leastEnd(record);
  }
  return true;
}

/** Without the name and the extra fields of the header. */
function leastEnd({ headerOffset, compressedSize }: DirectoryRecord): number {
  return headerOffset + LOCAL_HEADER_FIXED + compressedSize;
}
