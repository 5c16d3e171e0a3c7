import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryOf } from '../../runtime/vfs/backends/zip/commit.ts';
import { buildRecord, type EntryFacts } from '../../runtime/vfs/backends/zip/directory-record.ts';
import { buildGapEnd } from '../../runtime/vfs/backends/zip/end-records.ts';
import { buildLocalHeader } from '../../runtime/vfs/backends/zip/local-header.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { findProgram, needing } from '../kit/programs.ts';
import { assertWhole, freshFolder, openArchive } from '../kit/zip-archive.ts';

const GIB = 1024 ** 3;
const MANY = 70_000;
const NOTHING = { kind: 'nothing' } as const;

/** An archive of one entry of `size` zero bytes that takes no disk space, and of small ones behind it. */
async function makeSparse(archive: string, size: number): Promise<void> {
  const file = await open(archive, 'w+');
  const facts = (name: string, length: number): EntryFacts => ({
    rawName: Buffer.from(name),
    method: 0,
    crc: 0,
    size: length,
    compressedSize: length,
    modifiedMs: 1_700_000_000_000,
    unixMode: 0o100644,
  });
  const large = facts('large.bin', size);
  const header = buildLocalHeader(large);
  await file.write(header, 0, header.length, 0);
  let at = header.length + size;
  const records = [buildRecord(large, 0)];
  const small: Buffer[] = [];
  for (let i = 0; i < 1000; i++) {
    const entry = facts(`small/${i}`, 0);
    records.push(buildRecord(entry, at));
    small.push(buildLocalHeader(entry));
    at += small.at(-1)?.length ?? 0;
  }
  const tail = Buffer.concat([...small, directoryOf(records, at).bytes]);
  await file.write(tail, 0, tail.length, header.length + size);
  await file.close();
}

/** How many bytes `act` reads and writes. */
async function countingBytes(act: () => Promise<void>): Promise<number> {
  const sample = await open(process.execPath, 'r');
  const handle = Object.getPrototypeOf(sample) as { read: FileHandle['read']; write: FileHandle['write'] };
  await sample.close();
  const { read, write } = handle;
  let bytes = 0;
  handle.read = async function (this: FileHandle, ...args: unknown[]) {
    const done = await (read as (...args: unknown[]) => Promise<{ bytesRead: number; buffer: Buffer }>).apply(this, args);
    bytes += done.bytesRead;
    return done;
  } as FileHandle['read'];
  handle.write = async function (this: FileHandle, ...args: unknown[]) {
    const done = await (write as (...args: unknown[]) => Promise<{ bytesWritten: number; buffer: Buffer }>).apply(this, args);
    bytes += done.bytesWritten;
    return done;
  } as FileHandle['write'];
  try {
    await act();
  } finally {
    handle.read = read;
    handle.write = write;
  }
  return bytes;
}

async function change(vfs: Vfs, path: string, text: string): Promise<void> {
  const entry = await vfs.stat(path);
  const expected = entry?.kind === 'file' ? ({ kind: 'file', revision: entry.revision } as const) : NOTHING;
  await vfs.write(path, bytesContent(text), { expected });
}

async function textOf(vfs: Vfs, path: string): Promise<string> {
  return Buffer.from(await readContent(vfs.content(path))).toString();
}

for (const [what, size] of [
  ['beyond 4 GiB', 5 * GIB],
  ['that grows beyond 4 GiB', 4 * GIB - 300_000],
] as const) {
  test(`a change in an archive ${what} reads and writes what changed and the directory`, needing('unzip'), async (context) => {
    const archive = join(freshFolder(context), 'a.zip');
    await makeSparse(archive, size);
    const bytes = await countingBytes(async () => {
      const vfs = await openArchive(archive);
      for (let i = 0; i < 10; i++) await change(vfs, `small/${i * 100}`, `changed ${i} `.repeat(10_000));
      await vfs.removeFile('small/1', { kind: 'file', revision: ((await vfs.stat('small/1')) as { revision: string }).revision });
      await vfs.close();
    });
    assert.ok(bytes < 3_000_000, `${bytes} bytes were read and written`);
    const vfs = await openArchive(archive, { access: 'read' });
    assert.equal((await vfs.list('small')).length, 999);
    assert.equal(await textOf(vfs, 'small/300'), 'changed 3 '.repeat(10_000));
    assert.equal((await vfs.stat('large.bin'))?.kind, 'file');
    await vfs.close();
    execFileSync('unzip', ['-tqq', archive, 'small/*']);
    const sevenZip = findProgram('7zz', '7z', '7za');
    if (sevenZip !== undefined) execFileSync(sevenZip, ['t', '-bso0', '-bd', archive, 'small']);
  });
}

