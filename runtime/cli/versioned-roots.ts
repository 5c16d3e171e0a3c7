import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VersionsOrder } from '../tools/versions.ts';
import { parseArguments } from './parse-arguments.ts';
import type { ProcessContext } from './process-context.ts';
import { runCommand } from './run-command.ts';
import { UsageError } from './usage-error.ts';

/** A root of a project that keeps versions, and which ones stay there. */
export interface KeepingRoot {
  readonly order: VersionsOrder;
  readonly rules: ReturnType<typeof import('../project/options/version-options.ts').keepRulesOf>;
}

/**
 * What a project file says about the old versions of its roots, for all that its script synchronizes: the script is run as a simulation, with the permissions of a run.
 * A number: the exit code of a simulation that failed, and has said why. Throws `UsageError` where no root has rules.
 */
export async function versionedRootsOf(file: string, patterns: readonly string[], context: ProcessContext): Promise<readonly KeepingRoot[] | number> {
  const line = parseArguments(['-q', '-s', file], context.currentDir, new Date());
  if (line.kind !== 'run') throw new UsageError(`${file} is no project file`);
  const folder = mkdtempSync(join(tmpdir(), 'sxrun-versions-'));
  try {
    const planFile = join(folder, 'plan.json');
    const code = await runCommand({ ...line.run, planFile }, context);
    if (code > 1) return code;
    const [{ readPlanFile }, { keepingRoots }] = await Promise.all([
      import('../project/plans/saved-plan.ts'),
      import('../project/options/version-options.ts'),
    ]);
    const roots = readPlanFile(planFile).plan.runs.flatMap((run) =>
      keepingRoots(run.options).map(({ rules, ...root }) => ({ order: { ...root, currentDir: run.directory, patterns }, rules })),
    );
    if (roots.length === 0)
      throw new UsageError(`no root of ${file} keeps versions by rules (option "versions.keep"); say what stays: --keep-last 3 …`);
    return roots;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
