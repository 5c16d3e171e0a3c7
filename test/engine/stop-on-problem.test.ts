import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { failAt, World } from '../kit/faulty-vfs.ts';
import { syncFolders, temporaryFolder } from '../kit/sync-folders.ts';
import { edit, put, snapshot } from '../kit/tree.ts';
import { synced } from '../stories/story.ts';

const FILES = 2000;
const PER_FOLDER = 100;
/** Names sort as their numbers do. */
const pathOf = (i: number) => `d${10 + Math.floor(i / PER_FOLDER)}/f${100 + (i % PER_FOLDER)}`;
const many = (bytes: number) => Object.fromEntries(Array.from({ length: FILES }, (_, i) => [pathOf(i), `${i}`.padEnd(bytes)]));

async function twoFolders(context: TestContext, bytes: number) {
  const base = await temporaryFolder(context);
  const [a, b] = [join(base, 'a'), join(base, 'b')];
  await Promise.all([mkdir(a), mkdir(b)]);
  await put(a, many(bytes));
  return { base, a, b };
}

test('one file among thousands that cannot be read is the only problem, and nothing of its batch is begun after it', async (context) => {
  const { base, a, b } = await twoFolders(context, 10);
  const run = { folders: [a, b], options: { onError: 'stop' as const }, database: join(base, 'p.syncdb') };
  const takeIt = (event: RunEvent) => event.type === 'planned' && rmSync(join(a, pathOf(3)));
  const end = await syncFolders({ ...run, onEvent: takeIt });
  assert.equal(end.end, 'failed');
  assert.deepEqual(end.problems, [`${pathOf(3)}@0 changed`]);
  const ofTheBatch = (await readdir(join(b, 'd10'))).filter((name) => name < 'f164');
  assert.deepEqual(ofTheBatch.sort(), ['f100', 'f101', 'f102']);
  assert.equal(end.result.copied, Object.values(await snapshot(b)).filter((content) => content !== null).length);
  const next = await syncFolders(run);
  assert.deepEqual([next.end, next.problems, next.collisions], ['finished', [], []]);
  assert.equal(end.result.copied + next.result.copied, FILES - 1);
  assert.deepEqual(await snapshot(b), await snapshot(a));
});

test('a full disk is one problem for each file that was being written, not for each that was to be', async (context) => {
  const { base, a, b } = await twoFolders(context, 4000);
  if (process.platform !== 'linux' || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', b]).status !== 0) {
    context.skip('a small disk cannot be mounted here');
    return;
  }
  try {
    const end = await syncFolders({ folders: [a, b], options: { onError: 'stop' }, database: join(base, 'p.syncdb') });
    assert.equal(end.end, 'failed');
    const codes = new Set(end.problems.map((problem) => problem.split(' ')[1]));
    assert.deepEqual([...codes], ['no-space']);
    // As many threads as can write at once.
    assert.ok(end.problems.length <= 4, `${end.problems.length} problems`);
    assert.equal(statfsSync(b).bavail, 0);
    const there = Object.values(await snapshot(b)).filter((content) => content !== null);
    assert.equal(there.length, end.result.copied);
    assert.ok(there.every((content) => (content as string).length === 4000));
    spawnSync('mount', ['-o', 'remount,size=64m', b]);
    const next = await syncFolders({ folders: [a, b], options: { onError: 'stop' }, database: join(base, 'p.syncdb') });
    assert.deepEqual([next.end, next.result.copied], ['finished', FILES - end.result.copied]);
    assert.deepEqual(await snapshot(b), await snapshot(a));
  } finally {
    spawnSync('umount', [b]);
  }
});

test('where files that are known are copied, too, what was not begun is no problem and comes with the next run', async (context) => {
  const { base, a, b } = await twoFolders(context, 10);
  const run = { folders: [a, b], options: { onError: 'stop' as const, guard: false as const }, database: join(base, 'p.syncdb') };
  await syncFolders(run);
  for (let i = 0; i < 400; i++) await edit(a, pathOf(i), `changed ${i}`, '2026-02-03T04:05:06Z');
  const takeIt = (event: RunEvent) => event.type === 'planned' && rmSync(join(a, pathOf(3)));
  const end = await syncFolders({ ...run, onEvent: takeIt });
  assert.deepEqual([end.end, end.problems], ['failed', [`${pathOf(3)}@0 changed`]]);
  const next = await syncFolders(run);
  assert.deepEqual([next.end, next.problems, next.collisions], ['finished', [], []]);
  assert.deepEqual(await snapshot(b), await snapshot(a));
});

test('on roots that are not of this machine, too, nothing is begun after the problem', async () => {
  const told = await synced({ onError: 'stop', parallel: 1 }, { a: 'a' }, {});
  await put(told.vfs[0] as never, { b: 'b', c: 'c', d: 'd' });
  const end = await told.sync({}, { world: new World([failAt('write', 'c', 'no-space', 1)]) });
  assert.deepEqual([end.end, end.problems], ['failed', ['c@1 no-space']]);
  assert.deepEqual(await snapshot(told.vfs[1] as never), { a: 'a', b: 'b' });
});
