import type { BaselineRow, FileMark, Recorded } from '../engine/baseline.ts';

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
  const kinds = rows.map((row) => (row === undefined ? REMOVED : KIND_DIGITS[row.kind])).join('');
  let text = `${JSON.stringify(names.join('/'))},"${isOnly(kinds, KIND_DIGITS.file) ? '' : kinds}"`;
  for (let column = 0; column < columnCount; column++) text += `,${JSON.stringify(encodeColumn(rows, column))}`;
  return `${text}]`;
}

/** As `encodeRows` for files that every column has: `at[column][row]`. */
export function encodeFiles(names: readonly string[], at: readonly (readonly FileMark[])[]): string {
  let text = `${JSON.stringify(names.join('/'))},""`;
  for (const marks of at) {
    const column: Column = ['', pack(marks.map(({ revision }) => revision)), pack(marks.map(({ fileId }) => fileId ?? '')), ''];
    text += `,${JSON.stringify(column)}`;
  }
  return `${text}]`;
}

function encodeColumn(rows: readonly RowChange[], column: number): Column {
  const marks = marksOf(rows, column);
  if (isOnly(marks, ABSENT)) return 0;
  const revisions: string[] = [];
  const fileIds: string[] = [];
  const hashes: string[] = [];
  for (const row of rows) {
    const recorded = row?.at[column];
    revisions.push(recorded?.revision ?? '');
    fileIds.push(recorded?.fileId ?? '');
    hashes.push(recorded?.hash ?? '');
  }
  return [isOnly(marks, PRESENT) ? '' : marks, pack(revisions), pack(fileIds), pack(hashes)];
}

/** A digit a row: what the root of this column has there. */
export function marksOf(rows: readonly RowChange[], column: number): string {
  const marks: string[] = [];
  for (const row of rows) {
    const recorded = row?.at[column];
    marks.push(recorded === undefined ? ABSENT : recorded.behind ? BEHIND : PRESENT);
  }
  return marks.join('');
}

function isOnly(text: string, character: string): boolean {
  return text === character.repeat(text.length);
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
  const picked = columns.map((column) => (column === undefined ? [] : columnRecords((parsed[column + 2] as Column | undefined) ?? 0, names.length)));
  const rows: RowChange[] = [];
  for (let row = 0; row < names.length; row++) {
    const kind = kinds === '' ? 'file' : kinds[row] === REMOVED ? undefined : KINDS[Number(kinds[row])];
    const at: (Recorded | undefined)[] = [];
    for (const records of picked) at.push(records[row]);
    rows.push(kind === undefined ? undefined : { kind, at });
  }
  return { names, rows };
}

/** A record a row; shorter where there are none. */
function columnRecords(column: Column, count: number): readonly (Recorded | undefined)[] {
  if (column === 0) return [];
  const [marks, packedRevisions, packedFileIds, packedHashes] = column;
  const revisions = unpack(packedRevisions, count);
  const fileIds = packedFileIds === '' ? undefined : unpack(packedFileIds, count);
  const hashes = packedHashes === '' ? undefined : unpack(packedHashes, count);
  const records: (Recorded | undefined)[] = [];
  const isPlain = marks === '' && hashes === undefined;
  for (let row = 0; row < count; row++) {
    const mark = marks === '' ? PRESENT : marks[row];
    const revision = revisions[row] ?? '';
    const fileId = fileIds?.[row] ?? '';
    if (isPlain) records.push(fileId === '' ? { revision } : { revision, fileId });
    else records.push(mark === ABSENT ? undefined : fullRecord({ revision, fileId, hash: hashes?.[row] ?? '', behind: mark === BEHIND }));
  }
  return records;
}

function fullRecord({
  revision,
  fileId,
  hash,
  behind,
}: {
  readonly revision: string;
  readonly fileId: string;
  readonly hash: string;
  readonly behind: boolean;
}): Recorded {
  return { revision, ...(fileId !== '' && { fileId }), ...(hash !== '' && { hash }), ...(behind && { behind }) };
}

function pack(values: readonly string[]): Packed {
  const joined = values.join('|');
  if (joined.length === values.length - 1) return '';
  return values.some((value) => value.includes('|')) ? values : joined;
}

function unpack(packed: Packed, count: number): readonly string[] {
  const values = typeof packed === 'string' ? (packed === '' ? [] : packed.split('|')) : packed;
  if (values.length !== count && packed !== '') throw new TypeError(`a column of ${values.length} values for ${count} rows`);
  return values;
}
