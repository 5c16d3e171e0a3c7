import type { ActionRecord } from '../../sdk/project.ts';
import { joinPath } from '../vfs/path.ts';
import type { ActionEvent, Emit } from './events.ts';
import type { NewFiles } from './new-files.ts';
import { type Change, NEW_FILE, type Step, sizeOf } from './plan.ts';

/** Tells the readers of the run about a step: when it is begun, or in a simulation. */
export function announce(change: Change, step: Step, emit: Emit): void {
  for (const action of goingWith(change, step)) emit({ type: 'action', from: undefined, ...action });
  emit({ type: 'action', from: undefined, ...actionOf(change, step), ...givingWayTo(step) });
}

function givingWayTo({ op, expected }: Step): Pick<ActionEvent, 'overwrites'> {
  const isOverwriting = (op === 'copy' || op === 'replace') && (expected.kind === 'file' || expected.kind === 'link');
  return isOverwriting ? { overwrites: expected.kind } : {};
}

/** As `announce` for the copies of one new file. */
export function announceNewFile(files: NewFiles, at: number, emit: Emit): void {
  const path = joinPath(files.directory, files.names[at] as string);
  const size = files.size(at);
  for (const to of files.to) emit({ type: 'action', from: files.from, op: 'copy', kind: 'file', path, to, reason: NEW_FILE, size });
}

/** A step as results show it. */
export function actionsOf(change: Change, step: Step): ActionRecord[] {
  return [...goingWith(change, step), actionOf(change, step)];
}

/** What a directory that is replaced by a leaf held: children before parents, like other removals. */
function goingWith(change: Change, { op, to, reason }: Step): ActionRecord[] {
  const below = op === 'replace' ? change.below?.get(to) : undefined;
  if (below === undefined) return [];
  return [...below].reverse().map(([path, { kind }]) => ({ op: 'remove', kind, path, to, reason: `goes with "${change.path}": ${reason}` }));
}

/** A move is shown at the path it comes from. */
function actionOf(change: Change, step: Step): ActionRecord {
  const isMove = step.op === 'move' && step.movedFrom !== undefined;
  const size = step.op === 'copy' || step.op === 'replace' ? sizeOf(change) : undefined;
  return {
    op: step.op,
    kind: change.kind,
    path: isMove && step.movedFrom !== undefined ? step.movedFrom : change.path,
    ...(change.from === undefined || isMove ? {} : { from: change.from }),
    to: step.to,
    reason: step.reason,
    ...(isMove ? { moved: change.path } : {}),
    ...(size === undefined ? {} : { size }),
  };
}
