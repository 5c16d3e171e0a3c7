import { crc32 } from 'node:zlib';
import { digestOf, digestPart } from '../vfs/digest.ts';
import type { RelPath } from '../vfs/path.ts';
import type { StoredRow } from './merge-row.ts';
import { type AgreedRows, marksOf } from './row-columns.ts';

/** What a directory's line says about one root before its rows. */
export interface ColumnSummary {
  /** `digestOf` the root's rows; undefined when it is behind somewhere in this directory. */
  readonly digest: string | undefined;
  /** Columns with records for exactly the same names have the same number: that of the first of them. */
  readonly sameNamesAs: number;
  /** Files and links. */
  readonly fileCount: number;
  readonly entryCount: number;
}

/** `["` + 8 hex digits + `",` */
const CHECKSUM_PREFIX_BYTES = 12;
const TAB = 9;

/** The rows of a directory sorted by name. */
export interface DirectoryRows {
  readonly names: readonly string[];
  readonly rows: readonly StoredRow[];
}

/** The line of docs/state-format.md, newline included; `rowsText` as `encodeRows` writes it. */
export function encodeDirectory(path: RelPath, rowsText: string, summaries: readonly ColumnSummary[]): Buffer {
  const heads = summaries.map(({ digest, sameNamesAs, fileCount, entryCount }) => JSON.stringify([digest ?? 0, sameNamesAs, fileCount, entryCount]));
  const body = Buffer.from(`${JSON.stringify(path)},${heads.map((head) => `${head},`).join('')}\t${rowsText}`);
  return Buffer.concat([Buffer.from(`["${checksum(body)}",`), body, Buffer.from('\n')]);
}

export function summarize({ names, rows }: DirectoryRows, columnCount: number): ColumnSummary[] {
  const marks = Array.from({ length: columnCount }, (_, column) => marksOf(rows, column));
  const presences = marks.map((one) => one.replaceAll('2', '1'));
  return marks.map((one, column) => {
    let fileCount = 0;
    let entryCount = 0;
    let text = '';
    rows.forEach((row, index) => {
      const recorded = row.at[column];
      if (recorded === undefined) return;
      entryCount++;
      if (row.kind !== 'directory') fileCount++;
      text += digestPart(names[index] ?? '', KIND_DIGITS[row.kind], recorded.revision);
    });
    return { digest: one.includes('2') ? undefined : digestOf(text), sameNamesAs: presences.indexOf(presences[column] ?? ''), fileCount, entryCount };
  });
}

export function summarizeAgreed({ names, kinds, columns }: AgreedRows): ColumnSummary[] {
  let fileCount = 0;
  for (let row = 0; row < names.length; row++) if (kinds === '' || kinds[row] !== DIRECTORY) fileCount++;
  return columns.map(({ revisions }) => {
    let text = '';
    for (let row = 0; row < names.length; row++) {
      text += digestPart(names[row] as string, kinds === '' ? KIND_DIGITS.file : Number(kinds[row]), revisions[row] as string);
    }
    return { digest: digestOf(text), sameNamesAs: 0, fileCount, entryCount: names.length };
  });
}

const DIRECTORY = '1';
const KIND_DIGITS = { file: 0, directory: 1, link: 2 } as const;

export interface DirectoryHead {
  readonly path: RelPath;
  readonly summaries: readonly ColumnSummary[];
}

/** Where in `buffer` the part with the rows starts. Undefined when the line is not what was written. */
export function findRows(buffer: Buffer, start: number, end: number): number | undefined {
  const tab = buffer.indexOf(TAB, start);
  if (tab < start + CHECKSUM_PREFIX_BYTES || tab >= end) return undefined;
  const written = Number.parseInt(buffer.toString('latin1', start + 2, start + 10), 16);
  return crc32(buffer.subarray(start + CHECKSUM_PREFIX_BYTES, end)) === written ? tab + 1 : undefined;
}

/** Reads the part before the rows; throws what JSON.parse throws. */
export function parseHead(buffer: Buffer, start: number, rowsStart: number): DirectoryHead {
  const [path, ...heads] = JSON.parse(`[${buffer.toString('utf8', start + CHECKSUM_PREFIX_BYTES, rowsStart - 2)}]`) as [
    string,
    ...[string | 0, number, number, number][],
  ];
  const summaries = heads.map(([digest, sameNamesAs, fileCount, entryCount]) => ({
    digest: digest === 0 ? undefined : digest,
    sameNamesAs,
    fileCount,
    entryCount,
  }));
  return { path, summaries };
}

/** CRC-32 as 8 hex digits. */
export function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
