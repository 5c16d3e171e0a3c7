import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { file, link, snapshot } from '../kit/tree.ts';
import { day, isClean, story, target } from './story.ts';

const at = (content: string, modified: string) => file(content, { modified });
const MINUTE = 60_000;
const later = (ms: number) => new Date(Date.parse(day(10)) + ms).toISOString();

describe('equal files', () => {
  test('of equal time and size are up to date', async () => {
    const told = await story({}, { a: at('one', day(1)) }, { a: at('two', day(1)) });
    await told.isIdle();
    await told.holds({ a: 'one' }, { a: 'two' });
  });
  test('may differ by the coarser precision of the two roots', async () => {
    const coarse = { timePrecisionMs: 2000 };
    const told = await story({}, { a: at('x', later(1999)) }, { tree: { a: at('x', later(0)) }, traits: coarse });
    await told.isIdle();
  });
  test('may not differ by more than it', async () => {
    const told = await story({}, { a: at('new', later(5000)) }, { tree: { a: at('old', later(0)) }, traits: { timePrecisionMs: 2000 } });
    isClean(await told.sync());
    await told.allHold({ a: 'new' });
  });
  test('an edit within the precision of a target-only root is copied, its size being another', async () => {
    const coarse = { traits: { timePrecisionMs: 1000 }, targetOnly: true };
    const told = await story({}, { a: at('edited', later(900)) }, { ...coarse, tree: { a: at('once', later(0)) } });
    isClean(await told.sync());
    await told.allHold({ a: 'edited' });
    const unclear = await story({}, { a: at('edited', later(0)) }, { ...coarse, tree: { a: at('other', later(900)) } });
    assert.deepEqual((await unclear.sync()).collisions, ['a'], 'not older');
    const source = await story({}, { a: at('edited', later(900)) }, { ...coarse, targetOnly: false, tree: { a: at('once', later(0)) } });
    assert.deepEqual((await source.sync()).collisions, ['a'], 'a source');
  });
  test('a copy to a coarse root is up to date at the next run', async () => {
    const told = await story({}, { a: at('x', later(1234)) }, { tree: {}, traits: { timePrecisionMs: 2000 } });
    isClean(await told.sync());
    await told.isIdle();
  });
  test('without evenTime a second makes a difference', async () => {
    const told = await story({}, { a: at('new', later(1000)) }, { a: at('old', later(0)) });
    isClean(await told.sync());
    await told.allHold({ a: 'new' });
  });
  test('with evenTime 2 s are equal', async () => {
    const told = await story({ evenTime: true }, { a: at('new', later(2000)) }, { a: at('old', later(0)) });
    await told.isIdle();
    await told.holds({ a: 'new' }, { a: 'old' });
  });
  test('with evenTime 3 s are not', async () => {
    const told = await story({ evenTime: true }, { a: at('new', later(3000)) }, { a: at('old', later(0)) });
    isClean(await told.sync());
    await told.allHold({ a: 'new' });
  });
  test('ignoreTimeShifts makes exactly that shift equal, in both directions, sizes being equal', async () => {
    const told = await story(
      { ignoreTimeShifts: [60] },
      { a: at('one', later(60 * MINUTE)), b: at('1', later(0)) },
      { a: at('two', later(0)), b: at('2', later(60 * MINUTE)) },
    );
    await told.isIdle();
    await told.holds({ a: 'one', b: '1' }, { a: 'two', b: '2' });
  });
  test('ignoreTimeShifts does not make other shifts equal', async () => {
    const told = await story(
      { ignoreTimeShifts: [60] },
      { a: at('new', later(61 * MINUTE)), b: at('New', later(30 * MINUTE)) },
      { a: at('old', later(0)), b: at('Old', later(0)) },
    );
    isClean(await told.sync());
    await told.allHold({ a: 'new', b: 'New' });
  });
  test('ignoreTimeShifts does not hide another size', async () => {
    const told = await story({ ignoreTimeShifts: [60] }, { a: at('longer', later(60 * MINUTE)) }, { a: at('old', later(0)) });
    isClean(await told.sync());
    await told.allHold({ a: 'longer' });
  });
  test('several shifts may be given', async () => {
    const told = await story({ ignoreTimeShifts: [60, 120] }, { a: at('one', later(120 * MINUTE)) }, { a: at('two', later(0)) });
    await told.isIdle();
  });
});

