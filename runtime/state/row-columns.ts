import type { BaselineRow, Recorded } from '../engine/baseline.ts';

/**
 * Rows of one directory as columns of JSON text (docs/state-format.md, "Rows"): `"names","kinds",column,column …]`, the text that follows the tab of a line.
 * `undefined` rows are agreed removals and only occur in the journal.
 */
export type RowChange = BaselineRow | undefined;

const KINDS = ['file', 'directory', 'link'] as const;
const KIND_DIGITS = { file: '0', directory: '1', link: '2' } as const;
const REMOVED = '-';
const ABSENT = '0';
const PRESENT = '1';
const BEHIND = '2';

/** A list of values as one string where none of them holds a `|`. */
type Packed = string | readonly string[];
type Column = 0 | readonly [marks: string, revisions: Packed, fileIds: Packed, hashes: Packed];

export function encodeRows(names: readonly string[], rows: readonly RowChange[], columnCount: number): string {
  let kinds = '';
  for (const row of rows) kinds += row === undefined ? REMOVED : KIND_DIGITS[row.kind];
  if (isOnly(kinds, KIND_DIGITS.file)) kinds = '';
  let text = `${JSON.stringify(names.join('/'))},"${kinds}"`;
  for (let column = 0; column < columnCount; column++) text += `,${JSON.stringify(encodeColumn(rows, column))}`;
  return `${text}]`;
}

function encodeColumn(rows: readonly RowChange[], column: number): Column {
  const marks = marksOf(rows, column);
  if (isOnly(marks, ABSENT)) return 0;
  const recorded = rows.map((row) => row?.at[column]);
  return [
    isOnly(marks, PRESENT) ? '' : marks,
    pack(recorded.map((one) => one?.revision ?? '')),
    pack(recorded.map((one) => one?.fileId ?? '')),
    pack(recorded.map((one) => one?.hash ?? '')),
  ];
}

/** A digit a row: what the root of this column has there. */
export function marksOf(rows: readonly RowChange[], column: number): string {
  let marks = '';
  for (const row of rows) {
    const recorded = row?.at[column];
    marks += recorded === undefined ? ABSENT : recorded.behind ? BEHIND : PRESENT;
  }
  return marks;
}

export function isOnly(text: string, character: string): boolean {
  for (let i = 0; i < text.length; i++) if (text[i] !== character) return false;
  return true;
}

/**
 * Reads what `encodeRows` wrote, in order. `columns` picks which of the text's columns become `at`, undefined ones (or ones beyond the text's) being
 * without records. Throws what JSON.parse throws, and a TypeError on other shapes.
 */
export function decodeRows(
  text: string,
  columns: readonly (number | undefined)[],
): { readonly names: readonly string[]; readonly rows: readonly RowChange[] } {
  const parsed = JSON.parse(`[${text}`) as [string, string, ...Column[]];
  const names = parsed[0].split('/');
  const kinds = parsed[1];
  const readers = columns.map((column) => columnReader(column === undefined ? 0 : ((parsed[column + 2] as Column | undefined) ?? 0), names.length));
  const rows: RowChange[] = new Array(names.length);
  for (let row = 0; row < names.length; row++) {
    const kind = kinds === '' ? 'file' : kinds[row] === REMOVED ? undefined : KINDS[Number(kinds[row])];
    if (kind === undefined) {
      rows[row] = undefined;
      continue;
    }
    const at: (Recorded | undefined)[] = new Array(readers.length);
    for (let column = 0; column < at.length; column++) at[column] = readers[column]?.(row);
    rows[row] = { kind, at };
  }
  return { names, rows };
}

function columnReader(column: Column, count: number): (row: number) => Recorded | undefined {
  if (column === 0) return () => undefined;
  const [marks, packedRevisions, packedFileIds, packedHashes] = column;
  const revisions = unpack(packedRevisions, count);
  const fileIds = packedFileIds === '' ? undefined : unpack(packedFileIds, count);
  const hashes = packedHashes === '' ? undefined : unpack(packedHashes, count);
  const plain = marks === '' && hashes === undefined;
  return (row) => {
    const mark = marks === '' ? PRESENT : marks[row];
    if (mark === ABSENT) return undefined;
    const revision = revisions[row] ?? '';
    const fileId = fileIds?.[row] ?? '';
    if (plain) return fileId === '' ? { revision } : { revision, fileId };
    const hash = hashes?.[row] ?? '';
    return { revision, ...(fileId !== '' && { fileId }), ...(hash !== '' && { hash }), ...(mark === BEHIND && { behind: true as const }) };
  };
}

function pack(values: readonly string[]): Packed {
  if (values.every((value) => value === '')) return '';
  return values.some((value) => value.includes('|')) ? values : values.join('|');
}

function unpack(packed: Packed, count: number): readonly string[] {
  const values = typeof packed === 'string' ? (packed === '' ? [] : packed.split('|')) : packed;
  if (values.length !== count && packed !== '') throw new TypeError(`a column of ${values.length} values for ${count} rows`);
  return values;
}
