import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { story, synced, target } from './story.ts';

function files(count: number, prefix = ''): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}f${index}`, `content ${index}`]));
}

describe('a root that lost everything', () => {
  test('stops the run also where a callback leaves files of another root out', async () => {
    const isExclude = (path: string) => path.endsWith('.tmp');
    const told = await synced({ syncRemove: true, isExclude }, { ...files(5), 'x.tmp': 'not ours' }, {});
    await remove(told.vfs[1]!, 'f0');
    for (const name of ['f1', 'f2', 'f3', 'f4']) await remove(told.vfs[1]!, name);
    const end = await told.sync();
    assert.equal(end.end, 'guarded');
    assert.deepEqual(Object.keys(await snapshot(told.vfs[0]!)).length, 6);
  });
  test('is not seen where a callback leaves out as many files of another root as it has', async () => {
    const isExclude = (path: string) => path.endsWith('.tmp');
    const told = await synced({ syncDb: true, isExclude }, { ...files(2), 'x.tmp': '', 'y.tmp': '' }, {});
    assert.equal((await told.sync()).end, 'finished');
  });
});

describe('killFiles', () => {
  test('that take all files of a root are watched as well', async () => {
    const told = await story({ killFiles: ['f*'] }, files(20), {});
    assert.equal((await told.sync()).end, 'guarded');
    assert.equal(Object.keys(await snapshot(told.vfs[0]!)).length, 20);
  });
});

describe('an approval', () => {
  test('does not hold when more would go with a replaced directory than was shown', async () => {
    const told = await story({ mirror: true }, { d: 'now a file', k: 'k' }, target({ ...files(20, 'd/'), k: 'k' }));
    const first = await told.sync();
    assert.equal(first.end, 'guarded');
    const planId = first.whole.end === 'guarded' ? first.whole.planId : '';
    await put(told.vfs[1]!, files(300, 'd/more-'));
    const second = await told.sync({}, { approve: planId });
    assert.equal(second.end, 'guarded');
    assert.equal(Object.keys(await snapshot(told.vfs[1]!)).length, 321);
  });
});
