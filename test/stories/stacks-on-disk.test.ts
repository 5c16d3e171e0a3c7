import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openRoot, type RootOptions } from '../../runtime/vfs/open-root.ts';
import { withEncoders } from '../../runtime/vfs/root-address.ts';
import { parseRootAddress } from '../../runtime/vfs/root-address-parse.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { syncTrees, type TreeRoot } from '../kit/run.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { edit, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';
import { day, isClean } from './story.ts';

/** `FOLDER` stands for the place. */
const ROOTS: readonly string[] = [
  'FOLDER',
  ...['igz:', 'ienc:', 'tfs:', 'xvs:', 'uxvs:', 'rcy:'].flatMap((layer) => [`${layer}FOLDER`, `${layer}zip:FOLDER/a.zip`]),
  'zip:FOLDER/a.zip',
  'zip:FOLDER/a.zip//in/side',
  'zip:igz:FOLDER/a.zip',
  'zip:ienc:FOLDER/a.zip//inner',
  'zip:zip:FOLDER/outer.zip//inner.zip//',
  'igz:zip:uxvs:FOLDER/a.zip',
  'ienc:igz:FOLDER',
  'igz:ienc:FOLDER',
  'uxvs:igz:FOLDER',
  'igz:ienc:zip:FOLDER/a.zip//d',
  'uxvs:ienc:igz:FOLDER',
  'tfs:igz:FOLDER',
  'tfs:zip:FOLDER/a.zip',
];

const TREE: Tree = { 'a.txt': 'alpha', 'd/b.txt': 'beta', 'd/e/c.txt': '', 'd/e/t.txt': 'touched', 'empty/': null, 'm.txt': 'moving' };
const OPENING: RootOptions = {
  followLinks: false,
  flushEachFile: false,
  makeMissing: true,
  isRealPath: true,
  signal: new AbortController().signal,
  encoders: new Map([['salted', saltedEncoder()]]),
};

class OnDisk {
  readonly source: string;
  readonly #url: string;
  readonly #database: MemoryDatabase | undefined;

  constructor(base: string, url: string, database: MemoryDatabase | undefined) {
    this.source = join(base, 'source');
    this.#url = url.replace('FOLDER', join(base, 'target'));
    this.#database = database;
  }

  async open(url = this.#url): Promise<TreeRoot & { close(): Promise<void> }> {
    const address = withEncoders(parseRootAddress(url, { projectDir: '/', home: '/', platform: process.platform }), () => saltedEncoder());
    const { vfs, walk } = await openRoot(address, OPENING);
    return { vfs, walk, key: url, close: () => vfs.close() };
  }

  async lines(): Promise<readonly string[]> {
    const [source, target] = [await this.open(this.source), await this.open()];
    try {
      const options = this.#database ? { syncRemove: true } : { mirror: true, guard: false as const };
      const end = await syncTrees({ roots: [source, { ...target, targetOnly: true }], options, ...(this.#database && { database: this.#database }) });
      isClean(end);
      return end.lines.toSorted();
    } finally {
      await Promise.all([source.close(), target.close()]);
    }
  }
}

async function onDisk(context: TestContext, url: string, database?: MemoryDatabase): Promise<OnDisk> {
  const base = await temporaryFolder(context);
  await mkdir(join(base, 'target'));
  const told = new OnDisk(base, url, database);
  await put(told.source, TREE);
  return told;
}

async function change({ source }: OnDisk): Promise<void> {
  await edit(source, 'a.txt', 'alpha, longer', day(9));
  await touch(source, 'd/e/t.txt', day(10));
  await remove(source, 'd/b.txt');
  await move(source, 'm.txt', 'd/moved.txt');
}

for (const url of ROOTS) {
  const isReadable = !url.startsWith('tfs:');

  test(`${url}, with a database: a second run does nothing, and then only what changed`, async (context) => {
    const told = await onDisk(context, url, new MemoryDatabase());
    assert.equal((await told.lines()).length, 8);
    assert.deepEqual(await told.lines(), []);
    await change(told);
    assert.deepEqual(await told.lines(), [
      'copy a.txt 0>1 (newer on root 0)',
      'copy d/e/t.txt 0>1 (newer on root 0)',
      'move m.txt to d/moved.txt 1 (moved on root 0)',
      'remove d/b.txt 1 (removed on root 0)',
    ]);
    assert.deepEqual(await told.lines(), []);
    const target = await told.open();
    if (isReadable) assert.deepEqual(await snapshot(target.vfs), await snapshot(told.source));
    await target.close();
  });

  test(`${url}, without: the same`, async (context) => {
    const told = await onDisk(context, url);
    assert.equal((await told.lines()).length, 8);
    assert.deepEqual(await told.lines(), []);
    await change(told);
    assert.deepEqual(await told.lines(), [
      'copy a.txt 0>1 (older)',
      'copy d/e/t.txt 0>1 (older)',
      'copy d/moved.txt 0>1 (missing)',
      'remove d/b.txt 1 (orphan)',
      'remove m.txt 1 (orphan)',
    ]);
    assert.deepEqual(await told.lines(), []);
  });
}
