import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import JSZip from 'jszip';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { openMemoryArchive } from '../../runtime/vfs/backends/zip/memory-archive.ts';
import { openZip } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { needing } from '../kit/programs.ts';
import { file, put, snapshot } from '../kit/tree.ts';
import { assertWhole, freshFolder } from '../kit/zip-archive.ts';

const OPTIONS = { access: 'write', makeMissing: true, inner: '', signal: new AbortController().signal } as const;
const TIMES = { times: true };

function hasCode(code: VfsErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof VfsError && error.code === code;
}

function openIn(vfs: Vfs, path: string): Promise<Vfs> {
  return openZip({ vfs, path }, OPTIONS);
}

test('an archive in another root is there after a flush, and before it as it was', async () => {
  const outer = new MemoryVfs();
  const zip = await openIn(outer, 'a.zip');
  await put(zip, { 'd/f': file('x', { modified: '2024-02-29T13:14:15.000Z', mode: 0o600 }), 'empty/': null });
  assert.equal(await outer.stat('a.zip'), undefined);
  await zip.flush();
  const before = await snapshot(zip, TIMES);
  const stored = await readContent(outer.content('a.zip'));
  await put(zip, { 'd/g': 'y' });
  assert.deepEqual(await readContent(outer.content('a.zip')), stored);
  const seen = await openIn(outer, 'a.zip');
  assert.deepEqual(await snapshot(seen, TIMES), before);
  await seen.close();
  await zip.close();
  const after = await openIn(outer, 'a.zip');
  assert.deepEqual(await snapshot(after, TIMES), { ...before, 'd/g': file('y', { modified: '2024-01-01T00:00:00.000Z' }) });
  await after.close();
});

test('an archive in an archive on a disk: unzip and JSZip read what was written', needing('unzip'), async (context) => {
  const folder = freshFolder(context);
  const local = await openLocal(folder, { followLinks: false, signal: OPTIONS.signal, flushEachFile: false });
  const inner = await openIn(await openIn(local, 'outer.zip'), 'inner.zip');
  await put(inner, { 'ü/f': 'deep '.repeat(1000) });
  await inner.close();
  await assertWhole(join(folder, 'outer.zip'));
  execFileSync('unzip', ['-q', 'outer.zip'], { cwd: folder });
  await assertWhole(join(folder, 'inner.zip'));
  const read = await JSZip.loadAsync(readFileSync(join(folder, 'inner.zip')), { checkCRC32: true });
  assert.equal(await read.file('ü/f')?.async('string'), 'deep '.repeat(1000));
});

test('what is not changed stays packed as it is, with comment and encrypted entries', needing('zip'), async (context) => {
  const folder = freshFolder(context);
  writeFileSync(join(folder, 'secret'), 'secret '.repeat(30));
  writeFileSync(join(folder, 'plain'), 'plain '.repeat(30));
  execFileSync('sh', ['-c', 'zip -qP pass a.zip secret && cat plain | zip -q a.zip - plain && echo hello | zip -qz a.zip'], { cwd: folder });
  const outer = new MemoryVfs();
  await outer.write('a.zip', bytesContent(readFileSync(join(folder, 'a.zip'))), { expected: { kind: 'nothing' } });
  const zip = await openIn(outer, 'a.zip');
  await put(zip, { new: 'new' });
  await zip.close();
  const archive = join(folder, 'b.zip');
  writeFileSync(archive, await readContent(outer.content('a.zip')));
  execFileSync('unzip', ['-tqq', '-P', 'pass', archive]);
  assert.match(execFileSync('unzip', ['-z', archive]).toString(), /hello/);
  assert.equal(execFileSync('unzip', ['-pP', 'pass', archive, 'secret']).toString(), 'secret '.repeat(30));
});

test('an archive that somebody else wrote since is left to him', async () => {
  const outer = new MemoryVfs();
  const ours = await openIn(outer, 'a.zip');
  const theirs = await openIn(outer, 'a.zip');
  await put(theirs, { f: 'theirs' });
  await theirs.flush();
  await put(ours, { f: 'ours' });
  await assert.rejects(ours.flush(), hasCode('changed'));
  await assert.rejects(ours.close(), hasCode('changed'));
  const seen = await openIn(outer, 'a.zip');
  assert.deepEqual(await snapshot(seen), { f: 'theirs' });
});

test('an archive larger than the limit is refused, and so is a content that makes it larger', async () => {
  const outer = new MemoryVfs();
  const limited = { access: 'write', makeMissing: true, mostBytes: 100_000 } as const;
  await outer.write('a.zip', bytesContent(Buffer.alloc(100_001)), { expected: { kind: 'nothing' } });
  const tooLarge = (error: unknown) => hasCode('too-large')(error) && /put it into a folder/.test(String(error));
  await assert.rejects(openMemoryArchive(outer, 'a.zip', limited), tooLarge);
  const archive = await openMemoryArchive(outer, 'b.zip', limited);
  const newFile = { path: 'f', modifiedMs: 0, mode: 0o644 };
  const options = { level: 6, requireRunning: () => undefined };
  await archive.take(bytesContent(Buffer.alloc(60_000)), newFile, options);
  await assert.rejects(archive.take(bytesContent(Buffer.alloc(60_000)), newFile, options), tooLarge);
});

test('a damaged archive in another root is refused', async () => {
  const outer = new MemoryVfs();
  await outer.write('a.zip', bytesContent('no archive'), { expected: { kind: 'nothing' } });
  await assert.rejects(openIn(outer, 'a.zip'), hasCode('failed'));
  await assert.rejects(openZip({ vfs: outer, path: 'b.zip' }, { ...OPTIONS, makeMissing: false }), hasCode('unreachable'));
});
