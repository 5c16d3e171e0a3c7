import assert from 'node:assert/strict';
import type { TreeOptions, TreesEnd } from '../kit/run.ts';
import { snapshot, type Place, type Tree } from '../kit/tree.ts';
import { modelRun } from './model.ts';
import { apply, literalOf, timeOf, type Scenario, type Twin } from './scenario.ts';
import type { ModelDatabase, ModelOptions, ModelOutcome } from './state.ts';

/** Where a scenario is played: the roots' places, and one run of the real engine over them. */
export interface Stage {
  readonly places: readonly Place[];
  run(options: TreeOptions): Promise<TreesEnd>;
  /** Times of edits are never equal: for places that cannot tell a rewrite of equal size and time. */
  readonly uniqueTimes: boolean;
}

/** Edits, runs, compares with the model, round after round; in the end a run must find nothing to do when no collision is left. */
export async function play({ options, rounds }: Scenario, stage: Stage): Promise<void> {
  const twins = stage.places.map((place, root): Twin => ({ place, sight: options.sight[root] ?? SEES_ALL, tree: new Map() }));
  const database: ModelDatabase = { rows: new Map(), joined: new Set() };
  let outcome: ModelOutcome | undefined;
  let edits = 0;
  for (const [round, each] of rounds.entries()) {
    for (const one of each) {
      const time = timeOf(one, round) + (stage.uniqueTimes ? ++edits * 7_000 : 0);
      await apply(twins[one.root] as Twin, one, time);
    }
    outcome = await playRun(twins, { database, options, stage }, `round ${round}`);
    if (outcome === undefined) return;
  }
  if (outcome === undefined || outcome.guarded || outcome.collisions.length > 0) return;
  // What one root without times gave to several got the time of each, which without a database looks like different versions, once.
  if (!options.syncDb && options.sight.some(({ times }) => !times)) await stage.run(treeOptions(options));
  const idle = await stage.run(treeOptions(options));
  // Without a database there is nothing to know it by, and that is said.
  const isUnknown = (line: string) => !options.syncDb && line.endsWith('(neither time nor size is known)');
  assert.deepEqual(
    idle.lines.filter((line) => !isUnknown(line)),
    [],
    'a last run found something to do',
  );
}

const SEES_ALL = { times: true, sizes: true };

interface Books {
  readonly database: ModelDatabase;
  readonly options: ModelOptions;
  readonly stage: Stage;
}

/** undefined: the scenario ends here. */
async function playRun(twins: readonly Twin[], { database, options, stage }: Books, title: string): Promise<ModelOutcome | undefined> {
  const end = await stage.run(treeOptions(options));
  const outcome = modelRun(
    twins.map((twin) => twin.tree),
    database,
    options,
  );
  const isGuarded = end.end === 'guarded';
  // How long what a root lost without consequence counts among the entries it had is not said; the guard may count longer, never shorter.
  if (isGuarded && !outcome.guarded && (await someRootIsEmpty(twins, options))) return undefined;
  const trees = await Promise.all(twins.map((twin) => snapshot(twin.place, { times: true })));
  for (const [root, twin] of twins.entries()) lookUpTimes(twin, trees[root] ?? {});
  const got = { trees: trees.map(sorted), collisions: isGuarded ? [] : [...end.collisions].sort(), guarded: isGuarded };
  const expected = { trees: twins.map((twin) => sorted(literalOf(twin.tree, twin.sight))), collisions: outcome.collisions, guarded: outcome.guarded };
  assert.deepEqual(got, expected, `${title}; the engine did: ${end.lines.join('; ')}`);
  assert.deepEqual(end.problems, [], `${title}: problems`);
  const sources = twins.filter((_, root) => options.targetOnly[root] !== true);
  /** Whether a changed copy of a file that all sources removed is shown once or at each run is not said. */
  const isHeld = (kept: string) => sources.some((twin) => twin.tree.has(kept.slice(0, kept.lastIndexOf('@'))));
  if (!outcome.guarded) assert.deepEqual(keptOf(end).filter(isHeld), outcome.kept.filter(isHeld), `${title}: kept`);
  return outcome;
}

/** What was written without a time has the one that it was written at. */
function lookUpTimes({ tree }: Twin, found: Tree): void {
  for (const [path, node] of tree) {
    const there = found[path];
    if (node.kind !== 'file' || node.time !== undefined || typeof there !== 'object' || there?.kind !== 'file') continue;
    tree.set(path, { ...node, time: Date.parse(there.modified ?? '') });
  }
}

/** Of what is in scope. */
async function someRootIsEmpty(twins: readonly Twin[], { excludeSuffix, killSuffix }: ModelOptions): Promise<boolean> {
  const isOut = (path: string) => [excludeSuffix, killSuffix].some((suffix) => suffix !== undefined && path.endsWith(suffix));
  const trees = await Promise.all(twins.map((twin) => snapshot(twin.place)));
  return trees.some((tree) => Object.keys(tree).every(isOut));
}

function sorted(tree: object): string[] {
  return Object.entries(tree)
    .map(([path, value]) => `${path} ${JSON.stringify(value)}`)
    .sort();
}

function keptOf(end: TreesEnd): string[] {
  return end.events.flatMap((event) => (event.type === 'kept' && event.counted ? [`${event.path}@${event.root}`] : [])).sort();
}

function treeOptions(options: ModelOptions): TreeOptions {
  return {
    syncRemove: options.syncRemove,
    mirror: options.mirror,
    onCollision: options.onCollision,
    compare: options.compare,
    evenTime: options.evenTime,
    lazyMkdir: options.lazyMkdir,
    excludeFiles: options.excludeSuffix === undefined ? [] : [`*${options.excludeSuffix}`],
    killFiles: options.killSuffix === undefined ? [] : [`*${options.killSuffix}`],
    ...(options.newerThan === undefined ? {} : { newerThan: new Date(options.newerThan).toISOString() }),
  };
}
