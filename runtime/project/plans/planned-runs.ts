import type { CollisionChoice } from '../../../sdk/project.ts';
import type { Json } from '../../../sdk/protocol.ts';
import type { Planned } from '../../engine/sync-run.ts';
import type { RawOptions } from '../options/option-layers.ts';
import type { CheckedProject } from '../options/options.ts';
import type { PlannedRun } from './plan-file.ts';
import { Callback } from '../options/wire-options.ts';

/** Where a checked project comes from. */
export interface ProjectOrigin {
  /** Its options before the check, all layers merged. */
  readonly raw: RawOptions;
  /** Relative paths in it start here. */
  readonly directory: string;
  readonly projectFile: string | undefined;
  /** Project files and their modules. Real paths. */
  readonly sources: readonly string[];
}

/** What a saved plan says by itself: as a run of its own, as an absolute time or path, by what was decided. */
const NOT_KEPT: ReadonlySet<string> = new Set(['name', 'subSyncs', 'simulation', 'newerThan', 'syncDb', 'isExclude', 'isExcludeDir']);

/** A simulated run in the form in which it can be saved. */
export function plannedRunOf(
  checked: CheckedProject,
  { raw, directory, projectFile, sources }: ProjectOrigin,
  plan: Planned,
  choices: ReadonlyMap<string, CollisionChoice>,
): PlannedRun {
  const kept = Object.entries(raw).filter(([option, value]) => !NOT_KEPT.has(option) && !(value instanceof Callback));
  return {
    name: checked.name,
    directory,
    projectFile,
    sources,
    options: {
      ...(Object.fromEntries(kept) as { [option: string]: Json }),
      name: checked.name,
      syncDb: checked.syncDb ?? false,
      ...(checked.newerThanMs === undefined ? {} : { newerThan: checked.newerThanMs }),
    },
    choices: Object.fromEntries(choices),
    changes: plan.changes(),
  };
}

/** Collects what a whole simulated command would do (`sxrun plan`). */
export class PlanCollector {
  readonly runs: PlannedRun[] = [];
  readonly steps: string[] = [];
}

/** How many plans of one script are kept for `plan.save` and `sync.apply`. */
const MOST_KEPT = 20;

/** The plans that a script has made, by their ids. */
export class KeptPlans {
  readonly #plans = new Map<string, () => PlannedRun>();

  keep(id: string, plan: () => PlannedRun): void {
    this.#plans.delete(id);
    this.#plans.set(id, plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MOST_KEPT && oldest !== undefined) this.#plans.delete(oldest);
  }

  /** undefined: no plan of this script has that id, or it was too long ago. */
  find(id: string): PlannedRun | undefined {
    return this.#plans.get(id)?.();
  }
}
