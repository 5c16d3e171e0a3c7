import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edit } from '../kit/tree.ts';
import { at, ballast, day, story, synced, target } from './story.ts';

const TIMELESS = { timePrecisionMs: undefined } as const;
const timeless = (tree: Parameters<typeof target>[0]) => ({ tree, traits: TIMELESS });

describe('where a root keeps no times', () => {
  test('the newest among the others is brought to the older ones, though the root comes first and equals both in size', async () => {
    const told = await story({}, timeless({ a: 'old 1' }), { a: at('old 1', day(1)) }, { a: at('new 2', day(2)) });
    assert.deepEqual((await told.sync()).lines, ['copy a 2>1 (older)']);
  });

  test('a file of another size is a collision with the newest of the others', async () => {
    const told = await story({}, timeless({ a: 'other' }), { a: at('old', day(1)) }, { a: at('new', day(2)) });
    const end = await told.sync();
    assert.deepEqual([end.lines, end.collisions], [[], ['a']]);
    assert.match(end.result.collisions[0]?.reason ?? '', /root 0 and root 2 differ, and no time tells which is newer/);
  });

  test("onCollision 'newest' takes nobody's change for the older one when its age is not known", async () => {
    const told = await synced({ syncDb: true, onCollision: 'newest' }, timeless({ a: 'a', ...ballast }), { a: 'a', ...ballast });
    await edit(told.vfs[0] ?? assert.fail(), 'a', 'changed here');
    await edit(told.vfs[1] ?? assert.fail(), 'a', 'changed there', day(9));
    const end = await told.sync();
    assert.deepEqual([end.lines, end.collisions], [[], ['a']]);
    assert.match(end.result.collisions[0]?.reason ?? '', /no time tells which is newer/);
    await told.holds({ a: 'changed here', ...ballast }, { a: 'changed there', ...ballast });
  });

  test('what was changed on a target-only one is set right again, even when its size is the same', async () => {
    const told = await synced({ syncDb: true }, { a: 'good', ...ballast }, target({}, { traits: TIMELESS }));
    await edit(told.vfs[1] ?? assert.fail(), 'a', 'evil');
    assert.deepEqual((await told.sync()).lines, ['copy a 0>1 (changed on the target)']);
    await told.allHold({ a: 'good', ...ballast });
    await told.isIdle();
  });

  test('what is newer on a target-only root stays, though the first that agrees with the others has no times', async () => {
    const told = await synced({ syncDb: true }, target({}), timeless({ a: 'good', ...ballast }), { a: 'good', ...ballast });
    await edit(told.vfs[0] ?? assert.fail(), 'a', 'late', '2030-01-01T00:00:00Z');
    assert.deepEqual((await told.sync()).kept, ['a@0']);
    assert.deepEqual((await told.sync()).kept, ['a@0']);
  });

  test('and not when only sizes are to be compared', async () => {
    const told = await synced({ syncDb: true, compare: 'size' }, { a: 'good', ...ballast }, target({}, { traits: TIMELESS }));
    await edit(told.vfs[1] ?? assert.fail(), 'a', 'evil');
    await told.isIdle({ compare: 'size' });
  });
});
