import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { put, remove } from '../kit/tree.ts';
import { synced, type StoryOptions } from './story.ts';

describe('a directory that leaves the scope', () => {
  const ways: Record<string, StoryOptions> = {
    'by a pattern': { excludeDirs: ['d'] },
    'by a callback': { isExcludeDir: (path) => path === 'd' },
  };
  for (const [way, excluding] of Object.entries(ways)) {
    test(`${way} is forgotten with all below, although the roots of this run have no record of the directory itself`, async () => {
      const told = await synced({ syncRemove: true, guard: false }, { 'd/x': 'x', 'd/e/y': 'y', k: 'k' }, {}, {});
      // A file to be killed took its place on one root: the agreement about the directory is gone, that about its content is not.
      await remove(told.vfs[0]!, 'd');
      await put(told.vfs[0]!, { d: 'kill me' });
      await told.sync({ killFiles: ['d'] }, { only: [0, 1] });
      assert.ok('d/x' in told.database.contents());
      await told.sync(excluding, { only: [0, 1] });
      assert.deepEqual(Object.keys(told.database.contents()), ['k']);
    });
  }
});
