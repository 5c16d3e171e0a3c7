import fc from 'fast-check';
import { edit, file, move, put, remove, touch, type Place, type Tree } from '../kit/tree.ts';
import {
  childrenOf,
  makeParents,
  newVersion,
  parentPath,
  removeBelow,
  type ModelNode,
  type ModelOptions,
  type ModelTree,
  type Sight,
} from './state.ts';

/** What a user does to one root between two runs; `pick` chooses among what is there. */
export interface Edit {
  readonly act: 'modify' | 'create' | 'touch' | 'remove' | 'move' | 'turn' | 'make';
  readonly root: number;
  readonly pick: number;
  readonly path: string;
  readonly content: string;
  readonly seconds: number;
}
export interface Scenario {
  readonly options: ModelOptions;
  readonly rounds: readonly (readonly Edit[])[];
}
/** The same trees twice: as the engine sees them and as the model does. */
export interface Twin {
  readonly place: Place;
  readonly sight: Sight;
  readonly tree: ModelTree;
}

const EPOCH = Date.parse('2025-01-01T00:00:00Z');

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 0, maxLength: 2 })
  .chain((folders) => fc.constantFrom('a', 'b', 'c', 'd', 'n.tmp', 'k.kill').map((name) => [...folders, name].join('/')));

function edits(rootCount: number, acts: readonly Edit['act'][], most: number): fc.Arbitrary<Edit[]> {
  const one = fc.record({
    act: fc.constantFrom(...acts),
    root: fc.nat(rootCount - 1),
    pick: fc.nat(50),
    path,
    content: fc.constantFrom('', 'x', 'y', 'zz', 'ww', 'long'),
    seconds: fc.constantFrom(0, 1, 60, 120, 3600, 7200),
  });
  return fc.array(one, { maxLength: most });
}

const ACTS: readonly Edit['act'][] = ['modify', 'modify', 'create', 'create', 'touch', 'remove', 'remove', 'move', 'turn', 'make'];

function options(rootCount: number): fc.Arbitrary<ModelOptions> {
  const rarely = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined, freq: 4 });
  const perRoot = { minLength: rootCount, maxLength: rootCount };
  const sees = (weight: number) => fc.oneof({ weight, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
  const made = fc.record({
    sight: fc.oneof(
      { weight: 1, arbitrary: fc.constant(Array.from({ length: rootCount }, () => ({ times: true, sizes: true }))) },
      { weight: 1, arbitrary: fc.array(fc.record({ times: sees(2), sizes: sees(2) }), perRoot) },
    ),
    targetOnly: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }), perRoot),
    syncDb: fc.boolean(),
    syncRemove: fc.boolean(),
    mirror: fc.boolean(),
    onCollision: fc.constantFrom('report', 'report', 'newest') as fc.Arbitrary<'report' | 'newest'>,
    compare: fc.constantFrom('time', 'time', 'time', 'size', 'content') as fc.Arbitrary<ModelOptions['compare']>,
    evenTime: fc.boolean(),
    lazyMkdir: fc.boolean(),
    newerThan: rarely(EPOCH + 90_000),
    excludeSuffix: rarely('.tmp'),
    killSuffix: rarely('.kill'),
  });
  return made.map((drawn) => ({
    ...drawn,
    targetOnly: drawn.targetOnly.every(Boolean) ? drawn.targetOnly.map((_, root) => root > 0) : drawn.targetOnly,
    syncDb: drawn.syncDb || drawn.syncRemove,
    compare: drawn.compare === 'content' && (drawn.syncDb || drawn.syncRemove) ? 'time' : drawn.compare,
  }));
}

/**
 * Where files of equal size and unequal content may count as equal, or equal ones keep unequal times because several roots changed them alike, a rename on one root
 * is a rename on the others too, each of its own content and time: the model, which knows no moves, would have to know them.
 */
function withoutUnprovableMoves(scene: Scenario): Scenario {
  const isChanged = scene.rounds.some((edits) => edits.some((one) => one.act === 'modify' || one.act === 'touch'));
  const isExact = !scene.options.evenTime && scene.options.compare === 'time' && !isChanged;
  const isSeen = scene.options.sight.every(({ times, sizes }) => times && sizes);
  return (isExact && isSeen) || !scene.options.syncRemove
    ? scene
    : { ...scene, rounds: scene.rounds.map((edits) => edits.filter((one) => one.act !== 'move')) };
}

const anyScenario: fc.Arbitrary<Scenario> = fc.integer({ min: 2, max: 4 }).chain((rootCount) =>
  fc.record({
    options: options(rootCount),
    rounds: fc.tuple(
      edits(rootCount, ['create', 'create', 'create', 'make'], 9),
      edits(rootCount, ACTS, 5),
      edits(rootCount, ACTS, 5),
      edits(rootCount, ACTS, 5),
    ),
  }),
);

