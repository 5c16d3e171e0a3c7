import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, move, put, remove, snapshot } from '../kit/tree.ts';
import { at, ballast, day, isClean, synced, target } from './story.ts';

describe('moves', () => {
  test('a new file of equal content in the same second as one that was removed is copied, so that its time is right', async () => {
    const told = await synced({ syncRemove: true }, { a: at('content', '2024-03-01T00:00:00.100Z'), ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { b: at('content', '2024-03-01T00:00:00.900Z') });
    const end = await told.sync();
    isClean(end);
    assert.deepEqual([end.result.moved, end.result.copied, end.result.removed], [0, 1, 1]);
    assert.deepEqual((await snapshot(told.vfs[1]!, { times: true }))['b'], at('content', '2024-03-01T00:00:00.900Z'));
    await told.isIdle();
  });
  test('a file renamed on one root is renamed on the others, nothing copied', async () => {
    const told = await synced({ syncRemove: true }, { 'd/a': 'content', ...ballast }, {}, target({}));
    await move(told.vfs[0]!, 'd/a', 'd/b');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.moved, 1);
    assert.equal(end.result.bytes, 0);
    assert.deepEqual([end.result.copied, end.result.removed], [0, 0]);
    await told.allHold({ 'd/b': 'content', ...ballast });
    await told.isIdle();
  });
  test('a file moved into a new folder is moved there on the others', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[1]!, 'a', 'new/deep/a');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.moved, 1);
    await told.allHold({ 'new/deep/a': 'content', ...ballast });
    await told.isIdle();
  });
  test('a renamed folder moves its files and is gone under the old name', async () => {
    const told = await synced({ syncRemove: true }, { 'd/a': 'aa', 'd/e/b': 'bbb', ...ballast }, {});
    await move(told.vfs[0]!, 'd', 'renamed');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.moved, 2);
    assert.equal(end.result.bytes, 0);
    await told.allHold({ 'renamed/a': 'aa', 'renamed/e/b': 'bbb', ...ballast });
    await told.isIdle();
  });
  test('a moved and then modified file is copied and removed', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'b');
    await edit(told.vfs[0]!, 'b', 'changed', day(9));
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.moved, 0);
    await told.allHold({ b: 'changed', ...ballast });
  });
  test('a removed file and a created one of equal size and time but other content are no move', async () => {
    const told = await synced({ syncRemove: true }, { a: at('one', day(1)), ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { b: at('two', day(1)) });
    isClean(await told.sync());
    await told.allHold({ b: 'two', ...ballast });
  });
  test('a file moved on one root and modified under the old name on the other loses nothing', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'b');
    await edit(told.vfs[1]!, 'a', 'modified');
    isClean(await told.sync());
    await told.allHold({ a: 'modified', b: 'content', ...ballast });
  });
  test('two files swapped on one root are swapped on the others', async () => {
    const told = await synced({ syncRemove: true }, { a: at('aaa', day(1)), b: at('bbb', day(1)), ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'swap');
    await move(told.vfs[0]!, 'b', 'a');
    await move(told.vfs[0]!, 'swap', 'b');
    isClean(await told.sync());
    await told.allHold({ a: 'bbb', b: 'aaa', ...ballast });
  });
  test('without syncRemove a moved file is a new one, and the old comes back', async () => {
    const told = await synced({ syncDb: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'b');
    isClean(await told.sync());
    await told.allHold({ a: 'content', b: 'content', ...ballast });
  });
  for (const mirror of [false, true]) {
    test(`a target-only root that changed the file does not move its own version, mirror ${mirror}`, async () => {
      const told = await synced({ syncRemove: true, mirror }, { a: 'content', ...ballast }, {}, target({}));
      await move(told.vfs[0]!, 'a', 'b');
      await edit(told.vfs[2]!, 'a', 'tampered');
      isClean(await told.sync());
      assert.deepEqual(await snapshot(told.vfs[2]!), { ...(mirror ? {} : { a: 'tampered' }), b: 'content', ...ballast });
    });
  }
  test('moves do not count for the guard', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`old/f${index}`, `content ${index}`]));
    const told = await synced({ syncRemove: true }, { ...many, k: 'k' }, {});
    await move(told.vfs[0]!, 'old', 'new');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.moved, 30);
  });
  test('a move that fails on one root leaves it with old or new, and the next run converges', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'b');
    await told.sync({}, { world: new World([failAt('rename', 'a', 'denied', 1)]) });
    isClean(await told.sync());
    await told.allHold({ b: 'content', ...ballast });
  });
  test('where only copying can do it, a moved file is copied and the old one removed', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await move(told.vfs[0]!, 'a', 'b');
    isClean(await told.sync({}, { world: new World([failAt('rename', 'a', 'cross-device', 1)]) }));
    await told.allHold({ b: 'content', ...ballast });
    await told.isIdle();
  });
  for (const code of ['failed', 'unsupported'] as const) {
    test(`a move that ends as ${code} is a problem and not done in another way`, async () => {
      const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
      await move(told.vfs[0]!, 'a', 'b');
      const end = await told.sync({}, { world: new World([failAt('rename', 'a', code, 1)]) });
      assert.deepEqual(end.problems, [`b@1 ${code}`]);
      assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'content', ...ballast });
      isClean(await told.sync());
      await told.allHold({ b: 'content', ...ballast });
    });
  }
});
