import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, file, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { day, isClean, story, synced, target } from './story.ts';

const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

describe('a database with a lasting problem', () => {
  test('still knows its roots: a name created differently on both is a collision, not overwritten by the newest', async () => {
    const told = await story({ syncDb: true }, { bad: 'bad', ...ballast }, {});
    const lasting = () => new World([failAt('write', 'bad', 'denied', 1)]);
    await told.sync({}, { world: lasting() });
    await told.sync({}, { world: lasting() });
    await put(told.vfs[0]!, { new: file('of root 0', { modified: day(1) }) });
    await put(told.vfs[1]!, { new: file('made on root 1', { modified: day(2) }) });
    const end = await told.sync({}, { world: lasting() });
    assert.deepEqual(end.collisions, ['new']);
    assert.equal((await snapshot(told.vfs[0]!))['new'], 'of root 0');
  });
});

describe('a removal that was done on one root and failed on another', () => {
  test('does not take the file that its owner restores as it was', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, {});
    const revision = await told.vfs[0]!.stat('a');
    await remove(told.vfs[0]!, 'a');
    const end = await told.sync({}, { world: new World([failAt('removeFile', 'a', 'denied', 2)]) });
    assert.deepEqual(end.problems, ['a@2 denied']);
    // The owner takes it out of the trash: same size and time, so the same revision.
    await put(told.vfs[0]!, { a: 'a' });
    restoreRevision(told.vfs[0]!, 'a', revision);
    await told.sync();
    await told.allHold({ a: 'a', ...ballast });
  });
  test('beside a target-only root that keeps its own version, neither', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, target({}));
    const revision = await told.vfs[0]!.stat('a');
    await edit(told.vfs[2]!, 'a', 'newer', day(9));
    await remove(told.vfs[0]!, 'a');
    await told.sync();
    await put(told.vfs[0]!, { a: 'a' });
    restoreRevision(told.vfs[0]!, 'a', revision);
    await told.sync();
    assert.equal((await snapshot(told.vfs[0]!))['a'], 'a');
  });
});

/** What a local file system does by itself: size and time make the revision. */
function restoreRevision(vfs: unknown, path: string, as: unknown): void {
  const item = (vfs as { find(path: string): { revision: string } }).find(path);
  item.revision = (as as { revision: string }).revision;
}

describe('a move that cannot be done by renaming', () => {
  test('is done by copying, at the latest by the next run', async () => {
    const told = await synced({ syncRemove: true }, { 'd/a': 'content', 'e/x': 'x', ...ballast }, {});
    await told.vfs[0]!.rename('d/a', 'e/a', { kind: 'file', revision: ((await told.vfs[0]!.stat('d/a')) as { revision: string }).revision });
    // A mount point below the root: EXDEV, whenever it is tried.
    for (let run = 0; run < 3; run++) await told.sync({}, { world: new World([failAt('rename', 'd/a', 'failed', 1)]) });
    assert.deepEqual(await snapshot(told.vfs[1]!), await snapshot(told.vfs[0]!));
  });
});

describe('a removal on the root that it comes from', () => {
  test('is looked at again: a file that is back is not removed elsewhere', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    const back = {
      when: 'before',
      at: (call: { method: string; root: number }) => call.method === 'stat' && call.root === 0,
      effect: () => put(told.vfs[0]!, { a: 'a' }),
    } as const;
    await told.sync({}, { world: new World([back]) });
    assert.equal((await snapshot(told.vfs[1]!))['a'], 'a');
  });
});

describe('a commit that cannot be made', () => {
  test('does not hide what was done from the result', async () => {
    const told = await story({ syncDb: true }, { a: 'a', b: 'b' }, {});
    const end = await told.sync({}, { world: new World([failAt('flush', '', 'failed')]) });
    assert.equal(end.end, 'failed');
    assert.deepEqual([end.result.copied, Object.keys(await snapshot(told.vfs[1]!)).length], [2, 2]);
  });
});

test('a clean run after all of that', async () => {
  const told = await synced({ syncDb: true }, { a: 'a' }, {});
  isClean(await told.sync());
});

describe('two source roots that never met, and a target-only root that is with both', () => {
  test('collide when they meet; the version of the root that was left out is not overwritten', async () => {
    const told = await synced({ syncDb: true }, ballast, {}, target({}));
    await put(told.vfs[0]!, { a: file('of root 0', { modified: day(1) }) });
    await told.sync({}, { only: [0, 2] });
    await put(told.vfs[1]!, { a: file('of root 1, other', { modified: day(2) }) });
    await told.sync({}, { only: [1, 2] });
    await told.sync();
    assert.equal((await snapshot(told.vfs[0]!))['a'], 'of root 0');
  });
  test('so they do when both modified a file', async () => {
    const told = await synced({ syncDb: true }, { a: file('agreed', { modified: day(1) }), ...ballast }, {}, target({}));
    await edit(told.vfs[0]!, 'a', 'of root 0', day(2));
    await told.sync({}, { only: [0, 2] });
    await edit(told.vfs[1]!, 'a', 'of root 1, other', day(3));
    await told.sync({}, { only: [1, 2] });
    await told.sync();
    assert.equal((await snapshot(told.vfs[0]!))['a'], 'of root 0');
  });
});
