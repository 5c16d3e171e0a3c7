import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { delayBy, failAt, World, type Call, type Fault } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { syncTrees } from '../kit/run.ts';
import { syncFolders, temporaryFolder } from '../kit/sync-folders.ts';
import { edit, file, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { day, isClean, story, synced, target, type Story } from './story.ts';

const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

/** Does something once, right before the first call that `at` accepts. */
function meanwhile(at: (call: Call) => boolean, act: () => Promise<void>): Fault {
  let isDone = false;
  const effect = async () => {
    isDone = true;
    await act();
  };
  return { when: 'before', at: (call) => !isDone && at(call), effect };
}

/** Mutating calls on one root, `method path`. */
function done(world: World, root: number): string[] {
  return world.calls.filter((call) => call.number > 0 && call.root === root).map((call) => `${call.method} ${call.path}`);
}

describe('a file that cannot be read', () => {
  test('is one problem, of the root that it is on, whatever roots it was for', async () => {
    const told = await story({}, { a: 'a' }, {}, {});
    const end = await told.sync({}, { world: new World([failAt('content', 'a', 'denied', 0)]) });
    assert.deepEqual(end.problems, ['a@0 denied']);
  });
  test('is so between folders, too', async (context) => {
    const base = await temporaryFolder(context);
    const [a, b] = [join(base, 'a'), join(base, 'b')];
    await put(a, { f: 'f' });
    await mkdir(b);
    const loseIt = (event: RunEvent) => event.type === 'action' && rmSync(join(a, 'f'));
    const end = await syncFolders({ folders: [a, b], onEvent: loseIt });
    assert.deepEqual(end.problems, ['f@0 changed']);
    const said = 'changed during the run: it is not as it was when the plan was made; nothing was done to it, the next run looks again';
    assert.equal(end.result.problems[0]?.message, said);
  });
});

describe('the order of actions', () => {
  const build = async (): Promise<Story> => {
    const told = await synced({ syncRemove: true }, { 'old/a': 'a', 'old/deep/b': 'b', c: 'c', ...ballast }, {});
    await remove(told.vfs[0]!, 'old');
    await put(told.vfs[0]!, { 'new/deep/x': 'x', 'new/y': 'y' });
    await edit(told.vfs[0]!, 'c', 'changed');
    return told;
  };
  test('is directories, copies, then removals, files before their directories', async () => {
    const told = await build();
    const world = new World();
    isClean(await told.sync({}, { world }));
    const calls = done(world, 1);
    const at = (call: string) => {
      assert.ok(calls.includes(call), `${call} in ${calls.join(', ')}`);
      return calls.indexOf(call);
    };
    assert.ok(at('makeDirectory new') < at('makeDirectory new/deep'));
    assert.ok(at('makeDirectory new/deep') < at('write new/deep/x'));
    for (const copy of ['write new/deep/x', 'write new/y', 'write c']) {
      for (const removal of ['removeFile old/a', 'removeFile old/deep/b', 'removeDirectory old'])
        assert.ok(at(copy) < at(removal), `${copy} before ${removal}`);
    }
    assert.ok(at('removeFile old/deep/b') < at('removeDirectory old/deep'));
    assert.ok(at('removeDirectory old/deep') < at('removeDirectory old'));
    assert.ok(at('removeFile old/a') < at('removeDirectory old'));
  });
  test('removals on a root run only if no copy failed there', async () => {
    const told = await build();
    const end = await told.sync({}, { world: new World([failAt('write', 'new/y', 'no-space', 1)]) });
    assert.ok(end.problems.includes('new/y@1 no-space'), end.problems.join());
    const tree = await snapshot(told.vfs[1]!);
    assert.deepEqual([tree['old/a'], tree['old/deep/b']], ['a', 'b']);
    isClean(await told.sync());
    await told.allHold({ 'new/deep/x': 'x', 'new/y': 'y', c: 'changed', ...ballast });
  });
  test('a failed copy on one root does not keep another root from its removals', async () => {
    const told = await synced({ syncRemove: true }, { a: 'a', ...ballast }, {}, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { n: 'n' });
    await told.sync({}, { world: new World([failAt('write', 'n', 'denied', 1)]) });
    await told.holds({ n: 'n', ...ballast }, { a: 'a', ...ballast }, { n: 'n', ...ballast });
    isClean(await told.sync());
    await told.allHold({ n: 'n', ...ballast });
  });
});

describe('before it changes a path, an action looks again', () => {
  test('a target that changed meanwhile is not overwritten: a problem, and a collision next time', async () => {
    const told = await synced({ syncDb: true }, { a: 'old', ...ballast }, {});
    await edit(told.vfs[0]!, 'a', 'planned');
    const world = new World([
      meanwhile(
        (call) => call.method === 'write' && call.path === 'a',
        () => edit(told.vfs[1]!, 'a', 'surprise'),
      ),
    ]);
    const end = await told.sync({}, { world });
    assert.deepEqual(end.problems, ['a@1 changed']);
    assert.match(end.result.problems[0]?.message ?? '', /changed/);
    await told.holds({ a: 'planned', ...ballast }, { a: 'surprise', ...ballast });
    assert.deepEqual((await told.sync()).collisions, ['a']);
  });
  test('a target that appeared meanwhile is not overwritten', async () => {
    const told = await story({}, { a: 'planned' }, {});
    const world = new World([
      meanwhile(
        (call) => call.method === 'write',
        () => put(told.vfs[1]!, { a: 'surprise' }),
      ),
    ]);
    assert.deepEqual((await told.sync({}, { world })).problems, ['a@1 changed']);
    await told.holds({ a: 'planned' }, { a: 'surprise' });
  });
  test('a source that changed after the plan is not copied', async () => {
    const told = await story({}, { a: file('planned', { modified: day(1) }) }, {});
    const world = new World([
      meanwhile(
        (call) => call.method === 'write',
        () => edit(told.vfs[0]!, 'a', 'changed'),
      ),
    ]);
    const end = await told.sync({}, { world });
    assert.equal(end.problems.length, 1);
    await told.holds({ a: 'changed' }, {});
    isClean(await told.sync());
    await told.allHold({ a: 'changed' });
  });
  test('a source that changes while it is read is not copied', async () => {
    const told = await story({ syncDb: true }, { a: file('x'.repeat(300_000), { modified: day(1) }) }, {});
    const inner = told.vfs[0]!.content.bind(told.vfs[0]);
    told.vfs[0]!.content = (path, revision) => {
      const content = inner(path, revision);
      return { ...content, open: (from) => editedWhileRead(content.open(from), () => edit(told.vfs[0]!, 'a', 'y'.repeat(300_000))) };
    };
    assert.equal((await told.sync()).problems.length, 1);
    assert.deepEqual(await snapshot(told.vfs[1]!), {});
  });
  test('a file that changed meanwhile is not removed', async () => {
    const told = await synced({ syncRemove: true }, { a: 'old', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    const world = new World([
      meanwhile(
        (call) => call.method === 'removeFile',
        () => edit(told.vfs[1]!, 'a', 'surprise'),
      ),
    ]);
    assert.deepEqual((await told.sync({}, { world })).problems, ['a@1 changed']);
    assert.equal((await snapshot(told.vfs[1]!))['a'], 'surprise');
    isClean(await told.sync());
    await told.allHold({ a: 'surprise', ...ballast });
  });
  test('an orphan that changed meanwhile is not removed by mirror', async () => {
    const told = await story({ mirror: true }, ballast, target({ orphan: 'o' }));
    const world = new World([
      meanwhile(
        (call) => call.method === 'removeFile',
        () => edit(told.vfs[1]!, 'orphan', 'changed'),
      ),
    ]);
    assert.equal((await told.sync({}, { world })).problems.length, 1);
    assert.equal((await snapshot(told.vfs[1]!))['orphan'], 'changed');
  });
  test('a directory that got a file meanwhile is not removed, and the file survives', async () => {
    const told = await synced({ syncRemove: true }, { 'd/a': 'a', ...ballast }, {});
    await remove(told.vfs[0]!, 'd');
    const world = new World([
      meanwhile(
        (call) => call.method === 'removeDirectory',
        () => put(told.vfs[1]!, { 'd/new': 'new' }),
      ),
    ]);
    await told.sync({}, { world });
    assert.equal((await snapshot(told.vfs[1]!))['d/new'], 'new');
    isClean(await told.sync());
    await told.allHold({ 'd/new': 'new', ...ballast });
  });
  test('something new below a directory that should become a file is not destroyed', async () => {
    const told = await synced({ syncDb: true }, { 'a/x': 'x', ...ballast }, {});
    await remove(told.vfs[0]!, 'a');
    await put(told.vfs[0]!, { a: 'file now' });
    const world = new World([
      meanwhile(
        (call) => call.method === 'replace',
        () => put(told.vfs[1]!, { 'a/new': 'new' }),
      ),
    ]);
    await told.sync({}, { world });
    const tree = await snapshot(told.vfs[1]!);
    assert.ok(tree['a/new'] === 'new' || tree['a'] === 'file now');
  });
  test('a file that changed meanwhile is not moved', async () => {
    const told = await synced({ syncRemove: true }, { a: 'content', ...ballast }, {});
    await told.vfs[0]!.rename('a', 'b', { kind: 'file', revision: await revisionOf(told, 'a') });
    const world = new World([
      meanwhile(
        (call) => call.method === 'rename',
        () => edit(told.vfs[1]!, 'a', 'surprise'),
      ),
    ]);
    await told.sync({}, { world });
    const tree = await snapshot(told.vfs[1]!);
    assert.ok(Object.values(tree).includes('surprise'));
    isClean(await told.sync());
    await told.allHold({ a: 'surprise', b: 'content', ...ballast });
  });
});

describe('problems', () => {
  test('one file that cannot be written does not keep the others', async () => {
    const told = await story({}, { a: 'a', b: 'b', c: 'c' }, {});
    const end = await told.sync({}, { world: new World([failAt('write', 'b', 'denied', 1)]) });
    assert.deepEqual([end.end, end.problems], ['finished', ['b@1 denied']]);
    await told.holds({ a: 'a', b: 'b', c: 'c' }, { a: 'a', c: 'c' });
  });
  test("onError 'stop' ends the run at a file that cannot be written, and the database stays true", async () => {
    const told = await story({ syncDb: true, onError: 'stop' }, { a: 'a', b: 'b', c: 'c' }, {});
    const end = await told.sync({}, { world: new World([failAt('write', 'b', 'denied', 1)]) });
    assert.equal(end.end, 'failed');
    isClean(await told.sync());
    await told.allHold({ a: 'a', b: 'b', c: 'c' });
  });
  test("onError 'stop' ends the run before anything is changed when a folder cannot be listed", async () => {
    const told = await story({ onError: 'stop' }, { a: 'a', 'd/x': 'x' }, {});
    const end = await told.sync({}, { world: new World([failAt('list', 'd', 'denied', 0)]) });
    assert.equal(end.end, 'failed');
    await told.holds({ a: 'a', 'd/x': 'x' }, {});
  });
  test('a directory that cannot be made takes its files with it, not the rest', async () => {
    const told = await story({}, { 'd/x': 'x', 'd/e/y': 'y', a: 'a' }, {});
    const end = await told.sync({}, { world: new World([failAt('makeDirectory', 'd', 'denied', 1)]) });
    assert.ok(end.problems.length > 0);
    assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'a' });
    isClean(await told.sync());
    await told.allHold({ 'd/x': 'x', 'd/e/y': 'y', a: 'a' });
  });
  test('a source that cannot be read leaves the target whole', async () => {
    const told = await story({}, { a: file('new', { modified: day(2) }), b: 'b' }, { a: file('old', { modified: day(1) }) });
    const end = await told.sync({}, { world: new World([failAt('content', 'a', 'denied', 0)]) });
    assert.equal(end.problems.length, 1);
    await told.holds({ a: 'new', b: 'b' }, { a: 'old', b: 'b' });
  });
});

describe('the database', () => {
  test('is committed only after the roots were flushed', async () => {
    const told = await story({ syncDb: true }, { 'd/a': 'a', b: 'b' }, {});
    const world = new World();
    isClean(await told.sync({}, { world }));
    const order = world.calls.filter((call) => ['write', 'makeDirectory', 'flush', 'commit'].includes(call.method));
    const lastWrite = order.findLastIndex((call) => call.method === 'write');
    const lastCommit = order.findLastIndex((call) => call.method === 'commit');
    assert.ok(
      order.slice(lastWrite, lastCommit).some((call) => call.method === 'flush' && call.root === 1),
      'the written root is flushed between its last write and the commit',
    );
  });
  test('is not committed when a flush fails', async () => {
    const told = await story({ syncDb: true }, { a: 'a', b: 'b' }, {});
    const world = new World([failAt('flush', '', 'failed')]);
    const end = await told.sync({}, { world }).catch(() => undefined);
    assert.ok(end === undefined || end.end !== 'finished' || end.problems.length > 0);
    assert.deepEqual(told.database.contents(), {});
  });
  test('is left alone when nothing changed', async () => {
    const told = await synced({ syncDb: true }, { a: 'a', 'd/b': 'b' }, {});
    const commits = told.database.commits;
    const before = told.database.contents();
    await told.isIdle();
    assert.ok(told.database.commits - commits <= 1);
    assert.deepEqual(told.database.contents(), before);
  });
  test('is left alone by a simulation', async () => {
    const told = await story({ syncDb: true }, { a: 'a' }, {});
    await told.sync({}, { simulation: true });
    assert.deepEqual(told.database.contents(), {});
  });
  test('records nothing for a path whose action failed', async () => {
    const told = await story({ syncDb: true }, { a: 'a', b: 'b' }, {});
    await told.sync({}, { world: new World([failAt('write', 'a', 'denied', 1)]) });
    assert.ok(!(told.database.contents()['a'] ?? '').includes('root 1'));
  });
  test('without one nothing is flushed', async () => {
    const told = await story({}, { a: 'a' }, {});
    const world = new World();
    await told.sync({}, { world });
    assert.ok(!world.calls.some((call) => call.method === 'flush'));
  });
});

describe('an interrupted run', () => {
  const many: Tree = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d${index % 6}/f${index}`, `content ${index}`]));
  test('finishes the files in flight, saves the database and says so; the next run does the rest', async () => {
    const told = await story({ syncDb: true, parallel: 2 }, many, {});
    const controller = new AbortController();
    let writes = 0;
    const world = new World([{ when: 'after', at: (call) => call.method === 'write' && ++writes === 10, effect: () => controller.abort() }]);
    const end = await told.sync({}, { world, signal: controller.signal });
    assert.equal(end.end, 'interrupted');
    const copied = Object.keys(await snapshot(told.vfs[1]!)).filter((path) => !path.endsWith('/'));
    assert.ok(copied.length >= 10 && copied.length < 60, String(copied.length));
    assert.equal(end.result.copied, copied.length);
    const recorded = Object.entries(told.database.contents()).filter(([, roots]) => roots.startsWith('file') && roots.includes('root 1'));
    assert.deepEqual(recorded.map(([path]) => path).sort(), copied.sort());
    const rest = await told.sync();
    isClean(rest);
    assert.equal(rest.result.copied, 60 - copied.length);
    await told.allHold(many);
    await told.isIdle();
  });
  test('before the first action changes nothing', async () => {
    const told = await story({ syncDb: true }, many, {});
    const end = await told.sync({}, { signal: AbortSignal.abort() });
    assert.equal(end.end, 'interrupted');
    assert.deepEqual(await snapshot(told.vfs[1]!), {});
  });
  test('during its first synchronization removes nothing afterwards', async () => {
    const told = await story({ syncRemove: true, parallel: 1 }, many, { own: 'own' });
    const controller = new AbortController();
    let writes = 0;
    const world = new World([{ when: 'after', at: (call) => call.method === 'write' && ++writes === 5, effect: () => controller.abort() }]);
    await told.sync({}, { world, signal: controller.signal });
    isClean(await told.sync());
    await told.allHold({ ...many, own: 'own' });
  });
});

describe('the order in which directories are listed', () => {
  const before: Tree = { 'a/1': '1', 'a/2': '2', 'b/x/3': '3', 'b!': '4', 'b/y': '5', z: '6', ä: '7', Z: '8' };
  const run = async (shuffle: (entries: [string, Tree[string]][]) => [string, Tree[string]][], world: World) => {
    const roots = [new MemoryVfs({ label: 'one' }), new MemoryVfs({ label: 'two' }), new MemoryVfs({ label: 'three' })];
    await put(roots[0]!, Object.fromEntries(shuffle(Object.entries(before))));
    await put(
      roots[1]!,
      Object.fromEntries(shuffle(Object.entries({ 'a/2': file('newer', { modified: day(9) }), 'c/9': '9', b: 'clash', z: file('66', {}) }))),
    );
    await put(roots[2]!, Object.fromEntries(shuffle(Object.entries({ 'orphan/1': 'o', 'a/1': file('other', { modified: day(3) }) }))));
    const shown = await syncTrees({
      roots: [roots[0]!, roots[1]!, { vfs: roots[2]!, targetOnly: true }],
      options: { mirror: true },
      simulation: true,
      world,
    });
    const done = await syncTrees({ roots: [roots[0]!, roots[1]!, { vfs: roots[2]!, targetOnly: true }], options: { mirror: true }, world });
    const log = (events: typeof done.events) =>
      events
        .filter((event) => event.type !== 'scan' && event.type !== 'progress')
        .map((event) => (event.type === 'result' ? { ...event, seconds: 0 } : event));
    return { shown: log(shown.events), done: log(done.events), lines: done.lines };
  };
  test('changes neither plan nor log, however long each call takes', async () => {
    const straight = await run((entries) => entries, new World());
    assert.ok(straight.lines.length > 5);
    for (const seed of [1, 2, 3, 4]) {
      const random = seeded(seed);
      const shuffle = (entries: [string, Tree[string]][]) =>
        entries
          .map((entry) => ({ entry, at: random() }))
          .sort((x, y) => x.at - y.at)
          .map(({ entry }) => entry);
      const shuffled = await run(shuffle, new World([delayBy(() => Math.floor(random() * 6))]));
      assert.deepEqual(shuffled, straight, `seed ${seed}`);
    }
  });
});

async function* editedWhileRead(chunks: AsyncIterable<Uint8Array>, act: () => Promise<void>): AsyncIterable<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield chunk;
    if (isFirst) await act();
    isFirst = false;
  }
}

async function revisionOf(told: Story, path: string): Promise<string> {
  const entry = await told.vfs[0]!.stat(path);
  assert.ok(entry?.kind === 'file');
  return entry.revision;
}

function seeded(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
