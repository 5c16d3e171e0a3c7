import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import { joinPath } from '../../runtime/vfs/path.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Entry, Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { findProgram, needing } from '../kit/programs.ts';
import { assertWhole, freshFolder, openArchive } from '../kit/zip-archive.ts';
import { DOS_DATE, DOS_TIME, type EntryLiteral, zipBytes } from '../kit/zip-bytes.ts';

const SEVEN_ZIP = findProgram('7zz', '7z', '7za') ?? '7z';
const MADE = Date.parse('2024-02-29T13:14:15Z');

/** Every entry as one line: path, kind, and text of files or the reason of others. */
async function contents(vfs: Vfs): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await vfs.list(directory)) {
      const path = joinPath(directory, entry.name);
      if (entry.kind === 'directory') {
        lines.push(`${path}/`);
        await visit(path);
      } else {
        lines.push(`${path}: ${entry.kind === 'other' ? `(${entry.reason})` : Buffer.from(await readContent(vfs.content(path))).toString()}`);
      }
    }
  };
  await visit('');
  return lines;
}

async function opened(context: TestContext, bytes: Buffer): Promise<Vfs> {
  const archive = join(freshFolder(context), 'a.zip');
  writeFileSync(archive, bytes);
  const vfs = await openArchive(archive);
  context.after(() => vfs.close());
  return vfs;
}

async function contentsOf(context: TestContext, entries: readonly EntryLiteral[], around?: Parameters<typeof zipBytes>[1]): Promise<string[]> {
  return contents(await opened(context, zipBytes(entries, around)));
}

/** A folder `tree` with a file of a known time and mode, a name beyond ASCII, an empty folder and a link. */
function makeTree(folder: string): void {
  mkdirSync(join(folder, 'tree', 'empty'), { recursive: true });
  writeFileSync(join(folder, 'tree', 'plain.txt'), 'plain '.repeat(50));
  writeFileSync(join(folder, 'tree', 'ünï.txt'), 'beyond');
  chmodSync(join(folder, 'tree', 'plain.txt'), 0o640);
  utimesSync(join(folder, 'tree', 'plain.txt'), MADE / 1000, MADE / 1000);
}
const TREE = ['tree/', 'tree/empty/', `tree/plain.txt: ${'plain '.repeat(50)}`, 'tree/ünï.txt: beyond'];

