import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compactArchive } from '../../runtime/vfs/backends/zip/compact-archive.ts';
import type { ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { readDirectory } from '../../runtime/vfs/backends/zip/read-directory.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { readContent } from '../kit/bytes-content.ts';
import { needing } from '../kit/programs.ts';
import { move, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { freshFolder, openArchive, SEVEN_ZIP, unpacked } from '../kit/zip-archive.ts';

/** Long enough for the smallest entry to take its place. */
function text(): string {
  return randomBytes(400).toString('hex');
}

/** The path of the entry that the archive begins with; undefined: it begins with none that is in use. */
async function firstOf(archive: string): Promise<string | undefined> {
  if (!existsSync(archive)) return undefined;
  const bytes = readFileSync(archive);
  const { records } = await readDirectory({ size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) });
  return records
    .find(({ headerOffset }) => headerOffset === 0)
    ?.rawName.toString()
    .replace(/\/$/, '');
}

/** Where the entries of an archive begin. */
async function offsetsOf(bytes: Buffer): Promise<number[]> {
  const { records } = await readDirectory({ size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) });
  return records.map(({ headerOffset }) => headerOffset);
}

type Change = (vfs: Vfs, first: string) => Promise<void>;

const replaceFirst: Change = async (vfs, first) => {
  const isFile = (await vfs.stat(first))?.kind === 'file';
  if (isFile) await put(vfs, { [first]: text() });
  else await removeFirst(vfs, first);
};
const removeFirst: Change = (vfs, first) => remove(vfs, first);
const removeAll: Change = async (vfs) => {
  for (const { name } of await vfs.list('')) await remove(vfs, name);
};
const replaceAll: Change = async (vfs) => {
  for (const [path, value] of Object.entries(await snapshot(vfs))) if (value !== null) await put(vfs, { [path]: text() });
};
const removeFolder: Change = async (vfs) => {
  for (const { name, kind } of await vfs.list('')) if (kind === 'directory') await remove(vfs, name);
};
const renameFirst: Change = (vfs, first) => move(vfs, first, `moved ${first.replaceAll('/', '-')}`);
const twice: Change = async (vfs, first) => {
  await replaceFirst(vfs, first);
  await vfs.flush();
  await renameFirst(vfs, first);
};
const add =
  (tree: Tree): Change =>
  (vfs) =>
    put(vfs, tree);

const STORY: readonly (readonly [string, Change])[] = [
  ['the first file is replaced', replaceFirst],
  ['the first entry is removed', removeFirst],
  ['it is renamed', renameFirst],
  ['it is replaced, and renamed later', twice],
  ['all files are replaced', replaceAll],
  ['a folder is removed', removeFolder],
  ['nothing of the start is changed', add({ more: text(), 'e/more': text() })],
  ['the first entry is removed again', removeFirst],
  ['and again', removeFirst],
  ['all is removed', removeAll],
  ['something comes back', add({ b: text(), a: text(), 'd/e/f': text() })],
  ['the first file is replaced by a shorter one', (vfs, first) => put(vfs, { [first]: 'short' })],
];

async function assertUnpacked(context: TestContext, options: Partial<ZipOptions>, tree: Tree): Promise<void> {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const begin = await openArchive(archive, options);
  await put(begin, tree);
  await begin.close();
  for (const [what, change] of STORY) {
    const vfs = await openArchive(archive, options);
    const first = await firstOf(archive);
    assert.ok(first !== undefined || (await vfs.list('')).length === 0, `a dead start before this: ${what}`);
    await change(vfs, first ?? '');
    const expected = await snapshot(vfs);
    await vfs.close();
    for (const [program, found] of await unpacked(archive, folder)) assert.deepEqual(found, expected, `${program}, after this: ${what}`);
  }
  await compactArchive(archive);
  const compact = await openArchive(archive, { access: 'read' });
  const expected = await snapshot(compact);
  await compact.close();
  for (const [program, found] of await unpacked(archive, folder)) assert.deepEqual(found, expected, `${program}, after compacting`);
}

const FLAT = { a: text(), b: text(), c: text(), f: text(), g: text() };
const TREE = { ...FLAT, 'd/': null, 'd/x': text(), 'd/e/y': text() };

for (const [what, options, tree] of [
  ['a small archive', {}, TREE],
  ['a large archive', { mostAnew: 0 }, TREE],
  ['a large archive without folders', { mostAnew: 0 }, FLAT],
] as const) {
  test(`whatever is replaced or removed in ${what}, all programs unpack what is in it now`, needing(...SEVEN_ZIP), (context) =>
    assertUnpacked(context, options, tree),
  );
}

test('an archive that is changed before it is there begins with what is in it', needing(...SEVEN_ZIP), async (context) => {
  const folder = freshFolder(context);
  const archive = join(folder, 'a.zip');
  const vfs = await openArchive(archive);
  await put(vfs, { f: text(), g: text() });
  await remove(vfs, 'f');
  await vfs.close();
  assert.equal(await firstOf(archive), 'g');
  for (const [program, found] of await unpacked(archive, folder)) assert.deepEqual(Object.keys(found), ['g'], program);
});

for (const [what, options] of [
  ['a small archive', {}],
  ['a large archive', { mostAnew: 0 }],
] as const) {
  test(`${what} with entries that are not where its directory says takes changes all the same, and they stay as they are`, async (context) => {
    const archive = join(freshFolder(context), 'a.zip');
    const begin = await openArchive(archive, options);
    await put(begin, { a: text(), b: text(), c: '' });
    await begin.close();
    const bytes = readFileSync(archive);
    for (const at of (await offsetsOf(bytes)).slice(1)) bytes.write('xx', at);
    writeFileSync(archive, bytes);
    const vfs = await openArchive(archive, options);
    await put(vfs, { a: 'new' });
    await vfs.close();
    const after = await openArchive(archive, { access: 'read' });
    assert.equal(Buffer.from(await readContent(after.content('a'))).toString(), 'new');
    await assert.rejects(readContent(after.content('b')), /it is not where the directory says/);
    await after.close();
  });
}
