import { buildRecord } from './directory-record.ts';
import type { EntryCopy } from './entry-copy.ts';
import { buildLocalHeader } from './local-header.ts';
import { findData } from './read-data.ts';
import { readDirectory } from './read-directory.ts';

/** An entry in memory that is to be packed; the name of a directory ends in `/`. */
export interface FreshEntry {
  readonly path: string;
  readonly modifiedMs: number;
  /** With the type bits. */
  readonly unixMode: number;
  readonly bytes: Buffer;
}

/**
 * Packs by JSZip, and gives each entry with a header of ours: JSZip writes no extended timestamps, so that times would be kept to 2 s, from 1980 on, and in a local time that nobody knows.
 */
export async function packFresh(
  fresh: readonly FreshEntry[],
  level: number,
): Promise<{ readonly bytes: Buffer; readonly entries: readonly EntryCopy[] }> {
  const { default: Zip } = await import('jszip');
  const zip = new Zip();
  for (const [index, { bytes }] of fresh.entries())
    zip.file(String(index), bytes, { createFolders: false, compression: level === 0 || bytes.length === 0 ? 'STORE' : 'DEFLATE' });
  const bytes = await zip.generateAsync({ type: 'nodebuffer', compressionOptions: { level } });
  const source = { size: bytes.length, read: async (position: number, length: number) => bytes.subarray(position, position + length) };
  const { records } = await readDirectory(source);
  const entries = records.map(async (record): Promise<EntryCopy> => {
    const { path, modifiedMs, unixMode } = fresh[Number(record.rawName.toString())] as FreshEntry;
    const { method, crc, size, compressedSize } = record;
    const facts = { rawName: Buffer.from(path), method, crc, size, compressedSize, modifiedMs, unixMode };
    const from = await findData(record, { source, position: record.headerOffset });
    return { header: buildLocalHeader(facts), from, length: compressedSize, recordAt: (offset) => buildRecord(facts, offset) };
  });
  return { bytes, entries: await Promise.all(entries) };
}
