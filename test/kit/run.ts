import { askAll } from '../../sdk/filter-round.ts';
import type { FilterEntry, FilterVerdict } from '../../sdk/project.ts';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { synchronize } from '../../runtime/engine/sync.ts';
import type { EngineRoot, FilterBatch, GuardLimits, OwnFiles, Rules, SyncEnd, SyncRun } from '../../runtime/engine/sync-run.ts';
import type { RelPath } from '../../runtime/vfs/path.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';
import { Clock } from './clock.ts';
import { faultyVfs, type World } from './faulty-vfs.ts';
import type { MemoryDatabase } from './memory-baseline.ts';

/** A project's options as its author would give them, as far as the engine acts on them. */
export interface TreeOptions
  extends Partial<Pick<Rules, 'syncRemove' | 'mirror' | 'compare' | 'evenTime' | 'lazyMkdir' | 'onCollision' | 'parallel'>> {
  readonly excludeFiles?: readonly string[];
  readonly includeFiles?: readonly string[];
  readonly excludeDirs?: readonly string[];
  readonly includeDirs?: readonly string[];
  readonly killFiles?: readonly string[];
  readonly ignoreCase?: boolean;
  readonly symlinks?: 'ignore' | 'copy' | 'follow';
  readonly isExclude?: (path: RelPath, entry: FilterEntry) => FilterVerdict | Promise<FilterVerdict>;
  readonly isExcludeDir?: (path: RelPath, entry: FilterEntry) => FilterVerdict | Promise<FilterVerdict>;
  /** ISO time. */
  readonly newerThan?: string;
  /** Minutes. */
  readonly ignoreTimeShifts?: readonly number[];
  /** Default: the run goes on, so that a story sees all that is left. */
  readonly onError?: 'stop' | 'continue-files';
  readonly guard?: Partial<GuardLimits> | false;
}

export interface TreeRoot {
  readonly vfs: Vfs;
  readonly targetOnly?: boolean;
  readonly innerRoots?: readonly RelPath[];
  readonly ownFiles?: OwnFiles;
  /** What the database knows the root by; default its label. */
  readonly key?: string;
  readonly walk?: EngineRoot['walk'];
  readonly alwaysEmpty?: true;
  /** Those that `vfs` repeats its actions on, for the guard. */
  readonly shadows?: readonly Vfs[];
  readonly keepsNotes?: true;
}