test('more than 65,535 entries are written, read and changed', needing('unzip'), async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  await vfs.makeDirectory('d');
  for (let i = 0; i < MANY; i++) await vfs.write(`d/${i}`, bytesContent(''), { expected: NOTHING });
  await vfs.flush();
  await change(vfs, 'd/69999', 'the last');
  await vfs.close();
  await assertWhole(archive);
  const again = await openArchive(archive, { access: 'read' });
  assert.equal((await again.list('d')).length, MANY);
  assert.equal(await textOf(again, 'd/69999'), 'the last');
  await again.close();
});

test('contents too large for memory flow through, deflated, stored and broken off', needing('unzip'), async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  const piece = Buffer.alloc(1024 * 1024, 'not quite random ');
  const content = {
    async *open() {
      for (let i = 0; i < 20; i++) yield piece;
    },
  };
  const broken = {
    async *open() {
      for (let i = 0; i < 12; i++) yield piece;
      throw new Error('broken off');
    },
  };
  await Promise.all([
    vfs.write('deflated', content, { expected: NOTHING }),
    vfs.write('stored.zip', content, { expected: NOTHING }),
    assert.rejects(vfs.write('broken', broken, { expected: NOTHING })),
    vfs.write('small', bytesContent('small'), { expected: NOTHING }),
  ]);
  for (const path of ['deflated', 'stored.zip']) {
    const read = await readContent(vfs.content(path), 5);
    assert.equal(read.length, 20 * piece.length - 5);
    assert.ok(Buffer.from(read.subarray(piece.length - 5, 2 * piece.length - 5)).equals(piece));
  }
  await vfs.close();
  await assertWhole(archive);
});

test('a large content that comes slowly keeps no other waiting, in a new archive and in one that is there', needing('unzip'), async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const piece = Buffer.alloc(1024 * 1024, 'slowly ');
  for (const round of ['new', 'there']) {
    const vfs = await openArchive(archive);
    let letGo = () => {};
    const others = new Promise<void>((done) => {
      letGo = done;
    });
    const slow = {
      async *open() {
        for (let i = 0; i < 10; i++) yield piece;
        await others;
        yield piece;
      },
    };
    const slowly = Promise.all([`${round} slow`, `${round} slow.zip`].map((path) => vfs.write(path, slow, { expected: NOTHING })));
    await change(vfs, `${round} 1`, 'one');
    await vfs.flush();
    await change(vfs, `${round} 2`, 'two');
    letGo();
    await slowly;
    const read = await readContent(vfs.content(`${round} slow`), 10 * piece.length);
    assert.ok(Buffer.from(read).equals(piece));
    await vfs.close();
    await assertWhole(archive);
  }
  const again = await openArchive(archive, { access: 'read' });
  const sizes = (await again.list('')).map((entry) => [entry.name, entry.kind === 'file' ? entry.size : undefined]);
  const expected = (round: string) => [
    [`${round} 1`, 3],
    [`${round} 2`, 3],
    [`${round} slow`, 11 * piece.length],
    [`${round} slow.zip`, 11 * piece.length],
  ];
  assert.deepEqual(sizes, [...expected('new'), ...expected('there')]);
  await again.close();
});

test('large contents come into a new archive with small ones', needing('unzip'), async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const vfs = await openArchive(archive);
  const piece = Buffer.alloc(1024 * 1024, 'many ');
  const large = {
    async *open() {
      for (let i = 0; i < 12; i++) yield piece;
    },
  };
  await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      i % 2 === 0 ? vfs.write(`${i}`, large, { expected: NOTHING }) : vfs.write(`${i}`, bytesContent(`small ${i}`), { expected: NOTHING }),
    ),
  );
  await vfs.rename('0', 'moved', { kind: 'file', revision: ((await vfs.stat('0')) as { revision: string }).revision });
  await vfs.close();
  await assertWhole(archive);
  const again = await openArchive(archive, { access: 'read' });
  assert.equal((await readContent(again.content('moved'))).length, 12 * piece.length);
  assert.equal(await textOf(again, '3'), 'small 3');
  await again.close();
});

test('an archive without zip64 records cannot keep its end over a gap of 4 GiB, and says so', () => {
  const place = { count: 1, offset: 100, size: 50, base: 0, wideAt: undefined, comment: Buffer.alloc(0) };
  assert.equal(buildGapEnd(place, 5 * GIB), undefined);
  assert.equal(buildGapEnd(place, 3 * GIB)?.length, 98);
  assert.equal(buildGapEnd({ ...place, wideAt: 150 }, 50 * GIB)?.length, 98);
});
