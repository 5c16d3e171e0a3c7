import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { walkLocal } from '../../runtime/vfs/backends/local/walk-local.ts';
import { digestOf, digestPart } from '../../runtime/vfs/digest.ts';
import { comparePaths, joinPath } from '../../runtime/vfs/path.ts';
import { type DirectoryListing, ENTRY_HIDDEN, ENTRY_OTHER, type Walk, type WalkOptions } from '../../runtime/vfs/walk.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';

function freshFolder(context: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-walk-')));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function optionsOf(scope: Partial<WalkOptions['scope']> = {}, more: Partial<WalkOptions> = {}): WalkOptions {
  const none = { excludeFiles: [], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'ignore' as const };
  return { scope: { ...none, ...scope }, innerRoots: [], digests: true, ...more };
}

async function readAll(walk: Walk): Promise<DirectoryListing[]> {
  const listings: DirectoryListing[] = [];
  for (let next = await walk.next(); next !== undefined; next = await walk.next()) listings.push(next);
  await walk.close();
  return listings;
}

/** Everything that a listing says, as plain data. */
function described(listing: DirectoryListing) {
  const { path, problem, count, fileCount, hasHidden, hasKilled, digest, leftovers } = listing;
  const entries = listing.names().map((name, i) => ({
    name,
    kind: listing.kind(i),
    entry: listing.entry(i),
    size: listing.size(i),
    modifiedMs: listing.modifiedMs(i),
    revision: listing.revision(i),
  }));
  return { path, problem: problem?.code, count, fileCount, hasHidden, hasKilled, digest, leftovers, entries };
}

const NAMES = ['a', 'b', 'a!', 'B', 'x.bak', 'ä', 'n m', 'p.syncdb', 'XVS', 'very long name '.repeat(12), '\u{1F600}', '\\', 'q*'];
type Tree = { [name: string]: string | { to: string } | Tree };
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; node: string | { to: string } | Tree }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...NAMES), tie('node'), { maxKeys: 5, depthIdentifier: 'tree' }),
  node: fc.oneof(
    { depthIdentifier: 'tree', maxDepth: 4 },
    fc.string({ maxLength: 4 }),
    fc.record({ to: fc.constantFrom('a', '..', '../a', '.', '/', 'missing', 'b/../a', '../../..') }),
    tie('tree'),
  ),
})).tree;

function plant(folder: string, planted: Tree): void {
  mkdirSync(folder);
  for (const [name, node] of Object.entries(planted)) {
    const path = join(folder, name);
    if (typeof node === 'string') writeFileSync(path, node);
    else if (typeof node.to === 'string') symlinkSync(node.to, path);
    else plant(path, node as Tree);
  }
}

test('a local walk and a walk by listing say the same about any tree, links handled in any way', async (context) => {
  const folder = freshFolder(context);
  let count = 0;
  const patterns = fc.subarray(['*.bak', '/a', 'b', 'a/*', '[!a]']);
  const some = fc.record({
    links: fc.constantFrom('ignore' as const, 'copy' as const, 'follow' as const),
    excludeFiles: patterns,
    excludeDirs: patterns,
    includeFiles: patterns,
    killFiles: fc.subarray(['x*']),
  });
  await fc.assert(
    fc.asyncProperty(tree, some, async (planted, scope) => {
      const root = join(folder, `t${count++}`);
      plant(root, planted);
      const options = optionsOf(scope, { innerRoots: ['b', 'a/b'] });
      const vfs = await openLocal(root, { followLinks: scope.links === 'follow', signal: new AbortController().signal, flushEachFile: false });
      const byListing = (await readAll(walkByListing(vfs, options))).map(described);
      await vfs.close();
      assert.deepEqual((await readAll(walkLocal(root, options))).map(described), byListing);
    }),
    { numRuns: 150 },
  );
});

function plantMany(root: string): void {
  for (let d = 0; d < 70; d++) {
    const folder = join(root, `d${d % 7}`, `e${d}`);
    mkdirSync(folder, { recursive: true });
    for (let f = 0; f < 60; f++) writeFileSync(join(folder, `f${f}`), 'x'.repeat(f));
    symlinkSync('f1', join(folder, 'link'));
  }
}

test('a walk that a thread takes over gives every directory once, in order, with true digests', async (context) => {
  const root = freshFolder(context);
  plantMany(root);
  const options = optionsOf({ links: 'copy', excludeFiles: ['f7'] });
  const listings = await readAll(walkLocal(root, options));
  assert.equal(listings.length, 1 + 7 + 70);
  assert.equal(
    listings.reduce((sum, listing) => sum + listing.fileCount, 0),
    70 * 60,
  );
  const paths = listings.map((listing) => listing.path);
  assert.deepEqual(paths, [...paths].sort(comparePaths));
  for (const listing of listings) {
    const parts = listing.names().map((name, i) => (listing.kind(i) === ENTRY_HIDDEN ? '' : digestPart(name, listing.kind(i), listing.revision(i))));
    assert.equal(listing.digest, digestOf(parts.join('')));
  }
});