describe("compare: 'size'", () => {
  test('takes equal sizes for equal whatever the times', async () => {
    const told = await story({ compare: 'size' }, { a: at('one', day(2)) }, { a: at('two', day(1)) });
    await told.isIdle();
  });
  test('copies the newer where sizes differ', async () => {
    const told = await story({ compare: 'size' }, { a: at('longer', day(2)) }, { a: at('old', day(1)) });
    isClean(await told.sync());
    await told.allHold({ a: 'longer' });
  });
});

describe("compare: 'size' among more than two roots", () => {
  test('the newest is the master, though an older one of its size comes first', async () => {
    const told = await story({ compare: 'size' }, { a: at('', day(1)) }, { a: at('', day(3)) }, { a: at('y', day(2)) });
    isClean(await told.sync());
    await told.allHold({ a: '' });
    await told.isIdle();
  });
});

describe("compare: 'content'", () => {
  test('finds other bytes under equal time and size: a collision', async () => {
    const told = await story({ compare: 'content' }, { a: at('one', day(1)) }, { a: at('two', day(1)) });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'one' }, { a: 'two' });
  });
  test('repairs unequal times of equal bytes, without copying', async () => {
    const told = await story({ compare: 'content' }, { a: at('same', day(1)) }, { a: at('same', day(2)) });
    const end = await told.sync();
    isClean(end);
    const times = await Promise.all(told.vfs.map((vfs) => snapshot(vfs, { times: true })));
    assert.deepEqual(times[0], times[1]);
    assert.deepEqual(times[0], { a: at('same', day(2)) });
    assert.equal(end.result.bytes, 0);
    await told.isIdle();
  });
  test('copies the newer where bytes differ', async () => {
    const told = await story({ compare: 'content' }, { a: at('new', day(2)) }, { a: at('old', day(1)) });
    isClean(await told.sync());
    await told.allHold({ a: 'new' });
  });
});

describe('where a root keeps no times', () => {
  const timeless = { timePrecisionMs: undefined };
  test('equal sizes are equal', async () => {
    const told = await story({}, { a: at('one', day(1)) }, target({ a: 'two' }, { traits: timeless }));
    await told.isIdle();
  });
  test('another size on a target-only root is set right', async () => {
    const told = await story({ mirror: true }, { a: at('longer', day(1)) }, target({ a: 'two' }, { traits: timeless }));
    isClean(await told.sync());
    await told.allHold({ a: 'longer' });
  });
  test('a copy is up to date at the next run, with and without database', async () => {
    for (const syncDb of [false, true]) {
      const told = await story({ syncDb }, { a: at('x', day(1)), 'd/b': 'yy' }, { tree: {}, traits: timeless });
      isClean(await told.sync());
      await told.allHold({ a: 'x', 'd/b': 'yy' });
      await told.isIdle();
    }
  });
});

describe('the master', () => {
  test('is the newest among the sources that have the file', async () => {
    const told = await story({}, { a: at('1', day(1)) }, { a: at('333', day(3)) }, { a: at('22', day(2)) }, {});
    isClean(await told.sync());
    await told.allHold({ a: '333' });
  });
  test('is the lowest index on a tie', async () => {
    const told = await story({}, { a: at('one', day(1)) }, { a: at('two', day(1)) }, {});
    isClean(await told.sync());
    await told.holds({ a: 'one' }, { a: 'two' }, { a: 'one' });
  });
  test('equal time and unequal size is a collision and nothing is copied', async () => {
    const told = await story({}, { a: at('one', day(1)) }, { a: at('three', day(1)) }, {});
    const end = await told.sync();
    assert.deepEqual(end.collisions, ['a']);
    assert.deepEqual(end.lines, []);
    await told.holds({ a: 'one' }, { a: 'three' }, {});
  });
  test('older roots with equal time and unequal size among themselves do not collide: the newest wins', async () => {
    const told = await story({}, { a: at('one', day(1)) }, { a: at('three', day(1)) }, { a: at('newest', day(2)) });
    isClean(await told.sync());
    await told.allHold({ a: 'newest' });
  });
  test('keeps its time on the others', async () => {
    const told = await story({}, { a: at('x', day(1)), b: at('old', '1970-01-02T00:00:00.000Z') }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!, { times: true }), { a: at('x', day(1)), b: at('old', '1970-01-02T00:00:00.000Z') });
  });
  test('keeps its mode on the others', async () => {
    const told = await story({}, { run: file('#!', { mode: 0o755 }) }, {});
    isClean(await told.sync());
    const entry = await told.vfs[1]!.stat('run');
    assert.equal(entry?.kind === 'file' ? entry.mode : undefined, 0o755);
  });
});

