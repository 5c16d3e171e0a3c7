import type { Collision, CollisionChoice } from '../../sdk/project.ts';
import type { FilterBatch, Rules } from '../engine/sync-run.ts';
import type { CheckedProject } from './options.ts';

/** What the engine cannot find in the options: the project's callbacks, and whether one of the roots ignores case. */
export interface RuleParts {
  readonly isExclude: FilterBatch | undefined;
  readonly isExcludeDir: FilterBatch | undefined;
  readonly onCollision: ((collision: Collision) => Promise<CollisionChoice>) | undefined;
  readonly ignoreCase: boolean;
}

/** The engine's rules for a checked project. */
export function rulesOf(project: CheckedProject, parts: RuleParts): Rules {
  return {
    scope: {
      excludeFiles: project.excludeFiles,
      includeFiles: project.includeFiles,
      excludeDirs: project.excludeDirs,
      includeDirs: project.includeDirs,
      killFiles: project.killFiles,
      ignoreCase: parts.ignoreCase,
      links: project.symlinks,
    },
    newerThanMs: project.newerThanMs,
    syncRemove: project.syncRemove,
    mirror: project.mirror,
    compare: project.compare,
    evenTime: project.evenTime,
    timeShiftsMs: project.timeShiftsMs,
    lazyMkdir: project.lazyMkdir,
    onCollision: parts.onCollision ?? project.onCollision,
    isExclude: parts.isExclude,
    isExcludeDir: parts.isExcludeDir,
    stopOnProblem: project.onError === 'stop',
    guard: project.guard,
    parallel: project.parallel,
  };
}
