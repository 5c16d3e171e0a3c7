import type { PlanSummary } from '../../sdk/project.ts';
import type { RelPath } from '../vfs/path.ts';
import type { Execution } from './execute.ts';
import { allChanges, type Change, type Step, sizeOf } from './plan.ts';
import type { Proposal } from './propose.ts';

export type Figures = Omit<PlanSummary, 'collisions' | 'problems'>;

/**
 * Counts paths, and bytes written; without an execution what would be done, else what was done. `each` is called for every step that
 * counts, in plan order. Without a proposal nothing was decided.
 */
export function summarize(proposal: Proposal | undefined, execution: Execution | undefined, each: (change: Change, step: Step) => void): Figures {
  const figures: Figures = { copied: 0, removed: 0, made: 0, moved: 0, kept: 0, bytes: 0 };
  if (proposal === undefined) return figures;
  figures.kept = new Set(proposal.findings.kept.filter(({ counted }) => counted).map(({ path }) => path)).size;
  /** What went with directories that a leaf replaced. */
  const gone = new Set<RelPath>();
  for (const change of allChanges(proposal.plan)) {
    const ops = new Set<Step['op']>();
    for (const step of change.steps) {
      if (step.movedBy !== undefined || (execution !== undefined && execution.outcomes.get(step)?.done !== true)) continue;
      each(change, step);
      ops.add(step.op);
      if (step.op === 'copy' || step.op === 'replace') figures.bytes += sizeOf(change);
      if (step.op === 'replace') for (const path of change.below?.get(step.to)?.keys() ?? []) gone.add(path);
    }
    if (ops.has('copy') || (ops.has('replace') && change.kind !== 'directory')) figures.copied++;
    if (ops.has('move')) figures.moved++;
    if (ops.has('make') || (ops.has('replace') && change.kind === 'directory')) figures.made++;
    if (ops.has('remove')) figures.removed++;
  }
  figures.removed += gone.size;
  return figures;
}
