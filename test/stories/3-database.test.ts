import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, file, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';
import { day, isClean, story, synced, target, type Story } from './story.ts';

const at = (content: string, modified: string) => file(content, { modified });
/** Files that never change, so that no guard about shares or emptied roots comes in. */
const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

describe('no change', () => {
  test('a second run finds nothing to do', async () => {
    const told = await synced({ syncDb: true }, { 'd/a': 'a', b: 'b' }, { 'e/c': 'c' }, target({}));
    await told.allHold({ 'd/a': 'a', b: 'b', 'e/c': 'c' });
    await told.isIdle();
    await told.isIdle();
  });
  test('a change of permission bits alone is no change', async () => {
    const told = await synced({ syncDb: true }, { a: 'a', ...ballast }, {});
    told.vfs[0]!.chmod('a', 0o755);
    await told.isIdle();
  });
  test('a root that lacks the file because its copy failed gets it at the next run', async () => {
    const told = await story({ syncRemove: true }, { a: 'a', ...ballast }, {});
    const world = new World([failAt('write', 'a', 'denied', 1)]);
    const end = await told.sync({}, { world });
    assert.deepEqual(end.problems, ['a@1 denied']);
    await told.holds({ a: 'a', ...ballast }, ballast);
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
    await told.isIdle();
  });
  test('a root that is behind because its copy of a change failed gets the change, though nothing else changed', async () => {
    const told = await synced({ syncRemove: true }, { a: at('old', day(1)), ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'a', 'new one');
    const world = new World([failAt('write', 'a', 'denied', 1)]);
    assert.deepEqual((await told.sync({}, { world })).problems, ['a@1 denied']);
    await told.holds({ a: 'new one', ...ballast }, { a: 'old', ...ballast }, { a: 'new one', ...ballast });
    isClean(await told.sync());
    await told.allHold({ a: 'new one', ...ballast });
  });
  test('a root that is behind and is then edited itself is a collision with nobody lost', async () => {
    const told = await synced({ syncDb: true }, { a: at('old', day(1)), ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'new one');
    await told.sync({}, { world: new World([failAt('write', 'a', 'denied', 1)]) });
    await edit(told.vfs[1]!, 'a', 'another');
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'new one', ...ballast }, { a: 'another', ...ballast });
  });
  test('a file missing on a target-only root is set right again', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, target({}));
    await remove(told.vfs[1]!, 'a');
    isClean(await told.sync());
    await told.allHold({ a: 'a', ...ballast });
  });
  test('a changed, older file on a target-only root is set right again', async () => {
    const told = await synced({ syncDb: true }, { a: at('right', day(5)), ...ballast }, target({}));
    await edit(told.vfs[1]!, 'a', 'older', day(2));
    isClean(await told.sync());
    await told.allHold({ a: 'right', ...ballast });
  });
  test('a changed, newer file on a target-only root is shown: target is newer', async () => {
    const told = await synced({ syncDb: true }, { a: at('right', day(5)), ...ballast }, target({}));
    await edit(told.vfs[1]!, 'a', 'newer', day(7));
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.kept, 1);
    assert.ok(end.events.some((event) => event.type === 'kept' && event.reason === 'target is newer' && event.path === 'a'));
    await told.holds({ a: 'right', ...ballast }, { a: 'newer', ...ballast });
    assert.deepEqual((await told.sync()).kept, ['a@1']);
  });
  test('a changed, newer file on a target-only root is overwritten by mirror', async () => {
    const told = await synced({ syncDb: true, mirror: true }, { a: at('right', day(5)), ...ballast }, target({}));
    await edit(told.vfs[1]!, 'a', 'newer', day(7));
    isClean(await told.sync());
    await told.allHold({ a: 'right', ...ballast });
  });
  test("a target-only root's new file never travels", async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, target({}));
    await put(told.vfs[1]!, { own: 'own' });
    isClean(await told.sync());
    await told.holds({ a: 'a', ...ballast }, { a: 'a', ...ballast, own: 'own' });
  });
});