test('a digest changes with a time, a size and a name, not with a mode', async (context) => {
  const root = freshFolder(context);
  const digest = async () => (await readAll(walkLocal(root, optionsOf())))[0]?.digest;
  writeFileSync(join(root, 'f'), 'x');
  const seen = [await digest()];
  utimesSync(join(root, 'f'), 1, 1.001);
  seen.push(await digest());
  writeFileSync(join(root, 'f'), 'xy');
  utimesSync(join(root, 'f'), 1, 1.001);
  seen.push(await digest());
  writeFileSync(join(root, 'g'), '');
  seen.push(await digest());
  assert.equal(new Set(seen).size, 4);
  chmodSync(join(root, 'f'), 0o600);
  assert.equal(await digest(), seen[3]);
});

for (const late of [false, true]) {
  test(`nothing below a pruned directory is given${late ? ', read ahead by the thread or not' : ''}`, async (context) => {
    const root = freshFolder(context);
    plantMany(root);
    const walk = walkLocal(root, optionsOf());
    const seen: string[] = [];
    for (let next = await walk.next(); next !== undefined; next = await walk.next()) {
      seen.push(next.path);
      if (next.path === (late ? 'd5' : 'd0')) for (const name of next.names()) walk.prune(joinPath(next.path, name));
      if (next.path === 'd4/e4') walk.prune('d6');
    }
    await walk.close();
    const wanted = (path: string) => !path.startsWith(late ? 'd5/' : 'd0/') && !path.startsWith('d6');
    assert.equal(seen.length, 1 + 6 + 50);
    assert.ok(seen.every(wanted), seen.join());
  });
}

test('a walk can be closed at any moment', async (context) => {
  const root = freshFolder(context);
  plantMany(root);
  for (const steps of [0, 1, 30, 60]) {
    const walk = walkLocal(root, optionsOf());
    for (let i = 0; i < steps; i++) await walk.next();
    await walk.close();
    assert.equal(await walk.next(), undefined);
  }
});

test('a root that is missing, and a folder that cannot be read, are listings with a problem', async (context) => {
  const root = freshFolder(context);
  const missing = await readAll(walkLocal(join(root, 'no'), optionsOf()));
  assert.deepEqual(
    missing.map((listing) => [listing.path, listing.problem?.code, listing.count]),
    [['', 'not-found', 0]],
  );
  const vfs = await openLocal(root, { followLinks: false, signal: new AbortController().signal, flushEachFile: false });
  let path = '';
  for (let level = 0; level < 20; level++) {
    path = joinPath(path, 'x'.repeat(250));
    await vfs.makeDirectory(path);
  }
  await vfs.makeDirectory('z');
  const listings = await readAll(walkLocal(root, optionsOf()));
  const problems = listings.filter((listing) => listing.problem !== undefined);
  assert.equal(problems.length, 1);
  assert.equal(problems[0]?.problem?.code, 'name-refused');
  assert.equal(listings.at(-1)?.path, 'z');
  // Node's own recursive removal gives up on such depths.
  await vfs.replace('x'.repeat(250), { kind: 'directory', expected: { kind: 'directory' } });
  await vfs.close();
});

test('names that are no UTF-8 are shown as other, never left out', async (context) => {
  const root = freshFolder(context);
  const spell = (...bytes: number[]) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(bytes)]);
  try {
    writeFileSync(spell(0x61, 0xff), '');
  } catch {
    context.skip('this file system holds no such names');
    return;
  }
  writeFileSync(spell(0x61, 0xfe), '');
  writeFileSync(join(root, 'a\uFFFD'), 'a proper name that looks the same');
  writeFileSync(join(root, 'b\uFFFD'), 'a proper name');
  mkdirSync(spell(0x63, 0xff));
  const [listing, more] = await readAll(walkLocal(root, optionsOf()));
  assert.equal(more, undefined);
  assert.deepEqual(
    listing?.names().map((name, i) => [name, listing.kind(i) === ENTRY_OTHER]),
    [
      ['a\uFFFD', true],
      ['b\uFFFD', false],
      ['c\uFFFD', true],
    ],
  );
  assert.equal(listing?.digest, undefined);
  const entry = listing?.entry(0);
  assert.ok(entry?.kind === 'other' && entry.missed === true && /UTF-8/.test(entry.reason));
});