describe('another root that has', () => {
  test('nothing gets a copy: missing', async () => {
    const told = await story({}, { 'd/a': 'x', empty: '' }, {});
    const end = await told.sync();
    isClean(end);
    await told.allHold({ 'd/a': 'x', empty: '' });
    assert.ok(end.lines.includes('copy d/a 0>1 (missing)'), end.lines.join('\n'));
  });
  test('an equal file is up to date', async () => {
    const told = await story({}, { a: 'x' }, { a: 'x' }, target({ a: 'x' }));
    await told.isIdle();
  });
  test('an older file gets the newer: older', async () => {
    const told = await story({}, { a: at('old', day(1)) }, { a: at('new', day(2)) });
    const end = await told.sync();
    assert.deepEqual(end.lines, ['copy a 1>0 (older)']);
    await told.allHold({ a: 'new' });
  });
  test('a newer file as target-only keeps it: counted and shown', async () => {
    const told = await story({}, { a: at('old', day(1)) }, target({ a: at('newer', day(2)) }));
    const end = await told.sync();
    isClean(end);
    assert.deepEqual(end.lines, []);
    assert.deepEqual(end.kept, ['a@1']);
    assert.equal(end.result.kept, 1);
    assert.ok(end.events.some((event) => event.type === 'kept' && event.reason === 'target is newer' && event.counted));
    await told.holds({ a: 'old' }, { a: 'newer' });
  });
  test('a newer file as target-only gets the copy with mirror', async () => {
    const told = await story({ mirror: true }, { a: at('old', day(1)) }, target({ a: at('newer', day(2)) }));
    const end = await told.sync();
    isClean(end);
    assert.equal(end.result.kept, 0);
    await told.allHold({ a: 'old' });
  });
  test('a directory is a collision: file and directory', async () => {
    const told = await story({}, { a: 'file' }, { 'a/x': 'x' });
    const end = await told.sync();
    assert.deepEqual(end.collisions, ['a']);
    assert.match(end.result.collisions[0]?.reason ?? '', /file and directory/);
    await told.holds({ a: 'file' }, { 'a/x': 'x' });
  });
  test('a directory as target-only is a collision too', async () => {
    const told = await story({}, { a: 'file', b: 'b' }, target({ 'a/x': 'x' }));
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'file', b: 'b' }, { 'a/x': 'x', b: 'b' });
  });
  test('a file as target-only where sources have a directory is a collision too', async () => {
    const told = await story({}, { 'a/x': 'x', b: 'b' }, target({ a: 'file' }));
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ 'a/x': 'x', b: 'b' }, { a: 'file', b: 'b' });
  });
  test('a file that no source has stays on a target-only root', async () => {
    const told = await story({}, { a: 'a' }, target({ b: 'b', 'd/c': 'c' }));
    isClean(await told.sync());
    await told.holds({ a: 'a' }, { a: 'a', b: 'b', 'd/c': 'c' });
  });
  test('a file that no source has is removed by mirror: orphan', async () => {
    const told = await story({ mirror: true }, { a: 'a' }, target({ b: 'b', 'd/c': 'c' }));
    const end = await told.sync();
    isClean(end);
    await told.allHold({ a: 'a' });
    assert.ok(end.lines.includes('remove b 1 (orphan)'), end.lines.join('\n'));
  });
  test('a file on a source is never removed by mirror', async () => {
    const told = await story({ mirror: true }, { a: 'a' }, { b: 'b' }, target({}));
    isClean(await told.sync());
    await told.allHold({ a: 'a', b: 'b' });
  });
});

