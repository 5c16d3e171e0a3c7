import type { BaselineRow, FileMark, Recorded } from '../engine/baseline.ts';
import { compareNames } from '../vfs/path.ts';

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
  const columns = at.map((marks) => ({ revisions: marks.map(({ revision }) => revision), fileIds: marks.map(({ fileId }) => fileId ?? '') }));
  return encodeAgreed({ names, kinds: '', columns });
}

/** Rows that every column has, and none of them behind or with a hash, as nearly all rows are: kept as columns, no object is made for a row. */
export interface AgreedRows {
  readonly names: readonly string[];
  /** A digit a row; `''`: all are files. */
  readonly kinds: string;
  readonly columns: readonly AgreedColumn[];
}
export interface AgreedColumn {
  readonly revisions: readonly string[];
  /** `''` where there is none. */
  readonly fileIds: readonly string[];
}

export function encodeAgreed({ names, kinds, columns }: AgreedRows): string {
  let text = `${JSON.stringify(names.join('/'))},"${isOnly(kinds, KIND_DIGITS.file) ? '' : kinds}"`;
  for (const { revisions, fileIds } of columns) text += `,${JSON.stringify(['', pack(revisions), pack(fileIds), ''] satisfies Column)}`;
  return `${text}]`;
}

/** What a line of rows says in columns: rows, or the names that are agreed to be gone. */
export type AgreedPart = AgreedRows | { readonly gone: readonly string[] };

/** undefined: not all `columnCount` columns have all rows, or there is more to say about some. Throws as `decodeRows` does. */
export function decodeAgreed(text: string, columnCount: number): AgreedPart | undefined {
  const [joined, kinds, ...packed] = JSON.parse(`[${text}`) as [string, string, ...Column[]];
  const names = joined.split('/');
  if (kinds.includes(REMOVED)) return isOnly(kinds, REMOVED) ? { gone: names } : undefined;
  if (packed.length !== columnCount) return undefined;
  const columns: AgreedColumn[] = [];
  for (const column of packed) {
    if (column === 0 || column[0] !== '' || column[3] !== '') return undefined;
    columns.push({ revisions: filled(column[1], names.length), fileIds: filled(column[2], names.length) });
  }
  return { names, kinds, columns };
}

/** All of it as one, sorted by name; what comes later counts. */
export function joinAgreed(parts: readonly AgreedPart[], columnCount: number): AgreedRows {
  const [first] = parts;
  if (first !== undefined && parts.length === 1 && 'names' in first) return first;
  const held = parts.filter((part) => 'names' in part);
  const place = new Map<string, number>();
  let end = 0;
  for (const part of parts) {
    if ('gone' in part) for (const name of part.gone) place.delete(name);
    else for (const name of part.names) place.set(name, end++);
  }
  const names = [...place.keys()].sort(compareNames);
  const order = names.map((name) => place.get(name) as number);
  const kinds = held.map((part) => part.kinds || KIND_DIGITS.file.repeat(part.names.length)).join('');
  const columns = Array.from({ length: columnCount }, (_, column) => {
    const revisions = held.flatMap((part) => part.columns[column]?.revisions ?? []);
    const fileIds = held.flatMap((part) => part.columns[column]?.fileIds ?? []);
    return { revisions: order.map((row) => revisions[row] as string), fileIds: order.map((row) => fileIds[row] as string) };
  });
  return { names, kinds: order.map((row) => kinds[row]).join(''), columns };
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

function filled(packed: Packed, count: number): readonly string[] {
  return packed === '' ? new Array<string>(count).fill('') : unpack(packed, count);
}

function unpack(packed: Packed, count: number): readonly string[] {
  const values = typeof packed === 'string' ? (packed === '' ? [] : packed.split('|')) : packed;
  if (values.length !== count && packed !== '') throw new TypeError(`a column of ${values.length} values for ${count} rows`);
  return values;
}