describe('archives of other programs', () => {
  test('Info-ZIP: names, times to the second, modes, empty folders; a link is shown and not followed', needing('zip'), async (context) => {
    const folder = freshFolder(context);
    makeTree(folder);
    symlinkSync('/etc/passwd', join(folder, 'tree', 'zz-link'));
    execFileSync('zip', ['-qry', 'a.zip', 'tree'], { cwd: folder });
    const vfs = await openArchive(join(folder, 'a.zip'), { access: 'read' });
    assert.deepEqual(await contents(vfs), [
      ...TREE.slice(0, 3),
      'tree/zz-link: (a link in an archive, which is not followed and not unpacked)',
      TREE[3],
    ]);
    const plain = await vfs.stat('tree/plain.txt');
    assert.ok(plain?.kind === 'file');
    assert.deepEqual([plain.mode, plain.modifiedMs, plain.size], [0o640, MADE, 300]);
    await assert.rejects(readContent(vfs.content('tree/zz-link')), VfsError);
    await vfs.close();
  });

  test('Info-ZIP: data descriptors, zip64 records, a comment and encrypted entries', needing('zip'), async (context) => {
    const folder = freshFolder(context);
    makeTree(folder);
    execFileSync('sh', ['-c', 'cat tree/plain.txt | zip -q -fz a.zip - && echo hello | zip -qz a.zip && zip -qP secret a.zip tree/ünï.txt'], {
      cwd: folder,
    });
    const archive = join(folder, 'a.zip');
    const vfs = await openArchive(archive);
    const encrypted = 'tree/ünï.txt: (it is encrypted, which is not read here; unpack it with its password first)';
    assert.deepEqual(await contents(vfs), [`-: ${'plain '.repeat(50)}`, 'tree/', encrypted]);
    await vfs.write('new', bytesContent('new'), { expected: { kind: 'nothing' } });
    await vfs.close();
    execFileSync('unzip', ['-tqq', '-P', 'secret', archive]);
    assert.match(execFileSync('unzip', ['-z', archive]).toString(), /hello/);
  });

  test('7-Zip: what it deflates is read, what it packs otherwise is named', needing('7zz', '7z', '7za'), async (context) => {
    const folder = freshFolder(context);
    makeTree(folder);
    execFileSync(SEVEN_ZIP, ['a', '-bso0', '-tzip', 'a.zip', 'tree'], { cwd: folder });
    execFileSync(SEVEN_ZIP, ['a', '-bso0', '-tzip', '-mm=LZMA', 'lzma.zip', 'tree/plain.txt'], { cwd: folder });
    const vfs = await openArchive(join(folder, 'a.zip'), { access: 'read' });
    assert.deepEqual(await contents(vfs), TREE);
    await vfs.close();
    const packed = await openArchive(join(folder, 'lzma.zip'), { access: 'read' });
    assert.deepEqual(await contents(packed), ['tree/', 'tree/plain.txt: (compressed by LZMA, which is not read here; pack it anew with Deflate)']);
    await packed.close();
  });

  test('Python: sizes that are announced as zip64, and stored entries', needing('python3'), async (context) => {
    const folder = freshFolder(context);
    const script = `
import zipfile
with zipfile.ZipFile('a.zip', 'w') as z:
    with z.open('wide', 'w', force_zip64=True) as f: f.write(b'wide')
    z.writestr('stored', 'stored')
    z.writestr('d/ünï', 'beyond', zipfile.ZIP_DEFLATED)`;
    execFileSync('python3', ['-c', script], { cwd: folder });
    const vfs = await openArchive(join(folder, 'a.zip'), { access: 'read' });
    assert.deepEqual(await contents(vfs), ['d/', 'd/ünï: beyond', 'stored: stored', 'wide: wide']);
    await vfs.close();
  });

  test('Windows: code page 437, back slashes, DOS times as local time, no modes', async (context) => {
    const name = Buffer.concat([Buffer.from('Ordner\\K'), Buffer.from([0x84]), Buffer.from('se.txt')]);
    const vfs = await opened(context, zipBytes([{ name, data: 'x', system: 0 }]));
    assert.deepEqual(await contents(vfs), ['Ordner/', 'Ordner/Käse.txt: x']);
    const entry = await vfs.stat('Ordner/Käse.txt');
    assert.ok(entry?.kind === 'file');
    assert.equal(entry.modifiedMs, new Date(2024, 1, 29, 13, 14, 14).getTime());
    assert.equal(entry.mode, undefined);
    assert.deepEqual([DOS_DATE, DOS_TIME], [22621, 27079]);
  });

  test('macOS: UTF-8 that is not said to be so, data descriptors, resource forks as files', async (context) => {
    const lines = await contentsOf(context, [
      { name: 'ü.txt', data: 'x', descriptor: 'signed' },
      { name: '__MACOSX/._ü.txt', data: 'fork', descriptor: 'bare' },
    ]);
    assert.deepEqual(lines, ['__MACOSX/', '__MACOSX/._ü.txt: fork', 'ü.txt: x']);
  });

  test('a Unicode Path field gives the name, if it belongs to the plain one', async (context) => {
    const field = (plain: string, unicode: string) => {
      const head = Buffer.alloc(9);
      head.writeUInt16LE(0x7075, 0);
      head.writeUInt16LE(5 + Buffer.byteLength(unicode), 2);
      head.writeUInt8(1, 4);
      head.writeUInt32LE(crc32(plain), 5);
      return Buffer.concat([head, Buffer.from(unicode)]);
    };
    const lines = await contentsOf(context, [
      { name: '_.txt', system: 0, data: 'x', extra: field('_.txt', 'ю.txt') },
      { name: 'renamed.txt', system: 0, data: 'y', extra: field('before.txt', 'stale.txt') },
    ]);
    assert.deepEqual(lines, ['renamed.txt: y', 'ю.txt: x']);
  });

  test('of several entries of one name the last counts', async (context) => {
    assert.deepEqual(await contentsOf(context, [{ name: 'a', data: 'old' }, { name: 'b' }, { name: 'a', data: 'new' }]), ['a: new', 'b: ']);
  });

  test('more than 65,535 entries whose count overflows are all there', async (context) => {
    const vfs = await opened(context, zipBytes(Array.from({ length: 65_540 }, (_, i) => ({ name: `${i}`, method: 0 }))));
    assert.equal((await vfs.list('')).length, 65_540);
  });

  for (const adjusted of [true, false]) {
    test(`a program before the archive stays, its offsets ${adjusted ? 'counting it' : 'not counting it'}`, needing('unzip'), async (context) => {
      const archive = join(freshFolder(context), 'a.zip');
      const before = Buffer.from(`#!/bin/sh\n${'#'.repeat(1000)}\n`);
      const bytes = zipBytes(
        [
          { name: 'a', data: 'x' },
          { name: 'b', data: 'y' },
        ],
        { before, comment: 'keep me' },
      );
      if (adjusted) adjust(bytes, before.length);
      writeFileSync(archive, bytes);
      const vfs = await openArchive(archive);
      assert.deepEqual(await contents(vfs), ['a: x', 'b: y']);
      await vfs.write('c', bytesContent('z'), { expected: { kind: 'nothing' } });
      await vfs.close();
      const again = await openArchive(archive, { access: 'read' });
      assert.deepEqual(await contents(again), ['a: x', 'b: y', 'c: z']);
      await again.close();
      assert.ok(readFileSync(archive).subarray(0, before.length).equals(before));
      assert.equal(readFileSync(archive).subarray(-7).toString(), 'keep me');
      if (adjusted) await assertWhole(archive);
    });
  }

  test('an archive that holds nothing is an empty root, and takes files', needing('unzip'), async (context) => {
    const vfs = await opened(context, zipBytes([]));
    assert.deepEqual(await contents(vfs), []);
    await vfs.write('a', bytesContent('x'), { expected: { kind: 'nothing' } });
    await vfs.flush();
    assert.deepEqual(await contents(vfs), ['a: x']);
  });
});

