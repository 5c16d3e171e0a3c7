import type { ActionRecord } from '../../sdk/project.ts';
import type { Emit } from './events.ts';
import { type Change, type Step, sizeOf } from './plan.ts';

/** Tells the readers of the run about a step: when it is begun, or in a simulation. */
export function announce(change: Change, step: Step, emit: Emit): void {
  for (const action of goingWith(change, step)) emit({ type: 'action', from: undefined, ...action });
  emit({ type: 'action', from: undefined, ...actionOf(change, step) });
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
