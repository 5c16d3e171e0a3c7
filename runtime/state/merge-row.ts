import type { BaselineRow, Recorded } from '../engine/baseline.ts';

/** A row with a column for every root the database knows, whether it takes part in the run or not. */
export type StoredRow = BaselineRow;

/** The columns of a run's roots, and which of these roots (by index in the run) only receive. */
export interface RunColumns {
  readonly columns: readonly number[];
  readonly targets: readonly number[];
}

/**
 * What becomes of a row when a run records `change` in the columns of its own roots (undefined: by agreement nothing is there).
 * The columns of roots that were left out of the run, which may still hold any version, follow this table. "Had the agreed version" means: a source root with a record that is not behind;
 * what a root that only receives was given by others says nothing about what the sources of this run have seen.
 *
 * | some root of the run had the agreed version before, and | a left-out root's record |
 * |---|---|
 * | it, and the kind, are recorded unchanged | stays |
 * | one of them now has another revision, is behind or has nothing | becomes behind: the root gets the new agreement when it is back (or loses the file, unless it changed it) |
 * | the kind changed | goes: what the root has there is compared afresh, and a difference is a collision |
 *
 * | no root of the run had the agreed version before, and | a left-out root's record |
 * |---|---|
 * | the run records nothing at all | stays |
 * | the run records something, the left-out root was behind | stays behind: its version had been replaced by agreement before |
 * | the run records something, the left-out root was not behind | goes: the two versions never met, so neither may overwrite the other unasked |
 *
 * A left-out root without record stays without. The row is gone (undefined) when no root has a record.
 */
export function mergeRow(prior: StoredRow | undefined, change: BaselineRow | undefined, run: RunColumns, columnCount: number): StoredRow | undefined {
  const runColumns = run.columns;
  if (columnCount === runColumns.length && change !== undefined && isIdentity(runColumns)) return hasRecords(change) ? change : undefined;
  const at: (Recorded | undefined)[] = new Array(columnCount).fill(undefined);
  const fate = fateOfLeftOut(prior, change, run);
  const leftOutKind = prior?.kind;
  for (let column = 0; column < columnCount; column++) {
    const index = runColumns.indexOf(column);
    at[column] = index >= 0 ? change?.at[index] : leftOutRecord(prior?.at[column], fate);
  }
  const kind = change?.at.some((one) => one !== undefined) ? change.kind : leftOutKind;
  const row = kind === undefined ? undefined : { kind, at };
  return row !== undefined && hasRecords(row) ? row : undefined;
}

type Fate = 'stays' | 'behind' | 'goes' | 'goes-unless-behind';

function fateOfLeftOut(prior: StoredRow | undefined, change: BaselineRow | undefined, { columns, targets }: RunColumns): Fate {
  if (prior === undefined) return 'stays';
  const recordsNothing = change === undefined || !hasRecords(change);
  if (!recordsNothing && change.kind !== prior.kind) return 'goes';
  const agreed = columns
    .map((column, run) => (targets.includes(run) ? undefined : { before: prior.at[column], now: change?.at[run] }))
    .filter((one) => one !== undefined)
    .filter(({ before }) => before && !before.behind);
  if (agreed.length === 0) return recordsNothing ? 'stays' : 'goes-unless-behind';
  return agreed.some(({ before, now }) => now === undefined || now.behind || now.revision !== before?.revision) ? 'behind' : 'stays';
}

function leftOutRecord(record: Recorded | undefined, fate: Fate): Recorded | undefined {
  if (record === undefined || fate === 'goes') return undefined;
  if (fate === 'behind') return { ...record, behind: true };
  return fate === 'goes-unless-behind' && !record.behind ? undefined : record;
}

function hasRecords(row: BaselineRow): boolean {
  for (const recorded of row.at) if (recorded !== undefined) return true;
  return false;
}

/** A run's roots are the first ones that the database knows, in its order. */
export function isIdentity(columns: readonly number[]): boolean {
  return columns.every((column, index) => column === index);
}
