import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FilterEntry } from '../../sdk/project.ts';
import { file, link, put, remove, snapshot, type Tree } from '../kit/tree.ts';
import { PATHS, PATTERN_TABLE } from './pattern-table.ts';
import { day, isClean, story, synced, target } from './story.ts';

describe('roots that lie inside one another', () => {
  test("the inner root's folder is left out of the outer one's tree", async () => {
    const told = await story({}, { tree: { a: 'a', 'inner/x': 'x', 'inner/sub/y': 'y' }, innerRoots: ['inner'] }, { b: 'b' });
    isClean(await told.sync());
    await told.holds({ a: 'a', b: 'b', 'inner/x': 'x', 'inner/sub/y': 'y' }, { a: 'a', b: 'b' });
  });
  test("the inner root's folder is no orphan to a mirror", async () => {
    const told = await story({ mirror: true }, { a: 'a' }, target({ old: 'o', 'inner/x': 'x' }, { innerRoots: ['inner'] }));
    isClean(await told.sync());
    await told.holds({ a: 'a' }, { a: 'a', 'inner/x': 'x' });
  });
  test('what another root has at the place of an inner root is not written into it', async () => {
    const told = await story({}, { tree: { 'inner/x': 'x' }, innerRoots: ['inner'] }, { 'inner/z': 'z' });
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[0]!), { 'inner/x': 'x' });
  });
  test('a deeper inner root is left out, its siblings are not', async () => {
    const told = await story({}, { tree: { 'd/inner/x': 'x', 'd/y': 'y', 'd/inner2/z': 'z' }, innerRoots: ['d/inner'] }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), { 'd/y': 'y', 'd/inner2/z': 'z' });
  });
});

describe('names of ours', () => {
  for (const ours of ['photos.sync.ts.syncdb', 'd/other.syncdb', 'XVS/001.a', 'd/XVS/001.a', '.XVS/x', '.recycle/a', 'd/.recycle/a']) {
    test(`${ours} is never in scope`, async () => {
      const told = await story({}, { [ours]: 'ours', a: 'a' }, {});
      isClean(await told.sync());
      assert.deepEqual(await snapshot(told.vfs[1]!), ours.startsWith('d/') ? { a: 'a', 'd/': null } : { a: 'a' });
    });
  }
  test('names that only resemble ours are in scope', async () => {
    const tree: Tree = { XVSx: '1', 'xvs.txt': '2', syncdb: '3', '.recycled': '4', 'a.syncdb.txt': '5' };
    const told = await story({}, tree, {});
    isClean(await told.sync());
    await told.allHold(tree);
  });
  test('a mirror does not remove names of ours', async () => {
    const told = await story({ mirror: true }, { a: 'a' }, target({ 'XVS/001.a': 'kept', 'p.syncdb': 'db', '.recycle/b': 'b' }));
    await told.sync();
    await told.holds({ a: 'a' }, { a: 'a', 'XVS/001.a': 'kept', 'p.syncdb': 'db', '.recycle/b': 'b' });
  });
  test('an include pattern does not bring names of ours into scope', async () => {
    const told = await story({ includeFiles: ['*'], includeDirs: ['*'] }, { 'p.syncdb': 'db', 'XVS/1': '1' }, {});
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[1]!), {});
  });
});

describe('patterns', () => {
  for (const [pattern, matches] of PATTERN_TABLE) {
    test(`excludeFiles ${pattern} takes out what fnmatch says`, async () => {
      const tree = Object.fromEntries(PATHS.map((path) => [path, path]));
      const told = await story({ excludeFiles: [pattern], lazyMkdir: true }, tree, {});
      isClean(await told.sync());
      assert.deepEqual(Object.keys(await snapshot(told.vfs[1]!)).sort(), PATHS.filter((path) => !matches.includes(path)).sort());
    });
  }
  test('case counts', async () => {
    const told = await story({ excludeFiles: ['*.TXT'] }, { 'a.txt': '1', 'b.TXT': '2' }, {});
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[1]!), { 'a.txt': '1' });
  });
  test('case does not count on file systems that ignore it', async () => {
    const told = await story({ excludeFiles: ['*.TXT'], ignoreCase: true }, { 'a.txt': '1', 'b.TXT': '2', c: '3' }, {});
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[1]!), { c: '3' });
  });
  test('excludeFiles says nothing about directories, excludeDirs nothing about files', async () => {
    const told = await story({ excludeFiles: ['d'], excludeDirs: ['f'] }, { 'd/x': '1', f: '2' }, {});
    isClean(await told.sync());
    await told.allHold({ 'd/x': '1', f: '2' });
  });
});

