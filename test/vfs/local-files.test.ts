import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { type Arrived, type FileNode, type LocalEnd, type NewFilesIn, NOTHING, type Vfs } from '../../runtime/vfs/vfs.ts';

interface Ends {
  readonly from: string;
  readonly to: string;
  readonly source: Vfs & { readonly local: LocalEnd };
  readonly target: Vfs & { readonly local: LocalEnd };
}

async function openEnds(context: TestContext): Promise<Ends> {
  const base = mkdtempSync(join(tmpdir(), 'sxrun-new-'));
  const [from, to] = [join(base, 'from'), join(base, 'to')];
  const opened: Vfs[] = [];
  const open = async (folder: string) => {
    mkdirSync(folder);
    const vfs = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
    opened.push(vfs);
    assert.ok(vfs.local !== undefined);
    return vfs as Vfs & { readonly local: LocalEnd };
  };
  const ends = { from, to, source: await open(from), target: await open(to) };
  context.after(async () => {
    for (const vfs of opened) await vfs.close();
    rmSync(base, { recursive: true });
  });
  return ends;
}

async function filesIn(vfs: Vfs, directory: string): Promise<NewFilesIn> {
  const files = (await vfs.list(directory)).filter((entry): entry is FileNode & { name: string } => entry.kind === 'file');
  return { directory, names: files.map(({ name }) => name), files };
}

/** As the results of a batch are told: the content of what arrived, or the error. */
function tell(results: readonly (Arrived | VfsError)[]): string[] {
  return results.map((one) => (one instanceof VfsError ? `${one.code}${one.inContent ? ' in source' : ''}` : 'arrived'));
}

test('many files arrive with their content, time and mode, and each one’s stamp is the file as it is now', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  for (const folder of ['', 'd']) {
    mkdirSync(join(from, folder), { recursive: true });
    mkdirSync(join(to, folder), { recursive: true });
    for (let i = 0; i < 120; i++) writeFileSync(join(from, folder, `ä ${i}`), `${folder} ${i}`.repeat(i), { mode: i % 2 ? 0o600 : 0o644 });
  }
  utimesSync(join(from, 'ä 7'), 1000, 1234.5);
  const batch = [await filesIn(source, ''), await filesIn(source, 'd')];
  const results = await target.local.copyNew(source.local, batch);
  for (const [part, { directory, names }] of batch.entries()) {
    const now = await filesIn(target, directory);
    assert.deepEqual(now.names, names);
    assert.deepEqual(
      results[part],
      now.files.map(({ revision, fileId }) => ({ revision, fileId })),
    );
    for (const name of names) assert.equal(readFileSync(join(to, directory, name), 'utf8'), readFileSync(join(from, directory, name), 'utf8'));
  }
  assert.equal(statSync(join(to, 'ä 7')).mtimeMs, 1234500);
  if (process.platform !== 'win32') assert.equal(statSync(join(to, 'ä 7')).mode & 0o777, 0o600);
});

test('one that cannot be copied says why, and keeps none of the others back', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  for (const name of ['a', 'changed', 'gone', 'taken', 'z']) writeFileSync(join(from, name), name);
  const batch = [await filesIn(source, '')];
  writeFileSync(join(from, 'changed'), 'by someone');
  rmSync(join(from, 'gone'));
  writeFileSync(join(to, 'taken'), 'of someone');
  const [results] = await target.local.copyNew(source.local, batch);
  assert.deepEqual(tell(results ?? []), ['arrived', 'changed in source', 'changed in source', 'changed', 'arrived']);
  assert.deepEqual(readdirSync(to).sort(), ['a', 'taken', 'z']);
  assert.equal(readFileSync(join(to, 'taken'), 'utf8'), 'of someone');
});

test('a directory that is missing fails each of its files, and nothing else', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  mkdirSync(join(from, 'd'));
  for (const path of ['a', 'd/b', 'd/c']) writeFileSync(join(from, path), path);
  const results = await target.local.copyNew(source.local, [await filesIn(source, 'd'), await filesIn(source, '')]);
  assert.deepEqual(results.map(tell), [['not-found', 'not-found'], ['arrived']]);
  assert.deepEqual(readdirSync(to), ['a']);
});

test('a root that is closed copies nothing, and says so for each file', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  for (const name of ['a', 'b']) writeFileSync(join(from, name), name);
  const batch = [await filesIn(source, '')];
  await target.close();
  const results = await target.local.copyNew(source.local, batch);
  assert.deepEqual(results.map(tell), [['failed', 'failed']]);
  assert.deepEqual(readdirSync(to), []);
});

test('once one has failed where no more is to be begun after a failure, the rest of the batch and other copies are not begun', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(from, name), name);
  const batch = [await filesIn(source, '')];
  rmSync(join(from, 'b'));
  target.local.beginNoMore('failure');
  const [results] = await target.local.copyNew(source.local, batch);
  assert.deepEqual(tell(results ?? []), ['arrived', 'changed in source', 'aborted', 'aborted']);
  await assert.rejects(target.write('d', source.content('d'), { expected: NOTHING }), { code: 'aborted' });
  assert.deepEqual(readdirSync(to), ['a']);
});

test('readings for an archive are not begun any more either', async (context) => {
  const { from, source } = await openEnds(context);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(from, name), name);
  const batch = [await filesIn(source, '')];
  rmSync(join(from, 'b'));
  source.local.beginNoMore('failure');
  const codes = (await source.local.pack(batch, () => 1)).map((one) => (one instanceof VfsError ? one.code : 'packed'));
  assert.deepEqual(codes, ['packed', 'changed', 'aborted']);
});

test('a root that begins no more copies does everything else', async (context) => {
  const { from, to, source, target } = await openEnds(context);
  writeFileSync(join(from, 'a'), 'a');
  writeFileSync(join(to, 'old'), 'old');
  target.local.beginNoMore('now');
  const [results] = await target.local.copyNew(source.local, [await filesIn(source, '')]);
  assert.deepEqual(tell(results ?? []), ['aborted']);
  await target.makeDirectory('d');
  await target.rename('old', 'd/new', { kind: 'file', revision: (await filesIn(target, '')).files[0]?.revision ?? '' });
  assert.deepEqual(readdirSync(to), ['d']);
  assert.deepEqual(readdirSync(join(to, 'd')), ['new']);
});
