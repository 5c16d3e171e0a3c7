import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { edit, put, snapshot } from '../kit/tree.ts';
import { at, ballast, day, isClean, type story, synced, target, type Story } from './story.ts';

describe('onCollision', () => {
  const clash = async (options: Parameters<typeof story>[0], roots = 3): Promise<Story> => {
    const told = await synced(
      { syncDb: true, ...options },
      { 'd/a.txt': at('old', day(1)), ...ballast },
      ...Array.from({ length: roots - 1 }, () => ({})),
    );
    await edit(told.vfs[0]!, 'd/a.txt', 'from zero', day(8));
    await edit(told.vfs[1]!, 'd/a.txt', 'youngest', day(9));
    return told;
  };
  test("'newest' copies the youngest over the others", async () => {
    const told = await clash({ onCollision: 'newest' });
    const end = await told.sync();
    isClean(end);
    assert.match(end.result.collisions[0]?.resolved ?? '', /^newest/);
    await told.allHold({ 'd/a.txt': 'youngest', ...ballast });
    await told.isIdle();
  });
  test("'newest' takes the youngest that two roots have alike, and settles nothing between two that only have one time", async () => {
    const told = await clash({ onCollision: 'newest' });
    await edit(told.vfs[2]!, 'd/a.txt', 'youngest', day(9));
    isClean(await told.sync());
    await told.allHold({ 'd/a.txt': 'youngest', ...ballast });
    for (const [root, content] of ['one', 'three'].entries()) await edit(told.vfs[root]!, 'd/a.txt', content, day(10));
    assert.deepEqual((await told.sync()).collisions, ['d/a.txt']);
  });
  test("'newest' leaves a target-only root that has something newer, and shows and counts it", async () => {
    const told = await synced({ syncDb: true, onCollision: 'newest' }, { a: at('one', day(1)), ...ballast }, {}, target({}));
    for (const [root, time] of [day(2), day(3), day(4)].entries()) await edit(told.vfs[root]!, 'a', `edited on root ${root}`, time);
    const end = await told.sync();
    isClean(end);
    assert.deepEqual([end.kept, end.result.kept], [['a@2'], 1]);
    assert.equal((await snapshot(told.vfs[2]!))['a'], 'edited on root 2');
  });
  test("'newest' reaches an unchanged root whose old file looks equal to the youngest", async () => {
    const told = await synced({ syncDb: true, compare: 'size', onCollision: 'newest' }, { a: at('one', day(1)), ...ballast }, {}, {});
    await edit(told.vfs[0]!, 'a', 'longer', day(2));
    await edit(told.vfs[1]!, 'a', 'two', day(3));
    isClean(await told.sync());
    await told.allHold({ a: 'two', ...ballast });
  });
  test("'keepBoth' keeps the youngest under the name and the other beside it, everywhere", async () => {
    const told = await clash({ onCollision: 'keepBoth' });
    const end = await told.sync();
    isClean(end);
    assert.match(end.result.collisions[0]?.resolved ?? '', /^keepBoth/);
    const [first, ...rest] = await Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
    for (const other of rest) assert.deepEqual(other, first);
    assert.equal(first?.['d/a.txt'], 'youngest');
    const beside = Object.keys(first ?? {}).filter((path) => path.startsWith('d/a') && path !== 'd/a.txt');
    assert.equal(beside.length, 1);
    assert.match(beside[0] ?? '', /^d\/a \(root 0, .+\)\.txt$/);
    assert.equal(first?.[beside[0] ?? ''], 'from zero');
    await told.isIdle();
  });
  for (const options of [{ excludeFiles: ['* (root *'] }, { killFiles: ['* (root *'] }, { isExclude: (path: string) => path.includes(' (root ') }]) {
    test(`'keepBoth' leaves a collision where the second name would be out of scope (${Object.keys(options)})`, async () => {
      const told = await clash({ onCollision: 'keepBoth', ...options });
      const before = await Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
      const end = await told.sync();
      assert.deepEqual(end.collisions, ['d/a.txt']);
      assert.match(end.result.collisions[0]?.reason ?? '', /"keepBoth" cannot settle it: "d\/a \(root \d, .*\)\.txt" would be out of scope/);
      await told.holds(...before);
    });
  }
  for (const onCollision of ['newest', 'keepBoth'] as const) {
    test(`'${onCollision}' leaves a collision where a mirror has a directory, of which nobody looked at what would go`, async () => {
      for (const below of ['c/x', 'c/x.tmp', 'c/']) {
        const told = await synced({ syncDb: true, mirror: true, onCollision, excludeFiles: ['*.tmp'] }, ballast, {}, target({}));
        await put(told.vfs[0]!, { c: at('older', day(5)) });
        await put(told.vfs[1]!, { c: at('youngest', day(6)) });
        await put(told.vfs[2]!, { [below]: below.endsWith('/') ? null : 'precious' });
        const before = await Promise.all(told.vfs.map((vfs) => snapshot(vfs)));
        const end = await told.sync();
        assert.deepEqual([end.collisions, end.lines, end.problems], [['c'], [], []]);
        assert.match(end.result.collisions[0]?.reason ?? '', /cannot settle it: root 2 has no file there$/);
        await told.holds(...before);
      }
    });
  }
  test("'keepBoth' with three versions keeps all three", async () => {
    const told = await clash({ onCollision: 'keepBoth' });
    await edit(told.vfs[2]!, 'd/a.txt', 'third', day(7));
    isClean(await told.sync());
    for (const vfs of told.vfs) assert.deepEqual(Object.values(await snapshot(vfs)).sort(), ['1', '2', '3', 'from zero', 'third', 'youngest']);
    await told.isIdle();
  });
  test("'keepBoth' keeps a name without extension and a hidden name readable", async () => {
    const told = await synced({ syncDb: true, onCollision: 'keepBoth' }, { README: 'o', '.env': 'o', ...ballast }, {});
    for (const name of ['README', '.env']) {
      await edit(told.vfs[0]!, name, 'zero', day(8));
      await edit(told.vfs[1]!, name, 'youngest', day(9));
    }
    isClean(await told.sync());
    const names = Object.keys(await snapshot(told.vfs[0]!));
    assert.ok(
      names.some((name) => /^README \(root 0, .+\)$/.test(name)),
      names.join(),
    );
    assert.ok(
      names.some((name) => /^\.env \(root 0, .+\)$/.test(name)),
      names.join(),
    );
    await told.isIdle();
  });
  test("'keepBoth' never overwrites a file that has that name already", async () => {
    const told = await clash({ onCollision: 'keepBoth' }, 2);
    const preview = await told.sync({}, { simulation: true });
    await told.sync();
    const name = Object.keys(await snapshot(told.vfs[0]!)).find((path) => path.includes('(root 0'));
    assert.ok(name !== undefined && preview.lines.length > 0);
    const again = await clash({ onCollision: 'keepBoth' }, 2);
    for (const vfs of again.vfs) await put(vfs, { [name]: 'precious' });
    await again.sync();
    for (const vfs of again.vfs) assert.equal((await snapshot(vfs))[name], 'precious');
  });
  test('a callback gets path, reason and what each root has', async () => {
    const seen: unknown[] = [];
    const told = await clash({
      onCollision: async (collision) => {
        seen.push({ path: collision.path, at: collision.at, hasReason: collision.reason !== '' });
        return 'skip';
      },
    });
    await told.sync();
    const entry = (content: string, modified: string) => ({ kind: 'file', size: content.length, modified: new Date(modified) });
    assert.deepEqual(seen, [{ path: 'd/a.txt', hasReason: true, at: [entry('from zero', day(8)), entry('youngest', day(9)), entry('old', day(1))] }]);
  });
  for (const [choice, content] of [
    ['newest', 'youngest'],
    [{ use: 0 }, 'from zero'],
    [{ use: 1 }, 'youngest'],
  ] as const) {
    test(`a callback may answer ${JSON.stringify(choice)}`, async () => {
      const told = await clash({ onCollision: async () => choice });
      const end = await told.sync();
      isClean(end);
      assert.notEqual(end.result.collisions[0]?.resolved, undefined);
      await told.allHold({ 'd/a.txt': content, ...ballast });
      await told.isIdle();
    });
  }
  test("a callback may answer 'keepBoth'", async () => {
    const told = await clash({ onCollision: async () => 'keepBoth' });
    isClean(await told.sync());
    for (const vfs of told.vfs) assert.equal(Object.keys(await snapshot(vfs)).length, 5);
  });
  for (const choice of ['skip', 'report'] as const) {
    test(`a callback may answer '${choice}': nothing is copied and it is asked again`, async () => {
      let asked = 0;
      const told = await clash({
        onCollision: async () => {
          asked++;
          return choice;
        },
      });
      for (let run = 0; run < 2; run++) await told.sync();
      assert.equal(asked, 2);
      await told.holds({ 'd/a.txt': 'from zero', ...ballast }, { 'd/a.txt': 'youngest', ...ballast }, { 'd/a.txt': 'old', ...ballast });
    });
  }
  test("'report' leaves the collision unresolved", async () => {
    const told = await clash({ onCollision: async () => 'report' });
    assert.deepEqual((await told.sync()).collisions, ['d/a.txt']);
  });
  test('use of a root that has nothing there changes nothing', async () => {
    const told = await clash({ onCollision: async () => ({ use: 7 }) });
    await told.sync().catch(() => undefined);
    await told.holds({ 'd/a.txt': 'from zero', ...ballast }, { 'd/a.txt': 'youngest', ...ballast }, { 'd/a.txt': 'old', ...ballast });
  });
});
