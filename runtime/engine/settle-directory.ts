import { type DirectoryDecision, type Frame, hasRoot, type RootSet, rootSet } from './ancestry.ts';
import type { BaselineRow } from './baseline.ts';
import type { Change, Step } from './plan.ts';
import { expectedOf } from './plan.ts';
import { agreedRow, isSameRow } from './record.ts';
import type { DecideRules, Row } from './row.ts';
import type { Findings } from './findings.ts';

type DirectoryRemoval = Extract<DirectoryDecision, { kind: 'remove-directory' }>;

interface Settling {
  readonly lazyMkdir: boolean;
  readonly rules: DecideRules;
}

/** What becomes of a directory, now that all below it is decided. Its parent learns what remains and what is needed. */
export function settleDirectory(frame: Frame, parent: Frame | undefined, survey: Findings, settling: Settling): void {
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
      make(row, decision.from, decision.on, frame, parent, survey, settling);
      return;
    case 'remove-directory':
      if (frame.needed !== 0 && decision.leaves.length > 0)
        replaceLeaves(row, { ...decision, from: decision.on[0] ?? 0, make: decision.lacking, on: decision.leaves }, frame, parent, survey, settling);
      else if (frame.needed !== 0) make(row, decision.on[0] ?? 0, decision.lacking, frame, parent, survey, settling);
      else remove(row, decision, frame, parent, survey);
      return;
    case 'leaf-becomes-directory':
      replaceLeaves(row, decision, frame, parent, survey, settling);
      return;
    case 'directory-becomes-leaf':
      giveWay(frame, parent, survey);
      return;
  }
}

function make(
  row: Row,
  from: number,
  lacking: readonly number[],
  frame: Frame,
  parent: Frame | undefined,
  survey: Findings,
  settling: Settling,
): void {
  const on = settling.lazyMkdir ? lacking.filter((root) => hasRoot(frame.needed, root)) : lacking;
  hand(parent, rootSet(on), frame.holders | rootSet(on));
  if (on.length === 0) {
    const known = agreedRow(row, []);
    if (settling.rules.database && known !== undefined && !isSameRow(row.baseline, known)) survey.agreements.push({ path: row.path, row: known });
    return;
  }
  survey.changes.push(
    change(
      row,
      'directory',
      from,
      on.map((root) => step('make', root, 'missing', row)),
    ),
  );
}

interface LeavesReplaced {
  readonly from: number;
  /** Where a leaf is replaced, and where nothing is. */
  readonly on: readonly number[];
  readonly make: readonly number[];
  readonly reason: string;
}

function replaceLeaves(row: Row, leaves: LeavesReplaced, frame: Frame, parent: Frame | undefined, survey: Findings, settling: Settling): void {
  const { from, on, reason } = leaves;
  const missing = settling.lazyMkdir ? leaves.make.filter((root) => hasRoot(frame.needed, root)) : leaves.make;
  const steps = [...on.map((root) => step('replace', root, reason, row)), ...missing.map((root) => step('make', root, 'missing', row))];
  survey.changes.push(change(row, 'directory', from, steps));
  const all = rootSet([...on, ...missing]);
  hand(parent, all, frame.holders | all);
}

function remove(row: Row, decision: DirectoryRemoval, frame: Frame, parent: Frame | undefined, survey: Findings): void {
  const { on, leaves, reason } = decision;
  const going = on.filter((root) => !hasRoot(frame.remains, root));
  const staying = on.filter((root) => hasRoot(frame.remains, root));
  for (const root of staying) {
    survey.kept.push({ path: row.path, root, reason: `${reason}, but stays: it holds what is not to be removed`, counted: false });
  }
  hand(parent, 0, rootSet(staying));
  if (leaves.length > 0) {
    const steps = leaves.map((root) => step('remove', root, reason, row));
    survey.changes.push({ ...change(row, 'file', 0, steps), from: undefined, kept: on });
  }
  if (going.length === 0) {
    agreeOnStaying(row, staying, survey);
    return;
  }
  const steps = going.map((root) => step('remove', root, reason, row));
  survey.changes.push({ ...change(row, 'directory', 0, steps), from: undefined, kept: staying });
}

/** Nobody else has it (any more): whoever makes it again makes a new one. */
function agreeOnStaying(row: Row, staying: readonly number[], survey: Findings): void {
  if (row.baseline === undefined) return;
  const next: BaselineRow = { kind: 'directory', at: row.at.map((_, root) => (staying.includes(root) ? { revision: '', behind: true } : undefined)) };
  if (!isSameRow(row.baseline, next)) survey.agreements.push({ path: row.path, row: next });
}

function giveWay(frame: Frame, parent: Frame | undefined, survey: Findings): void {
  const { intent, givingWay } = frame;
  if (intent?.decision.kind !== 'directory-becomes-leaf' || givingWay === undefined) return;
  const { row, decision } = intent;
  if (givingWay.obstacle !== undefined) {
    hand(parent, 0, rootSet(row.at.flatMap((held, root) => (held === undefined ? [] : [root]))));
    const reason = `file and directory: ${decision.reason}, but ${givingWay.obstacle}`;
    survey.collisions.push({ row, decision: { kind: 'collision', reason, contenders: [] } });
    return;
  }
  if (decision.leftAlone) {
    hand(parent, 0, rootSet(row.at.flatMap((held, root) => (held === undefined ? [] : [root]))));
    return;
  }
  const steps: Step[] = [
    ...decision.on.map((root) => step('replace', root, decision.reason, row)),
    ...decision.to.map(({ root, reason }) => step('copy', root, reason, row)),
  ];
  const kind = row.at[decision.from]?.kind === 'link' ? 'link' : 'file';
  survey.changes.push({ ...change(row, kind, decision.from, steps), below: givingWay.below });
  for (const [root, files] of givingWay.files.entries()) survey.replacedFiles[root] = (survey.replacedFiles[root] ?? 0) + files;
  hand(parent, rootSet(steps.map(({ to }) => to)), rootSet([decision.from, ...steps.map(({ to }) => to)]));
}

function hand(parent: Frame | undefined, needed: RootSet, remains: RootSet): void {
  if (parent === undefined) return;
  parent.needed |= needed;
  parent.remains |= remains;
}

function step(op: Step['op'], to: number, reason: string, row: Row): Step {
  return { op, to, reason, expected: expectedOf(row.at[to]) };
}

function change(row: Row, kind: Change['kind'], from: number, steps: Step[]): Change {
  return { path: row.path, kind, row, from, sourcePath: row.path, steps, kept: [] };
}
