import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { failAt, faultyVfs, stopAt, World } from '../kit/faulty-vfs.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees, type TreeOptions, type TreesEnd, type TreesRun } from '../kit/run.ts';
import { edit, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';

const TREE: Tree = { 'a.txt': 'alpha', 'd/b.txt': 'beta', 'd/e/c.txt': '' };

/** A source, a target-only root, and shadows of it that can be taken away and put back: the mount point below them is empty. */
class Upload {
  readonly source = new MemoryVfs({ label: 'source' });
  readonly base = new MemoryVfs({ label: 'base' });
  readonly disks: MemoryVfs[];
  readonly #mountPoints: MemoryVfs[];
  readonly #keepsNotes: boolean;
  readonly #over: (disk: Vfs) => Vfs;
  #mounted: boolean[];

  constructor({ disks = 1, keepsNotes = true, over = (disk: Vfs) => disk } = {}) {
    const each = <T>(make: (index: number) => T): T[] => Array.from({ length: disks }, (_, index) => make(index));
    this.disks = each((index) => new MemoryVfs({ label: `disk ${index}` }));
    this.#mountPoints = each((index) => new MemoryVfs({ label: `disk ${index}` }));
    this.#mounted = each(() => true);
    this.#keepsNotes = keepsNotes;
    this.#over = over;
  }

  mount(...mounted: boolean[]): void {
    this.#mounted = mounted;
  }

  /** What stands at the places of the shadows now. */
  get places(): MemoryVfs[] {
    return this.#mounted.map((isMounted, index) => (isMounted ? this.disks : this.#mountPoints)[index] as MemoryVfs);
  }

  /** `faults`: of the base (0) and of the shadows (from 1). */
  sync(options: TreeOptions = {}, more: Partial<TreesRun> & { faults?: World } = {}): Promise<TreesEnd> {
    const { faults = new World(), ...run } = more;
    const shadows = this.places.map((place, index) => this.#over(faultyVfs(place, faults, index + 1)));
    const base = faultyVfs(this.base, faults);
    const target = {
      vfs: shadowed(this.#keepsNotes ? stampOnly(base) : base, shadows),
      targetOnly: true,
      shadows,
      ...(this.#keepsNotes ? { keepsNotes: true as const } : {}),
    };
    return syncTrees({ roots: [this.source, target], options: { mirror: true, ...options }, ...run });
  }

  async lines(options?: TreeOptions, more?: Partial<TreesRun>): Promise<readonly string[]> {
    const end = await this.sync(options, more);
    assert.deepEqual({ end: end.end, problems: end.problems }, { end: 'finished', problems: [] });
    return end.lines;
  }
}

async function uploaded(setup?: ConstructorParameters<typeof Upload>[0], tree = TREE): Promise<Upload> {
  const told = new Upload(setup);
  await put(told.source, tree);
  await told.lines();
  return told;
}

function reasonsOf(end: TreesEnd): readonly string[] {
  assert.ok(end.whole.end === 'guarded', end.whole.end);
  return end.whole.reasons;
}

describe('notes of a shadow that has nothing of what they tell', () => {
  test('stop the run before anything is done, and when the disk is back it goes on', async () => {
    const told = await uploaded();
    told.mount(false);
    await put(told.source, { 'new.txt': 'new' });
    const notes = await snapshot(told.base);
    assert.deepEqual(reasonsOf(await told.sync()), [
      'root 1 (tfs:base) tells of 5 entries on its shadow disk 0, where nothing of that is to be seen. Mount the disk, or reach the place, that belongs there; ' +
        'if all is really gone, empty the folder of the notes, and the next run brings everything. This run would bring only what has changed since',
    ]);
    assert.deepEqual([await snapshot(told.places[0]!), await snapshot(told.base)], [{}, notes]);
    told.mount(true);
    assert.deepEqual(await told.lines(), ['copy new.txt 0>1 (missing)']);
    assert.deepEqual(await snapshot(told.disks[0]!), { ...TREE, 'new.txt': 'new' });
  });

  test('stop a run that would have nothing to do, and a simulation', async () => {
    const told = await uploaded();
    told.mount(false);
    assert.equal(reasonsOf(await told.sync()).length, 1);
    assert.equal(reasonsOf(await told.sync({}, { simulation: true })).length, 1);
  });

  test('stop it with one entry, with a database, without "mirror", and whatever lies about there', async () => {
    const told = await uploaded({}, { 'one.txt': '1' });
    told.mount(false);
    await put(told.places[0]!, { 'NOT MOUNTED': '', 'XVS/001.one.txt': '1', 'lost+found/': null });
    for (const more of [{}, { database: new MemoryDatabase() }]) assert.equal(reasonsOf(await told.sync({ mirror: false }, more)).length, 1);
  });

  test('do not when they are emptied, as the message says: everything is brought', async () => {
    const told = await uploaded();
    told.mount(false);
    for (const name of Object.keys(await snapshot(told.base))) await remove(told.base, name.split('/')[0]!).catch(() => undefined);
    assert.deepEqual(await snapshot(told.base), {});
    assert.deepEqual(await told.lines(), ['make d 0>1 (missing)', 'make d/e 0>1 (missing)', ...COPIES]);
    assert.deepEqual(await snapshot(told.places[0]!), TREE);
  });

  test('let exactly the approved plan pass', async () => {
    const told = await uploaded();
    told.mount(false);
    await put(told.source, { 'new.txt': 'new' });
    const end = await told.sync();
    assert.ok(end.whole.end === 'guarded');
    assert.deepEqual(await told.lines({}, { approve: end.whole.planId }), ['copy new.txt 0>1 (missing)']);
  });

  test('are not looked into with guard: false, for a shadow that somebody empties on purpose', async () => {
    const told = await uploaded();
    told.mount(false);
    await put(told.source, { 'new.txt': 'new' });
    assert.deepEqual(await told.lines({ guard: false }), ['copy new.txt 0>1 (missing)']);
  });

  test('tell which one of several shadows it is', async () => {
    const told = await uploaded({ disks: 2 });
    told.mount(true, false);
    const reasons = reasonsOf(await told.sync());
    assert.equal(reasons.length, 1);
    assert.match(reasons[0] ?? '', /its shadow disk 1, where/);
    told.mount(false, false);
    assert.equal(reasonsOf(await told.sync()).length, 2);
    told.mount(true, true);
    assert.deepEqual(await told.lines(), []);
  });

  test('are found through a layer of the shadow', async () => {
    const told = await uploaded({ over: (disk) => gzipped(disk, { extension: '.sx.gz' }) });
    assert.deepEqual(await told.lines(), []);
    told.mount(false);
    assert.equal(reasonsOf(await told.sync()).length, 1);
  });
});

const COPIES = ['copy a.txt 0>1 (missing)', 'copy d/b.txt 0>1 (missing)', 'copy d/e/c.txt 0>1 (missing)'];

describe('no run is stopped', () => {
  test('by the first one, and by the one after everything was removed', async () => {
    const told = await uploaded();
    await remove(told.source, 'a.txt');
    await remove(told.source, 'd');
    assert.equal((await told.lines()).length, 5);
    assert.deepEqual([await snapshot(told.disks[0]!), await snapshot(told.base)], [{}, {}]);
    assert.deepEqual(await told.lines(), []);
    await put(told.source, { again: 'x' });
    assert.deepEqual(await told.lines(), ['copy again 0>1 (missing)']);
  });

  test('when the notes tell of nothing that is in scope', async () => {
    const told = await uploaded();
    told.mount(false);
    await told.lines({ excludeFiles: ['*'], excludeDirs: ['*'] });
  });

  test('by a server that changes case', async () => {
    const told = await uploaded({}, { 'Readme.txt': 'x' });
    await remove(told.disks[0]!, 'Readme.txt');
    await put(told.disks[0]!, { 'README.TXT': 'x' });
    assert.deepEqual(await told.lines(), []);
  });

  test('after a kill in the middle of the move of the only file', async () => {
    let steps = 1;
    for (let step = 0; step <= steps; step++) {
      const told = new Upload();
      const database = new MemoryDatabase();
      await put(told.source, { 'old.txt': 'the content' });
      await told.lines({}, { database });
      await move(told.source, 'old.txt', 'new.txt');
      const faults = new World(step === 0 ? [] : [stopAt(step, 'after')]);
      await Promise.race([told.sync({}, { faults, database }), faults.stopped]);
      if (step === 0) steps = faults.mutationCount;
      await told.lines({}, { database });
      assert.deepEqual(await snapshot(told.disks[0]!), { 'new.txt': 'the content' }, `step ${step}`);
    }
    assert.ok(steps >= 2);
  });

  test('on a root that is no target-only one: its shadow has what was brought there, and not what it had', async () => {
    const [a, b, log] = [new MemoryVfs({ label: 'a' }), new MemoryVfs({ label: 'b' }), new MemoryVfs({ label: 'log' })];
    await put(a, { a: 'a' });
    await put(b, { b: 'b' });
    const end = await syncTrees({ roots: [a, { vfs: shadowed(b, [log]), shadows: [log] }] });
    assert.equal(end.end, 'finished');
    assert.deepEqual(await snapshot(log), { a: 'a' });
  });
});

describe('the empty shadow of a root that has its files itself', () => {
  test('stops a run that changes the root, and no other', async () => {
    const told = await uploaded({ keepsNotes: false });
    told.mount(false);
    assert.deepEqual(await told.lines(), []);
    await edit(told.source, 'd/b.txt', 'edited', '2024-04-01T00:00:00.000Z');
    assert.deepEqual(reasonsOf(await told.sync()), [
      'root 1 (base) has 5 entries, and its shadow disk 0 is empty. Mount the disk, or reach the place, that belongs there; ' +
        'a new shadow that is to have everything gets a copy of that root first. This run would bring only what has changed since',
    ]);
    assert.deepEqual(await snapshot(told.places[0]!), {});
    told.mount(true);
    assert.deepEqual(await told.lines(), ['copy d/b.txt 0>1 (older)']);
    assert.equal((await snapshot(told.disks[0]!))['d/b.txt'], 'edited');
  });

  test('stops nothing once it has anything: it may be there for changes alone', async () => {
    const told = await uploaded({ keepsNotes: false });
    told.mount(false);
    await put(told.source, { 'new.txt': 'new' });
    await put(told.places[0]!, { 'lost+found/': null, XVS: '' });
    reasonsOf(await told.sync());
    await put(told.places[0]!, { 'since monday': '' });
    assert.deepEqual(await told.lines(), ['copy new.txt 0>1 (missing)']);
    await put(told.source, { 'more.txt': 'more' });
    assert.deepEqual(await told.lines(), ['copy more.txt 0>1 (missing)']);
  });
});

test('a shadow that cannot be listed ends the run, since nobody knows what it has', async () => {
  const told = await uploaded();
  const end = await told.sync({}, { faults: new World([failAt('list', '', 'denied', 1)]) });
  assert.ok(end.whole.end === 'failed' && end.whole.code === 'unreachable', end.end);
  assert.match(end.whole.message, /^the shadow disk 0 cannot be listed: /);
});
