import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compactArchive } from '../../runtime/vfs/backends/zip/compact-archive.ts';
import { readDirectory } from '../../runtime/vfs/backends/zip/read-directory.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { put, remove, snapshot } from '../kit/tree.ts';
import { assertWhole, freshFolder, openArchive } from '../kit/zip-archive.ts';

const TIMES = { times: true };

/** Two commits; most of the first, but not its first entry, is replaced or removed by the second. */
async function fill(vfs: Vfs): Promise<void> {
  const noise = (seed: number) => Array.from({ length: 4000 }, (_, i) => ((i * 7919 * (seed + 3)) % 104729).toString(36)).join('');
  await put(vfs, { '0': 'stays', 'a/one': noise(1), 'a/two': noise(2), 'b/three': noise(3), 'empty/': null });
  await vfs.flush();
  await remove(vfs, 'a/two');
  await put(vfs, { 'a/one': 'short now', 'b/three': noise(4) });
  await vfs.flush();
}

test('compacting frees what was replaced and removed, and changes nothing else', async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  await fill(vfs);
  const before = await snapshot(vfs, TIMES);
  await vfs.close();
  const { beforeBytes, afterBytes } = await compactArchive(archive);
  assert.equal(statSync(archive).size, afterBytes);
  assert.ok(afterBytes < beforeBytes / 2, `${beforeBytes} to ${afterBytes}`);
  await assertWhole(archive);
  const after = await openArchive(archive, { access: 'read' });
  assert.deepEqual(await snapshot(after, TIMES), before);
  await after.close();
  const again = await compactArchive(archive);
  assert.equal(again.afterBytes, again.beforeBytes);
});

test('an archive that a run writes into is not compacted, and nothing is left beside it', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await fill(vfs);
  const held = readFileSync(archive);
  await assert.rejects(compactArchive(archive), (error) => error instanceof VfsError && error.code === 'locked');
  assert.deepEqual(readFileSync(archive), held);
  await vfs.close();
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test('an archive with a damaged entry stays as it is', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await fill(vfs);
  await vfs.close();
  const bytes = readFileSync(archive);
  const { records } = await readDirectory({ size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) });
  const at = (records.find(({ rawName }) => rawName.toString() === 'b/three')?.headerOffset ?? 0) + 200;
  bytes.writeUInt8((bytes[at] as number) ^ 1, at);
  writeFileSync(archive, bytes);
  await assert.rejects(compactArchive(archive), (error) => error instanceof VfsError && error.code === 'failed');
  assert.deepEqual(readFileSync(archive), bytes);
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test('what stands before an archive, and its comment, stay', async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  await fill(vfs);
  const before = await snapshot(vfs);
  await vfs.close();
  const end = Buffer.from(readFileSync(archive));
  end.writeUInt16LE(5, end.length - 2);
  writeFileSync(archive, Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), end, Buffer.from('hello')]));
  await compactArchive(archive);
  const bytes = readFileSync(archive);
  assert.equal(bytes.subarray(0, 15).toString(), '#!/bin/sh\nexit\n');
  assert.equal(bytes.subarray(-5).toString(), 'hello');
  const after = await openArchive(archive, { access: 'read' });
  assert.deepEqual(await snapshot(after), before);
  await after.close();
});
