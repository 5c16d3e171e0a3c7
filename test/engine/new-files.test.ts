import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { type FoldersRun, syncFolders, temporaryFolder } from '../kit/sync-folders.ts';
import { put, snapshot } from '../kit/tree.ts';

async function threeFolders(context: TestContext): Promise<{ readonly paths: [string, string, string]; readonly run: FoldersRun }> {
  const base = await temporaryFolder(context);
  const paths: [string, string, string] = [join(base, 'a'), join(base, 'b'), join(base, 'c')];
  await Promise.all(paths.map((path) => mkdir(path)));
  return { paths, run: { folders: paths, options: { syncRemove: true, guard: false }, database: join(base, 'p.syncdb') } };
}

const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`d${i % 3}/f${i}`, `content ${i}`]));

test('new files of any root come to all others, are told one by one, and are known afterwards', async (context) => {
  const { paths, run } = await threeFolders(context);
  const [a, b, c] = paths;
  await put(a, { ...many, own: 'a' });
  await put(b, { 'd0/of-b': 'b' });
  const told: string[] = [];
  const onEvent = (event: RunEvent) =>
    event.type === 'action' && event.kind === 'file' && told.push(`${event.op} ${event.path} ${event.from}-${event.to}`);
  const first = await syncFolders({ ...run, onEvent });
  assert.equal(first.result.copied, 152);
  assert.equal(first.result.bytes, 2 * [...Object.values(many), 'a', 'b'].join('').length);
  assert.equal(first.result.actions.filter(({ kind }) => kind === 'file').length, 304);
  assert.equal(new Set(told).size, 304);
  assert.ok(told.includes('copy d0/of-b 1-2') && told.includes('copy own 0-1'));
  assert.deepEqual(await snapshot(b), await snapshot(a));
  assert.deepEqual(await snapshot(c), await snapshot(a));
  const second = await syncFolders(run);
  assert.deepEqual([second.result.copied, second.result.actions.length], [0, 0]);
});

test('a new file that one root cannot take is a problem there, comes to the others, and is not taken for agreed', async (context) => {
  const { paths, run } = await threeFolders(context);
  const [a, b, c] = paths;
  await put(a, many);
  const blockIt = (event: RunEvent) => event.type === 'action' && event.path === 'd1/f1' && writeFileSync(join(c, 'd1/f1'), 'of someone');
  const first = await syncFolders({ ...run, options: { ...run.options, onError: 'continue-files' }, onEvent: blockIt });
  assert.deepEqual(first.problems, ['d1/f1@2 changed']);
  assert.equal(first.result.copied, 150);
  assert.equal((await snapshot(b))['d1/f1'], 'content 1');
  const second = await syncFolders(run);
  assert.equal(second.result.collisions.length, 1);
  assert.equal((await snapshot(c))['d1/f1'], 'of someone');
  assert.equal((await snapshot(b))['d1/f1'], 'content 1');
});

test('nothing is put below a directory that could not be made', async (context) => {
  const { paths, run } = await threeFolders(context);
  const [a, b, c] = paths;
  await put(a, many);
  const blockIt = (event: RunEvent) =>
    event.type === 'action' && event.op === 'make' && event.path === 'd1' && event.to === 2 && writeFileSync(join(c, 'd1'), 'a file');
  const end = await syncFolders({ ...run, options: { ...run.options, onError: 'continue-files' }, onEvent: blockIt });
  assert.equal(end.problems.length, 1);
  assert.equal((await snapshot(b))['d1/f1'], 'content 1');
  assert.equal((await snapshot(c))['d2/f2'], 'content 2');
  assert.equal((await snapshot(c))['d1'], 'a file');
  assert.deepEqual(await snapshot(b), await snapshot(a));
});

test('a parent that is swapped for a link before the batch is not followed, and nothing is removed on that root', async (context) => {
  const { paths, run } = await threeFolders(context);
  const [a, b, c] = paths;
  await put(a, { 'd1/old': 'old', gone: 'gone', 'd2/k': 'k' });
  await syncFolders(run);
  await put(a, many);
  rmSync(join(a, 'gone'));
  const outside = join(b, '..', 'outside');
  await mkdir(outside);
  const swapIt = (event: RunEvent) => {
    if (event.type !== 'planned') return;
    renameSync(join(b, 'd1'), join(outside, 'taken'));
    symlinkSync(outside, join(b, 'd1'));
  };
  const first = await syncFolders({ ...run, options: { ...run.options, onError: 'continue-files' }, onEvent: swapIt });
  assert.ok(first.problems.length > 0 && first.problems.every((problem) => problem.startsWith('d1/') && problem.includes('@1 ')), first.problems[0]);
  assert.deepEqual(await readdir(outside), ['taken']);
  assert.equal((await snapshot(b))['gone'], 'gone');
  assert.equal((await snapshot(c))['d1/f1'], 'content 1');
  rmSync(join(b, 'd1'));
  renameSync(join(outside, 'taken'), join(b, 'd1'));
  await syncFolders(run);
  assert.deepEqual(await snapshot(b), await snapshot(a));
});
