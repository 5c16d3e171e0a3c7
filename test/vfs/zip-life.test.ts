import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownFilesOf } from '../../runtime/vfs/backends/zip/own-files.ts';
import { systemError } from '../../runtime/vfs/system-error.ts';
import { inContent, VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import type { Content, Vfs } from '../../runtime/vfs/vfs.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { needing } from '../kit/programs.ts';
import { move, put, remove, snapshot, touch } from '../kit/tree.ts';
import { assertWhole, freshFolder, openArchive } from '../kit/zip-archive.ts';

const NOTHING = { kind: 'nothing' } as const;
const TIMES = { times: true };

function hasCode(code: VfsErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof VfsError && error.code === code;
}

/** Numbers that are the same every time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One change at random, on both; what one refuses the other refuses too. */
async function changeBoth(model: Vfs, zip: Vfs, below: (n: number) => number): Promise<void> {
  const path = `${'abc'.charAt(below(3))}${below(2) === 0 ? '' : `/${'xyz'.charAt(below(3))}`}`;
  const modified = new Date(1.7e12 + below(1000) * 1000).toISOString();
  const text = `${below(1e6)} `.repeat(below(2000));
  const there = await model.stat(path);
  const acts: ((vfs: Vfs) => Promise<unknown>)[] = [
    (vfs) => put(vfs, { [path]: { kind: 'file', content: text, modified } }),
    (vfs) => put(vfs, { [`${path}/`]: null }),
  ];
  if (there?.kind === 'file') acts.push((vfs) => touch(vfs, path, modified));
  if (there !== undefined) acts.push((vfs) => remove(vfs, path));
  if (there !== undefined && !path.startsWith('a')) acts.push((vfs) => move(vfs, path, 'a/moved'));
  const act = acts[below(acts.length)] as (vfs: Vfs) => Promise<unknown>;
  const outcome = (vfs: Vfs) =>
    act(vfs).then(
      () => 'done',
      (error: unknown) => (error instanceof VfsError ? 'refused' : String(error)),
    );
  assert.equal(await outcome(zip), await outcome(model));
}

for (const seed of [1, 2, 3]) {
  test(`after any changes, flushes and openings an archive holds what a file system in memory holds (${seed})`, needing('unzip'), async (context) => {
    const archive = join(freshFolder(context), 'a.zip');
    const below = random(seed);
    const model = new MemoryVfs();
    let zip = await openArchive(archive);
    for (let step = 0; step < 150; step++) {
      await changeBoth(model, zip, below);
      if (below(12) === 0) await zip.flush();
      if (below(25) === 0) {
        await zip.close();
        zip = await openArchive(archive);
      }
      if (step % 10 === 0) assert.deepEqual(await snapshot(zip, TIMES), await snapshot(model, TIMES), `step ${step}`);
    }
    await zip.close();
    await assertWhole(archive);
    zip = await openArchive(archive, { access: 'read' });
    assert.deepEqual(await snapshot(zip, TIMES), await snapshot(model, TIMES));
    await zip.close();
  });
}

test('nothing is made until something is written; then the archive and the folder in it', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const looking = await openArchive(archive, { inner: 'x/y' });
  assert.deepEqual(await looking.list(''), []);
  await looking.close();
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(openArchive(archive, { makeMissing: false }), hasCode('unreachable'));
  const vfs = await openArchive(archive, { inner: 'x/y' });
  await put(vfs, { f: 'x' });
  await vfs.close();
  const all = await openArchive(archive, { access: 'read' });
  assert.deepEqual(await snapshot(all), { 'x/y/f': 'x' });
  await assert.rejects(all.write('g', bytesContent(''), { expected: NOTHING }), hasCode('read-only'));
  await all.close();
  await assert.rejects(openArchive(archive, { inner: 'x/y/f' }), hasCode('wrong-kind'));
  await assert.rejects(openArchive(archive, { inner: 'x/../..' }), hasCode('name-refused'));
});

test('two roots in one archive see each other', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const all = await openArchive(archive);
  symlinkSync(folder, join(folder, 'other-name'));
  const inner = await openArchive(join(folder, 'other-name', 'a.zip'), { inner: 'in' });
  await put(inner, { f: 'x' });
  assert.deepEqual(await snapshot(all), { 'in/f': 'x' });
  await all.close();
  await put(inner, { g: 'y' });
  await inner.close();
  const again = await openArchive(archive);
  assert.deepEqual(await snapshot(again), { 'in/f': 'x', 'in/g': 'y' });
  await again.close();
  assert.deepEqual(readdirSync(folder).sort(), ['a.zip', 'other-name']);
});

