import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRootAddress } from '../../runtime/vfs/root-address-parse.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { Clock } from '../kit/clock.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees } from '../kit/run.ts';
import { type LayerScheme, LAYER_SCHEMES, MEMORY_BASES, stacked } from '../kit/stacks.ts';
import { edit, move, put, remove, snapshot, touch, type Tree } from '../kit/tree.ts';
import { withoutOffsets } from '../kit/without-offsets.ts';
import { day, isClean } from './story.ts';

type Schemes = readonly LayerScheme[];

/** Each time the same files, as another run finds them. */
const BASES: Readonly<Record<string, () => () => Vfs>> = {
  ...Object.fromEntries(
    Object.entries(MEMORY_BASES).map(([title, open]) => [
      title,
      () => {
        const vfs = open();
        return () => vfs;
      },
    ]),
  ),
  'memory without random access and atomic renames': () => {
    const vfs = new MemoryVfs({ now: new Clock().now });
    return () => withoutOffsets(withCopyingRename(vfs));
  },
};

function stacksOf(depth: number): Schemes[] {
  return depth === 0 ? [[]] : stacksOf(depth - 1).flatMap((outer) => LAYER_SCHEMES.map((scheme) => [...outer, scheme]));
}
const STACKS: readonly Schemes[] = [1, 2, 3].flatMap(stacksOf);

function urlOf(schemes: Schemes): string {
  return schemes.map((scheme) => `${scheme}:`).join('');
}

function refusalOf(schemes: Schemes): string | undefined {
  try {
    parseRootAddress(`${urlOf(schemes)}backup`, { projectDir: '/p', home: '/home/me', platform: 'linux' });
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
const ALLOWED = STACKS.filter((schemes) => refusalOf(schemes) === undefined);

/** A plain source, and a target under layers that are opened anew by each run. */
class Stacked {
  readonly source = new MemoryVfs({ label: 'source', now: new Clock().now });
  readonly #database: MemoryDatabase | undefined;
  readonly #open: () => Vfs;

  constructor(open: () => Vfs, database: MemoryDatabase | undefined) {
    this.#open = open;
    this.#database = database;
  }

  /** Of a run that ends well. */
  async lines(): Promise<readonly string[]> {
    const roots = [this.source, { vfs: this.#open(), targetOnly: true, key: 'target' }];
    const database = this.#database;
    const options = database === undefined ? { mirror: true, guard: false as const } : { syncRemove: true };
    const end = await syncTrees({ roots, options, ...(database && { database }) });
    isClean(end);
    return end.lines;
  }

  target(): Vfs {
    return this.#open();
  }
}

const TREE: Tree = {
  'a.txt': 'alpha',
  'd/b.txt': 'beta',
  'd/e/c.txt': '',
  'd/e/t.txt': 'touched',
  'empty/': null,
  'm.txt': 'moving',
  'XVS.txt': 'x',
};

async function change(source: MemoryVfs): Promise<void> {
  await edit(source, 'a.txt', 'alpha, longer', day(9));
  await touch(source, 'd/e/t.txt', day(10));
  await remove(source, 'd/b.txt');
  await move(source, 'm.txt', 'd/moved.txt');
}

for (const [base, make] of Object.entries(BASES)) {
  describe(`over ${base}: with a database a second run does nothing, and then only what changed`, () => {
    for (const schemes of ALLOWED) {
      test(urlOf(schemes), async () => {
        const open = make();
        const told = new Stacked(() => stacked(schemes, open()), new MemoryDatabase());
        await put(told.source, TREE);
        assert.equal((await told.lines()).filter((line) => line.startsWith('copy')).length, 6);
        assert.deepEqual(await told.lines(), []);
        await change(told.source);
        assert.deepEqual([...(await told.lines())].sort(), [
          'copy a.txt 0>1 (newer on root 0)',
          'copy d/e/t.txt 0>1 (newer on root 0)',
          'move m.txt to d/moved.txt 1 (moved on root 0)',
          'remove d/b.txt 1 (removed on root 0)',
        ]);
        assert.deepEqual(await told.lines(), []);
        if (!schemes.includes('tfs')) assert.deepEqual(await snapshot(told.target()), await snapshot(told.source));
      });
    }
  });
}

describe('without a database, where times are kept, a second run does nothing, and then only what changed', () => {
  for (const [base, make] of Object.entries(BASES)) {
    if (make()().traits.timePrecisionMs === undefined) continue;
    for (const schemes of ALLOWED) {
      test(`${urlOf(schemes)} over ${base}`, async () => {
        const open = make();
        const told = new Stacked(() => stacked(schemes, open()), undefined);
        await put(told.source, TREE);
        assert.equal((await told.lines()).filter((line) => line.startsWith('copy')).length, 6);
        assert.deepEqual(await told.lines(), []);
        await change(told.source);
        assert.deepEqual([...(await told.lines())].sort(), [
          'copy a.txt 0>1 (older)',
          'copy d/e/t.txt 0>1 (older)',
          'copy d/moved.txt 0>1 (missing)',
          'remove d/b.txt 1 (orphan)',
          'remove m.txt 1 (orphan)',
        ]);
        assert.deepEqual(await told.lines(), []);
      });
    }
  }
});

test('stacks that make no sense are refused with the reason', () => {
  const reasons = new Map(STACKS.map((schemes) => [urlOf(schemes), refusalOf(schemes)]));
  const refused = [...reasons].filter(([, reason]) => reason !== undefined);
  for (const [url, reason] of refused) {
    const keepers = url.match(/uxvs:|rcy:/g)?.length ?? 0;
    if (keepers === 0) {
      assert.match(url, /tfs:.*tfs:/);
      assert.match(reason ?? '', /^keeps notes of notes, by "tfs:" twice; leave one of them out$/);
      continue;
    }
    const says = url.includes('tfs:')
      ? /has "(uxvs|rcy):" in it and keeps names, sizes and times, but no content, so there are no old versions to keep$/
      : /keeps old versions twice, by "(uxvs|rcy):" and "(uxvs|rcy):"; leave one of them out$/;
    assert.match(reason ?? '', says, url);
    assert.ok(keepers > 1 || (keepers === 1 && url.includes('tfs:')), url);
  }
  assert.equal(ALLOWED.length, 65);
});
