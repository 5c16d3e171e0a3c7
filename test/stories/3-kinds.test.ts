import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edit, put, remove, snapshot } from '../kit/tree.ts';
import { at, ballast, day, isClean, synced, target } from './story.ts';

describe('a change of kind on one root, the rest unchanged', () => {
  test('file to directory is carried out on the others, with what is in it', async () => {
    const told = await synced({ syncDb: true }, { a: 'file', ...ballast }, {}, target({}));
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { 'a/x': 'x', 'a/e/y': 'y' });
    isClean(await told.sync());
    await told.allHold({ 'a/x': 'x', 'a/e/y': 'y', ...ballast });
    await told.isIdle();
  });
  test('directory to file on a source and on a target-only root, equal in time but not in size: collision, nothing lost', async () => {
    const told = await synced({ syncRemove: true }, target({ 'a/x': 'x', ...ballast }), { 'a/x': 'x', ...ballast });
    for (const [root, content] of ['one', 'another'].entries()) {
      await remove(told.vfs[root]!, 'a');
      await put(told.vfs[root]!, { a: at(content, day(9)) });
    }
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'one', ...ballast }, { a: 'another', ...ballast });
  });
  test('directory to file is carried out on the others as one action, without syncRemove too', async () => {
    const told = await synced({ syncDb: true }, { 'a/x': 'x', 'a/e/y': 'y', ...ballast }, {}, {});
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
  test('directory to file takes nothing away on a target-only root, to which removals do not travel: collision, nothing lost', async () => {
    const told = await synced({ syncDb: true }, { 'a/x': 'x', ...ballast }, target({}));
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    const end = await told.sync();
    assert.deepEqual(end.collisions, ['a']);
    assert.match(end.result.collisions[0]?.reason ?? '', /"a\/x" on root 1 would go, and removals do not travel \(syncRemove\)/);
    await told.holds({ a: 'file now', ...ballast }, { 'a/x': 'x', ...ballast });
    const carried = await told.sync({ syncRemove: true });
    isClean(carried);
    await told.allHold({ a: 'file now', ...ballast });
  });
  test('directory to file carries an empty directory away on a target-only root without syncRemove', async () => {
    const told = await synced({ syncDb: true }, { a: null, ...ballast }, target({}));
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    isClean(await told.sync());
    await told.allHold({ a: 'file now', ...ballast });
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
  for (const compare of ['time', 'size', 'content'] as const) {
    test(`to a file, and on a mirrored root to another one: that one is set right, compare ${compare}`, async () => {
      const told = await synced({ syncRemove: true, mirror: true, compare }, { 'a/x': 'x', ...ballast }, {}, target({}));
      for (const root of [0, 2]) await remove(told.vfs[root]!, 'a');
      await put(told.vfs[0]!, { a: at('file now', day(9)) });
      await put(told.vfs[2]!, { a: at('another', day(8)) });
      isClean(await told.sync());
      await told.allHold({ a: 'file now', ...ballast });
      await told.isIdle();
    });
  }
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
  test('with lazyMkdir one that took the place of a file stays, though another root had removed the file', async () => {
    const options = { syncRemove: true, lazyMkdir: true };
    const told = await synced(options, { a: 'file', ...ballast }, {}, {});
    await remove(told.vfs[0]!, 'a');
    await remove(told.vfs[1]!, 'a');
    await put(told.vfs[1]!, { 'a/': null });
    isClean(await told.sync());
    await told.holds(ballast, { 'a/': null, ...ballast }, { 'a/': null, ...ballast });
    await told.isIdle();
    await told.holds(ballast, { 'a/': null, ...ballast }, { 'a/': null, ...ballast });
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
