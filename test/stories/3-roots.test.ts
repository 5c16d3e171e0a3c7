import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edit, put, remove, snapshot } from '../kit/tree.ts';
import { at, ballast, day, isClean, story, synced, target, type Story } from './story.ts';

describe('a root that the database does not know yet', () => {
  test('joins: newest wins, equal files are recorded, nothing is removed', async () => {
    const told = await synced({ syncRemove: true }, { a: at('old', day(1)), b: at('newer', day(9)), c: 'c', ...ballast }, {});
    await told.addRoot({ tree: { a: at('newest', day(5)), b: at('older', day(2)), c: 'c', own: 'own' } });
    isClean(await told.sync());
    await told.allHold({ a: 'newest', b: 'newer', c: 'c', own: 'own', ...ballast });
    await told.isIdle();
  });
  test('joins empty and gets everything, removing nothing', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', 'd/b': 'b', ...ballast }, {});
    await told.addRoot({ tree: {} });
    isClean(await told.sync());
    await told.allHold({ a: 'a', 'd/b': 'b', ...ballast });
  });
  test('joins with equal time and unequal size: collision', async () => {
    const told = await synced({ syncRemove: true }, { a: at('one', day(1)), ...ballast }, {});
    await told.addRoot({ tree: { a: at('three', day(1)) } });
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });
  test('joins as target-only: its newer file is kept, its own is left', async () => {
    const told = await synced({ syncDb: true }, { a: at('old', day(1)), ...ballast }, {});
    await told.addRoot(target({ a: at('newer', day(5)), own: 'own' }));
    const end = await told.sync();
    isClean(end);
    assert.deepEqual(end.kept, ['a@2']);
    assert.deepEqual(await snapshot(told.vfs[2]!), { a: 'newer', own: 'own', ...ballast });
  });
  test('the database gone: all join again, newest wins, nothing is removed', async () => {
    const told = await synced({ syncRemove: true }, { a: at('a', day(1)), b: 'b', ...ballast }, {});
    await remove(told.vfs[0]!, 'b');
    await edit(told.vfs[1]!, 'a', 'newer', day(3));
    const fresh = await story({ syncRemove: true });
    isClean(await told.sync({}, { database: fresh.database }));
    await told.allHold({ a: 'newer', b: 'b', ...ballast });
  });
});

describe('a root that joins', () => {
  for (const more of [{ compare: 'size' as const }, { evenTime: true }]) {
    test(`does not keep a known root from a modification that looks equal to its old file, ${JSON.stringify(more)}`, async () => {
      const told = await synced({ syncDb: true, ...more }, { a: at('old', day(5)), ...ballast }, {});
      await edit(told.vfs[0]!, 'a', 'new', '2024-03-05T00:00:01.000Z');
      await told.addRoot({ tree: { a: at('older one', day(1)) } });
      isClean(await told.sync());
      await told.allHold({ a: 'new', ...ballast });
    });
  }
});

describe('a root left out of a run', () => {
  const leftOut = async (act: (told: Story) => Promise<void>): Promise<Story> => {
    const told = await synced({ syncRemove: true }, { a: at('a', day(1)), b: 'b', ...ballast }, {}, {});
    await act(told);
    isClean(await told.sync({}, { only: [0, 1] }));
    return told;
  };
  test('gets what was modified meanwhile', async () => {
    const told = await leftOut((each) => edit(each.vfs[0]!, 'a', 'modified'));
    isClean(await told.sync());
    await told.allHold({ a: 'modified', b: 'b', ...ballast });
    await told.isIdle();
  });
  test('gets what was modified meanwhile to an older time', async () => {
    const told = await leftOut((each) => edit(each.vfs[0]!, 'a', 'restored', '2020-01-01T00:00:00.000Z'));
    isClean(await told.sync());
    await told.allHold({ a: 'restored', b: 'b', ...ballast });
  });
  test('gets what was created meanwhile', async () => {
    const told = await leftOut((each) => put(each.vfs[0]!, { 'n/new': 'new' }));
    isClean(await told.sync());
    await told.allHold({ a: 'a', b: 'b', 'n/new': 'new', ...ballast });
  });
  test('loses what was removed meanwhile, when it has not changed it', async () => {
    const told = await leftOut((each) => remove(each.vfs[0]!, 'b'));
    isClean(await told.sync());
    await told.allHold({ a: at('a', day(1)).content, ...ballast });
    await told.isIdle();
  });
  test('brings its own modification of a file that the others did not touch', async () => {
    const told = await leftOut((each) => edit(each.vfs[2]!, 'a', 'mine'));
    isClean(await told.sync());
    await told.allHold({ a: 'mine', b: 'b', ...ballast });
  });
  test('collides where it changed what the others changed too', async () => {
    const told = await leftOut((each) => edit(each.vfs[0]!, 'a', 'theirs'));
    await edit(told.vfs[2]!, 'a', 'my own');
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });
  test('its own removal travels when it is back', async () => {
    const told = await leftOut((each) => remove(each.vfs[2]!, 'b'));
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
  });
});
