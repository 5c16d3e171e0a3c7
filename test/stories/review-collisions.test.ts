import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { edit, file, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { day, synced, type Story } from './story.ts';

const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

async function versionsOf(told: Story): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const vfs of told.vfs) for (const value of Object.values(await snapshot(vfs))) seen.add(typeof value === 'string' ? value : '');
  return seen;
}

describe('keepBoth', () => {
  test('keeps the loser although the copy of it that is there is about to be removed', async () => {
    const told = await synced({ syncRemove: true, onCollision: 'keepBoth' }, { f: file('agreed', { modified: day(1) }), ...ballast }, {});
    await edit(told.vfs[0]!, 'f', 'loser', day(5));
    await edit(told.vfs[1]!, 'f', 'winner!', day(6));
    // Stopped after the loser got its name everywhere, before the winner took its place.
    await told.sync({}, { world: new World([failAt('write', 'f', 'denied', 0)]) });
    assert.equal((await snapshot(told.vfs[1]!))['f (root 0, 2024-03-05)'], 'loser');
    // The owner of root 1 tidies up.
    await remove(told.vfs[1]!, 'f (root 0, 2024-03-05)');
    await told.sync();
    assert.ok((await versionsOf(told)).has('loser'));
  });
  for (const options of [{ evenTime: true }, { compare: 'size' }, { ignoreTimeShifts: [1 / 60] }] as const) {
    test(`keeps a loser that has the winner's size, and its time as far as ${Object.keys(options)} looks`, async () => {
      const told = await synced({ syncDb: true, onCollision: 'keepBoth', ...options }, { f: file('agreed', { modified: day(1) }), ...ballast }, {});
      await edit(told.vfs[0]!, 'f', 'and bread', day(5));
      await edit(told.vfs[1]!, 'f', 'and a pen', new Date(Date.parse(day(5)) + 1000).toISOString());
      await told.sync();
      for (const vfs of told.vfs) assert.deepEqual(await snapshot(vfs), { ...ballast, f: 'and a pen', 'f (root 0, 2024-03-05)': 'and bread' });
      await told.isIdle();
    });
  }
  test("does not let the winner take the name before every loser's copy is made", async () => {
    const told = await synced({ syncRemove: true, onCollision: 'keepBoth' }, { f: file('agreed', { modified: day(1) }), ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'f', 'zero', day(4));
    await edit(told.vfs[1]!, 'f', 'loser one', day(5));
    await edit(told.vfs[2]!, 'f', 'winner is two', day(6));
    // Root 1's version is already under its name on root 1 (a stopped run, or its owner put it there), on its way to the others.
    await put(told.vfs[1]!, { 'f (root 1, 2024-03-05)': file('loser one', { modified: day(5) }) });
    const fails = failAt('write', 'f (root 0, 2024-03-04)', 'no-space' as never);
    await told.sync({}, { world: new World([fails]) });
    assert.ok((await versionsOf(told)).has('zero'));
  });
});
