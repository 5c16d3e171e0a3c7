import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edit, put, remove, snapshot } from '../kit/tree.ts';
import { at, ballast, day, isClean, type RootSetup, type Story, story, synced, target } from './story.ts';

const OWN = new Map([
  ['p.sync.ts', 'source'],
  ['lib/part.ts', 'source'],
] as const);

/** A root that holds the project and a module of it. */
function home(tree: RootSetup['tree'] = {}, more: Omit<RootSetup, 'tree'> = {}): RootSetup {
  return { tree: { 'p.sync.ts': 'project', 'lib/part.ts': 'module', ...tree }, ownFiles: OWN, ...more };
}

async function isWhole({ vfs }: Story, root: number): Promise<void> {
  const tree = await snapshot(vfs[root]!);
  assert.deepEqual([tree['p.sync.ts'], tree['lib/part.ts']], ['project', 'module']);
}

describe("the project's own files", () => {
  test('travel to the other roots like any file', async () => {
    const told = await story({ syncDb: true }, home(ballast), {});
    isClean(await told.sync());
    await told.allHold({ 'p.sync.ts': 'project', 'lib/part.ts': 'module', ...ballast });
    await edit(told.vfs[0]!, 'p.sync.ts', 'edited where it lies');
    isClean(await told.sync());
    assert.equal((await snapshot(told.vfs[1]!))['p.sync.ts'], 'edited where it lies');
    await told.isIdle();
  });

  test('are no orphans of a mirror, and neither are the folders above them; that is shown and no problem', async () => {
    const told = await story({ mirror: true, guard: false }, ballast, home({ orphan: 'o', 'lib/orphan': 'o' }, { targetOnly: true }));
    const end = await told.sync();
    isClean(end);
    await told.holds(ballast, { 'p.sync.ts': 'project', 'lib/part.ts': 'module', ...ballast });
    assert.deepEqual([...end.kept].sort(), ['lib/part.ts@1', 'lib@1', 'p.sync.ts@1']);
    assert.equal((await told.sync()).result.removed, 0);
  });

  test('are not taken by killFiles where they lie, and are elsewhere', async () => {
    const told = await story({ killFiles: ['*.ts'], guard: false }, home(ballast), { 'p.sync.ts': 'project', 'x.ts': 'x', ...ballast });
    const end = await told.sync();
    assert.deepEqual([...end.kept].sort(), ['lib/part.ts@0', 'p.sync.ts@0']);
    await isWhole(told, 0);
    assert.equal((await snapshot(told.vfs[1]!))['p.sync.ts'], undefined);
    assert.equal((await snapshot(told.vfs[1]!))['x.ts'], undefined);
  });

  test('stay when they were removed on another root, in every run, whatever syncRemove says', async () => {
    const told = await synced({ syncRemove: true, guard: false }, home(ballast), {}, {});
    await remove(told.vfs[1]!, 'p.sync.ts');
    await remove(told.vfs[1]!, 'lib/part.ts');
    await remove(told.vfs[1]!, 'lib');
    for (let run = 0; run < 2; run++) {
      const end = await told.sync();
      isClean(end);
      assert.equal(end.result.removed, 0);
      assert.ok(end.kept.includes('p.sync.ts@0'), end.kept.join());
      await isWhole(told, 0);
    }
  });

  test('take an edit of the version that all source roots agreed on, like any file', async () => {
    const told = await synced({ syncDb: true }, home(ballast), {}, target({}));
    await edit(told.vfs[1]!, 'p.sync.ts', 'edited elsewhere', day(20));
    isClean(await told.sync());
    await told.allHold({ 'p.sync.ts': 'edited elsewhere', 'lib/part.ts': 'module', ...ballast });
    await told.isIdle();
  });

  test('that the run writes itself are never overwritten, and neither is a project by another one of its name: a collision, whatever the policy says', async () => {
    for (const onCollision of ['report', 'newest', 'keepBoth'] as const) {
      const log = new Map([['other.log', 'written']] as const);
      const written = await synced({ syncDb: true, onCollision }, { tree: { 'other.log': 'rows', ...ballast }, ownFiles: log }, {});
      await edit(written.vfs[1]!, 'other.log', 'newer', day(20));
      const joining = await story({ syncDb: true, onCollision }, home(ballast), { 'p.sync.ts': at('another project', day(20)), ...ballast });
      for (const [told, path, held] of [
        [written, 'other.log', 'rows'],
        [joining, 'p.sync.ts', 'project'],
      ] as const) {
        for (let run = 0; run < 2; run++) {
          const end = await told.sync();
          assert.deepEqual(end.collisions, [path]);
          if (onCollision === 'newest') assert.match(end.result.collisions[0]!.reason, /copy it by hand, or exclude it/);
          assert.equal((await snapshot(told.vfs[0]!))[path], held);
        }
      }
    }
  });

  test('a policy settles a real collision for them only if their version wins', async () => {
    for (const [ours, theirs, isSettled] of [
      [day(21), day(20), true],
      [day(20), day(21), false],
    ] as const) {
      const told = await synced({ syncDb: true, onCollision: 'newest' }, home(ballast), {});
      await edit(told.vfs[0]!, 'p.sync.ts', 'our edit', ours);
      await edit(told.vfs[1]!, 'p.sync.ts', 'their', theirs);
      const end = await told.sync();
      assert.deepEqual(end.collisions, isSettled ? [] : ['p.sync.ts']);
      assert.equal((await snapshot(told.vfs[0]!))['p.sync.ts'], 'our edit');
      assert.equal((await snapshot(told.vfs[1]!))['p.sync.ts'], isSettled ? 'our edit' : 'their');
    }
  });

  test('on a target-only root are left as they are by copies, mirrored ones too, and other targets get theirs', async () => {
    for (const mirror of [false, true]) {
      const told = await story({ mirror }, { 'p.sync.ts': at('another', day(20)), ...ballast }, home({}, { targetOnly: true }), target({}));
      const end = await told.sync();
      isClean(end);
      assert.ok(end.kept.includes('p.sync.ts@1'));
      await isWhole(told, 1);
      assert.equal((await snapshot(told.vfs[2]!))['p.sync.ts'], 'another');
    }
  });

  test('keep a folder from giving way to a file, and themselves to a folder', async () => {
    const folder = await story({ mirror: true, guard: false }, { lib: 'a file', ...ballast }, home({}, { targetOnly: true }));
    assert.deepEqual((await folder.sync()).collisions, ['lib']);
    await isWhole(folder, 1);
    const file = await story({ mirror: true, guard: false }, { 'p.sync.ts/in': 'it', ...ballast }, home({}, { targetOnly: true }));
    assert.deepEqual((await file.sync()).collisions, ['p.sync.ts']);
    await isWhole(file, 1);
  });

  test('get their time set right when the content is the same', async () => {
    const told = await story({ compare: 'content' }, { 'p.sync.ts': at('project', day(20)), ...ballast }, home({}, { targetOnly: true }));
    isClean(await told.sync());
    assert.equal((await told.vfs[1]!.stat('p.sync.ts'))?.kind, 'file');
    const stat = await told.vfs[1]!.stat('p.sync.ts');
    assert.equal(stat?.kind === 'file' && new Date(stat.modifiedMs!).toISOString(), day(20));
  });

  test('under another name of theirs are files like others', async () => {
    const told = await synced({ syncRemove: true, guard: false }, home(ballast), {});
    await put(told.vfs[1]!, { 'q.sync.ts': 'project' });
    isClean(await told.sync());
    assert.equal((await snapshot(told.vfs[0]!))['q.sync.ts'], 'project');
  });
});
