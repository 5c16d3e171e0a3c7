import { Callbacks } from './callbacks.ts';
import type { Overrides, Project, SyncResult } from './project.ts';
import type { HostMethod, HostMethods, WireTarget } from './protocol.ts';
import { refuseOthers, serializeOptions, serializeTarget } from './serialize-project.ts';
import { letsGoOn, SyncError } from './sync-error.ts';
import { applyPlan, type Plan, planOf } from './plan.ts';
import { syncResultOf } from './sync-result.ts';
import { callHost, facts, simulates, watched } from './transport.ts';

type Target = Project | string;

let decided = false;

/** Whether the script has called `sync.do`, `sync.plan` or `sync.dontDo`, so that its default export is not run by itself. */
export function scriptDecided(): boolean {
  return decided;
}

/**
 * Runs a project, or the project file of that path (relative to the script's own file). `overrides` replace the project's options for this run.
 * Rejects with SyncError where the run was stopped. A list is run in order and gives a list of results; it ends at the first
 * project that is stopped, unless that one's `onError` says to go on: then it rejects with the first error at the end.
 */
function runSync(target: Target, overrides?: Overrides): Promise<SyncResult>;
function runSync(targets: readonly Target[], overrides?: Overrides): Promise<SyncResult[]>;
function runSync(target: Target | readonly Target[], overrides: Overrides = {}): Promise<SyncResult | SyncResult[]> {
  decided = true;
  return watched<SyncResult | SyncResult[]>('sync.do', (stack) =>
    isList(target) ? runInOrder(target, overrides, stack) : request('sync.do', target, overrides, stack).then(syncResultOf),
  );
}

/** Runs the default export of a script that calls nothing itself. */
export function runByItself(target: Target | readonly Target[]): Promise<unknown> {
  decided = true;
  return watched<unknown>('sync.do', (stack) =>
    isList(target) ? runInOrder(target, {}, stack) : request('sync.do', target, {}, stack, { figuresOnly: true }),
  );
}

/** Decides what `sync.do` would do, and changes nothing. Rejects with SyncError. */
function planSync(target: Target, overrides: Overrides = {}): Promise<Plan> {
  decided = true;
  return watched('sync.plan', async (stack) => planOf(await request('sync.plan', target, overrides, stack)));
}

function apply(plan: Plan | string): Promise<SyncResult> {
  decided = true;
  return applyPlan(plan);
}

/** The default export is not run by itself. */
function dontDo(): void {
  decided = true;
}

/** Synchronizing, and the facts of this run. */
export const sync = {
  /**
   * Runs a project, or the project file of that path (relative to the script's own file). Options in a second argument replace the project's for this run. Rejects with
   * SyncError where the run was stopped. A list is run in order and gives a list of results; it ends at the first project that is stopped, unless
   * that one's `onError` says to go on: then it rejects with the first error at the end.
   */
  do: runSync,
  /** Decides what `sync.do` would do, and changes nothing: the plan has its figures and every action with its reason. Rejects with SyncError. */
  plan: planSync,
  /**
   * Carries out a plan of `sync.plan`, or of a file (a path or another root URL). Everything is looked at and decided again: what is not just as it was when the plan was made is
   * not done and stands in `problems` (`drifted`), and what would be done besides is left for another run. The guard asks as for any run. Rejects with SyncError.
   */
  apply,
  /** The default export is not run by itself when the script is through. */
  dontDo,
  /**
   * True when nothing that the script calls changes anything: the command line asked for it (`-s`), the run that runs this file as a sub-project is a simulation,
   * or the script's own file has defined a project with `simulation: true`.
   */
  get simulation(): boolean {
    return simulates();
  },
  /** What stands after `--` on the command line. */
  get args(): readonly string[] {
    return facts().args;
  },
  /** Absolute path of the file that is run. */
  get projectFile(): string {
    return facts().projectFile;
  },
  /** Absolute path of its folder. */
  get projectDir(): string {
    return facts().projectDir;
  },
  /** False in plain Node. */
  get sandboxed(): boolean {
    return facts().sandboxed;
  },
};

async function runInOrder(targets: readonly Target[], overrides: Overrides, stack: string): Promise<SyncResult[]> {
  const results: SyncResult[] = [];
  const failures: unknown[] = [];
  refuseOthers(targets);
  for (const [index, target] of targets.entries()) {
    try {
      const later = index === 0 ? targets.slice(1) : [];
      results.push(syncResultOf(await request('sync.do', target, overrides, stack, { later })));
    } catch (error) {
      if (!letsGoOn(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Callbacks can be called until the answer is here. */
async function request<Method extends HostMethod>(
  method: Method,
  target: Target,
  overrides: Overrides,
  stack: string,
  { figuresOnly = false, later = [] }: { readonly figuresOnly?: boolean; readonly later?: readonly Target[] } = {},
): Promise<HostMethods[Method]['reply']> {
  const callbacks = new Callbacks();
  try {
    const wire = {
      target: serializeTarget(target, callbacks),
      overrides: serializeOptions(overrides, callbacks),
      ...(figuresOnly ? { figuresOnly: true as const } : {}),
      ...(later.length > 0 ? { later: later.flatMap((one) => serializedLater(one, callbacks)) } : {}),
    };
    return await callHost(method, wire, stack);
  } catch (error) {
    if (error instanceof SyncError) error.stack = stack;
    throw error;
  } finally {
    callbacks.forget();
  }
}

/** What is wrong with it is told when it is its turn. */
function serializedLater(target: Target, callbacks: Callbacks): readonly WireTarget[] {
  try {
    return [serializeTarget(target, callbacks)];
  } catch (error) {
    if (error instanceof SyncError) return [];
    throw error;
  }
}

function isList(target: Target | readonly Target[]): target is readonly Target[] {
  return Array.isArray(target);
}
