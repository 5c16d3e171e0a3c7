import { formatValue } from './format-value.ts';
import type { ActionRecord, PlanSummary, SyncResult } from './project.ts';
import type { WirePlan } from './protocol.ts';
import { syncResultOf, withActions } from './sync-result.ts';
import { callHost, watched } from './transport.ts';

/** What `sync.plan` found: nothing was changed. */
export interface Plan {
  readonly id: string;
  readonly summary: PlanSummary;
  /** In the order in which they would be done. */
  readonly actions: ActionRecord[];
  /**
   * Writes it to a file, for `sync.apply` or `sxrun apply`. A plan keeps the options of its project, but no callbacks: what they said is in it. Of a script the last 20 plans can be saved.
   * Rejects with SyncError. In a simulation nothing is written.
   */
  save(url: string): Promise<void>;
}

export function planOf(wire: WirePlan): Plan {
  const save = (url: string) => watched('plan.save', async (stack) => void (await callHost('plan.save', { id: wire.id, url }, stack)));
  return withActions({ ...wire, save }, wire.actions);
}

/** See `sync.apply`. */
export function applyPlan(plan: Plan | string): Promise<SyncResult> {
  return watched('sync.apply', async (stack) => {
    if (typeof plan !== 'string' && typeof plan?.id !== 'string')
      throw new TypeError(
        `sync.apply wants a plan that sync.plan gave, or the path of a file that plan.save or sxrun plan wrote; it got ${formatValue(plan)}`,
      );
    const request = typeof plan === 'string' ? { url: plan } : { id: plan.id };
    return syncResultOf(await callHost('sync.apply', request, stack));
  });
}
