import { expectedOf } from '../vfs/expected.ts';
import { type DirectoryDecision, type Frame, hasRoot, holdersOf, type RootSet, rootSet } from './ancestry.ts';
import type { BaselineRow } from './baseline.ts';
import type { Change, Step } from './plan.ts';
import { agreedRow, isSameRow } from './record.ts';
import type { Row } from './row.ts';
import type { Findings } from './findings.ts';

type DirectoryMaking = Extract<DirectoryDecision, { kind: 'make-directory' }>;
type DirectoryRemoval = Extract<DirectoryDecision, { kind: 'remove-directory' }>;
type LeavesReplaced = Extract<DirectoryDecision, { kind: 'leaf-becomes-directory' }>;
type GivenWay = Extract<DirectoryDecision, { kind: 'directory-becomes-leaf' }>;

/** A directory that the march leaves, and where what becomes of it is noted. */
export interface Leaving {
  readonly frame: Frame;
  /** undefined for the root directory. */
  readonly parent: Frame | undefined;
  readonly findings: Findings;
  readonly lazyMkdir: boolean;
  readonly database: boolean;
}

/** What becomes of a directory, now that all below it is decided. Its parent learns what remains and what is needed. */
export function settleDirectory(leaving: Leaving): void {
  const { frame, parent } = leaving;
  const { intent } = frame;
  if (parent !== undefined && parent.givingWay === frame.givingWay && frame.givingWay !== undefined) return;
  if (intent === undefined || frame.unknown || parent?.suspended) {
    hand(parent, 0, frame.holders);
    return;
  }
  const { row, decision } = intent;
  switch (decision.kind) {
    case 'leave-alone':
      hand(parent, 0, frame.holders);
      return;
    case 'make-directory':
      make(row, decision, leaving);
      return;
    case 'remove-directory':
      if (frame.needed === 0) remove(row, decision, leaving);
      else keepForContent(row, decision, leaving);
      return;
    case 'leaf-becomes-directory':
      replaceLeaves(row, decision, leaving);
      return;
    case 'directory-becomes-leaf':
      giveWay(row, decision, leaving);
      return;
  }
}

/** Something is going to be put into it: it is made again where it lacks. */
function keepForContent(row: Row, { on, lacking, leaves, reason }: DirectoryRemoval, leaving: Leaving): void {
  const from = on[0] ?? 0;
  if (leaves.length > 0) replaceLeaves(row, { from, on: leaves, make: lacking, reason }, leaving);
  else make(row, { from, on: lacking }, leaving);
}

function make(
  row: Row,
  { from, on: lacking }: Pick<DirectoryMaking, 'from' | 'on'>,
  { frame, parent, findings, lazyMkdir, database }: Leaving,
): void {
  const on = lazyMkdir ? lacking.filter((root) => hasRoot(frame.needed, root)) : lacking;
  hand(parent, rootSet(on), frame.holders | rootSet(on));
  if (on.length === 0) {
    const known = agreedRow(row, []);
    if (database && known !== undefined && !isSameRow(row.baseline, known)) findings.agreements.push({ path: row.path, row: known });
    return;
  }
  const steps = on.map((root) => step('make', root, 'missing', row));
  findings.changes.push(change(row, 'directory', from, steps));
}

/** `on`: where a leaf is replaced; `make`: where nothing is. */
function replaceLeaves(row: Row, leaves: Omit<LeavesReplaced, 'kind'>, { frame, parent, findings, lazyMkdir }: Leaving): void {
  const { from, on, reason } = leaves;
  const missing = lazyMkdir ? leaves.make.filter((root) => hasRoot(frame.needed, root)) : leaves.make;
  const steps = [...on.map((root) => step('replace', root, reason, row)), ...missing.map((root) => step('make', root, 'missing', row))];
  findings.changes.push(change(row, 'directory', from, steps));
  const all = rootSet([...on, ...missing]);
  hand(parent, all, frame.holders | all);
}

function remove(row: Row, decision: DirectoryRemoval, { frame, parent, findings }: Leaving): void {
  const { on, leaves, reason } = decision;
  const going = on.filter((root) => !hasRoot(frame.remains, root));
  const staying = on.filter((root) => hasRoot(frame.remains, root));
  for (const root of staying) {
    findings.kept.push({ path: row.path, root, reason: `${reason}, but stays: it holds what is not to be removed`, counted: false });
  }
  hand(parent, 0, rootSet(staying));
  if (leaves.length > 0) {
    const steps = leaves.map((root) => step('remove', root, reason, row));
    findings.changes.push({ ...change(row, 'file', 0, steps), from: undefined, kept: on });
  }
  if (going.length === 0) {
    agreeOnStaying(row, staying, findings);
    return;
  }
  const steps = going.map((root) => step('remove', root, reason, row));
  findings.changes.push({ ...change(row, 'directory', 0, steps), from: undefined, kept: staying });
}

/** Nobody else has it (any more): whoever makes it again makes a new one. */
function agreeOnStaying(row: Row, staying: readonly number[], findings: Findings): void {
  if (row.baseline === undefined) return;
  const next: BaselineRow = { kind: 'directory', at: row.at.map((_, root) => (staying.includes(root) ? { revision: '', behind: true } : undefined)) };
  if (!isSameRow(row.baseline, next)) findings.agreements.push({ path: row.path, row: next });
}

function giveWay(row: Row, decision: GivenWay, { frame, parent, findings }: Leaving): void {
  const { givingWay } = frame;
  if (givingWay === undefined) return;
  if (givingWay.obstacle !== undefined) {
    hand(parent, 0, holdersOf(row.at));
    const reason = `file and directory: ${decision.reason}, but ${givingWay.obstacle}`;
    findings.collisions.push({ row, decision: { kind: 'collision', reason, contenders: [] } });
    return;
  }
  if (decision.leftAlone) {
    hand(parent, 0, holdersOf(row.at));
    return;
  }
  const steps: Step[] = [
    ...decision.on.map((root) => step('replace', root, decision.reason, row)),
    ...decision.to.map(({ root, reason }) => step('copy', root, reason, row)),
  ];
  const kind = row.at[decision.from]?.kind === 'link' ? 'link' : 'file';
  findings.changes.push({ ...change(row, kind, decision.from, steps), below: givingWay.below });
  hand(parent, rootSet(steps.map(({ to }) => to)), rootSet([decision.from, ...steps.map(({ to }) => to)]));
}

function hand(parent: Frame | undefined, needed: RootSet, remains: RootSet): void {
  if (parent === undefined) return;
  parent.needed |= needed;
  parent.remains |= remains;
}

function step(op: Step['op'], to: number, reason: string, row: Row): Step {
  return { op, to, reason, expected: expectedOf(row.at[to], row.path) };
}

function change(row: Row, kind: Change['kind'], from: number, steps: Step[]): Change {
  return { path: row.path, kind, row, from, sourcePath: row.path, steps, kept: [] };
}
