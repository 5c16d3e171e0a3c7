import type { SyncResult } from '../../../sdk/project.ts';
import type { Broker } from '../../permissions/broker.ts';
import { type CommandContext, placeIn } from '../command-context.ts';
import { checkProject } from '../options/options.ts';
import type { PlannedRun } from './plan-file.ts';
import { announced } from '../run-project-tree.ts';
import { runSync } from '../run-sync.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { joinedResult } from '../wire-result.ts';

export interface ApplyOrder {
  readonly broker: Broker;
  readonly command: CommandContext;
  /** Show it, change nothing. */
  readonly simulation: boolean;
  /** Where a script asks for it: `photos.sync.ts:12:3`. */
  place(): string | undefined;
}

/**
 * Carries out what was planned, one project after another, each by a run that decides everything anew and does only what is decided as it was then. A plan is input like a
 * script: its options are checked and its roots are asked for. Rejects with ScriptCallError, having told the readers why. undefined: nothing was planned.
 */
export async function applyPlan(runs: readonly PlannedRun[], order: ApplyOrder): Promise<SyncResult | undefined> {
  const results: SyncResult[] = [];
  for (const run of runs) results.push(await applyRun(run, order));
  const [first, ...others] = results;
  return first === undefined ? undefined : joinedResult(first, others);
}

async function applyRun(run: PlannedRun, { broker, command, simulation, place }: ApplyOrder): Promise<SyncResult> {
  const { directory, projectFile, sources = [] } = run;
  for (const own of [projectFile, ...sources]) if (own !== undefined) command.ownFiles.sources.add(realPathOf(own));
  try {
    const raw = { ...run.options, ...command.commandLine, simulation };
    const checked = checkProject(raw, { ...placeIn(directory), projectFile, now: Date.now() });
    return (await runSync({ checked, projectFile, broker, command, silent: false, origin: { raw, directory, projectFile, sources }, planned: run }))
      .result;
  } catch (error) {
    throw announced(error, { command, place }, 'stop');
  }
}