describe('one root created or modified', () => {
  test('a created file goes to all others', async () => {
    const told = await synced({ syncDb: true }, ballast, {}, target({}));
    await put(told.vfs[1]!, { 'd/new': 'new' });
    isClean(await told.sync());
    await told.allHold({ ...ballast, 'd/new': 'new' });
    await told.isIdle();
  });
  test('a modified file goes to all others', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {}, {}, target({}));
    await edit(told.vfs[2]!, 'a', 'modified');
    isClean(await told.sync());
    await told.allHold({ a: 'modified', ...ballast });
    await told.isIdle();
  });
  test('a modified file goes to all others even when its time is older: an old version was put back', async () => {
    const told = await synced({ syncDb: true }, { a: at('current', day(9)), ...ballast }, {}, target({}));
    await edit(told.vfs[0]!, 'a', 'restored', day(2));
    isClean(await told.sync());
    await told.allHold({ a: 'restored', ...ballast });
  });
  test('a content changed under equal size and a time within the tolerance goes to all others', async () => {
    const told = await synced({ syncDb: true, evenTime: true }, { a: at('one', day(1)), ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'a', 'two', '2024-03-01T00:00:01.000Z');
    isClean(await told.sync());
    await told.allHold({ a: 'two', ...ballast });
  });
  test('a touched file gives the others its time', async () => {
    const told = await synced({ syncDb: true }, { a: at('x', day(1)), ...ballast }, {});
    await touch(told.vfs[0]!, 'a', day(3));
    isClean(await told.sync());
    const times = await Promise.all(told.vfs.map((vfs) => snapshot(vfs, { times: true })));
    assert.deepEqual(times[1], times[0]);
    await told.isIdle();
  });
  test('a modification goes to a target-only root although that root changed the file to something older', async () => {
    const told = await synced({ syncDb: true }, { a: at('old', day(1)), ...ballast }, target({}));
    await edit(told.vfs[0]!, 'a', 'modified', day(9));
    await edit(told.vfs[1]!, 'a', 'tampered', day(4));
    isClean(await told.sync());
    await told.allHold({ a: 'modified', ...ballast });
  });
  test('a modification does not go over what a target-only root made newer', async () => {
    const told = await synced({ syncDb: true }, { a: at('old', day(1)), ...ballast }, target({}));
    await edit(told.vfs[0]!, 'a', 'modified', day(4));
    await edit(told.vfs[1]!, 'a', 'tampered', day(9));
    const end = await told.sync();
    assert.deepEqual(end.kept, ['a@1']);
    await told.holds({ a: 'modified', ...ballast }, { a: 'tampered', ...ballast });
  });
  test('a file emptied by its owner is emptied everywhere', async () => {
    const told = await synced({ syncDb: true }, { a: 'full', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', '');
    isClean(await told.sync());
    await told.allHold({ a: '', ...ballast });
  });
});

describe('several changed', () => {
  test('and all now equal in time and size: in sync, nothing copied', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {});
    for (const vfs of told.vfs) await edit(vfs, 'a', 'same new', day(5));
    await told.isIdle();
    await edit(told.vfs[0]!, 'a', 'later');
    isClean(await told.sync());
    await told.allHold({ a: 'later', ...ballast });
  });
  test('and all now equal in content, at different times: in sync after reading', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'same new', day(5));
    await edit(told.vfs[1]!, 'a', 'same new', day(6));
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.bytes, 0);
    await told.isIdle();
  });
  test('and equal: the unchanged third root gets it', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {}, {});
    for (const vfs of told.vfs.slice(0, 2)) await edit(vfs, 'a', 'same new', day(5));
    isClean(await told.sync());
    await told.allHold({ a: 'same new', ...ballast });
  });
  for (const more of [{ compare: 'size' as const }, { evenTime: true }]) {
    test(`and equal: the unchanged third root gets it though its old file looks equal, ${JSON.stringify(more)}`, async () => {
      const told = await synced({ syncDb: true, ...more }, { a: at('old', day(5)), ...ballast }, {}, {});
      for (const vfs of told.vfs.slice(0, 2)) await edit(vfs, 'a', 'new', '2024-03-05T00:00:01.000Z');
      isClean(await told.sync());
      await told.allHold({ a: 'new', ...ballast });
    });
  }
  test('with equal size but other content: collision', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'one', day(5));
    await edit(told.vfs[1]!, 'a', 'two', day(6));
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });
  test('unequal: collision, nothing copied, asked again, and the rest goes on', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'a', 'one');
    await edit(told.vfs[1]!, 'a', 'three');
    await put(told.vfs[0]!, { new: 'new' });
    for (let run = 0; run < 2; run++) {
      const end = await told.sync();
      assert.deepEqual(end.collisions, ['a']);
      assert.notEqual(end.result.collisions[0]?.reason, '');
    }
    await told.holds({ a: 'one', ...ballast, new: 'new' }, { a: 'three', ...ballast, new: 'new' }, { a: 'old', ...ballast, new: 'new' });
  });
  test('created differently on two roots: collision', async () => {
    const told = await synced({ syncDb: true }, ballast, {});
    await put(told.vfs[0]!, { n: at('one', day(5)) });
    await put(told.vfs[1]!, { n: at('three', day(6)) });
    assert.deepEqual((await told.sync()).collisions, ['n']);
    await told.holds({ n: 'one', ...ballast }, { n: 'three', ...ballast });
  });
  test('settled by hand between two runs: in sync', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'one');
    await edit(told.vfs[1]!, 'a', 'three');
    await told.sync();
    await edit(told.vfs[0]!, 'a', 'three');
    isClean(await told.sync());
    await told.allHold({ a: 'three', ...ballast });
    await told.isIdle();
  });
  test('settled by removing a directory that collided with a file: the file goes everywhere', async () => {
    const told = await synced({ syncRemove: true }, ballast, {}, {});
    await put(told.vfs[0]!, { 'c/b/': null });
    await put(told.vfs[1]!, { 'c/b': 'file' });
    assert.deepEqual((await told.sync()).collisions, ['c/b']);
    await remove(told.vfs[2]!, 'c');
    await told.sync();
    await remove(told.vfs[0]!, 'c');
    isClean(await told.sync());
    await told.allHold({ 'c/b': 'file', ...ballast });
  });
  test('settled by removing one of the two: the other survives everywhere', async () => {
    const told = await synced({ syncRemove: true }, { a: 'old', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'one');
    await edit(told.vfs[1]!, 'a', 'three');
    await told.sync();
    await remove(told.vfs[0]!, 'a');
    isClean(await told.sync());
    await told.allHold({ a: 'three', ...ballast });
  });
});

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

