import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesOf } from '../../runtime/engine/new-file-batches.ts';
import { NewFiles } from '../../runtime/engine/new-files.ts';
import type { Entry } from '../../runtime/vfs/vfs.ts';
import type { DirectoryListing } from '../../runtime/vfs/walk.ts';

/** A directory on root `from` of two, with files of these sizes called f0, f1 …; of which all but the named ones are new. */
function newFiles(directory: string, sizes: readonly number[], from = 0, known: readonly number[] = []): NewFiles {
  const names = sizes.map((_, i) => `f${i}`);
  const entry = (i: number): Entry => ({ name: `f${i}`, kind: 'file', revision: `${directory}${i}`, size: sizes[i] as number });
  const listing = { path: directory, names: () => names, size: (i: number) => sizes[i] as number, entry } as unknown as DirectoryListing;
  return new NewFiles(
    listing,
    [...sizes.keys()].filter((i) => !known.includes(i)),
    { from, rootCount: 2 },
  );
}
const told = (all: readonly NewFiles[], most: number) =>
  [...batchesOf(all, most)].map((batch) =>
    batch.map(({ directory, names, files }) => `${directory}: ${names.map((one, i) => one + files[i]?.revision).join(' ')}`),
  );

test('a batch ends at its number of files, within a directory too', () => {
  assert.deepEqual(told([newFiles('a', [1, 1]), newFiles('b', [1, 1, 1])], 3), [['a: f0a0 f1a1', 'b: f0b0'], ['b: f1b1 f2b2']]);
});

test('a batch ends when it holds enough bytes, and a file larger than that is one by itself', () => {
  const mib = 1024 * 1024;
  assert.deepEqual(told([newFiles('a', [3 * mib, 3 * mib, 9 * mib, 1])], 64), [['a: f0a0 f1a1'], ['a: f2a2'], ['a: f3a3']]);
});

test('a batch has one source', () => {
  assert.deepEqual(told([newFiles('a', [1], 0), newFiles('a', [1], 1)], 64), [['a: f0a0'], ['a: f0a0']]);
});

test('only what is new of a directory is copied, by its own name and facts', () => {
  assert.deepEqual(told([newFiles('a', [1, 1, 1, 1], 0, [0, 2])], 64), [['a: f1a1 f3a3']]);
});
