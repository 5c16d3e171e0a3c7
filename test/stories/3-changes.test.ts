import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, put, remove, snapshot, touch } from '../kit/tree.ts';
import { at, ballast, day, isClean, story, synced, target } from './story.ts';

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
