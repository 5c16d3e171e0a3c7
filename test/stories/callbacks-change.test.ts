import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isClean, type StoryOptions, synced } from './story.ts';
import { put, remove } from '../kit/tree.ts';

/* A callback's mind is in no database: what it says today counts, also about a directory in which nothing has changed since all agreed. */
const TREE = { 'd/x': 'x', 'd/y': 'y', 'd/e/z': 'z', k: 'k' };
const WAYS: Record<string, { readonly options: StoryOptions; readonly out: readonly string[] }> = {
  'a file': { options: { isExclude: (path) => path === 'd/x' }, out: ['d/x'] },
  'a directory': { options: { isExcludeDir: (path) => path === 'd/e' }, out: ['d/e', 'd/e/z'] },
  'a file that a pattern names, when the callback leaves it to the patterns,': {
    options: { excludeFiles: ['x'], isExclude: () => undefined },
    out: ['d/x'],
  },
};

describe('in a directory that has not changed', () => {
  for (const [what, { options, out }] of Object.entries(WAYS)) {
    test(`${what} goes out of scope, stays forgotten, and comes back in`, async () => {
      const inScope: StoryOptions = { isExclude: () => 'include', isExcludeDir: () => 'include' };
      const told = await synced({ syncRemove: true, guard: false, ...inScope }, TREE, {}, {});
      await told.isIdle();
      const all = Object.keys(told.database.contents());
      isClean(await told.sync({ ...inScope, ...options }));
      const known = all.filter((path) => !out.includes(path)).sort();
      assert.deepEqual(Object.keys(told.database.contents()).sort(), known);
      await told.isIdle({ ...inScope, ...options });
      // What is forgotten and then missing on one root is copied there again, not removed elsewhere.
      await remove(told.vfs[1]!, out.at(-1)!);
      await told.isIdle({ ...inScope, ...options });
      isClean(await told.sync());
      await told.allHold(TREE);
      assert.deepEqual(Object.keys(told.database.contents()).sort(), all.sort());
    });
  }

  test('what a callback took out is not taken for known when it comes in for the first time', async () => {
    const told = await synced({ syncRemove: true, isExclude: (path) => path === 'd/x' }, TREE, {});
    await told.holds(TREE, { 'd/y': 'y', 'd/e/z': 'z', k: 'k' });
    await told.isIdle();
    await told.sync({ isExclude: () => false });
    await told.allHold(TREE);
  });

  test('a change is seen although a callback looks at all', async () => {
    const told = await synced({ syncRemove: true, isExclude: () => false, isExcludeDir: () => false }, TREE, {});
    await put(told.vfs[0]!, { 'd/y': 'changed' });
    await told.sync();
    await told.allHold({ ...TREE, 'd/y': 'changed' });
  });
});