describe('a change of kind on one root, the rest unchanged', () => {
  test('file to directory is carried out on the others, with what is in it', async () => {
    const told = await synced({ syncDb: true }, { a: 'file', ...ballast }, {}, target({}));
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { 'a/x': 'x', 'a/e/y': 'y' });
    isClean(await told.sync());
    await told.allHold({ 'a/x': 'x', 'a/e/y': 'y', ...ballast });
    await told.isIdle();
  });
  test('directory to file is carried out on the others as one action, without syncRemove too', async () => {
    const told = await synced({ syncDb: true }, { 'a/x': 'x', 'a/e/y': 'y', ...ballast }, {}, target({}));
    await remove(told.vfs[1]!, 'a');
    await put(told.vfs[1]!, { a: at('file now', day(9)) });
    const planned = await told.sync({}, { simulation: true });
    const end = await told.sync();
    isClean(end);
    const on = (root: number) => [
      ...['a/e/y', 'a/x', 'a/e'].map((path) => `remove ${path} ${root} (goes with "a": now a file on root 1)`),
      `replace a 1>${root} (now a file on root 1)`,
    ];
    assert.deepEqual(end.lines, [...on(0), ...on(2)]);
    assert.deepEqual([end.result.copied, end.result.removed], [1, 3]);
    assert.deepEqual([planned.lines, planned.result.removed], [end.lines, 3]);
    assert.equal(end.events.filter((event) => event.type === 'action').length, 8);
    await told.allHold({ a: 'file now', ...ballast });
    await told.isIdle();
  });
  test('directory to file where something below was modified on another: collision, nothing lost', async () => {
    const told = await synced({ syncRemove: true }, { 'a/x': 'x', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    await edit(told.vfs[1]!, 'a/x', 'modified');
    const end = await told.sync();
    assert.deepEqual(end.collisions, ['a']);
    await told.holds({ a: 'file now', ...ballast }, { 'a/x': 'modified', ...ballast });
  });
  test('directory to file where something was created deep below on another: collision, nothing lost', async () => {
    const told = await synced({ syncRemove: true }, { 'a/e/x': 'x', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    await put(told.vfs[1]!, { 'a/e/new': 'new' });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'file now', ...ballast }, { 'a/e/x': 'x', 'a/e/new': 'new', ...ballast });
  });
  test('directory to file where files out of scope lie below: they are not destroyed', async () => {
    const told = await synced({ syncDb: true, excludeFiles: ['*.tmp'] }, { 'a/x': 'x', ...ballast }, {});
    await put(told.vfs[1]!, { 'a/keep.tmp': 'mine' });
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    await told.sync();
    assert.equal((await snapshot(told.vfs[1]!))['a/keep.tmp'], 'mine');
  });
  for (const mirror of [false, true]) {
    test(`directory to file where something below was removed on another source: a collision, mirror ${mirror}`, async () => {
      const told = await synced({ syncDb: true, mirror }, { 'a/x': 'x', ...ballast }, {});
      await remove(told.vfs[0]!, 'a');
      await put(told.vfs[0]!, { a: 'file now' });
      await remove(told.vfs[1]!, 'a/x');
      assert.deepEqual((await told.sync()).collisions, ['a']);
    });
  }
  test('file to directory where the file was modified on another: collision', async () => {
    const told = await synced({ syncDb: true }, { a: 'file', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { 'a/x': 'x' });
    await edit(told.vfs[1]!, 'a', 'modified');
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ 'a/x': 'x', ...ballast }, { a: 'modified', ...ballast });
  });
  test('on a target-only root is no change of a source: collision, or set right by mirror', async () => {
    const told = await synced({ syncDb: true }, { a: 'file', ...ballast }, target({}));
    await remove(told.vfs[1]!, 'a');
    await put(told.vfs[1]!, { 'a/x': 'x' });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'file', ...ballast }, { 'a/x': 'x', ...ballast });
    isClean(await told.sync({ mirror: true }));
    await told.allHold({ a: 'file', ...ballast });
  });
  test('is carried out by mirror on a target-only root that changed the old', async () => {
    const told = await synced({ syncDb: true, mirror: true }, { a: 'file', ...ballast }, {}, target({}));
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { 'a/x': 'x' });
    await edit(told.vfs[2]!, 'a', 'tampered');
    isClean(await told.sync());
    await told.allHold({ 'a/x': 'x', ...ballast });
  });
  test('to files of equal content and different times gives the third one of them with its time', async () => {
    const told = await synced({ syncDb: true }, { 'c/x': 'x', ...ballast }, {}, {});
    for (const root of [0, 1]) {
      await remove(told.vfs[root]!, 'c');
      await put(told.vfs[root]!, { c: at('file', day(root === 0 ? 9 : 5)) });
    }
    const end = await told.sync();
    isClean(end);
    const trees = await Promise.all(told.vfs.map((vfs) => snapshot(vfs, { times: true })));
    assert.deepEqual(trees[2]?.['c'], trees[end.lines.some((line) => line.includes('c 0>2')) ? 0 : 1]?.['c']);
    await told.isIdle();
  });
  test('to a directory on two roots alike is carried out on the third', async () => {
    const told = await synced({ syncDb: true }, { a: 'file', ...ballast }, {}, {});
    for (const vfs of told.vfs.slice(0, 2)) {
      await remove(vfs, 'a');
      await put(vfs, { 'a/x': 'x' });
    }
    isClean(await told.sync());
    await told.allHold({ 'a/x': 'x', ...ballast });
  });
});