describe('mirror on a target-only root', () => {
  test('replaces a file of equal time and unequal size', async () => {
    const told = await story({ mirror: true }, { a: at('one', day(1)) }, target({ a: at('other', day(1)) }));
    isClean(await told.sync());
    await told.allHold({ a: 'one' });
  });
  test('replaces a directory by a file', async () => {
    const told = await story({ mirror: true }, { a: 'file' }, target({ 'a/x': 'x', 'a/e/y': 'y' }));
    isClean(await told.sync());
    await told.allHold({ a: 'file' });
    await told.isIdle();
  });
  test('replaces a file by a directory and fills it', async () => {
    const told = await story({ mirror: true }, { 'a/x': 'x', 'a/e/y': 'y' }, target({ a: 'file' }));
    isClean(await told.sync());
    await told.allHold({ 'a/x': 'x', 'a/e/y': 'y' });
    await told.isIdle();
  });
  test('replaces a link by a file and a file by a link, with links copied', async () => {
    const told = await story({ mirror: true, symlinks: 'copy' }, { a: 'file', b: link('a') }, target({ a: link('x'), b: 'file' }));
    isClean(await told.sync());
    await told.allHold({ a: 'file', b: link('a') });
  });
  test('is replaced in the same run that brings the newest to the other sources', async () => {
    const told = await story({ mirror: true }, { a: at('newer', day(9)) }, { a: at('old', day(2)) }, target({ 'a/x': 'x' }));
    isClean(await told.sync());
    await told.allHold({ a: 'newer' });
    await told.isIdle();
  });
  test('does not replace on a source', async () => {
    const told = await story({ mirror: true }, { a: 'file' }, { 'a/x': 'x' });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'file' }, { 'a/x': 'x' });
  });
  test('removes empty and emptied directories that no source has', async () => {
    const told = await story({ mirror: true }, { a: 'a' }, target({ 'd/e/x': 'x', 'empty/': null }));
    isClean(await told.sync());
    await told.allHold({ a: 'a' });
  });
  test('a directory that still holds files out of scope stays, and says so', async () => {
    const told = await story({ mirror: true, excludeFiles: ['*.tmp'] }, { a: 'a' }, target({ 'd/x': 'x', 'd/k.tmp': 'k' }));
    const end = await told.sync();
    isClean(end);
    await told.holds({ a: 'a' }, { a: 'a', 'd/k.tmp': 'k' });
    assert.ok(end.kept.includes('d@1'), end.kept.join());
    await told.isIdle();
  });
  test('does not destroy files out of scope when a directory should become a file', async () => {
    const told = await story({ mirror: true, excludeFiles: ['*.tmp'] }, { d: 'file' }, target({ 'd/x': 'x', 'd/k.tmp': 'k' }));
    await told.sync();
    assert.equal((await snapshot(told.vfs[1]!))['d/k.tmp'], 'k');
  });
});

describe('newerThan', () => {
  test('leaves a path alone whose master is older: not copied', async () => {
    const told = await story({ newerThan: day(5) }, { old: at('o', day(1)), fresh: at('f', day(6)) }, {});
    isClean(await told.sync());
    await told.holds({ old: 'o', fresh: 'f' }, { fresh: 'f' });
    await told.isIdle();
  });
  test('never a collision', async () => {
    const told = await story(
      { newerThan: day(5) },
      { a: at('one', day(1)), b: at('file', day(1)) },
      { a: at('three', day(1)), b: at('ffile', day(2)) },
    );
    await told.isIdle();
  });
  test('counts the newest: an older holder still gets the copy', async () => {
    const told = await story({ newerThan: day(5) }, { a: at('old', day(1)) }, { a: at('new', day(6)) });
    isClean(await told.sync());
    await told.allHold({ a: 'new' });
  });
  test('counts the master only: a newer target-only file does not bring the path in', async () => {
    const told = await story({ newerThan: day(5), mirror: true }, { a: at('old', day(1)) }, target({ a: at('newer', day(6)) }));
    isClean(await told.sync());
    await told.holds({ a: 'old' }, { a: 'newer' });
  });
  test('a file exactly as old as the limit is not older', async () => {
    const told = await story({ newerThan: day(5) }, { a: at('x', day(5)) }, {});
    isClean(await told.sync());
    await told.allHold({ a: 'x' });
  });
  test('never a collision with a directory of a target-only root', async () => {
    const told = await story({ newerThan: day(5) }, { a: at('old', day(1)) }, target({ 'a/x': 'x' }));
    await told.isIdle();
  });
  test('does not keep an orphan from being mirrored away', async () => {
    const told = await story({ newerThan: day(5), mirror: true }, { a: at('a', day(6)) }, target({ orphan: at('o', day(1)) }));
    isClean(await told.sync());
    await told.allHold({ a: 'a' });
  });
});

