import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stopAt, World } from '../kit/faulty-vfs.ts';
import { edit, file, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { isClean, story, synced, target, type Story } from './story.ts';

/** A story up to the moment before the run that is stopped. */
interface Crash {
  readonly title: string;
  readonly build: () => Promise<Story>;
}

const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

const crashes: Crash[] = [
  {
    title: 'a first copy with database',
    build: () => story({ syncRemove: true }, { 'd/a': 'a', 'd/e/b': 'b', c: 'c', empty: '' }, { 'd/own': 'own', 'x/': null }, target({})),
  },
  { title: 'a first copy without database', build: () => story({}, { 'd/a': 'a', 'd/e/b': 'b' }, { c: 'c' }) },
  {
    title: 'a mirror',
    build: () =>
      story(
        { mirror: true },
        { 'd/a': 'a', b: file('b', { modified: '2024-01-01T00:00:00Z' }), turned: 'file' },
        target({ 'old/x': 'x', b: file('newer'), 'turned/y': 'y' }),
      ),
  },
  {
    title: 'creations, changes and removals on two roots',
    build: async () => {
      const told = await synced({ syncRemove: true }, { 'd/a': 'a', 'd/b': 'b', 'gone/c': 'c', ...ballast }, {}, target({}));
      await edit(told.vfs[0]!, 'd/a', 'changed');
      await put(told.vfs[1]!, { 'new/n': 'n', 'new/m': 'm' });
      await remove(told.vfs[1]!, 'gone');
      return told;
    },
  },
  {
    title: 'moves and a swap of names',
    build: async () => {
      const told = await synced({ syncRemove: true }, { 'd/a': 'aaa', b: 'bbb', c: 'ccc', ...ballast }, {});
      await move(told.vfs[0]!, 'd', 'renamed');
      await move(told.vfs[0]!, 'b', 'tmp');
      await move(told.vfs[0]!, 'c', 'b');
      await move(told.vfs[0]!, 'tmp', 'c');
      return told;
    },
  },
  {
    title: 'changes of kind',
    build: async () => {
      const told = await synced({ syncDb: true }, { 'd/a': 'a', f: 'f', ...ballast }, {});
      await remove(told.vfs[0]!, 'd');
      await remove(told.vfs[0]!, 'f');
      await put(told.vfs[0]!, { d: 'now a file', 'f/x': 'now a directory' });
      return told;
    },
  },
  {
    title: 'collisions kept both and won by the newest',
    build: async () => {
      const told = await synced(
        { syncDb: true, onCollision: async ({ path }) => (path === 'a' ? 'keepBoth' : 'newest') },
        { a: 'a', b: 'b', ...ballast },
        {},
      );
      for (const path of ['a', 'b']) {
        await edit(told.vfs[0]!, path, `${path} of zero`);
        await edit(told.vfs[1]!, path, `${path} of one, longer`);
      }
      return told;
    },
  },
];

describe('a run that is stopped at any mutating step', () => {
  for (const { title, build } of crashes) {
    test(`leaves every path old or new and converges by running again: ${title}`, async () => {
      const whole = await build();
      const contents = await allContents(whole);
      const world = new World();
      isClean(await whole.sync({}, { world }));
      const wanted = await allTrees(whole);
      for (const text of await allContents(whole)) contents.add(text);
      assert.ok(world.mutationCount > 0);
      for (let step = 1; step <= world.mutationCount; step++) {
        for (const when of ['before', 'after'] as const) await stopAndRepeat(await build(), { step, when, contents, wanted });
      }
    });
  }
});

interface Stop {
  readonly step: number;
  readonly when: 'before' | 'after';
  readonly contents: ReadonlySet<string>;
  readonly wanted: readonly Tree[];
}

async function stopAndRepeat(told: Story, { step, when, contents, wanted }: Stop): Promise<void> {
  const title = `stopped ${when} step ${step}`;
  const before = await allTrees(told);
  const world = new World([stopAt(step, when)]);
  const run = told.sync({}, { world });
  const ended = await Promise.race([world.stopped, run.then(() => 'ended' as const)]);
  assert.equal(ended, 'stopped', `${title}: the run came to its end`);
  const between = await allTrees(told);
  for (const [root, tree] of between.entries()) {
    for (const [path, content] of Object.entries(tree)) {
      if (typeof content === 'string') assert.ok(contents.has(content), `${title}: root ${root} has a part of a file at ${path}`);
    }
    const kept = new Set(between.flatMap((each) => Object.values(each)));
    for (const content of Object.values(before[root] ?? {})) {
      const survives = typeof content !== 'string' || kept.has(content) || !wanted.some((each) => Object.values(each).includes(content));
      assert.ok(survives, `${title}: ${JSON.stringify(content)} is nowhere any more`);
    }
  }
  isClean(await told.sync());
  assert.deepEqual(await allTrees(told), wanted, title);
  await told.isIdle();
}

function allTrees(told: Story): Promise<Tree[]> {
  return Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
}

async function allContents(told: Story): Promise<Set<string>> {
  const trees = await allTrees(told);
  return new Set(trees.flatMap((tree) => Object.values(tree)).filter((value): value is string => typeof value === 'string'));
}