describe('onCollision', () => {
  const clash = async (options: Parameters<typeof story>[0], roots = 3): Promise<Story> => {
    const told = await synced(
      { syncDb: true, ...options },
      { 'd/a.txt': at('old', day(1)), ...ballast },
      ...Array.from({ length: roots - 1 }, () => ({})),
    );
    await edit(told.vfs[0]!, 'd/a.txt', 'from zero', day(8));
    await edit(told.vfs[1]!, 'd/a.txt', 'youngest', day(9));
    return told;
  };
  test("'newest' copies the youngest over the others", async () => {
    const told = await clash({ onCollision: 'newest' });
    const end = await told.sync();
    isClean(end);
    assert.match(end.result.collisions[0]?.resolved ?? '', /^newest/);
    await told.allHold({ 'd/a.txt': 'youngest', ...ballast });
    await told.isIdle();
  });
  test("'newest' leaves a target-only root that has something newer, and shows and counts it", async () => {
    const told = await synced({ syncDb: true, onCollision: 'newest' }, { a: at('one', day(1)), ...ballast }, {}, target({}));
    for (const [root, time] of [day(2), day(3), day(4)].entries()) await edit(told.vfs[root]!, 'a', `edited on root ${root}`, time);
    const end = await told.sync();
    isClean(end);
    assert.deepEqual([end.kept, end.result.kept], [['a@2'], 1]);
    assert.equal((await snapshot(told.vfs[2]!))['a'], 'edited on root 2');
  });
  test("'newest' reaches an unchanged root whose old file looks equal to the youngest", async () => {
    const told = await synced({ syncDb: true, compare: 'size', onCollision: 'newest' }, { a: at('one', day(1)), ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'a', 'longer', day(2));
    await edit(told.vfs[1]!, 'a', 'two', day(3));
    isClean(await told.sync());
    await told.allHold({ a: 'two', ...ballast });
  });
  test("'keepBoth' keeps the youngest under the name and the other beside it, everywhere", async () => {
    const told = await clash({ onCollision: 'keepBoth' });
    const end = await told.sync();
    isClean(end);
    assert.match(end.result.collisions[0]?.resolved ?? '', /^keepBoth/);
    const [first, ...rest] = await Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
    for (const other of rest) assert.deepEqual(other, first);
    assert.equal(first?.['d/a.txt'], 'youngest');
    const beside = Object.keys(first ?? {}).filter((path) => path.startsWith('d/a') && path !== 'd/a.txt');
    assert.equal(beside.length, 1);
    assert.match(beside[0] ?? '', /^d\/a \(root 0, .+\)\.txt$/);
    assert.equal(first?.[beside[0] ?? ''], 'from zero');
    await told.isIdle();
  });
  for (const options of [{ excludeFiles: ['* (root *'] }, { killFiles: ['* (root *'] }, { isExclude: (path: string) => path.includes(' (root ') }]) {
    test(`'keepBoth' leaves a collision where the second name would be out of scope (${Object.keys(options)})`, async () => {
      const told = await clash({ onCollision: 'keepBoth', ...options });
      const before = await Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
      const end = await told.sync();
      assert.deepEqual(end.collisions, ['d/a.txt']);
      assert.match(end.result.collisions[0]?.reason ?? '', /"keepBoth" cannot settle it: "d\/a \(root \d, .*\)\.txt" would be out of scope/);
      await told.holds(...before);
    });
  }
  test("'keepBoth' with three versions keeps all three", async () => {
    const told = await clash({ onCollision: 'keepBoth' });
    await edit(told.vfs[2]!, 'd/a.txt', 'third', day(7));
    isClean(await told.sync());
    for (const vfs of told.vfs) assert.deepEqual(Object.values(await snapshot(vfs)).sort(), ['1', '2', '3', 'from zero', 'third', 'youngest']);
    await told.isIdle();
  });
  test("'keepBoth' keeps a name without extension and a hidden name readable", async () => {
    const told = await synced({ syncDb: true, onCollision: 'keepBoth' }, { README: 'o', '.env': 'o', ...ballast }, {});
    for (const name of ['README', '.env']) {
      await edit(told.vfs[0]!, name, 'zero', day(8));
      await edit(told.vfs[1]!, name, 'youngest', day(9));
    }
    isClean(await told.sync());
    const names = Object.keys(await snapshot(told.vfs[0]!));
    assert.ok(
      names.some((name) => /^README \(root 0, .+\)$/.test(name)),
      names.join(),
    );
    assert.ok(
      names.some((name) => /^\.env \(root 0, .+\)$/.test(name)),
      names.join(),
    );
    await told.isIdle();
  });
  test("'keepBoth' never overwrites a file that has that name already", async () => {
    const told = await clash({ onCollision: 'keepBoth' }, 2);
    const preview = await told.sync({}, { simulation: true });
    await told.sync();
    const name = Object.keys(await snapshot(told.vfs[0]!)).find((path) => path.includes('(root 0'));
    assert.ok(name !== undefined && preview.lines.length > 0);
    const again = await clash({ onCollision: 'keepBoth' }, 2);
    for (const vfs of again.vfs) await put(vfs, { [name]: 'precious' });
    await again.sync();
    for (const vfs of again.vfs) assert.equal((await snapshot(vfs))[name], 'precious');
  });
  test('a callback gets path, reason and what each root has', async () => {
    const seen: unknown[] = [];
    const told = await clash({
      onCollision: async (collision) => {
        seen.push({ path: collision.path, at: collision.at, hasReason: collision.reason !== '' });
        return 'skip';
      },
    });
    await told.sync();
    const entry = (content: string, modified: string) => ({ kind: 'file', size: content.length, modified: new Date(modified) });
    assert.deepEqual(seen, [{ path: 'd/a.txt', hasReason: true, at: [entry('from zero', day(8)), entry('youngest', day(9)), entry('old', day(1))] }]);
  });
  for (const [choice, content] of [
    ['newest', 'youngest'],
    [{ use: 0 }, 'from zero'],
    [{ use: 1 }, 'youngest'],
  ] as const) {
    test(`a callback may answer ${JSON.stringify(choice)}`, async () => {
      const told = await clash({ onCollision: async () => choice });
      const end = await told.sync();
      isClean(end);
      assert.notEqual(end.result.collisions[0]?.resolved, undefined);
      await told.allHold({ 'd/a.txt': content, ...ballast });
      await told.isIdle();
    });
  }
  test("a callback may answer 'keepBoth'", async () => {
    const told = await clash({ onCollision: async () => 'keepBoth' });
    isClean(await told.sync());
    for (const vfs of told.vfs) assert.equal(Object.keys(await snapshot(vfs)).length, 5);
  });
  for (const choice of ['skip', 'report'] as const) {
    test(`a callback may answer '${choice}': nothing is copied and it is asked again`, async () => {
      let asked = 0;
      const told = await clash({
        onCollision: async () => {
          asked++;
          return choice;
        },
      });
      for (let run = 0; run < 2; run++) await told.sync();
      assert.equal(asked, 2);
      await told.holds({ 'd/a.txt': 'from zero', ...ballast }, { 'd/a.txt': 'youngest', ...ballast }, { 'd/a.txt': 'old', ...ballast });
    });
  }
  test("'report' leaves the collision unresolved", async () => {
    const told = await clash({ onCollision: async () => 'report' });
    assert.deepEqual((await told.sync()).collisions, ['d/a.txt']);
  });
  test('use of a root that has nothing there changes nothing', async () => {
    const told = await clash({ onCollision: async () => ({ use: 7 }) });
    await told.sync().catch(() => undefined);
    await told.holds({ 'd/a.txt': 'from zero', ...ballast }, { 'd/a.txt': 'youngest', ...ballast }, { 'd/a.txt': 'old', ...ballast });
  });
});

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

describe('directories with database', () => {
  test('a removed empty directory is removed on the others', async () => {
    const told = await synced({ syncRemove: true }, { 'd/e/': null, ...ballast }, {}, target({}));
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await told.allHold(ballast);
    await told.isIdle();
  });
  test('a removed full directory is removed on the others, files first', async () => {
    const told = await synced({ syncRemove: true }, { 'd/e/x': 'x', 'd/y': 'y', ...ballast }, {});
    await remove(told.vfs[0]!, 'd');
    const end = await told.sync();
    isClean(end);
    await told.allHold(ballast);
    const removals = end.lines.filter((line) => line.startsWith('remove')).map((line) => line.split(' ')[1]);
    for (const path of ['d/e/x', 'd/y']) assert.ok(removals.indexOf(path) < removals.indexOf('d'), removals.join());
    assert.ok(removals.indexOf('d/e/x') < removals.indexOf('d/e'), removals.join());
  });
  test('without syncRemove it is made again', async () => {
    const told = await synced({ syncDb: true }, { 'd/e/': null, ...ballast }, {});
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await told.allHold({ 'd/e/': null, ...ballast });
  });
  test('removed on one while a file was created in it on another: it survives with that file only', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', ...ballast }, {}, {});
    await remove(told.vfs[0]!, 'd');
    await put(told.vfs[1]!, { 'd/new': 'new' });
    isClean(await told.sync());
    await told.allHold({ 'd/new': 'new', ...ballast });
    await told.isIdle();
  });
  test('that still holds files out of scope stays, and says so, and is not made again elsewhere', async () => {
    const told = await synced({ syncRemove: true, excludeFiles: ['*.tmp'] }, { 'd/x': 'x', ...ballast }, {}, {});
    await put(told.vfs[1]!, { 'd/own.tmp': 'mine' });
    await remove(told.vfs[0]!, 'd');
    for (let run = 0; run < 2; run++) {
      const end = await told.sync();
      isClean(end);
      assert.ok(end.kept.includes('d@1'), `run ${run}: ${end.kept.join()}`);
      await told.holds(ballast, { 'd/own.tmp': 'mine', ...ballast }, ballast);
    }
  });
  test('that still holds a file older than newerThan stays, and is not made again elsewhere', async () => {
    const told = await synced({ syncRemove: true }, { 'd/old': at('o', day(1)), ...ballast }, {}, {});
    await remove(told.vfs[0]!, 'd');
    await remove(told.vfs[2]!, 'd/old');
    for (let run = 0; run < 3; run++) {
      isClean(await told.sync({ newerThan: day(5) }));
      await told.holds(ballast, { 'd/old': 'o', ...ballast }, ballast);
    }
  });
  test('that stays on one root and is then made again on another is new: it goes everywhere', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': at('x', day(1)), ...ballast }, {}, target({}));
    await edit(told.vfs[2]!, 'd/x', 'newer', day(9));
    await remove(told.vfs[0]!, 'd');
    await told.sync();
    await told.holds(ballast, ballast, { 'd/x': 'newer', ...ballast });
    await put(told.vfs[0]!, { 'd/': null });
    isClean(await told.sync());
    await told.holds({ 'd/': null, ...ballast }, { 'd/': null, ...ballast }, { 'd/x': 'newer', ...ballast });
  });
  test('that stays on one root and gets a new file there goes everywhere again, with that file', async () => {
    const told = await synced({ syncRemove: true, excludeFiles: ['*.tmp'] }, { 'd/x': 'x', ...ballast }, {}, {});
    await put(told.vfs[1]!, { 'd/own.tmp': 'mine' });
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await put(told.vfs[1]!, { 'd/new': 'new' });
    isClean(await told.sync());
    await told.holds({ 'd/new': 'new', ...ballast }, { 'd/new': 'new', 'd/own.tmp': 'mine', ...ballast }, { 'd/new': 'new', ...ballast });
    await told.isIdle();
  });
  test('with lazyMkdir that stays empty gets a new file everywhere', async () => {
    const told = await synced({ syncRemove: true, lazyMkdir: true }, { 'c/e/x': 'x', 'c/f/y': 'y', ...ballast }, {}, {});
    await remove(told.vfs[1]!, 'c/e/x');
    isClean(await told.sync());
    await remove(told.vfs[2]!, 'c');
    isClean(await told.sync());
    await put(told.vfs[0]!, { 'c/new': 'new' });
    isClean(await told.sync());
    for (const vfs of told.vfs) assert.equal((await snapshot(vfs))['c/new'], 'new');
  });
  test('removed on a source is removed everywhere, though a mirrored root has a file in its place', async () => {
    const told = await synced({ syncRemove: true, mirror: true }, { 'd/': null, ...ballast }, {}, target({}));
    await remove(told.vfs[0]!, 'd');
    await remove(told.vfs[2]!, 'd');
    await put(told.vfs[2]!, { d: 'file' });
    isClean(await told.sync());
    await told.allHold(ballast);
  });
  test('that holds an excluded directory stays too', async () => {
    const told = await synced({ syncRemove: true, excludeDirs: ['cache'] }, { 'd/x': 'x', ...ballast }, {});
    await put(told.vfs[1]!, { 'd/cache/c': 'c' });
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await told.holds(ballast, { 'd/cache/c': 'c', ...ballast });
  });
  test('a directory emptied by removals but still there on the source stays everywhere', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', ...ballast }, {});
    await remove(told.vfs[0]!, 'd/x');
    isClean(await told.sync());
    await told.allHold({ 'd/': null, ...ballast });
  });
  test('a directory gone on a target-only root is made again', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', 'e/': null, ...ballast }, target({}));
    await remove(told.vfs[1]!, 'd');
    await remove(told.vfs[1]!, 'e');
    isClean(await told.sync());
    await told.allHold({ 'd/x': 'x', 'e/': null, ...ballast });
  });
  test("removed on the source, with a target-only root's own file in it: that file and its directory stay", async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', ...ballast }, target({}));
    await put(told.vfs[1]!, { 'd/own': 'own' });
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await told.holds(ballast, { 'd/own': 'own', ...ballast });
    isClean(await told.sync());
    await told.holds(ballast, { 'd/own': 'own', ...ballast });
  });
  test('with lazyMkdir an empty one is not made, and its removal is no removal', async () => {
    const told = await synced({ syncRemove: true, lazyMkdir: true }, { 'd/': null, ...ballast }, {});
    await told.holds({ 'd/': null, ...ballast }, ballast);
    await told.isIdle();
    await remove(told.vfs[0]!, 'd');
    await told.isIdle();
  });
  test('with lazyMkdir a directory that lost its files elsewhere is removed when it is removed on one', async () => {
    const told = await synced({ syncRemove: true, lazyMkdir: true }, { 'd/x': 'x', ...ballast }, {});
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await told.allHold(ballast);
  });
});

