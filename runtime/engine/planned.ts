import type { Problem } from '../../sdk/project.ts';
import { actionsOf } from './announce.ts';
import { allChanges, type Change, changeIdOf, type Plan, planOf } from './plan.ts';
import type { PlannedChange } from './sync-run.ts';

export function* plannedChanges(plan: Plan): Generator<PlannedChange> {
  for (const change of allChanges(plan)) {
    const actions = change.steps.flatMap((step) => (step.movedBy === undefined ? actionsOf(change, step) : []));
    yield { id: changeIdOf(change), path: change.path, actions };
  }
}

/** What of a plan made now was planned then, on the same versions; `drifted`: what was planned and is not to be done any more, or not so. */
export function asPlanned(
  plan: Plan,
  planned: readonly PlannedChange[],
): { readonly plan: Plan; readonly drifted: readonly Problem[]; readonly added: number } {
  const wanted = new Map(planned.map((change) => [change.id, change]));
  const chosen: Change[] = [];
  let added = 0;
  for (const change of allChanges(plan)) {
    if (wanted.delete(changeIdOf(change))) chosen.push(change);
    else added++;
  }
  const drifted = [...wanted.values()].map(
    ({ path }): Problem => ({ path, code: 'drifted', message: 'is not as it was when the plan was made: nothing was done' }),
  );
  return { plan: planOf(chosen, []), drifted, added };
}
