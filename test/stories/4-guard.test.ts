import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TreesEnd } from '../kit/run.ts';
import { edit, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { isClean, story, synced, target, type Story } from './story.ts';

/** `count` files f00 … of different content. */
function files(count: number, folder = ''): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}f${String(index).padStart(2, '0')}`, `content ${index}`]));
}

async function removeSome(told: Story, root: number, count: number): Promise<void> {
  for (const path of Object.keys(files(count))) await remove(told.vfs[root]!, path);
}

async function editSome(told: Story, root: number, count: number): Promise<void> {
  for (const path of Object.keys(files(count))) await edit(told.vfs[root]!, path, `edited ${path}`);
}

function guardOf(end: TreesEnd): { planId: string; reasons: readonly string[] } {
  assert.equal(end.end, 'guarded');
  assert.ok(end.whole.end === 'guarded');
  return end.whole;
}

describe('a known root that had two or more entries and now has none', () => {
  for (const options of [{ syncRemove: true }, { syncDb: true }]) {
    test(`stops the run with ${JSON.stringify(options)}, nothing changed`, async () => {
      const told = await synced(options, { a: 'a', b: 'b' }, {});
      await remove(told.vfs[0]!, 'a');
      await remove(told.vfs[0]!, 'b');
      const guard = guardOf(await told.sync());
      assert.ok(guard.reasons.length > 0 && guard.planId !== '');
      await told.holds({}, { a: 'a', b: 'b' });
    });
  }
  test('stops the run for a target-only root too', async () => {
    const told = await synced({ syncDb: true }, { a: 'a', b: 'b' }, target({}));
    await remove(told.vfs[1]!, 'a');
    await remove(told.vfs[1]!, 'b');
    guardOf(await told.sync());
    await told.holds({ a: 'a', b: 'b' }, {});
  });
  test('counts directories as entries', async () => {
    const told = await synced({ syncRemove: true }, { 'd/e/': null }, {});
    await remove(told.vfs[0]!, 'd');
    guardOf(await told.sync());
    await told.holds({}, { 'd/e/': null });
  });
  test('does not count what is out of scope as something left', async () => {
    const told = await synced({ syncRemove: true, excludeFiles: ['*.tmp'] }, { a: 'a', b: 'b', 'x.tmp': 'x' }, {});
    await remove(told.vfs[0]!, 'a');
    await remove(told.vfs[0]!, 'b');
    guardOf(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'a', b: 'b' });
  });
  test('does not count files to be killed as something left', async () => {
    const told = await synced({ syncRemove: true, killFiles: ['Thumbs.db'] }, { a: 'a', b: 'b' }, {});
    await remove(told.vfs[0]!, 'a');
    await remove(told.vfs[0]!, 'b');
    await put(told.vfs[0]!, { 'Thumbs.db': 'junk' });
    guardOf(await told.sync());
    await told.holds({ 'Thumbs.db': 'junk' }, { a: 'a', b: 'b' });
  });
  test('is not said of a root whose known files are all there and to be killed', async () => {
    const told = await synced({ syncDb: true }, files(20), {});
    const { reasons } = guardOf(await told.sync({ killFiles: ['*'] }));
    assert.deepEqual(
      reasons,
      [0, 1].map((root) => `20 of 20 files on root ${root} (root ${root}) would be removed (the limit is 50%)`),
    );
    isClean(await told.sync({ killFiles: ['*'], guard: false }));
    await told.allHold({});
  });
  test('lets a root pass that had one entry only', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a' }, {});
    await remove(told.vfs[0]!, 'a');
    isClean(await told.sync());
    await told.allHold({});
  });
  test('does not count a directory that was given up before but stays on another root', async () => {
    const told = await synced({ syncRemove: true, excludeFiles: ['*.tmp'] }, { 'd/': null, last: 'file' }, {});
    await put(told.vfs[1]!, { 'd/own.tmp': 'mine' });
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync());
    await remove(told.vfs[0]!, 'last');
    isClean(await told.sync());
    await told.holds({}, { 'd/own.tmp': 'mine' });
  });
  test('counts what collides as something left', async () => {
    const told = await synced({ syncRemove: true }, { 'a/x': 'x', b: 'b' }, {});
    for (const path of ['a', 'b']) await remove(told.vfs[1]!, path);
    await put(told.vfs[1]!, { 'new/y': 'y', 'new/z': 'z' });
    await put(told.vfs[0]!, { new: 'file' });
    const end = await told.sync();
    assert.deepEqual([end.end, end.collisions], ['finished', ['new']]);
  });
  test('lets a root pass that the database does not know', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', b: 'b' }, {});
    await told.addRoot({ tree: {} });
    isClean(await told.sync());
    await told.allHold({ a: 'a', b: 'b' });
  });
  test('says nothing without database', async () => {
    const told = await story({}, { a: 'a', b: 'b' }, {});
    isClean(await told.sync());
  });
  test('does not stop the run with guard: false', async () => {
    const told = await synced({ syncRemove: true, guard: false }, { a: 'a', b: 'b' }, {});
    await remove(told.vfs[0]!, 'a');
    await remove(told.vfs[0]!, 'b');
    isClean(await told.sync());
    await told.allHold({});
  });
});

describe('removals', () => {
  test('of more than half of the known files stop the run, nothing changed', async () => {
    const told = await synced({ syncRemove: true }, files(20), {});
    await removeSome(told, 0, 11);
    const guard = guardOf(await told.sync());
    assert.match(guard.reasons.join('\n'), /11/);
    assert.match(guard.reasons.join('\n'), /20/);
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('of exactly half pass', async () => {
    const told = await synced({ syncRemove: true }, files(20), {});
    await removeSome(told, 0, 10);
    isClean(await told.sync());
    assert.equal(Object.keys(await snapshot(told.vfs[1]!)).length, 10);
  });
  test('of fewer than ten files pass, whatever their share', async () => {
    const told = await synced({ syncRemove: true }, files(10), {});
    await removeSome(told, 0, 9);
    isClean(await told.sync());
    assert.equal(Object.keys(await snapshot(told.vfs[1]!)).length, 1);
  });
  test('count per root: a full target-only root stops what another one would not', async () => {
    const told = await synced({ syncRemove: true }, files(20), {}, target({}));
    await removeSome(told, 0, 11);
    const guard = guardOf(await told.sync());
    assert.ok(guard.reasons.length >= 2, guard.reasons.join('\n'));
  });
  test('may be limited by a number', async () => {
    const told = await synced({ syncRemove: true, guard: { maxRemove: { files: 12 } } }, files(40), {});
    await removeSome(told, 0, 12);
    isClean(await told.sync());
    for (const path of Object.keys(files(25)).slice(12)) await remove(told.vfs[0]!, path);
    guardOf(await told.sync());
  });
  test('may be watched from fewer files on', async () => {
    const told = await synced({ syncRemove: true, guard: { minFiles: 3 } }, files(5), {});
    await removeSome(told, 0, 3);
    guardOf(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), files(5));
  });
  test('are not watched with guard: false', async () => {
    const told = await synced({ syncRemove: true, guard: false }, files(20), {});
    await removeSome(told, 0, 19);
    isClean(await told.sync());
    assert.equal(Object.keys(await snapshot(told.vfs[1]!)).length, 1);
  });
  test('of a moved folder do not count', async () => {
    const told = await synced({ syncRemove: true }, files(20, 'old/'), {});
    await move(told.vfs[0]!, 'old', 'new');
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20, 'new/'));
  });
  test('of orphans by mirror are watched, without database too', async () => {
    const told = await story({ mirror: true }, { one: 'one' }, target(files(20)));
    guardOf(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('by the replacement of a full directory by a file are watched', async () => {
    const told = await synced({ syncDb: true }, { ...files(20, 'd/'), k: 'k' }, {});
    await remove(told.vfs[0]!, 'd');
    await put(told.vfs[0]!, { d: 'file' });
    guardOf(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), { ...files(20, 'd/'), k: 'k' });
  });
  test('by killFiles are watched', async () => {
    const told = await synced({ syncDb: true }, files(20), {});
    guardOf(await told.sync({ killFiles: ['f*'] }));
    await told.allHold(files(20));
  });
});

describe('overwriting', () => {
  test('more than half of the known files stops the run, nothing changed', async () => {
    const told = await synced({ syncDb: true }, files(20), {});
    await editSome(told, 0, 11);
    const guard = guardOf(await told.sync());
    assert.match(guard.reasons.join('\n'), /11/);
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('half of them passes', async () => {
    const told = await synced({ syncDb: true }, files(20), {});
    await editSome(told, 0, 10);
    isClean(await told.sync());
  });
  test('is not what a first copy or a new file does', async () => {
    const told = await synced({ syncDb: true }, files(5), {});
    await put(told.vfs[0]!, files(40, 'new/'));
    isClean(await told.sync());
  });
});

describe('the way through', () => {
  const stopped = async (): Promise<{ told: Story; planId: string }> => {
    const told = await synced({ syncRemove: true }, files(20), {});
    await removeSome(told, 0, 15);
    return { told, planId: guardOf(await told.sync()).planId };
  };
  test('is the approved plan id, once', async () => {
    const { told, planId } = await stopped();
    isClean(await told.sync({}, { approve: planId }));
    assert.equal(Object.keys(await snapshot(told.vfs[1]!)).length, 5);
  });
  test('is not another id', async () => {
    const { told, planId } = await stopped();
    guardOf(await told.sync({}, { approve: `${planId}x` }));
    guardOf(await told.sync({}, { approve: '' }));
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('is closed again when the plan has changed meanwhile', async () => {
    const { told, planId } = await stopped();
    await remove(told.vfs[0]!, 'f19');
    const again = guardOf(await told.sync({}, { approve: planId }));
    assert.notEqual(again.planId, planId);
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('has the same id as long as the plan is the same', async () => {
    const { told, planId } = await stopped();
    assert.equal(guardOf(await told.sync()).planId, planId);
  });
  test('is not asked for where no guard speaks, whatever id another project of the command needs', async () => {
    const told = await story({}, { a: 'a' }, {});
    isClean(await told.sync({}, { approve: 'of another plan' }));
    await told.allHold({ a: 'a' });
  });
  test('never suggests to loosen the limit', async () => {
    const { told } = await stopped();
    const { reasons } = guardOf(await told.sync());
    assert.doesNotMatch(reasons.join('\n'), /maxRemove|maxOverwrite|minFiles|guard:|raise|increase|loosen/i);
  });
  test('is shown by a simulation, which stops as well', async () => {
    const { told, planId } = await stopped();
    const end = await told.sync({}, { simulation: true });
    assert.equal(guardOf(end).planId, planId);
    assert.ok(end.events.some((event) => event.type === 'guard' && event.planId === planId));
    assert.equal(end.result.simulation, true);
  });
});

describe('the whole plan is known before the first action', () => {
  test('a guarded run does not even make a directory', async () => {
    const told = await synced({ syncRemove: true }, files(20), {});
    await removeSome(told, 0, 15);
    await put(told.vfs[0]!, { 'new/x': 'x' });
    guardOf(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), files(20));
  });
  test('a simulation shows the actions of the run and does none', async () => {
    const build = () => synced({ syncRemove: true }, { a: 'a', 'd/b': 'b', k1: '1', k2: '2' }, {});
    const [one, two] = [await build(), await build()];
    for (const told of [one, two]) {
      await remove(told.vfs[0]!, 'a');
      await put(told.vfs[1]!, { 'n/new': 'new' });
      await edit(told.vfs[1]!, 'd/b', 'edited');
    }
    const shown = await one.sync({}, { simulation: true });
    const done = await two.sync();
    assert.deepEqual(shown.lines, done.lines);
    assert.deepEqual({ ...shown.result, simulation: false, seconds: 0 }, { ...done.result, seconds: 0 });
    await one.holds({ 'd/b': 'b', k1: '1', k2: '2' }, { a: 'a', 'd/b': 'edited', 'n/new': 'new', k1: '1', k2: '2' });
    isClean(await one.sync());
    await one.allHold({ 'd/b': 'edited', 'n/new': 'new', k1: '1', k2: '2' });
  });
});