/** Which of a file and a directory is older is no question of section 2, so what turns from one into the other is left out where age decides what is left alone. */
function withoutAgelessTurns(scene: Scenario): Scenario {
  if (scene.options.newerThan === undefined) return scene;
  return { ...scene, rounds: scene.rounds.map((edits) => edits.filter((one) => one.act !== 'turn')) };
}

export const scenario = anyScenario.map(withoutUnprovableMoves).map(withoutAgelessTurns);

/** The time of an edit in a round: contents of one size never have the same, those of different sizes may. */
export function timeOf(one: Edit, round: number): number {
  const isSecondOfItsSize = one.content === 'y' || one.content === 'ww';
  return EPOCH + round * 50_000 + one.seconds * 1000 + (isSecondOfItsSize ? 100 : 0);
}

/** Does one edit on both, `time` being the file's new one; an edit that makes no sense here is left out. */
export async function apply(twin: Twin, one: Edit, time: number): Promise<void> {
  const { tree, place: where } = twin;
  const modified = new Date(time).toISOString();
  const files = [...tree]
    .filter(([, node]) => node.kind === 'file')
    .map(([each]) => each)
    .sort();
  const chosen = choose(one.act === 'modify' || one.act === 'touch' ? files : [...tree.keys()].sort(), one.pick);
  const fresh: ModelNode = { kind: 'file', content: one.content, time, version: newVersion() };
  if (one.act === 'create' || one.act === 'make') {
    if (tree.has(one.path) || isBlocked(tree, one.path) || (one.act === 'make' && one.path.includes('.'))) return;
    makeParents(tree, one.path);
    tree.set(one.path, one.act === 'make' ? { kind: 'directory' } : fresh);
    return put(where, one.act === 'make' ? { [`${one.path}/`]: null } : { [one.path]: file(one.content, { modified }) });
  }
  const node = chosen === undefined ? undefined : tree.get(chosen);
  if (chosen === undefined || node === undefined) return;
  if (one.act === 'modify') {
    tree.set(chosen, fresh);
    return edit(where, chosen, one.content, modified);
  }
  if (one.act === 'touch') {
    if (!twin.sight.times) return;
    if (node.kind === 'file') tree.set(chosen, { ...node, time, version: newVersion() });
    return touch(where, chosen, modified);
  }
  if (one.act === 'remove') {
    removeBelow(tree, chosen);
    tree.delete(chosen);
    return remove(where, chosen);
  }
  return one.act === 'move' ? applyMove(twin, chosen, one.path) : applyTurn(twin, chosen, node, { fresh, modified });
}

async function applyMove({ tree, place: where }: Twin, from: string, to: string): Promise<void> {
  const isFile = tree.get(from)?.kind === 'file';
  const isIntoItself = to === from || to.startsWith(`${from}/`);
  if (tree.has(to) || isIntoItself || isBlocked(tree, to) || (!isFile && to.includes('.'))) return;
  const moved = [...tree].filter(([each]) => each === from || each.startsWith(`${from}/`));
  for (const [each] of moved) tree.delete(each);
  makeParents(tree, to);
  for (const [each, node] of moved) tree.set(to + each.slice(from.length), node);
  await move(where, from, to);
}

/** A file becomes a directory with a file in it, a directory becomes a file. */
async function applyTurn({ tree, place: where }: Twin, path: string, node: ModelNode, into: { fresh: ModelNode; modified: string }): Promise<void> {
  if (path.includes('.') || into.fresh.kind !== 'file') return;
  removeBelow(tree, path);
  await remove(where, path);
  const place = node.kind === 'file' ? `${path}/a` : path;
  tree.delete(path);
  makeParents(tree, place);
  tree.set(place, into.fresh);
  await put(where, { [place]: file(into.fresh.content, { modified: into.modified }) });
}

/** The model's tree in the shape of `snapshot(…, { times: true })`. */
export function literalOf(tree: ModelTree, { times }: Sight): Tree {
  const literal: Record<string, Tree[string]> = {};
  for (const [each, node] of tree) {
    if (node.kind === 'file' && times && node.time !== undefined) literal[each] = file(node.content, { modified: new Date(node.time).toISOString() });
    else if (node.kind === 'file') literal[each] = node.content;
    else if (childrenOf(tree, each).length === 0) literal[`${each}/`] = null;
  }
  return literal;
}

function isBlocked(tree: ModelTree, path: string): boolean {
  for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) if (tree.get(parent)?.kind === 'file') return true;
  return false;
}

function choose(paths: readonly string[], pick: number): string | undefined {
  return paths[pick % Math.max(1, paths.length)];
}
