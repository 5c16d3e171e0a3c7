import type { PlanSummary } from '../../sdk/project.ts';
import type { RelPath } from '../vfs/path.ts';
import { hasRoot } from './ancestry.ts';
import type { Execution } from './execute.ts';
import type { NewFiles } from './new-files.ts';
import { type Change, changeOf, itemsOf, type Step, sizeOf } from './plan.ts';
import type { Proposal } from './propose.ts';

export type Figures = Omit<PlanSummary, 'collisions' | 'problems'>;
type EachStep = (change: Change, step: Step) => void;

/**
 * Counts paths, and bytes written; without an execution what would be done, else what was done. `each` is called for every step that
 * counts, in plan order. Without a proposal nothing was decided.
 */
export function summarize(proposal: Proposal | undefined, execution: Execution | undefined, each?: EachStep): Figures {
  const figures: Figures = { copied: 0, removed: 0, made: 0, moved: 0, kept: 0, bytes: 0 };
  if (proposal === undefined) return figures;
  figures.kept = new Set(proposal.findings.kept.filter(({ counted }) => counted).map(({ path }) => path)).size;
  /** What went with directories that a leaf replaced. */
  const gone = new Set<RelPath>();
  for (const item of itemsOf(proposal.plan)) {
    if (item.kind === 'new-files') addNewFiles(figures, item, execution, each);
    else addChange(figures, item, { execution, each, gone });
  }
  figures.removed += gone.size;
  return figures;
}

interface Counting {
  readonly execution: Execution | undefined;
  readonly each: EachStep | undefined;
  readonly gone: Set<RelPath>;
}

function addChange(figures: Figures, change: Change, { execution, each, gone }: Counting): void {
  const ops = new Set<Step['op']>();
  for (const step of change.steps) {
    const outcome = execution?.outcomes.get(step);
    if (step.movedBy !== undefined || (execution !== undefined && outcome?.done !== true)) continue;
    each?.(change, step);
    ops.add(step.op);
    if (step.op === 'copy' || step.op === 'replace') figures.bytes += (outcome?.done ? outcome.bytes : undefined) ?? sizeOf(change);
    if (step.op === 'replace') for (const path of change.below?.get(step.to)?.keys() ?? []) gone.add(path);
  }
  if (ops.has('copy') || (ops.has('replace') && change.kind !== 'directory')) figures.copied++;
  if (ops.has('move')) figures.moved++;
  if (ops.has('make') || (ops.has('replace') && change.kind === 'directory')) figures.made++;
  if (ops.has('remove')) figures.removed++;
}

function addNewFiles(figures: Figures, files: NewFiles, execution: Execution | undefined, each: EachStep | undefined): void {
  const arrived = execution?.arrived.get(files);
  if (execution !== undefined && arrived === undefined) return;
  const isOn = (root: number, at: number): boolean => arrived === undefined || hasRoot(arrived[at] as number, root);
  for (let at = 0; at < files.names.length; at++) {
    let roots = 0;
    for (const root of files.to) if (isOn(root, at)) roots++;
    if (roots === 0) continue;
    figures.copied++;
    figures.bytes += files.size(at) * roots;
    if (each === undefined) continue;
    const change = changeOf(files, at);
    for (const step of change.steps) if (isOn(step.to, at)) each(change, step);
  }
}
