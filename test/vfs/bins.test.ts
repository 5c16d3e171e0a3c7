import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, describe, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { systemBin } from '../../runtime/vfs/bins/system-bin.ts';
import { findTrash } from '../../runtime/vfs/bins/trash-folder.ts';
import { formatTrashInfo, trashName } from '../../runtime/vfs/bins/trash-info.ts';
import type { FoundBin } from '../../runtime/vfs/bin.ts';
import { versioned, type VersionedOptions } from '../../runtime/vfs/layers/versioned.ts';
import { openBin } from '../../runtime/vfs/open-bin.ts';
import type { VersionChange } from '../../runtime/vfs/version-change.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { put } from '../kit/tree.ts';

let scratch = '';
let root = '';
beforeEach(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-bins-')));
  root = join(scratch, 'root');
  mkdirSync(root);
  mkdirSync(join(scratch, 'home'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const userId = process.getuid?.() ?? -1;
const onLinux = { skip: process.platform === 'linux' ? false : 'the trash of Linux desktops' };

function desktop(environment: Readonly<Record<string, string>> = { XDG_CURRENT_DESKTOP: 'GNOME' }) {
  return { environment, home: join(scratch, 'home'), userId };
}
function trashOfHome(): string {
  return join(scratch, 'home', '.local', 'share', 'Trash');
}
function names(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
async function opened(): Promise<Vfs> {
  return openLocal(root, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
}
const NOON = Date.parse('2026-03-01T12:00:00');

/** A root whose versions go into a bin, as `rcy:` makes it, and what it tells. */
async function recycling(bin: () => Promise<FoundBin>, more: Partial<VersionedOptions> = {}): Promise<{ vfs: Vfs; told: VersionChange[] }> {
  const told: VersionChange[] = [];
  const options: VersionedOptions = {
    prefix: 'rcy:',
    folder: '.recycle',
    place: 'top',
    max: 100,
    isExcluded: () => false,
    now: () => NOON,
    keep: undefined,
    ...more,
  };
  return { vfs: versioned(await opened(), { ...options, openBin: bin, tell: (change) => told.push(change) }), told };
}
const trashBin = () => openBin(root, new AbortController().signal, { ...desktop(), platform: 'linux' });

async function overwrite(vfs: Vfs, path: string, text: string): Promise<void> {
  const there = await vfs.stat(path);
  assert.ok(there?.kind === 'file');
  await vfs.write(path, bytesContent(text), { expected: { kind: 'file', revision: there.revision } });
}
async function remove(vfs: Vfs, path: string): Promise<void> {
  const there = await vfs.stat(path);
  assert.ok(there?.kind === 'file');
  await vfs.removeFile(path, { kind: 'file', revision: there.revision });
}

describe('the trash of a Linux desktop', onLinux, () => {
  test('gets what is overwritten and removed, with the place it was at, and the root keeps nothing of it', async () => {
    const { vfs, told } = await recycling(trashBin);
    await put(vfs, { 'd/ö #1.txt': 'one', f: 'f' });
    await overwrite(vfs, 'd/ö #1.txt', 'two');
    await overwrite(vfs, 'd/ö #1.txt', 'three');
    assert.deepEqual(names(join(root, '.recycle')), ['d', 'd/001.ö #1.txt', 'd/002.ö #1.txt'], 'old versions like others until they are there');
    await remove(vfs, 'f');
    await vfs.close();
    assert.deepEqual(names(root), ['d', 'd/ö #1.txt']);
    const trash = trashOfHome();
    assert.deepEqual(names(trash), [
      'files',
      'files/f',
      'files/ö #1.2.txt',
      'files/ö #1.txt',
      'info',
      'info/f.trashinfo',
      'info/ö #1.2.txt.trashinfo',
      'info/ö #1.txt.trashinfo',
    ]);
    const contents = ['ö #1.txt', 'ö #1.2.txt'].map((name) => readFileSync(join(trash, 'files', name), 'utf8')).sort();
    assert.deepEqual(contents, ['one', 'two']);
    assert.equal(
      readFileSync(join(trash, 'info', 'f.trashinfo'), 'utf8'),
      `[Trash Info]\nPath=${join(root, 'f')}\nDeletionDate=2026-03-01T12:00:00\n`,
    );
    assert.match(readFileSync(join(trash, 'info', 'ö #1.txt.trashinfo'), 'utf8'), /\/root\/d\/%C3%B6%20%231\.txt\n/);
    assert.deepEqual(told.map(({ op, path, stored, reason }) => `${op} ${path} ${stored ?? '-'} ${reason}`).sort(), [
      'aside d/ö #1.txt - overwritten, in the recycle bin',
      'aside d/ö #1.txt - overwritten, in the recycle bin',
      'aside f - removed, in the recycle bin',
    ]);
  });

  test('that cannot be used leaves the version in the folder, noted, and says why', async () => {
    mkdirSync(join(scratch, 'home', '.local', 'share'), { recursive: true });
    symlinkSync(root, trashOfHome());
    const { vfs, told } = await recycling(trashBin);
    await put(vfs, { f: 'f', g: 'g' });
    await remove(vfs, 'f');
    await remove(vfs, 'g');
    await vfs.close();
    assert.deepEqual(names(root), ['.recycle', '.recycle/.set-aside.jsonl', '.recycle/001.f', '.recycle/001.g']);
    assert.deepEqual(
      told.map(({ op }) => op),
      ['note', 'aside', 'aside'],
    );
    assert.match(told[0]?.reason ?? '', /stays in \.recycle: the trash .* is no folder of this user/);
  });

  test('that refuses a single thing leaves that one in the folder', async () => {
    const { vfs, told } = await recycling(trashBin);
    await put(vfs, { f: 'f' });
    await remove(vfs, 'f');
    await vfs.flush();
    await put(vfs, { g: 'g' });
    rmSync(join(trashOfHome(), 'files'), { recursive: true });
    await remove(vfs, 'g');
    await vfs.close();
    assert.equal(readFileSync(join(root, '.recycle', '001.g'), 'utf8'), 'g');
    assert.deepEqual(names(join(trashOfHome(), 'info')), ['f.trashinfo'], 'no note is left of what did not come');
    assert.deepEqual(
      told.map(({ op, path }) => `${op} ${path}`),
      ['aside f', 'aside g', 'note '],
    );
  });

  test('is used where a session runs or where it is there, never in the root itself', () => {
    assert.deepEqual(findTrash(root, desktop({})), { kind: 'none', because: undefined });
    assert.ok(!existsSync(trashOfHome()));
    assert.deepEqual(findTrash(root, desktop()), { kind: 'found', folder: { path: trashOfHome(), top: undefined } });
    assert.equal(findTrash(root, desktop({})).kind, 'found');
    const inside = findTrash(join(scratch, 'home'), desktop());
    assert.ok(inside.kind === 'none' && /lies in the root itself/.test(inside.because ?? ''));
    const elsewhere = join(scratch, 'data');
    assert.deepEqual(findTrash(root, desktop({ XDG_CURRENT_DESKTOP: 'KDE', XDG_DATA_HOME: elsewhere })), {
      kind: 'found',
      folder: { path: join(elsewhere, 'Trash'), top: undefined },
    });
  });

  test('of another volume lies at its top', (context) => {
    if (!existsSync('/dev/shm')) return context.skip('needs a second volume');
    const other = mkdtempSync('/dev/shm/sxrun-bins-');
    const trash = `/dev/shm/.Trash-${userId}`;
    if (existsSync(trash)) return context.skip('somebody uses it');
    try {
      assert.deepEqual(findTrash(other, desktop()), { kind: 'found', folder: { path: trash, top: '/dev/shm' } });
    } finally {
      rmSync(other, { recursive: true });
      rmSync(trash, { recursive: true, force: true });
    }
  });

  test('has names that fit and notes as the specification wants them', () => {
    assert.deepEqual(
      [1, 2, 6].map((attempt) => trashName('letter.txt', attempt, () => 'abc')),
      ['letter.txt', 'letter.2.txt', 'letter.abc.txt'],
    );
    const long = trashName(`${'ü'.repeat(120)}.jpeg`, 2, () => '');
    assert.ok(Buffer.byteLength(long) <= 200 && long.endsWith('ü.2.jpeg'), long);
    assert.equal(
      trashName('.hidden', 2, () => ''),
      '.hidden.2',
    );
    assert.equal(
      formatTrashInfo('/media/stick/a b/c', NOON, { path: '/media/stick/.Trash-1', top: '/media/stick' }),
      '[Trash Info]\nPath=a%20b/c\nDeletionDate=2026-03-01T12:00:00\n',
    );
  });
});

describe('the bin of a system that is asked by a program', () => {
  /** `take`: what becomes of a path that it is given. */
  async function withProgram(take: (path: string) => void): Promise<{ left: string[]; told: string[]; inBin: string[] }> {
    const bin = join(scratch, 'bin');
    mkdirSync(bin);
    const trash = async (paths: readonly string[]) => paths.forEach(take);
    const { vfs, told } = await recycling(async () => ({ kind: 'bin', bin: systemBin({ root: await opened(), rootPath: root, trash }) }));
    await put(vfs, { 'd/a.txt': 'a', b: 'b' });
    await overwrite(vfs, 'd/a.txt', 'a2');
    await remove(vfs, 'b');
    await vfs.close();
    const left = names(root).filter((name) => name.startsWith('.recycle') && !name.endsWith('.jsonl'));
    return { left, told: told.map(({ op, path, reason }) => `${op} ${path} ${reason}`), inBin: names(bin) };
  }

  test('gets a second name of each file, and the first one goes when the bin has it', async () => {
    const { left, inBin, told } = await withProgram((path) =>
      renameSync(path, join(scratch, 'bin', path.slice(root.length + 1).replaceAll(/[\\/]/g, '_'))),
    );
    assert.deepEqual(left, []);
    assert.deepEqual(inBin, ['.recycle_001_b', '.recycle_d_001_a.txt']);
    assert.equal(told.filter((line) => line.endsWith('in the recycle bin')).length, 2);
  });

  test('that drops what it is given costs nothing: all stays in the folder', async () => {
    const { left, told } = await withProgram(unlinkSync);
    assert.deepEqual(left, ['.recycle', '.recycle/001.b', '.recycle/d', '.recycle/d/001.a.txt']);
    assert.match(told.join('\n'), /note .*the bin of this volume does not keep what it is given/);
  });

  test('that fails costs nothing either, whether it took something or not', async () => {
    let count = 0;
    const { left, told } = await withProgram((path) => {
      if (count++ > 0) throw new Error('the Finder is busy');
      linkSync(path, join(scratch, 'bin', 'taken'));
      unlinkSync(path);
    });
    assert.deepEqual(left.filter((name) => /\d{3}\./.test(name)).length, 1);
    assert.match(told.join('\n'), /note .*the Finder is busy/);
  });
});