/** Adds to every offset in an archive. */
function adjust(bytes: Buffer, by: number): void {
  const end = bytes.lastIndexOf('PK\x05\x06');
  bytes.writeUInt32LE(bytes.readUInt32LE(end + 16) + by, end + 16);
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 1)) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 42) + by, at + 42);
  }
}

describe('archives that mean harm, or are damaged', () => {
  const hostile: readonly (readonly [string | Buffer, RegExp])[] = [
    ['../up', /leads out/],
    ['a/../../up', /leads out/],
    ['/etc/passwd', /absolute/],
    ['C:/evil', /drive letter/],
    ['c:evil', /drive letter/],
    ['new\nline', /control characters/],
    ['esc\u001b[2J', /control characters/],
    ['nul\0.txt', /control characters/],
    ['a//b', /empty part/],
    ['./../x', /leads out/],
    [Buffer.from([0x61, 0xff, 0xfe]), /.?/],
    [`${'x/'.repeat(2000)}deep`, /too many folders/],
  ];
  for (const [name, reason] of hostile) {
    test(`the name ${JSON.stringify(name.toString()).slice(0, 30)} is shown with its reason, or harmless, and never a path`, async (context) => {
      const vfs = await opened(
        context,
        zipBytes([
          { name, data: 'evil', flags: 0x800 },
          { name: 'good', data: 'good' },
        ]),
      );
      const entries = await vfs.list('');
      const bad = entries.filter((entry) => entry.name !== 'good') as (Entry & { reason?: string; missed?: boolean })[];
      assert.equal(bad.length, 1);
      assert.equal(bad[0]?.kind, 'other');
      assert.equal(bad[0]?.missed, true);
      assert.match(bad[0]?.reason ?? '', reason);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.doesNotMatch(bad[0]?.name ?? '/', /[/\\\u0000-\u001f]|^\.\.?$/);
      assert.equal(Buffer.from(await readContent(vfs.content('good'))).toString(), 'good');
      await assert.rejects(readContent(vfs.content(bad[0]?.name ?? '')), VfsError);
    });
  }

  test('a file and a folder of one name: the first is there, the other is shown', async (context) => {
    const lines = await contentsOf(context, [
      { name: 'a', data: 'file' },
      { name: 'a/b', data: 'below' },
    ]);
    assert.deepEqual(lines, ['a: file', 'a\u2215b: (the archive has a file where its path needs a folder)']);
  });

  test('entries that share data, as in an archive that is made to fill disks, are named, and what is packed properly is read', async (context) => {
    const inner = zipBytes([{ name: 'inner', data: 'in both', method: 0 }]);
    const local = inner.subarray(0, inner.indexOf('PK\x01\x02'));
    const bytes = zipBytes([
      { name: 'before', data: 'before' },
      { name: 'outer', data: local, method: 0 },
      { name: 'shared', data: 'in both', method: 0 },
      { name: 'behind', data: 'behind' },
    ]);
    // The third entry is now the one that lies within the data of the second.
    const record = bytes.lastIndexOf('shared') - 46;
    bytes.writeUInt32LE(bytes.indexOf('inner') - 30, record + 42);
    const reason = '(its data reaches over another entry, as in archives that are made to fill disks)';
    const vfs = await opened(context, bytes);
    const lines = ['before: before', 'behind: behind', `outer: ${reason}`, 'shared: in both'];
    assert.deepEqual(await contents(vfs), lines);
    await assert.rejects(readContent(vfs.content('outer')), VfsError);
    await vfs.write('new', bytesContent('new'), { expected: { kind: 'nothing' } });
    await vfs.flush();
    assert.deepEqual(await contents(vfs), ['before: before', 'behind: behind', 'new: new', `outer: ${reason}`, 'shared: in both']);
  });

  test('of entries at one place one is read, and the same one after a change', async (context) => {
    const bytes = zipBytes(['a', 'b', 'c'].map((name) => ({ name, data: 'shared', method: 0 })));
    for (const name of ['b', 'c']) bytes.writeUInt32LE(0, bytes.lastIndexOf(`${name}`, bytes.length - 22) - 46 + 42);
    const vfs = await opened(context, bytes);
    const before = await contents(vfs);
    assert.equal(before.filter((line) => line.endsWith(': shared')).length, 1);
    await vfs.write('new', bytesContent('new'), { expected: { kind: 'nothing' } });
    await vfs.close();
    const archive = vfs.label.slice('zip:'.length);
    const again = await openArchive(archive, { access: 'read' });
    assert.deepEqual(await contents(again), [...before, 'new: new']);
    await again.close();
  });

  const lies: readonly (readonly [string, EntryLiteral])[] = [
    ['a size that is too small', { name: 'a', data: 'x'.repeat(1_000_000), said: { size: 10 } }],
    ['a size that is too large', { name: 'a', data: 'x'.repeat(100), said: { size: 5_000_000 } }],
    ['a stored size that reaches out of the archive', { name: 'a', data: 'x', method: 0, said: { size: 900_000, compressedSize: 900_000 } }],
    ['a wrong checksum', { name: 'a', data: 'x', said: { crc: 1 } }],
    ['a size that is too small, of much data', { name: 'a', data: Buffer.alloc(60_000_000), said: { size: 2_000_000 } }],
  ];
  for (const [what, entry] of lies) {
    test(`${what}: reading fails, and gives no more than was said`, async (context) => {
      const vfs = await opened(context, zipBytes([entry]));
      let read = 0;
      const reading = async () => {
        for await (const chunk of vfs.content('a').open()) read += chunk.length;
      };
      await assert.rejects(reading(), (error) => error instanceof VfsError && error.code === 'failed' && error.path === 'a');
      assert.ok(read <= (entry.said?.size ?? 1), `${read} bytes`);
      await assert.rejects(vfs.write('copy', vfs.content('a'), { expected: { kind: 'nothing' } }), VfsError);
      assert.equal(await vfs.stat('copy'), undefined);
    });
  }

  test('an archive that was cut off anywhere is refused as a whole', async (context) => {
    const folder = freshFolder(context);
    const bytes = zipBytes(
      [
        { name: 'a', data: 'one' },
        { name: 'b/c', data: 'two' },
      ],
      { comment: 'c' },
    );
    for (let length = 0; length < bytes.length - 1; length++) {
      const archive = join(folder, 'a.zip');
      writeFileSync(archive, bytes.subarray(0, length));
      await assert.rejects(openArchive(archive), (error) => error instanceof VfsError && error.code === 'failed', `cut at ${length}`);
      assert.equal(readFileSync(archive).length, length);
    }
  });

  test('whichever bit is flipped, no wrong content is given', async (context) => {
    const folder = freshFolder(context);
    const bytes = zipBytes([
      { name: 'a', data: 'one one one one' },
      { name: 'b/c', data: 'two', method: 0 },
    ]);
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const archive = join(folder, 'a.zip');
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(archive, flipped);
      refused += await openArchive(archive, { access: 'read' }).then(onlyTrueContent, requireVfsError);
    }
    assert.ok(refused > 100, `${refused} flips were noticed`);
  });
});

/** 1 when something could not be read. */
async function onlyTrueContent(vfs: Vfs): Promise<number> {
  try {
    for (const line of await contents(vfs)) assert.match(line, /\/$|: (one one one one|two|\(.*\))$/);
    return 0;
  } catch (error) {
    return requireVfsError(error);
  } finally {
    await vfs.close();
  }
}

function requireVfsError(error: unknown): number {
  if (error instanceof VfsError) return 1;
  throw error;
}
