import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { MOST_IN_MEMORY } from '../../runtime/vfs/backends/zip/compress.ts';
import type { ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { readAll } from '../../runtime/vfs/read-all.ts';
import { NOTHING, type Arrived, type FileNode, type LocalEnd, type NewFilesEnd, type NewFilesIn, type Vfs } from '../../runtime/vfs/vfs.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { assertWhole, openArchive } from '../kit/zip-archive.ts';

interface Ends {
  readonly from: string;
  readonly archive: string;
  readonly source: Vfs & { readonly local: LocalEnd };
  readonly zip: Vfs & { readonly newFiles: NewFilesEnd };
}

async function openEnds(context: TestContext, options: Partial<ZipOptions> = {}): Promise<Ends> {
  const folder = mkdtempSync(join(tmpdir(), 'sxrun-zip-'));
  const [from, archive] = [join(folder, 'from'), join(folder, 'a.zip')];
  mkdirSync(join(from, 'd'), { recursive: true });
  const source = await openLocal(from, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  const zip = await openArchive(archive, options);
  context.after(async () => {
    await source.close();
    await zip.close();
    rmSync(folder, { recursive: true });
  });
  assert.ok(source.local !== undefined && zip.newFiles !== undefined);
  return { from, archive, source: source as Ends['source'], zip: zip as Ends['zip'] };
}

async function filesIn(vfs: Vfs, directory: string): Promise<NewFilesIn> {
  const files = (await vfs.list(directory)).filter((entry): entry is FileNode & { name: string } => entry.kind === 'file');
  return { directory, names: files.map(({ name }) => name), files };
}

function tell(results: readonly (Arrived | VfsError)[]): string[] {
  return results.map((one) => (one instanceof VfsError ? `${one.code} ${one.path}${one.inContent ? ' in source' : ''}` : 'arrived'));
}

test('many new files come with content, time and mode, in a folder inside too, and the archive is whole', async (context) => {
  for (const inner of ['', 'in/side']) {
    const { from, archive, source, zip } = await openEnds(context, { inner });
    for (let i = 0; i < 100; i++) writeFileSync(join(from, i % 3 ? 'd' : '', `ä ${i}${i % 5 ? '' : '.gz'}`), `text ${i} `.repeat(i * i));
    utimesSync(join(from, 'd', 'ä 7'), 1000, 1234);
    chmodSync(join(from, 'd', 'ä 7'), 0o600);
    await zip.makeDirectory('d');
    const batch = [await filesIn(source, ''), await filesIn(source, 'd')];
    const results = await zip.newFiles.copyNew(source.local, batch);
    await zip.flush();
    await assertWhole(archive);
    const again = await openArchive(archive, { access: 'read', inner });
    for (const [part, { directory, names }] of batch.entries()) {
      const now = await filesIn(again, directory);
      assert.deepEqual(now.names, names);
      assert.deepEqual(
        results[part]?.map((one) => (one as Arrived).revision),
        now.files.map(({ revision }) => revision),
      );
      for (const name of names) {
        const path = directory === '' ? name : `${directory}/${name}`;
        assert.deepEqual(await readAll(again.content(path)), await readAll(source.content(path)), path);
      }
    }
    const entry = await again.stat('d/ä 7');
    assert.ok(entry?.kind === 'file');
    assert.deepEqual([entry.modifiedMs, entry.mode], [1_234_000, 0o600]);
    await again.close();
  }
});

test('each file that cannot be put or read says why, and the others arrive', async (context) => {
  const { from, source, zip } = await openEnds(context);
  for (const name of ['a', 'changed', 'gone', 'there', 'tab\tname', 'z']) writeFileSync(join(from, name), name);
  await zip.write('there', bytesContent('mine'), { expected: NOTHING });
  const [files, lost] = [await filesIn(source, ''), { directory: 'none', names: ['x'], files: [] as FileNode[] }];
  lost.files.push(files.files[0] as FileNode);
  writeFileSync(join(from, 'changed'), 'longer than before');
  rmSync(join(from, 'gone'));
  const [results = [], inNone = []] = await zip.newFiles.copyNew(source.local, [files, lost]);
  assert.deepEqual(tell(results), [
    'arrived',
    'changed changed in source',
    'changed gone in source',
    'name-refused tab\tname',
    'changed there',
    'arrived',
  ]);
  assert.deepEqual(tell(inNone), ['not-found none']);
  assert.deepEqual(
    (await zip.list('')).map(({ name }) => name),
    ['a', 'there', 'z'],
  );
  assert.equal((await readAll(zip.content('there'))).toString(), 'mine');
});

test('a file too large to be held in memory comes with the small ones', async (context) => {
  const { from, archive, source, zip } = await openEnds(context);
  writeFileSync(join(from, 'large'), Buffer.alloc(MOST_IN_MEMORY + 1, 'abc'));
  writeFileSync(join(from, 'small'), 'abc');
  const [results = []] = await zip.newFiles.copyNew(source.local, [await filesIn(source, '')]);
  assert.deepEqual(tell(results), ['arrived', 'arrived']);
  await zip.flush();
  await assertWhole(archive);
  assert.equal((await readAll(zip.content('large'))).length, MOST_IN_MEMORY + 1);
});

test('no file arrives in an archive that was opened for reading', async (context) => {
  const { from, archive, source } = await openEnds(context);
  writeFileSync(join(from, 'a'), 'a');
  const other = `${archive}-2.zip`;
  const made = await openArchive(other);
  await made.makeDirectory('d');
  await made.close();
  const zip = await openArchive(other, { access: 'read' });
  const [results = []] = (await zip.newFiles?.copyNew(source.local, [await filesIn(source, '')])) ?? [];
  assert.deepEqual(tell(results), ['read-only a']);
  await zip.close();
});