describe('directories without database', () => {
  test('are made where missing, empty ones too', async () => {
    const told = await story({}, { 'd/e/': null }, { 'f/': null }, target({}));
    isClean(await told.sync());
    await told.allHold({ 'd/e/': null, 'f/': null });
  });
  test('of one target-only root are no collision with a file of another: no source has anything there', async () => {
    const told = await story({}, { a: 'a' }, target({ 'x/y': 'y', a: 'a' }), target({ x: 'x', a: 'a' }));
    await told.isIdle();
  });
  test('of a target-only root alone are not made elsewhere, nor removed', async () => {
    const told = await story({}, { a: 'a' }, target({ 'own/': null }));
    isClean(await told.sync());
    await told.holds({ a: 'a' }, { a: 'a', 'own/': null });
  });
  test('with lazyMkdir are made only when a file needs them', async () => {
    const told = await story({ lazyMkdir: true }, { 'd/e/': null, 'f/g/x': 'x' }, {});
    isClean(await told.sync());
    await told.holds({ 'd/e/': null, 'f/g/x': 'x' }, { 'f/g/x': 'x' });
    await told.isIdle({ lazyMkdir: true });
  });
  test('with lazyMkdir are not made around a collision', async () => {
    const told = await story({ lazyMkdir: true }, { 'c/a/': null }, { 'c/a': 'file' }, {});
    assert.deepEqual((await told.sync()).collisions, ['c/a']);
    await told.holds({ 'c/a/': null }, { 'c/a': 'file' }, {});
  });
  test('with lazyMkdir are not made for a file that is left out', async () => {
    const told = await story({ lazyMkdir: true, excludeFiles: ['*.tmp'], newerThan: day(5) }, { 'd/x.tmp': 'x', 'e/old': at('o', day(1)) }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), {});
  });
});

describe('collisions without database', () => {
  test("onCollision 'newest' has nothing to go by at equal times: the collision stays", async () => {
    const told = await story({ onCollision: 'newest' }, { a: at('one', day(1)) }, { a: at('three', day(1)) });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    await told.holds({ a: 'one' }, { a: 'three' });
  });
  for (const evenTime of [false, true]) {
    test(`onCollision 'newest' never calls a target-only root settled that it left as it was, evenTime ${evenTime}`, async () => {
      const told = await story(
        { onCollision: 'newest', evenTime },
        { a: at('one', later(evenTime ? 100 : 0)) },
        target({ a: at('three', later(0)) }),
      );
      const end = await told.sync();
      const isEqual = (await snapshot(told.vfs[1]!))['a'] === 'one';
      assert.deepEqual(end.collisions, isEqual ? [] : ['a']);
    });
  }
  test('are asked again next time', async () => {
    const told = await story({}, { a: at('one', day(1)) }, { a: at('three', day(1)) });
    assert.deepEqual((await told.sync()).collisions, ['a']);
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });
});

describe('a file that is in the way of a folder', () => {
  test('is a collision of that path, and nothing below happens', async () => {
    const told = await story({}, { 'd/e/f/x': 'x', a: 'a' }, { 'd/e': 'file' });
    const end = await told.sync();
    assert.deepEqual(end.collisions, ['d/e']);
    assert.deepEqual(end.problems, []);
    await told.holds({ 'd/e/f/x': 'x', a: 'a' }, { 'd/e': 'file', a: 'a' });
  });
});

describe('a case-insensitive root', () => {
  test('that holds one of two names differing in case does not lose either', async () => {
    const told = await story({}, { Name: 'upper', name: 'lower' }, { tree: {}, traits: { caseSensitive: false } });
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[0]!), { Name: 'upper', name: 'lower' });
  });
});
