import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areAlike } from '../../runtime/engine/rows.ts';
import { type DirectoryListing, ENTRY_FILE } from '../../runtime/vfs/walk.ts';

/** A directory with one file. */
function listing(modifiedMs: number, size = 5): DirectoryListing {
  return {
    path: '',
    problem: undefined,
    count: 1,
    fileCount: 1,
    hasHidden: false,
    hasKilled: false,
    digest: undefined,
    leftovers: [],
    names: () => ['f'],
    joinedNames: () => 'f',
    kind: () => ENTRY_FILE,
    entry: () => ({ name: 'f', kind: 'file', revision: '', size, modifiedMs }),
    size: () => size,
    modifiedMs: () => modifiedMs,
    revision: () => '',
  };
}

function alike(...listings: readonly DirectoryListing[]): boolean {
  return areAlike(
    listings,
    listings.map(() => 0),
    1000,
  );
}

test('files are alike when their sizes are equal and all their times lie within the tolerance', () => {
  assert.ok(alike(listing(0), listing(1000)));
  assert.ok(alike(listing(400), listing(1000), listing(0)));
  assert.equal(alike(listing(0), listing(1001)), false);
  assert.equal(alike(listing(0), listing(0, 6)), false);
});

test('times that are near the first one and far from each other are decided about, and so are unknown ones', () => {
  assert.equal(alike(listing(0), listing(900), listing(-900)), false);
  assert.equal(alike(listing(0), listing(Number.NaN)), false);
  assert.equal(alike(listing(Number.NaN), listing(0)), false);
  assert.equal(alike(listing(0, Number.NaN), listing(0, Number.NaN)), false);
});