export interface TreesRun {
  readonly roots: readonly (Vfs | TreeRoot)[];
  readonly options?: TreeOptions;
  readonly database?: MemoryDatabase;
  readonly baseline?: SyncRun['baseline'];
  readonly simulation?: boolean;
  readonly approve?: string;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  /** Every call of every root, and every commit, goes through it. */
  readonly world?: World;
  /** Sees every event as it comes. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** What a run left to look at. `lines` are its actions in words, in plan order: `copy a.txt 0>1 (missing)`. */
export interface TreesEnd {
  readonly end: SyncEnd['end'];
  readonly whole: SyncEnd;
  readonly result: SyncEnd['result'];
  readonly events: readonly RunEvent[];
  readonly lines: readonly string[];
  /** Unresolved collisions' paths. */
  readonly collisions: readonly RelPath[];
  /** `path@root` of what was left alone with a reason. */
  readonly kept: readonly string[];
  /** `path@root code` of problems. */
  readonly problems: readonly string[];
}

export const DEFAULT_GUARD: GuardLimits = { maxRemove: { share: 0.5 }, maxOverwrite: { share: 0.5 }, minFiles: 10 };

/** Runs the real engine over file systems, as `project/` would, without bundling and without a command line. */
export async function syncTrees(run: TreesRun): Promise<TreesEnd> {
  const events: RunEvent[] = [];
  const roots = run.roots.map(asTreeRoot);
  const whole = await synchronize({
    project: 'test',
    roots: roots.map((root, index) => engineRoot(root, index, run.world)),
    rules: rulesOf(run.options ?? {}),
    baseline:
      run.baseline ??
      run.database?.open(
        roots.map((root) => root.key ?? root.vfs.label),
        run.world,
        roots.flatMap((root, index) => (root.targetOnly ? [index] : [])),
      ),
    simulation: run.simulation === true,
    approve: run.approve,
    durable: false,
    signal: run.signal ?? new AbortController().signal,
    now: run.now ?? new Clock('2026-06-01T00:00:00Z').now,
    emit: (event) => {
      events.push(event);
      run.onEvent?.(event);
    },
  });
  const { result } = whole;
  return {
    end: whole.end,
    whole,
    result,
    events,
    lines: result.actions.map((action) => {
      const roots = action.from === undefined ? `${action.to}` : `${action.from}>${action.to}`;
      const moved = action.moved === undefined ? '' : ` to ${action.moved}`;
      return `${action.op} ${action.path}${moved} ${roots} (${action.reason})`;
    }),
    collisions: result.collisions.filter((collision) => collision.resolved === undefined).map((collision) => collision.path),
    kept: events.flatMap((event) => (event.type === 'kept' ? [`${event.path}@${event.root}`] : [])),
    problems: result.problems.map((problem) => `${problem.path}@${problem.root ?? '-'} ${problem.code}`),
  };
}

export function rulesOf(options: TreeOptions): Rules {
  const guard = options.guard === false ? undefined : { ...DEFAULT_GUARD, ...options.guard };
  return {
    scope: {
      excludeFiles: options.excludeFiles ?? [],
      includeFiles: options.includeFiles ?? [],
      excludeDirs: options.excludeDirs ?? [],
      includeDirs: options.includeDirs ?? [],
      killFiles: options.killFiles ?? [],
      ignoreCase: options.ignoreCase ?? false,
      links: options.symlinks ?? 'ignore',
    },
    newerThanMs: options.newerThan === undefined ? undefined : Date.parse(options.newerThan),
    syncRemove: options.syncRemove ?? false,
    mirror: options.mirror ?? false,
    compare: options.compare ?? 'time',
    evenTime: options.evenTime ?? false,
    timeShiftsMs: (options.ignoreTimeShifts ?? []).map((minutes) => minutes * 60_000),
    lazyMkdir: options.lazyMkdir ?? false,
    onCollision: options.onCollision ?? 'report',
    isExclude: batched(options.isExclude),
    isExcludeDir: batched(options.isExcludeDir),
    stopOnProblem: options.onError === 'stop',
    guard,
    parallel: options.parallel,
  };
}

function batched(callback: TreeOptions['isExclude']): FilterBatch | undefined {
  if (callback === undefined) return undefined;
  const refuse = (answer: unknown, path: string): never => {
    throw new TypeError(`${String(answer)} for ${path}`);
  };
  return async (questions) => askAll(questions, (path, entry) => callback(path, (entry as FilterEntry & { toJSON(): FilterEntry }).toJSON()), refuse);
}

function asTreeRoot(root: Vfs | TreeRoot): TreeRoot {
  return 'vfs' in root ? root : { vfs: root };
}

function engineRoot(root: TreeRoot, index: number, world: World | undefined): EngineRoot {
  const vfs = world === undefined ? root.vfs : faultyVfs(root.vfs, world, index);
  return {
    vfs,
    targetOnly: root.targetOnly === true,
    innerRoots: root.innerRoots ?? [],
    ...(root.ownFiles === undefined ? {} : { ownFiles: root.ownFiles }),
    walk: root.walk ?? ((options) => walkByListing(vfs, options)),
    ...(root.alwaysEmpty ? { alwaysEmpty: true as const } : {}),
    ...(root.shadows === undefined ? {} : { shadows: root.shadows }),
    ...(root.keepsNotes ? { keepsNotes: true as const } : {}),
  };
}
