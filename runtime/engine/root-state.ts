import type { Recorded } from './baseline.ts';
import type { DecideRules, Held, Row } from './row.ts';

/**
 * What became of a path on one root since the database last saw it (section 3 of semantics.md).
 * `joining`: the database does not know this root's files yet, so its file joins by section 2.
 */
export type RootState = 'unchanged' | 'modified' | 'created' | 'removed' | 'never' | 'joining';

export function stateOf(root: number, row: Row, rules: DecideRules): RootState {
  const held = row.at[root];
  const recorded = row.baseline?.at[root];
  if (recorded === undefined) {
    if (held === undefined) return 'never';
    return rules.roots[root]?.joined ? 'created' : 'joining';
  }
  if (held === undefined) return 'removed';
  return isAsRecorded(held, row.baseline?.kind, recorded, rules.compare === 'content' ? row.hashes?.[root] : undefined) ? 'unchanged' : 'modified';
}

/**
 * By agreement nobody has it any more: whoever still does was left out of that run, or its removal failed, and is behind. False while the agreed version is on a
 * root that is left out of this run.
 */
export function wasAgreedToGo(row: Row): boolean {
  const { baseline } = row;
  if (baseline === undefined || baseline.agreedElsewhere) return false;
  return baseline.at.every((recorded) => recorded === undefined || recorded.behind === true);
}

export function isAsRecorded(held: Held, kind: 'file' | 'directory' | 'link' | undefined, recorded: Recorded, hash: string | undefined): boolean {
  if (held.kind !== kind) return false;
  if (held.kind === 'directory') return true;
  if (held.kind === 'link') return held.target === recorded.revision;
  return recorded.hash !== undefined && hash !== undefined ? recorded.hash === hash : held.revision === recorded.revision;
}