describe('the verdict for a path', () => {
  const cases: [string, Parameters<typeof story>[0], boolean][] = [
    ['nothing said: in', {}, true],
    ['an unrooted exclude takes out', { excludeFiles: ['x'] }, false],
    ['an unrooted include beats an unrooted exclude', { excludeFiles: ['x'], includeFiles: ['d/x'] }, true],
    ['a rooted exclude beats an unrooted include', { excludeFiles: ['/d/x'], includeFiles: ['x'] }, false],
    ['a rooted include beats a rooted exclude', { excludeFiles: ['/d/x'], includeFiles: ['/d/*'] }, true],
    ['a rooted include beats an unrooted exclude', { excludeFiles: ['x'], includeFiles: ['/d/x'] }, true],
    ['an include alone excludes nothing else', { includeFiles: ['y'] }, true],
    ["the callback's exclude beats a rooted include", { includeFiles: ['/d/x'], isExclude: () => true }, false],
    ["the callback's 'exclude' is as good as true", { isExclude: () => 'exclude' }, false],
    ["the callback's 'include' beats a rooted exclude", { excludeFiles: ['/d/x'], isExclude: () => 'include' }, true],
    ['a falsy callback lets the patterns decide', { excludeFiles: ['/d/x'], isExclude: () => undefined }, false],
    ['false and null are falsy too', { excludeFiles: ['/d/x'], isExclude: (path) => (path === 'd/x' ? null : false) }, false],
    ['an async callback counts', { isExclude: async () => true }, false],
  ];
  for (const [title, options, isIn] of cases) {
    test(`for a file: ${title}`, async () => {
      const told = await story(options, { 'd/x': 'x' }, {});
      isClean(await told.sync());
      assert.deepEqual(await snapshot(told.vfs[1]!), isIn ? { 'd/x': 'x' } : { 'd/': null });
    });
  }
  const directoryCases: [string, Parameters<typeof story>[0], boolean][] = [
    ['an exclude takes out', { excludeDirs: ['d'] }, false],
    ['a rooted exclude takes out', { excludeDirs: ['/d'] }, false],
    ['an include beats an exclude of the same rank', { excludeDirs: ['d'], includeDirs: ['d'] }, true],
    ['a rooted exclude beats an include', { excludeDirs: ['/d'], includeDirs: ['d'] }, false],
    ['a rooted include beats a rooted exclude', { excludeDirs: ['/d'], includeDirs: ['/d'] }, true],
    ['the callback beats the patterns', { includeDirs: ['/d'], isExcludeDir: (path) => path === 'd' }, false],
    ["the callback's include beats the patterns", { excludeDirs: ['/d'], isExcludeDir: () => 'include' }, true],
  ];
  for (const [title, options, isIn] of directoryCases) {
    test(`for a directory: ${title}`, async () => {
      const told = await story(options, { 'd/x': 'x', 'e/y': 'y' }, {});
      isClean(await told.sync());
      assert.deepEqual(await snapshot(told.vfs[1]!), isIn ? { 'd/x': 'x', 'e/y': 'y' } : { 'e/y': 'y' });
    });
  }
  test('callbacks are asked once per path and kind, for all roots together', async () => {
    const asked: string[] = [];
    const note = (path: string, entry: FilterEntry) => void asked.push(`${entry.kind} ${path}`);
    const tree = { 'd/x': 'x', y: 'y' };
    const told = await story({ isExclude: note, isExcludeDir: note }, tree, tree, { 'd/z': 'z' });
    await told.sync();
    assert.deepEqual(asked.sort(), ['directory d', 'file d/x', 'file d/z', 'file y']);
  });
  test('a callback gets kind, name, size and time of the newest holder, and what each root has', async () => {
    const entries: FilterEntry[] = [];
    const told = await story(
      { isExclude: (_, entry) => void entries.push(entry) },
      { 'd/x': file('old', { modified: day(1) }) },
      { 'd/x': file('newer', { modified: day(2) }) },
      {},
    );
    await told.sync();
    assert.equal(entries.length, 1);
    assert.deepEqual(entries[0], {
      kind: 'file',
      name: 'x',
      size: 5,
      modified: new Date(day(2)),
      at: [{ kind: 'file', size: 3, modified: new Date(day(1)) }, { kind: 'file', size: 5, modified: new Date(day(2)) }, null],
    });
  });
  test('one verdict holds for all roots: an excluded path is left alone everywhere', async () => {
    const told = await story(
      { isExclude: (_, entry) => (entry.size ?? 0) > 3 },
      { x: file('big one', { modified: day(2) }) },
      { x: file('sm', { modified: day(1) }) },
    );
    isClean(await told.sync());
    await told.holds({ x: 'big one' }, { x: 'sm' });
  });
});

