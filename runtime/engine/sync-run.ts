import type { FilterQuestions, FilterVerdicts } from '../../sdk/filter-protocol.ts';
import type { ActionRecord, Collision, CollisionChoice, SyncResult } from '../../sdk/project.ts';
import type { Vfs } from '../vfs/vfs.ts';
import type { Walk, WalkOptions } from '../vfs/walk.ts';
import type { ScopeRules } from '../vfs/scope.ts';
import type { RelPath } from '../vfs/path.ts';
import type { Baseline } from './baseline.ts';
import type { Emit } from './events.ts';

/**
 * `source`: the project, its modules, plans that are applied; overwritten only by an edit of a version that was agreed on. `written`: its databases and logs; never overwritten.
 */
export type OwnFiles = ReadonlyMap<RelPath, 'source' | 'written'>;

/** One root as the engine sees it: a file system, a way to read all of it, a role. */
export interface EngineRoot {
  readonly vfs: Vfs;
  readonly targetOnly: boolean;
  /** Directories (relative to this root) that are roots of this run themselves. */
  readonly innerRoots: readonly RelPath[];
  /** Files here that the run itself lives from: read like others, never removed. Absent: none. */
  readonly ownFiles?: OwnFiles;
  /** It swallows what it is given (`null:`), so that finding it empty is no sign of danger. */
  readonly alwaysEmpty?: true;
  /** What is done on the root is done on these first; those that are always empty are left out. Absent: none. */
  readonly shadows?: readonly Pick<Vfs, 'label' | 'list'>[];
  /** It has names, sizes and times of what its shadows hold, and no content. */
  readonly keepsNotes?: true;
  walk(options: WalkOptions): Walk;
}

/** The project's options, checked and with defaults applied. Times are ms, roots are indices. */
export interface Rules {
  readonly scope: ScopeRules;
  readonly newerThanMs: number | undefined;
  readonly syncRemove: boolean;
  readonly mirror: boolean;
  readonly compare: 'time' | 'size' | 'content';
  readonly evenTime: boolean;
  readonly timeShiftsMs: readonly number[];
  readonly lazyMkdir: boolean;
  readonly onCollision: 'report' | 'newest' | 'keepBoth' | ((collision: Collision) => Promise<CollisionChoice>);
  /** Both are asked in batches, and further ones before the answer to the first is here. */
  readonly isExclude: FilterBatch | undefined;
  readonly isExcludeDir: FilterBatch | undefined;
  /** false: file problems are reported and the run goes on. */
  readonly stopOnProblem: boolean;
  readonly guard: GuardLimits | undefined;
  readonly parallel: number | undefined;
}
export type FilterBatch = (questions: FilterQuestions) => Promise<FilterVerdicts>;

/** A share of the known files (0 … 1) or a number of files. */
export type GuardLimit = { readonly share: number } | { readonly files: number };
export interface GuardLimits {
  readonly maxRemove: GuardLimit;
  readonly maxOverwrite: GuardLimit;
  readonly minFiles: number;
}

/** Everything one `sync.do` needs. */
export interface SyncRun {
  readonly project: string;
  readonly roots: readonly EngineRoot[];
  readonly rules: Rules;
  readonly baseline: Baseline | undefined;
  readonly simulation: boolean;
  /** A plan that was made before: only what stands in it, and would be decided in the same way on the same versions now, is done. undefined: all. */
  readonly planned?: readonly PlannedChange[] | undefined;
  /** The plan id that the command line approved. */
  readonly approve: string | undefined;
  /** Flush the roots at the end even without a database. */
  readonly durable: boolean;
  /** First Ctrl-C: no new action is started. (The second one reaches the back ends, which drop what is in flight.) */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly emit: Emit;
}

/** A plan as it can be kept, to be carried out later. */
export interface Planned {
  /** As the guard's approval names it. */
  id(): string;
  /** In the order in which they would be done. */
  changes(): readonly PlannedChange[];
}

/** One change, by the versions that it was decided on. */
export interface PlannedChange {
  readonly id: string;
  readonly path: string;
  readonly actions: readonly ActionRecord[];
}

/** How a run ended. `result` holds what was done until then, whatever the end. */
export type SyncEnd =
  /** `plan`: what would be done; only of a simulation. */
  | { readonly end: 'finished'; readonly result: SyncResult; readonly plan?: Planned }
  | { readonly end: 'guarded'; readonly result: SyncResult; readonly plan: Planned; readonly planId: string; readonly reasons: readonly string[] }
  /** A file problem with `stopOnProblem`, or a root that failed as a whole. */
  | {
      readonly end: 'failed';
      readonly result: SyncResult;
      readonly code: string;
      readonly message: string;
      readonly path: RelPath | undefined;
      readonly root: number | undefined;
    }
  | { readonly end: 'interrupted'; readonly result: SyncResult };
