import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import { type VersionedOptions, versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { faultyVfs, stopAt, World } from '../kit/faulty-vfs.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs, type MemoryVfsOptions } from '../kit/memory-vfs.ts';
import { syncTrees, type TreeRoot, type TreesEnd } from '../kit/run.ts';
import { edit, link, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { day, isClean } from './story.ts';

/** How a layered root is made over its file systems, each of which passes the world. */
interface Stack {
  readonly inner: readonly MemoryVfsOptions[];
  open(inner: readonly Vfs[]): TreeRoot;
  /** What it holds, as far as it can tell; undefined: only whether it is in sync. */
  readonly readable: boolean;
}

const SX_GZ = { extension: '.sx.gz' };
const [first, second, third] = [0, 1, 2].map((index) => (inner: readonly Vfs[]) => inner[index] as Vfs) as [Choose, Choose, Choose];
type Choose = (inner: readonly Vfs[]) => Vfs;

function versions(folder: string, place: VersionedOptions['place']): VersionedOptions {
  return { prefix: 'xvs:', folder, place, max: 10_000, isExcluded: () => false, keep: undefined, now: Date.now };
}

const STACKS: Readonly<Record<string, Stack>> = {
  'igz both ways': { inner: [{}], open: (inner) => ({ vfs: gzipped(first(inner), SX_GZ) }), readable: true },
  'igz without times': {
    inner: [{ traits: { timePrecisionMs: undefined } }],
    open: (inner) => ({ vfs: gzipped(first(inner), SX_GZ), targetOnly: true }),
    readable: true,
  },
  'uxvs:': { inner: [{}], open: (inner) => ({ vfs: versioned(first(inner), versions('XVS', 'beside')) }), readable: true },
  'rcy:': { inner: [{}], open: (inner) => ({ vfs: versioned(first(inner), versions('.recycle', 'top')) }), readable: true },
  'uxvs:igz: without links, modes and fine times': {
    inner: [{ traits: { timePrecisionMs: 2000, modes: false } }],
    open: (inner) => ({ vfs: versioned(gzipped(first(inner), SX_GZ), versions('XVS', 'beside')), targetOnly: true }),
    readable: true,
  },
  'igz with two shadows, of igz and plain': {
    inner: [{}, {}, {}],
    open: (inner) => {
      const shadows = [gzipped(second(inner), SX_GZ), third(inner)];
      return { vfs: shadowed(gzipped(first(inner), SX_GZ), shadows), targetOnly: true, shadows };
    },
    readable: false,
  },
  'tfs with its target as shadow': {
    inner: [{}, {}],
    open: (inner) => ({ vfs: shadowed(stampOnly(first(inner)), [second(inner)]), targetOnly: true, shadows: [second(inner)], keepsNotes: true }),
    readable: false,
  },
};

/** A source that has been synchronized and then changed in every way, the layered root's file systems, and the database. */
class Crash {
  readonly source = new MemoryVfs();
  readonly inner: readonly MemoryVfs[];
  readonly database = new MemoryDatabase();
  readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
    this.inner = stack.inner.map((options) => new MemoryVfs(options));
  }

  async prepare(): Promise<void> {
    const ballast = { k1: '1', k2: '2', k3: '3', k4: '4' };
    await put(this.source, { a: 'a', 'd/b': 'b', 'd/m': 'moving', 'gone/c': 'c', 'turned/x': 'x', turning: 'a file', aLink: link('a'), ...ballast });
    isClean(await this.sync());
    await edit(this.source, 'a', 'a changed', day(9));
    await move(this.source, 'd/m', 'moved/m');
    await remove(this.source, 'gone');
    await remove(this.source, 'turned');
    await remove(this.source, 'turning');
    await put(this.source, { turned: 'now a file', 'turning/y': 'now a folder', 'new/n': 'new' });
  }

  sync(world = new World()): Promise<TreesEnd> {
    const opened = this.stack.open(this.inner.map((vfs, index) => withCopyingRename(faultyVfs(vfs, world, index))));
    const baseline = this.database.open(['source', 'layered'], world, opened.targetOnly ? [1] : []);
    // One action at a time: what is compressed in another thread would go on after the stop, as nothing does after a kill.
    return syncTrees({ roots: [this.source, opened], options: { syncRemove: true, symlinks: 'copy', parallel: 1 }, baseline });
  }

  async holds(tree: Tree): Promise<void> {
    assert.deepEqual(await snapshot(this.source), tree);
    if (this.stack.readable) assert.deepEqual(await snapshot(this.stack.open(this.inner).vfs), tree);
    else assert.deepEqual(await snapshot(this.inner.at(-1) as MemoryVfs), tree);
  }
}

describe('a run over layers that is stopped at any step below them converges by running again', () => {
  for (const [title, stack] of Object.entries(STACKS)) {
    test(title, async () => {
      const whole = new Crash(stack);
      await whole.prepare();
      const wanted = await snapshot(whole.source);
      const world = new World();
      isClean(await whole.sync(world));
      await whole.holds(wanted);
      assert.ok(world.mutationCount > 12);
      for (let step = 1; step <= world.mutationCount; step++) {
        for (const when of ['before', 'after'] as const) {
          const crash = new Crash(stack);
          await crash.prepare();
          const stopping = new World([stopAt(step, when)]);
          const run = crash.sync(stopping);
          assert.equal(await Promise.race([stopping.stopped, run.then(() => 'ended')]), 'stopped', `step ${step}`);
          isClean(await crash.sync());
          await crash.holds(wanted);
          assert.deepEqual((await crash.sync()).lines, [], `${when} step ${step}`);
        }
      }
    });
  }
});
