import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { printable } from '../../printable.ts';
import { systemError, unwritableReason } from '../../vfs/system-error.ts';
import type { CommandContext } from '../command-context.ts';
import { formatPlanFile, parsePlanFile, type PlanFile, PlanFileError } from './plan-file.ts';
import type { PlanCollector } from './planned-runs.ts';

const CANNOT_BE_WRITTEN = 'cannot be written';

/** A plan that the command line names, and what stands for its content in remembered grants. Throws PlanFileError. */
export function readPlanFile(path: string): { readonly plan: PlanFile; readonly hash: string } {
  const bytes = orPlanError(path, 'cannot be read', () => readFileSync(path));
  return { plan: orPlanError(path, 'cannot be applied', () => parsePlanFile(bytes.toString('utf8'))), hash: hashOfPlan(bytes) };
}

export function hashOfPlan(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes what a simulated command would do to a new file, or over an older plan; never over anything else. Throws PlanFileError. */
export function savePlan(path: string, { runs, steps }: PlanCollector, { secrets, log }: CommandContext): void {
  const part = `${path}.${process.pid}.part`;
  orPlanError(path, CANNOT_BE_WRITTEN, () => {
    refuseOther(path);
    const text = formatPlanFile({ madeMs: Date.now(), runs, steps }, secrets.redact);
    try {
      writeFileSync(part, text, { flag: 'wx' });
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
  });
  log.tell({ type: 'detail', message: `the plan is in ${path}; sxrun apply does it` });
}

function refuseOther(path: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    parsePlanFile(text);
  } catch {
    throw new PlanFileError('it is there and is no plan; give another name');
  }
}

function orPlanError<Result>(path: string, what: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw new PlanFileError(`the plan ${printable(path)} ${what}: ${reasonOf(cause, what)}`, { cause });
  }
}

function reasonOf(cause: unknown, what: string): string {
  if (cause instanceof PlanFileError) return cause.message;
  return what === CANNOT_BE_WRITTEN ? unwritableReason(cause) : systemError(cause, '').message;
}
