import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkBuilder } from '../../runtime/vfs/backends/local/chunk-builder.ts';
import { revisionOf } from '../../runtime/vfs/backends/local/file-facts.ts';
import { listingsOf } from '../../runtime/vfs/backends/local/packed-listing.ts';
import { ENTRY_FILE } from '../../runtime/vfs/walk.ts';
import { lstatSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What this test cannot ask of the file system it happens to run on: a file of any time. */
function statsOf(mtimeNs: bigint) {
  const stats = lstatSync(fileURLToPath(import.meta.url), { bigint: true });
  stats.mtimeNs = mtimeNs;
  return stats;
}

for (const [what, ns] of [
  ['1677', -(2n ** 63n)],
  ['1600', -(2n ** 63n) - 1n],
  ['just before 1970', -1n],
  ['2262', 2n ** 63n - 1n],
  ['a nanosecond later', 2n ** 63n],
  ['2446', 15_032_385_535_123_456_789n],
  ['no year that a Date can say', 10n ** 25n],
] as const) {
  test(`a walk shows a time (${what}) as looking at the file does`, () => {
    const builder = new ChunkBuilder();
    const stats = statsOf(ns);
    builder.startDirectory();
    builder.add('f', ENTRY_FILE, stats, undefined);
    builder.finishDirectory('', undefined, []);
    const [listing] = listingsOf(builder.take(), true);
    assert.equal(listing?.revision(0), revisionOf(stats));
    const modifiedMs = listing?.modifiedMs(0) ?? Number.NaN;
    assert.ok(!Number.isNaN(new Date(modifiedMs).getTime()), `${modifiedMs} is no date`);
    const entry = listing?.entry(0);
    assert.ok(entry?.kind === 'file' && entry.modifiedMs === modifiedMs && entry.revision === revisionOf(stats));
  });
}
