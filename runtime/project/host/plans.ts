import * as z from 'zod/mini';
import type { PlanMethods } from '../../../sdk/protocol.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { parseRootAddress } from '../../vfs/root-address-parse.ts';
import { placeIn } from '../command-context.ts';
import { applyPlan } from '../plans/apply-plan.ts';
import { formatPlanFile, parsePlanFile, PlanFileError, type PlannedRun } from '../plans/plan-file.ts';
import { emptyResult, wireResultOf } from '../wire-result.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
import { atPlaces } from './xfile-places.ts';
import { readWhole } from './xfile-read.ts';
import { writeText } from './xfile-write.ts';

const planWants = 'a plan that sync.plan gave, or the path of a file that plan.save or sxrun plan wrote';
const id = z.string({ error: planWants });
const url = z.string({ error: 'the path of a file or another root URL' }).check(z.minLength(1, { error: 'the path of a file or another root URL' }));

/** A plan of a million files takes less. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Plans that are done later. */
export const planFunctions: HostFunctions<keyof PlanMethods> = {
  'plan.save': {
    request: z.strictObject({ id, url }),
    async run(request, context) {
      const run = planOf(request.id, context);
      const text = orPlanFailure(`the plan ${printable(request.url)} cannot be written`, request.url, () =>
        formatPlanFile({ madeMs: Date.now(), runs: [run], steps: [] }, context.command.secrets.redact),
      );
      await writeText({ url: request.url, text }, context);
      noteOwnFile(request.url, context);
      return null;
    },
  },
  'sync.apply': {
    request: z.union([z.strictObject({ id }), z.strictObject({ url })], { error: planWants }),
    async run(request, context, place) {
      const runs = 'id' in request ? [planOf(request.id, context)] : await runsIn(request.url, context);
      const { broker, command, simulation } = context;
      const result = await applyPlan(runs, { broker, command, simulation, place });
      if (result !== undefined) context.addResult(result);
      return wireResultOf(result ?? emptyResult('', simulation));
    },
  },
};

/** From now on no run of this command removes or overwrites the file. */
function noteOwnFile(url: string, { command, directory }: HostContext): void {
  const { layers, base } = parseRootAddress(url, placeIn(directory));
  if (layers.length === 0 && base.kind === 'local') command.ownFiles.written.add(realPathOf(base.path));
}

function planOf(wanted: string, { plans }: HostContext): PlannedRun {
  const plan = plans.find(wanted);
  if (plan !== undefined) return plan;
  throw new ScriptCallError({ code: 'plan', message: `this script has no plan ${printable(wanted)} (any more): of its plans the last 20 are kept` });
}

async function runsIn(file: string, context: HostContext): Promise<readonly PlannedRun[]> {
  const bytes = await atPlaces([{ url: file, access: 'read', itself: false }], context, (place) => readWhole(place, MOST_BYTES, context));
  return orPlanFailure(`${printable(file)} cannot be applied`, file, () => parsePlanFile(bytes.toString('utf8')).runs);
}

function orPlanFailure<Result>(what: string, path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PlanFileError)) throw error;
    throw new ScriptCallError({ code: 'plan', message: `${what}: ${error.message}`, path });
  }
}
