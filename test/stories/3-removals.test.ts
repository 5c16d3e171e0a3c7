import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, put, remove } from '../kit/tree.ts';
import { at, ballast, day, isClean, story, synced, target } from './story.ts';

describe('removed', () => {
  test('on one, unchanged on the others: with syncRemove removed everywhere', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, target({}));
    await remove(told.vfs[1]!, 'a');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.removed, 1);
    await told.allHold(ballast);
    await told.isIdle();
  });
  test('on one, unchanged on the others: without syncRemove copied back', async () => {
    const told = await synced({ syncDb: true }, { a: 'a', ...ballast }, {}, {});
    await remove(told.vfs[1]!, 'a');
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
  });
  test('on all: forgotten, nothing to do', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {});
    for (const vfs of told.vfs) await remove(vfs, 'a');
    await told.isIdle();
    assert.equal(told.database.contents()['a'], undefined);
  });
  test('and made again later: it is new and travels', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    isClean(await told.sync());
    await put(told.vfs[1]!, { a: at('a', day(1)) });
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
  });
  test('on one, modified on another: the modification survives, reported as a collision resolved so', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, {});
    await remove(told.vfs[0]!, 'a');
    await edit(told.vfs[1]!, 'a', 'modified');
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.collisions.length, 1);
    assert.notEqual(end.result.collisions[0]?.resolved, undefined);
    await told.allHold({ a: 'modified', ...ballast });
    await told.isIdle();
  });
  test('on two, modified on the third: the modification survives', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, {});
    for (const vfs of told.vfs.slice(0, 2)) await remove(vfs, 'a');
    await edit(told.vfs[2]!, 'a', 'modified');
    isClean(await told.sync());
    await told.allHold({ a: 'modified', ...ballast });
  });
  test('on a target-only root: never travels', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, target({}));
    await remove(told.vfs[2]!, 'a');
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
  });
  test('on the sources, changed on a target-only root: nothing newer is lost', async () => {
    const told = await synced({ syncRemove: true }, { a: at('a', day(1)), ...ballast }, target({}));
    await remove(told.vfs[0]!, 'a');
    await edit(told.vfs[1]!, 'a', 'newer', day(9));
    await told.sync();
    await told.holds(ballast, { a: 'newer', ...ballast });
  });
  test('a file removed on the source does not take a directory that a target-only root put in its place', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, target({}));
    await remove(told.vfs[1]!, 'a');
    await put(told.vfs[1]!, { 'a/': null });
    await remove(told.vfs[0]!, 'a');
    await told.sync();
    await told.holds(ballast, { 'a/': null, ...ballast });
  });
  test('a file removed on the source, with a folder of its own in its place on a mirrored root: the folder is an orphan, gone in the same run', async () => {
    const told = await synced({ syncRemove: true, mirror: true }, { a: 'a', ...ballast }, {}, target({}));
    await remove(told.vfs[2]!, 'a');
    await put(told.vfs[2]!, { 'a/own': 'own' });
    await remove(told.vfs[0]!, 'a');
    isClean(await told.sync());
    await told.allHold(ballast);
  });
  test('a removal that fails is a failure and is repeated', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    const end = await told.sync({}, { world: new World([failAt('removeFile', 'a', 'denied', 1)]) });
    assert.deepEqual(end.problems, ['a@1 denied']);
    isClean(await told.sync());
    await told.allHold(ballast);
  });
  test('on a first run nothing is removed', async () => {
    const told = await story({ syncRemove: true }, { a: 'a', ...ballast }, { b: 'b' }, target({ c: 'c' }));
    isClean(await told.sync());
    await told.holds({ a: 'a', b: 'b', ...ballast }, { a: 'a', b: 'b', ...ballast }, { a: 'a', b: 'b', c: 'c', ...ballast });
  });
  test('turning syncRemove on later removes what goes from then on', async () => {
    const told = await synced({ syncDb: true }, { a: 'a', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    isClean(await told.sync({ syncRemove: true }));
    await told.allHold(ballast);
  });
});
