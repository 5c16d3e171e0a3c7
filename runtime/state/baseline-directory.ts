import type { BaselineDirectory, BaselineRow } from '../engine/baseline.ts';
import { type ColumnSummary, type DirectoryRows, summarize, summarizeAgreed } from './directory-line.ts';
import type { MergedDirectory } from './merge-directories.ts';
import { type AgreedRows, decodeRows, encodeAgreed, encodeRows } from './row-columns.ts';

const NO_RECORDS: ColumnSummary = { digest: undefined, sameNamesAs: -1, fileCount: 0, entryCount: 0 };

/** What the roots of a run see of a directory; `columns`: theirs in the database, undefined for a root that it does not know. undefined when they have no record in it. */
export function baselineDirectory(merged: MergedDirectory, columns: readonly (number | undefined)[]): BaselineDirectory | undefined {
  const { summaries, rowsText } = 'line' in merged ? merged.line : 'agreed' in merged ? agreedText(merged.agreed) : textOf(merged.rebuilt);
  const own = columns.map((column) => (column === undefined ? NO_RECORDS : (summaries[column] ?? NO_RECORDS)));
  if (own.every(({ entryCount }) => entryCount === 0)) return undefined;
  return {
    path: merged.path,
    digests: settledDigests(own),
    fileCounts: own.map(({ fileCount }) => fileCount),
    entryCounts: own.map(({ entryCount }) => entryCount),
    rows: () => rowsOf(rowsText(), columns, othersIn(summaries, columns)),
  };
}

interface RowsText {
  readonly summaries: readonly ColumnSummary[];
  readonly rowsText: () => string;
}

function agreedText(agreed: AgreedRows): RowsText {
  return { summaries: summarizeAgreed(agreed), rowsText: () => encodeAgreed(agreed) };
}

function textOf(rebuilt: DirectoryRows): RowsText {
  const columnCount = Math.max(0, ...rebuilt.rows.map((row) => row.at.length));
  return { summaries: summarize(rebuilt, columnCount), rowsText: () => encodeRows(rebuilt.names, rebuilt.rows, columnCount) };
}

function settledDigests(own: readonly ColumnSummary[]): readonly string[] | undefined {
  const digests: string[] = [];
  for (const { digest, sameNamesAs } of own) {
    if (digest === undefined || sameNamesAs !== own[0]?.sameNamesAs) return undefined;
    digests.push(digest);
  }
  return digests;
}

/** Columns of roots outside the run that have a record in the directory. */
function othersIn(summaries: readonly ColumnSummary[], columns: readonly (number | undefined)[]): readonly number[] {
  return [...summaries.keys()].filter((column) => !columns.includes(column) && (summaries[column]?.entryCount ?? 0) > 0);
}

/** Rows that only roots outside the run have are left out. */
function rowsOf(rowsText: string, columns: readonly (number | undefined)[], others: readonly number[]): ReadonlyMap<string, BaselineRow> {
  const { names, rows } = decodeRows(rowsText, [...columns, ...others]);
  const byName = new Map<string, BaselineRow>();
  for (let i = 0; i < names.length; i++) {
    const row = rows[i];
    const own = others.length === 0 ? row : row && withoutOthers(row, columns.length);
    if (own?.at.some(isRecorded)) byName.set(names[i] ?? '', own);
  }
  return byName;
}

function withoutOthers({ kind, at }: BaselineRow, own: number): BaselineRow {
  const agreedElsewhere = at.slice(own).some((recorded) => recorded !== undefined && !recorded.behind);
  return { kind, at: at.slice(0, own), ...(agreedElsewhere ? { agreedElsewhere } : {}) };
}

function isRecorded(recorded: unknown): boolean {
  return recorded !== undefined;
}
