import type { Collision, CollisionChoice } from '../../../sdk/project.ts';
import type { FilterBatch, Rules } from '../../engine/sync-run.ts';
import type { RelPath } from '../../vfs/path.ts';
import type { CheckedProject } from './options.ts';
import { Callback } from './wire-options.ts';

/** What the options cannot say: how the project's callbacks are called, and whether one of the roots ignores case. */
export interface RuleParts {
  filter(callback: Callback): FilterBatch;
  collision(callback: Callback): (collision: Collision) => Promise<CollisionChoice>;
  readonly ignoreCase: boolean;
  /** Paths below the roots of files that the run itself writes. */
  readonly ownPaths: readonly RelPath[];
}

/** The engine's rules for a checked project. */
export function rulesOf(project: CheckedProject, parts: RuleParts): Rules {
  const { folder } = project.versions;
  return {
    scope: {
      excludeFiles: project.excludeFiles,
      includeFiles: project.includeFiles,
      excludeDirs: project.excludeDirs,
      includeDirs: project.includeDirs,
      killFiles: project.killFiles,
      ignoreCase: parts.ignoreCase,
      links: project.symlinks,
      ownPaths: parts.ownPaths,
      ...(folder === undefined ? {} : { versionFolder: folder }),
    },
    newerThanMs: project.newerThanMs,
    syncRemove: project.syncRemove,
    mirror: project.mirror,
    compare: project.compare,
    evenTime: project.evenTime,
    timeShiftsMs: project.timeShiftsMs,
    lazyMkdir: project.lazyMkdir,
    onCollision: project.onCollision instanceof Callback ? parts.collision(project.onCollision) : project.onCollision,
    isExclude: project.isExclude && parts.filter(project.isExclude),
    isExcludeDir: project.isExcludeDir && parts.filter(project.isExcludeDir),
    stopOnProblem: project.onError === 'stop',
    guard: project.guard,
    parallel: project.parallel,
  };
}
