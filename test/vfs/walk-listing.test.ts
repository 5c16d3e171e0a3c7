import assert from 'node:assert/strict';
import test from 'node:test';
import { comparePaths, joinPath, type RelPath } from '../../runtime/vfs/path.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Entry, Vfs } from '../../runtime/vfs/vfs.ts';
import type { WalkOptions } from '../../runtime/vfs/walk.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';

const options: WalkOptions = {
  scope: { excludeFiles: [], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'ignore' },
  innerRoots: [],
  digests: true,
};

/** A tree of five folders in five folders …, three deep; `list` answers late, in an order of its own. */
function slowTree(concurrency: number, list: (path: RelPath) => void): Vfs {
  const vfs = new MemoryVfs({ traits: { concurrency } });
  let calls = 0;
  const answer = async (path: RelPath): Promise<readonly Entry[]> => {
    list(path);
    for (let turns = (calls++ * 7) % 11; turns > 0; turns--) await new Promise((done) => setImmediate(done));
    if (path === '') return ['a', 'a!', 'b', 'c', 'd'].map((name) => ({ name, kind: 'directory' }));
    if (path.length > 4) return [{ name: 'f', kind: 'file', revision: path }];
    return ['1', '2', '3', '4', '5'].map((name) => ({ name, kind: 'directory' }));
  };
  return new Proxy(vfs, { get: (target, key) => (key === 'list' ? answer : Reflect.get(target, key, target)) });
}

async function pathsOf(vfs: Vfs, each?: (path: RelPath, prune: (path: RelPath) => void) => void): Promise<RelPath[]> {
  const walk = walkByListing(vfs, options);
  const paths: RelPath[] = [];
  for (let next = await walk.next(); next !== undefined; next = await walk.next()) {
    paths.push(next.path);
    each?.(next.path, (path) => walk.prune(path));
  }
  return paths;
}

test('directories come once each and in order, however late the lists answer', async () => {
  for (const concurrency of [1, 3, 1000]) {
    const asked: RelPath[] = [];
    const paths = await pathsOf(slowTree(concurrency, (path) => asked.push(path)));
    assert.deepEqual(paths, [...paths].sort(comparePaths));
    assert.deepEqual([...asked].sort(comparePaths), paths);
    assert.equal(paths.length, 1 + 5 * (1 + 5 + 25));
  }
});

test('no more lists run at once than the root allows, and not much is read before its turn', async () => {
  for (const [concurrency, most] of [
    [1, 1],
    [4, 4],
    [1000, 64],
  ] as const) {
    let running = 0;
    let peak = 0;
    let asked = 0;
    const vfs = slowTree(concurrency, () => asked++);
    const inner = vfs.list;
    const counted = async (path: RelPath) => {
      peak = Math.max(peak, ++running);
      const entries = await inner(path);
      running--;
      return entries;
    };
    const watched = new Proxy(vfs, { get: (target, key) => (key === 'list' ? counted : Reflect.get(target, key, target)) });
    let given = 0;
    await pathsOf(watched, () => assert.ok(asked - ++given <= 65, `${asked} read, ${given} taken`));
    assert.ok(peak <= most, `${peak} at once`);
    assert.equal(peak > 1, concurrency > 1);
  }
});

test('nothing below a pruned directory is given, nor asked for when its turn has not come', async () => {
  const asked: RelPath[] = [];
  const paths = await pathsOf(
    slowTree(1, (path) => asked.push(path)),
    (path, prune) => {
      if (path === '') for (const name of ['a', 'c']) prune(joinPath(path, name));
    },
  );
  assert.ok(
    paths.every((path) => !/^[ac](\/|$)/.test(path)),
    paths.join(),
  );
  assert.equal(paths.length, 1 + 3 * (1 + 5 + 25));
  assert.ok(!asked.includes('c'), asked.join());
});

test('a directory that cannot be listed is a listing with its problem, and nothing below it is looked for', async () => {
  const vfs = slowTree(8, (path) => {
    if (path === 'b') throw new VfsError('denied', path, 'not for you');
  });
  const walk = walkByListing(vfs, options);
  const problems: string[] = [];
  let below = 0;
  for (let next = await walk.next(); next !== undefined; next = await walk.next()) {
    if (next.problem !== undefined) problems.push(`${next.path} ${next.problem.code} ${next.count}`);
    if (next.path.startsWith('b/')) below++;
  }
  assert.deepEqual(problems, ['b denied 0']);
  assert.equal(below, 0);
});

test('what dead runs left comes with the listing of its directory, and a directory that is being changed is a problem', async () => {
  const vfs = new MemoryVfs();
  await vfs.makeDirectory('a');
  await vfs.makeDirectory('b');
  const leftovers = async (directory: RelPath): Promise<readonly RelPath[]> => {
    if (directory === 'b') throw new VfsError('transient', 'b', 'another run is at work');
    return directory === 'a' ? ['a/.sxrun-left.part'] : [];
  };
  const walk = walkByListing(new Proxy(vfs, { get: (target, key) => (key === 'leftovers' ? leftovers : Reflect.get(target, key, target)) }), options);
  const found = [await walk.next(), await walk.next(), await walk.next()].map((listing) => [
    listing?.path,
    listing?.leftovers,
    listing?.problem?.code,
  ]);
  assert.deepEqual(found, [
    ['', [], undefined],
    ['a', ['a/.sxrun-left.part'], undefined],
    ['b', [], 'transient'],
  ]);
});
