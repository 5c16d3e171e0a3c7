import type { BaselineDirectory, BaselineRow } from '../engine/baseline.ts';
import { type ColumnSummary, type DirectoryRows, summarize } from './directory-line.ts';
import type { MergedDirectory } from './merge-directories.ts';
import { decodeRows, encodeRows } from './row-columns.ts';

const NO_RECORDS: ColumnSummary = { digest: undefined, sameNamesAs: -1, fileCount: 0, entryCount: 0 };

/** What the roots of a run see of a directory; `columns`: theirs in the database, undefined for a root that it does not know. undefined when they have no record in it. */
export function baselineDirectory(merged: MergedDirectory, columns: readonly (number | undefined)[]): BaselineDirectory | undefined {
  const { summaries, rowsText } = 'line' in merged ? merged.line : textOf(merged.rebuilt);
  const own = columns.map((column) => (column === undefined ? NO_RECORDS : (summaries[column] ?? NO_RECORDS)));
  if (own.every(({ entryCount }) => entryCount === 0)) return undefined;
  return {
    path: merged.path,
    digests: settledDigests(own),
    fileCounts: own.map(({ fileCount }) => fileCount),
    entryCounts: own.map(({ entryCount }) => entryCount),
    rows: () => rowsOf(rowsText(), columns),
  };
}

function textOf(rebuilt: DirectoryRows): { readonly summaries: readonly ColumnSummary[]; readonly rowsText: () => string } {
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

/** Rows that only roots outside the run have are left out. */
function rowsOf(rowsText: string, columns: readonly (number | undefined)[]): ReadonlyMap<string, BaselineRow> {
  const { names, rows } = decodeRows(rowsText, columns);
  const byName = new Map<string, BaselineRow>();
  for (let i = 0; i < names.length; i++) {
    const row = rows[i];
    if (row?.at.some(isRecorded)) byName.set(names[i] ?? '', row);
  }
  return byName;
}

function isRecorded(recorded: unknown): boolean {
  return recorded !== undefined;
}