describe('newerThan with database', () => {
  test('an old file removed on one root is not removed on the others, and the database keeps it', async () => {
    const told = await synced({ syncRemove: true }, { old: at('o', day(1)), ...ballast }, {});
    await remove(told.vfs[0]!, 'old');
    isClean(await told.sync({ newerThan: day(5) }));
    assert.deepEqual((await snapshot(told.vfs[1]!))['old'], 'o');
    isClean(await told.sync({ newerThan: '2020-01-01T00:00:00Z' }));
    await told.allHold(ballast);
  });
  test('a directory that became a file older than the limit is left alone on all roots', async () => {
    const told = await synced({ syncDb: true }, { 'd/x': at('x', day(9)), ...ballast }, {});
    await remove(told.vfs[0]!, 'd');
    await put(told.vfs[0]!, { d: at('old file', day(1)) });
    isClean(await told.sync({ newerThan: day(5) }));
    await told.holds({ d: 'old file', ...ballast }, { 'd/x': 'x', ...ballast });
  });
  test('changed on two roots but old: never a collision', async () => {
    const told = await synced({ syncDb: true }, { old: at('o', day(1)), ...ballast }, {});
    await edit(told.vfs[0]!, 'old', 'one', day(2));
    await edit(told.vfs[1]!, 'old', 'three', day(3));
    assert.deepEqual((await told.sync({ newerThan: day(5) })).collisions, []);
    assert.deepEqual((await told.sync({ newerThan: '2020-01-01T00:00:00Z' })).collisions, ['old']);
  });
});

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
});