describe('an excluded directory', () => {
  test('takes its whole subtree with it, included files too', async () => {
    const told = await story({ excludeDirs: ['d'], includeFiles: ['/d/e/x', '*'] }, { 'd/e/x': 'x', a: 'a' }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'a' });
  });
  test('is not asked about below', async () => {
    const asked: string[] = [];
    const told = await story({ excludeDirs: ['d'], isExclude: (path) => void asked.push(path) }, { 'd/x': 'x', a: 'a' }, {});
    await told.sync();
    assert.deepEqual(asked, ['a']);
  });
  test('lets a way down in that is included', async () => {
    const told = await story({ excludeDirs: ['*'], includeDirs: ['/d', '/d/e'] }, { 'd/e/x': 'x', 'd/f/y': 'y', 'g/z': 'z' }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), { 'd/e/x': 'x' });
  });
  test('does not let in below when the way down is not included', async () => {
    const told = await story({ excludeDirs: ['*'], includeDirs: ['/d/e'] }, { 'd/e/x': 'x' }, {});
    isClean(await told.sync());
    assert.deepEqual(await snapshot(told.vfs[1]!), {});
  });
});

describe('what leaves the scope', () => {
  test('is never treated as removed', async () => {
    const told = await synced({ syncRemove: true }, { 'a.tmp': 'a', b: 'b' }, {});
    isClean(await told.sync({ excludeFiles: ['*.tmp'] }));
    await told.allHold({ 'a.tmp': 'a', b: 'b' });
  });
  test('is forgotten, so that a removal meanwhile is undone when it comes back as new', async () => {
    const told = await synced({ syncRemove: true }, { 'a.tmp': 'a', b: 'b', c: 'c' }, {});
    await told.sync({ excludeFiles: ['*.tmp'] });
    await remove(told.vfs[1]!, 'a.tmp');
    isClean(await told.sync());
    await told.allHold({ 'a.tmp': 'a', b: 'b', c: 'c' });
  });
  test('is forgotten with a whole directory', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', 'd/e/y': 'y', b: 'b' }, {});
    isClean(await told.sync({ excludeDirs: ['d'] }));
    await told.allHold({ 'd/x': 'x', 'd/e/y': 'y', b: 'b' });
    assert.deepEqual(Object.keys(told.database.contents()), ['b']);
  });
  test('left out and removed on one root stays on the other', async () => {
    const told = await synced({ syncRemove: true }, { 'd/x': 'x', b: 'b', c: 'c' }, {});
    await remove(told.vfs[0]!, 'd');
    isClean(await told.sync({ excludeDirs: ['d'] }));
    await told.holds({ b: 'b', c: 'c' }, { 'd/x': 'x', b: 'b', c: 'c' });
  });
});

