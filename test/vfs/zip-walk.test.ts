import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasOwnWalk, type Walk, type WalkOptions } from '../../runtime/vfs/walk.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { freshFolder, openArchive } from '../kit/zip-archive.ts';

const NOTHING = { kind: 'nothing' } as const;
const SCOPE: WalkOptions['scope'] = {
  excludeFiles: [],
  includeFiles: [],
  excludeDirs: [],
  includeDirs: [],
  killFiles: [],
  ignoreCase: false,
  links: 'ignore',
};
const ALL: WalkOptions = { scope: SCOPE, innerRoots: [], digests: false };
const DIRECTORIES = ['a', 'a/b', 'a/b/c', 'a!', 'a.d', 'empty', 'ä'];
const FILES = ['z', 'a/f', 'a/b/g.tmp', 'a/b/c/h', 'a!/i', 'a.d/k.bak', 'ä/ö', 'B', '.sxrun-own.part'];

async function filled(vfs: Vfs): Promise<Vfs> {
  for (const path of DIRECTORIES) await vfs.makeDirectory(path);
  for (const [i, path] of FILES.entries())
    await vfs.write(path, bytesContent(path.repeat(i)), { expected: NOTHING, modifiedMs: 1_600_000_000_000 + i * 7000 });
  return vfs;
}

function ownWalk(vfs: Vfs, options: WalkOptions): Walk {
  assert.ok(hasOwnWalk(vfs));
  return vfs.walk(options);
}

/** All that a walk tells; `pruned` is told to it when its directory has come. */
async function told(walk: Walk, pruned?: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let next = await walk.next(); next !== undefined; next = await walk.next()) {
    const { path, problem, count, fileCount, hasHidden, hasKilled, digest, leftovers } = next;
    const listing = next;
    const entries = Array.from({ length: count }, (_, i) => ({
      kind: listing.kind(i),
      entry: listing.entry(i),
      size: listing.size(i),
      modifiedMs: listing.modifiedMs(i),
      revision: listing.revision(i),
    }));
    all.push({ path, problem: problem?.code, fileCount, hasHidden, hasKilled, digest, leftovers, names: next.names(), entries });
    if (path === pruned) walk.prune(path);
  }
  await walk.close();
  return all;
}

const CASES: readonly (readonly [string, WalkOptions, string?])[] = [
  ['of everything', ALL],
  ['with digests', { ...ALL, digests: true }],
  ['with patterns', { ...ALL, digests: true, scope: { ...SCOPE, excludeFiles: ['*.tmp'], killFiles: ['*.bak'], excludeDirs: ['/a/b/c'] } }],
  ['around an inner root', { ...ALL, innerRoots: ['a/b'] }],
  ['that is told what is not wanted', ALL, 'a'],
];
for (const inner of ['', 'in/side']) {
  for (const [what, options, pruned] of CASES) {
    test(`a walk of ${inner === '' ? 'an archive' : 'a folder in an archive'} ${what} tells what one by listings does`, async (context) => {
      const archive = join(freshFolder(context), 'a.zip');
      const vfs = await filled(await openArchive(archive, { inner }));
      const expected = await told(walkByListing(vfs, options), pruned);
      assert.ok(expected.length > 2);
      assert.deepEqual(await told(ownWalk(vfs, options), pruned), expected);
      await vfs.close();
      const again = await openArchive(archive, { inner, access: 'read' });
      assert.deepEqual(await told(ownWalk(again, options), pruned), expected);
      await again.close();
    });
  }
}

test('a walk of a folder that the archive does not have finds it empty, and one after the end of the run tells that', async (context) => {
  const archive = join(freshFolder(context), 'a.zip');
  const end = new AbortController();
  const vfs = await openArchive(archive, { inner: 'nowhere', signal: end.signal });
  assert.deepEqual(await told(ownWalk(vfs, ALL)), await told(walkByListing(vfs, ALL)));
  const walk = ownWalk(vfs, ALL);
  end.abort();
  assert.equal((await walk.next())?.problem?.code, 'aborted');
  await vfs.close();
});
