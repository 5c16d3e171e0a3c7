import type { DirectoryListing } from '../vfs/walk.ts';
import { ENTRY_FILE } from '../vfs/walk.ts';
import type { BaselineRow } from './baseline.ts';
import type { View } from './march.ts';
import { timeToleranceMs } from './relation.ts';
import type { DecideRules, Held } from './row.ts';

const NO_NAMES: readonly string[] = [];

/**
 * Merges the sorted names of one directory of all roots and of the database. `indices` holds the entry's index in each root's listing, -1 where
 * the root lacks it; the array is reused, so that a million names in agreement cost no object.
 */
export function eachName({ listings, known }: View, visit: NameVisit): void {
  mergeNames(listings, known?.rows(), visit);
}

/** The same without what the database knows, which costs reading it. */
export function eachListedName({ listings }: View, visit: NameVisit): void {
  mergeNames(listings, undefined, visit);
}

type NameVisit = (name: string, indices: readonly number[], recorded: BaselineRow | undefined) => void;

function mergeNames(listings: View['listings'], rows: ReadonlyMap<string, BaselineRow> | undefined, visit: NameVisit): void {
  const lists: (readonly string[])[] = [];
  const heads: number[] = [];
  const indices: number[] = [];
  // Not by map(): optimized, it makes arrays of another kind, and all that looks at them in this hot loop would be optimized again.
  for (const listing of listings) {
    lists.push(listing?.names() ?? NO_NAMES);
    heads.push(0);
    indices.push(-1);
  }
  const knownNames = rows === undefined ? NO_NAMES : [...rows.keys()];
  let known = 0;
  for (;;) {
    let name = knownNames[known];
    for (let root = 0; root < lists.length; root++) {
      const head = lists[root]?.[heads[root] as number];
      if (head !== undefined && (name === undefined || head < name)) name = head;
    }
    if (name === undefined) return;
    for (let root = 0; root < lists.length; root++) {
      const index = heads[root] as number;
      const isHere = lists[root]?.[index] === name;
      indices[root] = isHere ? index : -1;
      if (isHere) heads[root] = index + 1;
    }
    const isRecorded = knownNames[known] === name;
    if (isRecorded) known++;
    visit(name, indices, isRecorded ? rows?.get(name) : undefined);
  }
}

export function heldAt(listings: readonly (DirectoryListing | undefined)[], indices: readonly number[]): (Held | undefined)[] {
  return indices.map((index, root) => (index < 0 ? undefined : listings[root]?.entry(index)));
}

/**
 * True when every root has the name as a file of the same size and a time within the tolerance, read straight from the packed listings.
 * A shortcut of `decide` for runs that compare by time and size without a database; it must never say more than `decide` would.
 */
export function areAlike(listings: readonly (DirectoryListing | undefined)[], indices: readonly number[], toleranceMs: number): boolean {
  const first = listings[0];
  const at = indices[0] as number;
  if (first === undefined || at < 0 || first.kind(at) !== ENTRY_FILE) return false;
  const size = first.size(at);
  let oldest = first.modifiedMs(at);
  let newest = oldest;
  for (let root = 1; root < listings.length; root++) {
    const listing = listings[root];
    const index = indices[root] as number;
    if (listing === undefined || index < 0 || listing.kind(index) !== ENTRY_FILE || listing.size(index) !== size) return false;
    const modifiedMs = listing.modifiedMs(index);
    oldest = Math.min(oldest, modifiedMs);
    newest = Math.max(newest, modifiedMs);
  }
  // NaN (a time that is not known) fails the comparison, and decide() looks at it.
  return newest - oldest <= toleranceMs;
}

/**
 * True when every root has the file that it had when all agreed, read straight from the packed listings. A shortcut of `decide` for runs with a database; it must
 * never say more than `decide` would. `asRecorded`: roots, as bits, that are known to have just what is recorded in this directory.
 */
export function areAsAgreed(
  listings: readonly (DirectoryListing | undefined)[],
  indices: readonly number[],
  row: BaselineRow,
  asRecorded: number,
): boolean {
  if (row.kind !== 'file') return false;
  for (let root = 0; root < listings.length; root++) {
    const recorded = row.at[root];
    const listing = listings[root];
    const index = indices[root] as number;
    if (recorded === undefined || recorded.behind || listing === undefined || index < 0) return false;
    if ((asRecorded & (1 << root)) !== 0) continue;
    if (listing.kind(index) !== ENTRY_FILE || listing.revision(index) !== recorded.revision) return false;
  }
  return true;
}

/** The tolerance for `areAlike`; undefined when names that look alike everywhere need a decision all the same (a database, another comparison, no times). */
export function alikeToleranceMs(rules: DecideRules): number | undefined {
  if (rules.database || rules.compare !== 'time') return undefined;
  // The strictest of any pair, so that the shortcut never says more than decide() would.
  const tolerances = rules.roots.flatMap((_, a) => rules.roots.map((_, b) => (a === b ? Number.POSITIVE_INFINITY : timeToleranceMs(a, b, rules))));
  return tolerances.includes(undefined) ? undefined : Math.min(...(tolerances as number[]));
}