describe("compare: 'content' with database", () => {
  test('a touched file is no modification beside a real one', async () => {
    const told = await synced({ syncDb: true, compare: 'content' }, { a: at('x', day(1)), ...ballast }, {});
    await touch(told.vfs[0]!, 'a', day(3));
    await edit(told.vfs[1]!, 'a', 'modified', day(2));
    isClean(await told.sync());
    await told.allHold({ a: 'modified', ...ballast });
  });
  test('a second run reads nothing again and finds nothing', async () => {
    const told = await synced({ syncDb: true, compare: 'content' }, { a: at('x', day(1)), ...ballast }, {});
    await told.isIdle();
  });
});

describe('unknown is never nothing', () => {
  const unlistable = (path: string, root: number) => new World([failAt('list', path, 'denied', root)]);
  test('a folder that cannot be listed on one root gets no action at or below it, and is a problem', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', 'd/e/y': 'y', ...ballast }, {});
    await edit(told.vfs[0]!, 'd/x', 'modified');
    await remove(told.vfs[0]!, 'd/e');
    await put(told.vfs[0]!, { new: 'new' });
    const end = await told.sync({}, { world: unlistable('d', 1) });
    assert.deepEqual(end.problems, ['d@1 denied']);
    await told.holds({ 'd/x': 'modified', new: 'new', ...ballast }, { 'd/x': 'x', 'd/e/y': 'y', new: 'new', ...ballast });
    isClean(await told.sync());
    await told.allHold({ 'd/x': 'modified', new: 'new', ...ballast });
  });
  test('nor are its files removed from or copied between the other roots', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', ...ballast }, {}, {});
    await put(told.vfs[1]!, { 'd/y': 'y' });
    await told.sync({}, { world: unlistable('d', 0) });
    await told.holds({ 'd/x': 'x', ...ballast }, { 'd/x': 'x', 'd/y': 'y', ...ballast }, { 'd/x': 'x', ...ballast });
    isClean(await told.sync());
    await told.allHold({ 'd/x': 'x', 'd/y': 'y', ...ballast });
  });
  test('nor does a mirror remove orphans there', async () => {
    const told = await story({ mirror: true }, { a: 'a', 'd/x': 'x' }, target({ 'd/old': 'old', orphan: 'o' }));
    await told.sync({}, { world: unlistable('d', 0) });
    assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'a', 'd/old': 'old' });
  });
  test('nor is the database changed there', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', ...ballast }, {});
    await told.sync({}, { world: unlistable('d', 1) });
    assert.notEqual(told.database.contents()['d/x'], undefined);
    await told.isIdle();
  });
  test('a root that cannot be listed at all changes nothing anywhere', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {});
    await put(told.vfs[0]!, { new: 'new' });
    const end = await told.sync({}, { world: unlistable('', 1) });
    assert.ok(end.end === 'failed' || end.problems.length > 0);
    await told.holds({ a: 'a', new: 'new', ...ballast }, { a: 'a', ...ballast });
  });
});