describe('links', () => {
  const tree: Tree = { f: 'f', l: link('f'), 'd/up': link('../f'), dangling: link('nowhere') };
  test("'ignore' leaves links where they are and copies none", async () => {
    const told = await story({}, tree, {});
    isClean(await told.sync());
    await told.holds(tree, { f: 'f', 'd/': null });
  });
  test("'ignore' tells those who want to know how many links each root has, and the first few", async () => {
    const told = await story({}, tree, { 'd/x': link('y'), p: link('y'), q: link('y'), r: link('y') });
    const end = await told.sync();
    const details = end.events.flatMap((event) => (event.type === 'detail' ? [`${event.onlyVerbose} ${event.message}`] : []));
    assert.deepEqual(details, [
      `true root 0: 3 links are left out (symlinks: 'ignore'): "dangling", "l", "d/up"`,
      `true root 1: 4 links are left out (symlinks: 'ignore'): "p", "q", "r" …`,
    ]);
    const more = await told.sync({ symlinks: 'copy' });
    assert.ok(!more.events.some(({ type }) => type === 'detail'));
  });
  test("'ignore' does not write through or over a link in the way", async () => {
    const told = await story({}, { l: 'a file' }, { l: link('elsewhere') });
    await told.sync();
    await told.holds({ l: 'a file' }, { l: link('elsewhere') });
  });
  test("'copy' copies links as they are spelled, dangling ones too", async () => {
    const told = await story({ symlinks: 'copy' }, tree, {});
    isClean(await told.sync());
    await told.allHold(tree);
    await told.isIdle({ symlinks: 'copy' });
  });
  test("'copy' with the database carries a changed, a new and a removed link", async () => {
    const told = await synced({ symlinks: 'copy', syncRemove: true }, { ...tree, more: 'm', gone: link('f') }, {});
    await put(told.vfs[0]!, { l: link('d'), fresh: link('x') });
    await remove(told.vfs[1]!, 'gone');
    isClean(await told.sync());
    await told.allHold({ ...tree, more: 'm', l: link('d'), fresh: link('x') });
    await told.isIdle();
  });
  test("'copy': a link changed differently on two roots is a collision", async () => {
    const told = await synced({ symlinks: 'copy', syncDb: true }, { l: link('f'), a: 'a', b: 'b' }, {});
    await put(told.vfs[0]!, { l: link('one') });
    await put(told.vfs[1]!, { l: link('two') });
    assert.deepEqual((await told.sync()).collisions, ['l']);
    await told.holds({ l: link('one'), a: 'a', b: 'b' }, { l: link('two'), a: 'a', b: 'b' });
  });
  test("'copy': a link against a file without database is a collision", async () => {
    const told = await story({ symlinks: 'copy' }, { l: link('f') }, { l: 'file' });
    assert.deepEqual((await told.sync()).collisions, ['l']);
    await told.holds({ l: link('f') }, { l: 'file' });
  });
  test("'copy' to a root that has no links is a problem of that path, and the rest goes on", async () => {
    const told = await story({ symlinks: 'copy' }, { l: link('f'), a: 'a' }, { tree: {}, traits: { links: false } });
    const end = await told.sync();
    assert.equal(end.problems.length, 1);
    await told.holds({ l: link('f'), a: 'a' }, { a: 'a' });
  });
});

describe('killFiles', () => {
  test('are removed in every root at each run, and never copied', async () => {
    const told = await story({ killFiles: ['*.kill'] }, { 'a.kill': '1', b: 'b' }, { 'd/c.kill': '2' });
    const end = await told.sync();
    isClean(end);
    await told.allHold({ b: 'b', 'd/': null });
    assert.equal(end.result.removed, 2);
    await told.isIdle();
  });
  test('are removed on target-only roots and without database too', async () => {
    const told = await story({ killFiles: ['Thumbs.db'] }, { b: 'b' }, target({ 'Thumbs.db': 'x', 'd/Thumbs.db': 'y' }));
    isClean(await told.sync());
    await told.holds({ b: 'b' }, { b: 'b', 'd/': null });
  });
  test('that were synchronized before go everywhere', async () => {
    const told = await synced({ syncDb: true }, { 'a.kill': '1', b: 'b', c: 'c' }, {});
    isClean(await told.sync({ killFiles: ['*.kill'] }));
    await told.allHold({ b: 'b', c: 'c' });
    await told.isIdle();
  });
  test('a rooted pattern kills only at the root', async () => {
    const told = await story({ killFiles: ['/x'] }, { x: '1', 'd/x': '2' }, {});
    isClean(await told.sync());
    await told.allHold({ 'd/x': '2' });
  });
  test('a simulation removes none', async () => {
    const told = await story({ killFiles: ['*.kill'] }, { 'a.kill': '1' }, { b: 'b' });
    await told.sync({}, { simulation: true });
    await told.holds({ 'a.kill': '1' }, { b: 'b' });
  });
  test('directories are not killed', async () => {
    const told = await story({ killFiles: ['d'] }, { 'd/x': 'x' }, {});
    isClean(await told.sync());
    await told.allHold({ 'd/x': 'x' });
  });
});

describe('something else', () => {
  test('a socket or device is reported and never touched, even by a mirror', async () => {
    const told = await story({ mirror: true }, { a: 'a' }, target({ b: 'b' }));
    told.vfs[1]!.putOther('socket', 'socket');
    await told.sync();
    assert.deepEqual(await snapshot(told.vfs[1]!), { a: 'a' });
    assert.equal((await told.vfs[1]!.stat('socket'))?.kind, 'other');
  });
  test('a file against a socket is a collision', async () => {
    const told = await story({}, { s: 'file' }, {});
    told.vfs[1]!.putOther('s', 'socket');
    assert.deepEqual((await told.sync()).collisions, ['s']);
    assert.equal((await told.vfs[1]!.stat('s'))?.kind, 'other');
  });
});