test('while another process writes into an archive it is read but not written; after its death it is', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const child = fileURLToPath(new URL('./fixtures/zip-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, ['--import', 'tsx', child, archive], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(writer.stdout, 'data');
  const vfs = await openArchive(archive);
  assert.equal((await vfs.stat('f1'))?.kind, 'file');
  await assert.rejects(
    put(vfs, { mine: 'x' }),
    (error) => hasCode('locked')(error) && /the archive .*a\.zip: another run \(process \d+/.test(String(error)),
  );
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  await put(vfs, { mine: 'x' });
  await vfs.close();
  await assertWhole(archive);
  const again = await openArchive(archive);
  assert.equal((await again.stat('mine'))?.kind, 'file');
  assert.equal((await again.list('')).length, 41);
  await again.close();
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test('an archive that another program wrote before the first change is read again', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const make = async (path: string, tree: Record<string, string>) => {
    const vfs = await openArchive(path);
    await put(vfs, tree);
    await vfs.close();
  };
  await make(archive, { f: 'old' });
  await make(join(folder, 'b.zip'), { f: 'theirs', g: 'theirs' });
  const vfs = await openArchive(archive);
  const before = (await vfs.stat('f')) as { revision: string };
  copyFileSync(join(folder, 'b.zip'), archive);
  await assert.rejects(vfs.removeFile('f', { kind: 'file', revision: before.revision }), hasCode('changed'));
  assert.deepEqual(await snapshot(vfs), { f: 'theirs', g: 'theirs' });
  await vfs.close();
});

test('an archive that another program wrote during the run is left to it', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await put(vfs, { f: 'ours' });
  await vfs.flush();
  const theirs = Buffer.concat([readFileSync(archive), Buffer.alloc(0)]);
  await put(vfs, { f: 'ours again' });
  writeFileSync(archive, theirs);
  await assert.rejects(vfs.flush(), hasCode('changed'));
  await assert.rejects(vfs.close(), hasCode('changed'));
  assert.deepEqual(readFileSync(archive), theirs);
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

/** Lets writing fail as a full disk does, once so many bytes were written. */
async function onFullDisk(bytes: number, act: () => Promise<void>): Promise<void> {
  const sample = await open(process.execPath, 'r');
  const handle = Object.getPrototypeOf(sample) as { write: FileHandle['write'] };
  await sample.close();
  const { write } = handle;
  let left = bytes;
  handle.write = async function (this: FileHandle, buffer: Uint8Array, offset: number, length: number, position: number) {
    if (left < length) {
      await (write as (...args: unknown[]) => Promise<unknown>).call(this, buffer, offset, left, position);
      left = 0;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    left -= length;
    return (write as (...args: unknown[]) => Promise<unknown>).call(this, buffer, offset, length, position);
  } as FileHandle['write'];
  try {
    await act();
  } finally {
    handle.write = write;
  }
}

test('wherever the disk gets full, the archive is the old one, and takes the change when there is room', needing('unzip'), async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const noise = Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 104729).toString(36)).join('');
  for (let room = 0; room < 30_000; room += 2500) {
    const vfs = await openArchive(archive);
    await put(vfs, { f: 'old', g: 'old' });
    await vfs.flush();
    const before = await snapshot(vfs);
    await put(vfs, { f: noise });
    let refused = false;
    await onFullDisk(room, () =>
      vfs.flush().catch((error: unknown) => {
        assert.ok(hasCode('no-space')(error), String(error));
        assert.equal((error as Error).message, `the archive ${archive}: no space is left on the file system (ENOSPC)`);
        refused = true;
      }),
    );
    const reader = join(folder, 'copy.zip');
    copyFileSync(archive, reader);
    await assertWhole(reader, `room for ${room}`);
    const seen = await openArchive(reader, { access: 'read' });
    assert.deepEqual(await snapshot(seen), refused ? before : { ...before, f: noise });
    await seen.close();
    await vfs.flush();
    assert.deepEqual(await snapshot(vfs), { ...before, f: noise });
    await vfs.close();
    await assertWhole(archive);
  }
});

test('content that finds the disk full says where, the archive and the path, and content that cannot be read does not', async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  const noise = randomBytes(3_000_000);
  const message = `the archive ${archive}: no space is left on the file system (ENOSPC)`;
  const as = { expected: NOTHING };
  await onFullDisk(1_500_000, () => assert.rejects(vfs.write('f', bytesContent(noise), as), { code: 'no-space', path: 'f', message }));
  const lost = systemError(Object.assign(new Error('EIO'), { code: 'EIO' }), 'source');
  const unreadable: Content = {
    async *open() {
      yield noise;
      throw inContent(lost);
    },
  };
  await assert.rejects(vfs.write('f', unreadable, as), { code: 'failed', path: 'source', message: 'the disk reported an input/output error (EIO)' });
  await vfs.close();
  assert.ok(!existsSync(archive));
});

test('a power cut that lost the end of the archive is undone from the journal, by reading too', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await put(vfs, { f: 'old' });
  await vfs.close();
  const old = readFileSync(archive);
  const { journal } = ownFilesOf(archive);
  const oldTail = old.subarray(-98).toString('hex');
  writeFileSync(
    journal,
    `${JSON.stringify({ oldEnd: old.length, oldTail, newEnd: old.length + 5000, trailerAt: old.length + 4902, trailer: 'ab'.repeat(98) })}\n`,
  );
  truncateSync(archive, old.length + 3000);
  const reader = await openArchive(archive, { access: 'read' });
  assert.deepEqual(await snapshot(reader), { f: 'old' });
  await reader.close();
  assert.equal(statSync(archive).size, old.length + 3000);
  const writer = await openArchive(archive);
  await put(writer, { g: 'new' });
  assert.deepEqual(readFileSync(archive), old);
  await writer.close();
  await assertWhole(archive);
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test('a journal that belongs to an older archive of this name cuts nothing', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await put(vfs, { f: 'a newer one', g: 'x'.repeat(500) });
  await vfs.close();
  const bytes = readFileSync(archive);
  const { journal } = ownFilesOf(archive);
  writeFileSync(
    journal,
    `${JSON.stringify({ oldEnd: 120, oldTail: 'cd'.repeat(98), newEnd: bytes.length + 10, trailerAt: 300, trailer: 'ab'.repeat(98) })}\n`,
  );
  const writer = await openArchive(archive);
  await put(writer, { h: 'y' });
  await writer.close();
  assert.ok(readFileSync(archive).subarray(0, bytes.length).equals(bytes));
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test('a walk of an archive tells what a killed run left beside it, and recover clears it', async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const child = fileURLToPath(new URL('./fixtures/zip-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, ['--import', 'tsx', child, archive], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(writer.stdout, 'data');
  const vfs = await openArchive(archive);
  assert.deepEqual(await vfs.leftovers(''), [], 'its maker lives');
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  const scope = { excludeFiles: [], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'copy' } as const;
  const top = await walkByListing(vfs, { scope, innerRoots: [], digests: false }).next();
  assert.equal(top?.leftovers.length, 1);
  await vfs.recover(top?.leftovers ?? []);
  await vfs.close();
  assert.deepEqual(readdirSync(folder), ['a.zip']);
});

test(
  'a path longer than unpackers take is refused, also for what a moved folder holds, and the rest is written',
  needing('unzip'),
  async (context) => {
    const archive = join(freshFolder(context), 'a.zip');
    const vfs = await openArchive(archive);
    const name = 'x'.repeat(250);
    const isRefused = (error: unknown) => hasCode('name-refused')(error) && /its path is longer than/.test(String(error));
    let deepest = name;
    await vfs.makeDirectory(deepest);
    for (; deepest.length + 251 <= 4094; deepest += `/${name}`) await vfs.makeDirectory(`${deepest}/${name}`);
    await assert.rejects(vfs.makeDirectory(`${deepest}/${name}`), isRefused);
    await assert.rejects(vfs.write(`${deepest}/${name}`, bytesContent('x'), { expected: NOTHING }), isRefused);
    const other = 'y'.repeat(200);
    await vfs.makeDirectory(other);
    await assert.rejects(vfs.rename(name, `${other}/${name}`, { kind: 'directory' }), isRefused);
    await vfs.write('f', bytesContent('x'), { expected: NOTHING });
    await vfs.close();
    await assertWhole(archive);
    const again = await openArchive(archive, { access: 'read' });
    assert.equal((await again.stat(deepest))?.kind, 'directory');
    assert.deepEqual(
      (await again.list('')).map((entry) => entry.name),
      ['f', name, other],
    );
    await again.close();
  },
);
