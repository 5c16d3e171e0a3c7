import type { Collision, Problem } from '../../sdk/project.ts';
import type { RelPath } from '../vfs/path.ts';
import type { BaselineRow } from './baseline.ts';
import { emptyCensus, type RootCensus } from './census.ts';
import type { Decision, Kept } from './decision.ts';
import type { Arrivals, Change } from './plan.ts';
import type { Row } from './row.ts';

/** What one look at all roots and the database gave. Nothing was changed to get it. */
export interface Findings {
  readonly changes: Change[];
  /** Further changes, in the order they were found. */
  readonly arrivals: Arrivals[];
  /** In sync on all source roots, and the database does not know it yet. */
  readonly agreements: { readonly path: RelPath; readonly row: BaselineRow }[];
  /** Gone on all roots of the run: an agreement. */
  readonly gone: RelPath[];
  /** Out of scope now, with all below: forgotten, whoever has it. */
  readonly outOfScope: RelPath[];
  readonly collisions: { readonly row: Row; readonly decision: Extract<Decision, { kind: 'collision' }> }[];
  readonly resolved: Collision[];
  readonly kept: (Kept & { readonly path: RelPath })[];
  readonly problems: Problem[];
  /** By root: what dead runs left behind. */
  readonly leftovers: readonly RelPath[][];
  readonly census: readonly RootCensus[];
  /** By root: the names at its top that are in scope; none where no root has shadows, since nobody asks. */
  namesAtTop: readonly (readonly string[])[];
}

export function noFindings(rootCount: number): Findings {
  const eachRoot = <T>(make: () => T): T[] => Array.from({ length: rootCount }, make);
  return {
    changes: [],
    arrivals: [],
    agreements: [],
    gone: [],
    outOfScope: [],
    collisions: [],
    resolved: [],
    kept: [],
    problems: [],
    leftovers: eachRoot(() => []),
    census: eachRoot(emptyCensus),
    namesAtTop: eachRoot(() => []),
  };
}
