import type { Stamp } from '../vfs/vfs.ts';
import type { BaselineRow, Recorded } from './baseline.ts';
import type { Change, Step } from './plan.ts';
import type { Held, Row } from './row.ts';

/**
 * How a step ended. `stamp` is what the root now has at the path; undefined for directories, links and removals. `bytes` is what was written where that was not
 * known before.
 */
export type StepOutcome = { readonly done: true; readonly stamp?: Stamp; readonly bytes?: number } | { readonly done: false };

/** What the database learns about a path on which all source roots agree. `kept` roots keep the record they have. */
export function agreedRow(row: Row, kept: readonly number[]): BaselineRow | undefined {
  const holder = row.at.find((held, root) => held !== undefined && held.kind !== 'other' && !kept.includes(root));
  if (holder === undefined || holder.kind === 'other') return row.baseline;
  const at = row.at.map((held, root) => {
    if (kept.includes(root) || held?.kind === 'other') return row.baseline?.at[root];
    return held === undefined ? undefined : recordedOf(held, row.hashes?.[root]);
  });
  return { kind: holder.kind, at };
}

/**
 * What the database learns when a change was carried out, in whole or in part: undefined to forget the path, `'as-is'` to leave its row alone.
 * A root whose step failed is recorded as behind, so that the next run brings it the agreed version.
 */
export function rowAfter(change: Change, outcomes: ReadonlyMap<Step, StepOutcome>): BaselineRow | undefined | 'as-is' {
  const { row, from, steps } = change;
  const done = steps.filter((step) => outcomes.get(step)?.done === true);
  if (from === undefined) return done.length === 0 ? 'as-is' : rowAfterRemoval(change, done);
  // A path that is of two kinds now is decided again as a whole, from the record it had.
  const isHalfReplaced = steps.some((step) => step.op === 'replace' && !done.includes(step));
  if (isHalfReplaced || (done.length === 0 && row.baseline !== undefined)) return 'as-is';
  // A record of the former kind would look like a removal of the new one.
  const known = row.baseline?.kind === change.kind ? row.baseline.at : [];
  const at = row.at.map((held, root) => {
    const step = steps.find(({ to }) => to === root);
    const outcome = step === undefined ? undefined : outcomes.get(step);
    if (outcome?.done) return recordedStep(change, from, outcome.stamp);
    if (step !== undefined) return behind(held, known[root]);
    if (change.kept.includes(root) || held === undefined || held.kind === 'other') return known[root];
    return recordedOf(held, row.hashes?.[root]);
  });
  return { kind: change.kind, at };
}

/**
 * Where it is gone, nothing is recorded any more: whoever puts it back has a new file. Whoever still has it is behind, so that the removal is not forgotten.
 */
function rowAfterRemoval({ kind, row }: Change, done: readonly Step[]): BaselineRow | undefined {
  const at = row.at.map((held, root) => {
    const known = row.baseline?.at[root];
    const isGone = held === undefined || done.some(({ to }) => to === root);
    return isGone || known === undefined ? undefined : { ...known, behind: true as const };
  });
  return at.some((recorded) => recorded !== undefined) ? { kind: row.baseline?.kind ?? kind, at } : undefined;
}

function recordedStep({ kind, row }: Change, from: number, stamp: Stamp | undefined): Recorded {
  if (kind === 'directory') return { revision: '' };
  const source = row.at[from];
  if (kind === 'link') return { revision: source?.kind === 'link' ? source.target : '' };
  return withHash({ revision: stamp?.revision ?? '', ...(stamp?.fileId === undefined ? {} : { fileId: stamp.fileId }) }, row.hashes?.[from]);
}

export function recordedOf(held: Exclude<Held, { kind: 'other' }>, hash: string | undefined): Recorded {
  switch (held.kind) {
    case 'directory':
      return { revision: '' };
    case 'link':
      return { revision: held.target };
    case 'file':
      return withHash({ revision: held.revision, ...(held.fileId === undefined ? {} : { fileId: held.fileId }) }, hash);
  }
}

/** True when recording `next` would tell the database nothing new. A new identity alone (an inode) is no change. */
export function isSameRow(known: BaselineRow | undefined, next: BaselineRow | undefined): boolean {
  if (known === undefined || next === undefined) return known === next;
  if (known.kind !== next.kind) return false;
  return next.at.every((recorded, root) => {
    const before = known.at[root];
    if (recorded === undefined || before === undefined) return recorded === before;
    return recorded.revision === before.revision && recorded.behind === before.behind && (recorded.hash ?? before.hash) === before.hash;
  });
}

function behind(held: Held | undefined, known: Recorded | undefined): Recorded | undefined {
  if (known !== undefined) return { ...known, behind: true };
  return held === undefined || held.kind === 'other' ? undefined : { ...recordedOf(held, undefined), behind: true };
}

function withHash(recorded: Recorded, hash: string | undefined): Recorded {
  return hash === undefined ? recorded : { ...recorded, hash };
}
