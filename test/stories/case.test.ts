import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { put, remove, snapshot } from '../kit/tree.ts';
import { isClean, story, synced, type RootSetup } from './story.ts';

const ballast = { k: 'k', l: 'l', m: 'm' };
const options = { syncRemove: true, ignoreCase: true } as const;

function ignoringCase(): RootSetup {
  return { tree: {}, traits: { caseSensitive: false } };
}

async function rename(vfs: Vfs | undefined, from: string, to: string): Promise<void> {
  const held = await vfs?.stat(from);
  assert.ok(held?.kind === 'file');
  await vfs?.rename(from, to, { kind: 'file', revision: held.revision });
}

describe('a name that only changed its case', () => {
  test('is renamed where case counts when the root that ignores it changed it', async () => {
    const told = await synced(options, { 'a.txt': 'a', ...ballast }, ignoringCase());
    await rename(told.vfs[1], 'a.txt', 'A.txt');
    isClean(await told.sync());
    await told.allHold({ 'A.txt': 'a', ...ballast });
    await told.isIdle();
  });
  test('of a file that was changed as well takes two runs: the old name goes first', async () => {
    const told = await synced(options, { 'a.txt': 'a', ...ballast }, ignoringCase(), {});
    await remove(told.vfs[0]!, 'a.txt');
    await put(told.vfs[0]!, { 'A.txt': 'another text' });
    const first = await told.sync();
    isClean(first);
    assert.deepEqual(first.kept, ['A.txt@1']);
    assert.deepEqual(await snapshot(told.vfs[1]!), ballast);
    isClean(await told.sync());
    await told.allHold({ 'A.txt': 'another text', ...ballast });
    await told.isIdle();
  });
  test('and content where case is ignored is brought to a root where it counts', async () => {
    const told = await synced(options, { 'a.txt': 'a', ...ballast }, ignoringCase());
    await remove(told.vfs[1]!, 'a.txt');
    await put(told.vfs[1]!, { 'A.txt': 'another text' });
    isClean(await told.sync());
    await told.allHold({ 'A.txt': 'another text', ...ballast });
    await told.isIdle();
  });
  test('is a clash when the old name is brought back', async () => {
    const told = await synced({ syncDb: true, ignoreCase: true }, { 'a.txt': 'a', ...ballast }, ignoringCase());
    await rename(told.vfs[0], 'a.txt', 'A.txt');
    const end = await told.sync();
    assert.ok(end.problems.includes('a.txt@- case-clash'), end.problems.join());
    assert.equal((await snapshot(told.vfs[1]!))['a.txt'], 'a');
  });
});

describe('a directory that only changed its case', () => {
  const tree = { 'dir/x': 'x', 'dir/sub/y': 'y', ...ballast };
  const renamed = { 'Dir/x': 'x', 'Dir/sub/y': 'y', ...ballast };
  test('is renamed where case counts when the root that ignores it changed it', async () => {
    const told = await synced(options, tree, ignoringCase(), {});
    await told.vfs[1]?.rename('dir', 'Dir', { kind: 'directory' });
    isClean(await told.sync());
    await told.allHold(renamed);
    await told.isIdle();
  });
  test('takes two runs where case is ignored: the old name goes first', async () => {
    const told = await synced(options, tree, ignoringCase(), {});
    await told.vfs[0]?.rename('dir', 'Dir', { kind: 'directory' });
    const first = await told.sync();
    isClean(first);
    assert.deepEqual([...first.kept].sort(), ['Dir/sub@1', 'Dir@1']);
    await told.holds(renamed, ballast, renamed);
    isClean(await told.sync());
    await told.allHold(renamed);
    await told.isIdle();
  });
  test('is a clash when the old name is brought back', async () => {
    const told = await synced({ syncDb: true, ignoreCase: true }, tree, ignoringCase());
    await told.vfs[0]?.rename('dir', 'Dir', { kind: 'directory' });
    const end = await told.sync();
    assert.ok(end.problems.includes('dir@- case-clash'), end.problems.join());
    assert.deepEqual(await snapshot(told.vfs[1]!), tree);
  });
});

describe('names that differ only in case', () => {
  test('are a problem where a root ignores case', async () => {
    const told = await story({}, { 'a.txt': '1', 'A.txt': '2' }, ignoringCase());
    assert.ok((await told.sync()).problems.includes('a.txt@- case-clash'));
  });
  test('are none while they are out of scope', async () => {
    const both = { 'a.tmp': '1', 'A.tmp': '2', k: 'k' };
    const byPattern = await story({ excludeFiles: ['*.tmp'], ignoreCase: true }, both, ignoringCase());
    isClean(await byPattern.sync());
    const byCallback = await story({ isExclude: (path) => path.endsWith('.tmp'), ignoreCase: true }, both, ignoringCase());
    isClean(await byCallback.sync());
  });
});
