import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { listBelow } from '../../runtime/vfs/below.ts';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { closeRoot, openRoot } from '../../runtime/vfs/backends/local/open-root.ts';
import { setAside } from '../../runtime/vfs/backends/local/set-aside.ts';
import { leftoverState, partNames, thisProcess } from '../../runtime/vfs/backends/local/transfer-names.ts';
import { walkLocal } from '../../runtime/vfs/backends/local/walk-local.ts';
import { VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import { NOTHING, type Expected, type Vfs } from '../../runtime/vfs/vfs.ts';
import type { DirectoryListing } from '../../runtime/vfs/walk.ts';
import { bytesContent } from '../kit/bytes-content.ts';

const onLinux = process.platform === 'linux' ? {} : { skip: 'only Linux opens directories' };

interface World {
  readonly base: string;
  folder(name: string): string;
  open(folder: string, options?: { followLinks?: boolean; flushEachFile?: boolean; signal?: AbortSignal }): Promise<Vfs>;
}

function worldOf(context: TestContext): World {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-local-')));
  const opened: Vfs[] = [];
  context.after(async () => {
    for (const vfs of opened) await vfs.close();
    rmSync(base, { recursive: true });
  });
  return {
    base,
    folder(name) {
      mkdirSync(join(base, name));
      return join(base, name);
    },
    async open(folder, options = {}) {
      const vfs = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal, ...options });
      opened.push(vfs);
      return vfs;
    },
  };
}

async function revisionAt(vfs: Vfs, path: string): Promise<string> {
  const entry = await vfs.stat(path);
  assert.ok(entry?.kind === 'file', `${path} is no file`);
  return entry.revision;
}
const fileAt = async (vfs: Vfs, path: string): Promise<Expected> => ({ kind: 'file', revision: await revisionAt(vfs, path) });
const rejectsWith = (promise: Promise<unknown>, code: VfsErrorCode) =>
  assert.rejects(promise, (error: unknown) => error instanceof VfsError && error.code === code && error.message !== '');
/** Names below a folder, unfinished files included. */
const everything = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

test('a root that is missing or no folder is unreachable, and its path is named', async (context) => {
  const world = worldOf(context);
  writeFileSync(join(world.base, 'file'), '');
  await assert.rejects(
    world.open(join(world.base, 'no')),
    (error: unknown) => error instanceof VfsError && error.code === 'unreachable' && /no.* does not exist/.test(error.message),
  );
  await rejectsWith(world.open(join(world.base, 'file')), 'unreachable');
});

test('nothing is written, removed or made through a folder that was swapped for a link', async (context) => {
  const world = worldOf(context);
  const outside = world.folder('outside');
  const vfs = await world.open(world.folder('root'));
  await vfs.makeDirectory('d');
  const stamp = await vfs.write('d/f', bytesContent('mine'), { expected: NOTHING });
  writeFileSync(join(outside, 'f'), 'theirs');
  renameSync(join(world.base, 'root/d'), join(world.base, 'moved'));
  symlinkSync(outside, join(world.base, 'root/d'));
  const expected: Expected = { kind: 'file', revision: stamp.revision };
  await rejectsWith(vfs.write('d/new', bytesContent('x'), { expected: NOTHING }), 'outside');
  await rejectsWith(vfs.write('d/f', bytesContent('x'), { expected }), 'outside');
  await rejectsWith(vfs.removeFile('d/f', expected), 'outside');
  await rejectsWith(vfs.makeDirectory('d/sub'), 'outside');
  await rejectsWith(vfs.removeDirectory('d/sub'), 'outside');
  await rejectsWith(vfs.setModified('d/f', 0, expected), 'outside');
  await rejectsWith(vfs.rename('d/f', 'f', expected), 'outside');
  await rejectsWith(vfs.link('d/l', 'f', { expected: NOTHING }), 'outside');
  await rejectsWith(vfs.replace('d/f', { kind: 'directory', expected }), 'outside');
  await rejectsWith(vfs.list('d'), 'outside');
  await rejectsWith(readAll(vfs, 'd/f'), 'outside');
  await rejectsWith(vfs.write('copy', vfs.content('d/f'), { expected: NOTHING }), 'outside');
  assert.deepEqual(everything(outside), ['f']);
  assert.equal(readFileSync(join(outside, 'f'), 'utf8'), 'theirs');
  assert.deepEqual(readdirSync(join(world.base, 'root')), ['d']);
});

async function readAll(vfs: Vfs, path: string, revision?: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of vfs.content(path, revision).open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a folder that is swapped while content flows in is not written through', onLinux, async (context) => {
  const world = worldOf(context);
  const outside = world.folder('outside');
  const vfs = await world.open(world.folder('root'));
  await vfs.makeDirectory('d');
  const content = {
    async *open() {
      yield Buffer.from('half');
      renameSync(join(world.base, 'root/d'), join(world.base, 'root/moved'));
      symlinkSync(outside, join(world.base, 'root/d'));
      yield Buffer.from('whole');
    },
  };
  await vfs.write('d/f', content, { expected: NOTHING });
  assert.deepEqual(everything(outside), []);
  assert.equal(readFileSync(join(world.base, 'root/moved/f'), 'utf8'), 'halfwhole');
});

test('a target swapped for a link is replaced or refused, never written through', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  writeFileSync(join(world.base, 'secret'), 'theirs');
  const vfs = await world.open(root);
  const stamp = await vfs.write('f', bytesContent('mine'), { expected: NOTHING });
  rmSync(join(root, 'f'));
  symlinkSync('../secret', join(root, 'f'));
  await rejectsWith(vfs.write('f', bytesContent('x'), { expected: { kind: 'file', revision: stamp.revision } }), 'changed');
  await rejectsWith(readAll(vfs, 'f', stamp.revision), 'changed');
  await rejectsWith(readAll(vfs, 'f'), 'outside');
  assert.equal(readFileSync(join(world.base, 'secret'), 'utf8'), 'theirs');
});

test('followed links stay inside: content is read and written where they lead, links out are other, cycles end', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  mkdirSync(join(root, 'real/sub'), { recursive: true });
  writeFileSync(join(root, 'real/f'), 'text');
  writeFileSync(join(world.base, 'secret'), 'theirs');
  symlinkSync('real', join(root, 'way'));
  symlinkSync('real/f', join(root, 'f'));
  symlinkSync('..', join(root, 'real/up'));
  symlinkSync('../secret', join(root, 'out'));
  symlinkSync('gone', join(root, 'dangling'));
  const vfs = await world.open(root, { followLinks: true });
  assert.deepEqual(
    (await vfs.list('')).map((entry) => `${entry.name} ${entry.kind}`),
    ['dangling other', 'f file', 'out other', 'real directory', 'way directory'],
  );
  assert.deepEqual(
    (await vfs.list('way')).map((entry) => `${entry.name} ${entry.kind}`),
    ['f file', 'sub directory', 'up other'],
  );
  assert.equal(await readAll(vfs, 'way/f'), 'text');
  await vfs.write('way/sub/new', bytesContent('new'), { expected: NOTHING });
  assert.equal(readFileSync(join(root, 'real/sub/new'), 'utf8'), 'new');
  await vfs.write('f', bytesContent('changed'), { expected: await fileAt(vfs, 'f') });
  assert.equal(readFileSync(join(root, 'real/f'), 'utf8'), 'changed');
  assert.ok(lstatSync(join(root, 'f')).isSymbolicLink());
  await rejectsWith(readAll(vfs, 'out'), 'outside');
  await rejectsWith(vfs.write('out', bytesContent('x'), { expected: NOTHING }), 'outside');
  await rejectsWith(vfs.removeDirectory('way'), 'not-empty');
  symlinkSync('real/sub', join(root, 'empty'));
  await vfs.removeFile('real/sub/new', await fileAt(vfs, 'real/sub/new'));
  await vfs.removeDirectory('empty');
  assert.equal(existsSync(join(root, 'empty')), false);
  assert.ok(existsSync(join(root, 'real/sub')));
  await vfs.removeFile('f', await fileAt(vfs, 'f'));
  assert.equal(existsSync(join(root, 'f')), false);
  assert.equal(readFileSync(join(root, 'real/f'), 'utf8'), 'changed');
  assert.equal(readFileSync(join(world.base, 'secret'), 'utf8'), 'theirs');
});

test('a thousand files between two local roots keep content, time and mode, and leave nothing else', async (context) => {
  const world = worldOf(context);
  const [a, b] = [world.folder('a'), world.folder('b')];
  const [from, to] = [await world.open(a), await world.open(b)];
  const paths: string[] = [];
  for (let d = 0; d < 20; d++) {
    mkdirSync(join(a, `d${d}`));
    await to.makeDirectory(`d${d}`);
    for (let f = 0; f < 50; f++) {
      const path = `d${d}/f${f}`;
      writeFileSync(join(a, path), 'x'.repeat(f === 7 ? 700_000 + d : f * d), { mode: f % 2 === 0 ? 0o600 : 0o755 });
      utimesSync(join(a, path), 1000 + f, 1_600_000_000 + d + f / 1000);
      paths.push(path);
    }
  }
  await Promise.all(
    paths.map(async (path) => {
      const entry = await from.stat(path);
      assert.ok(entry?.kind === 'file' && entry.mode !== undefined && entry.modifiedMs !== undefined);
      const stamp = await to.write(path, from.content(path, entry.revision), { expected: NOTHING, modifiedMs: entry.modifiedMs, mode: entry.mode });
      assert.equal(stamp.revision, await revisionAt(to, path));
    }),
  );
  assert.deepEqual(everything(b), everything(a));
  for (const path of paths) {
    const [here, there] = [lstatSync(join(a, path)), lstatSync(join(b, path))];
    assert.ok(readFileSync(join(a, path)).equals(readFileSync(join(b, path))), path);
    assert.equal(there.mode, here.mode);
    assert.ok(Math.abs(there.mtimeMs - here.mtimeMs) < 1, path);
  }
  await Promise.all(paths.map(async (path) => to.removeFile(path, await fileAt(to, path))));
  await Promise.all(Array.from({ length: 20 }, (_, d) => to.removeDirectory(`d${d}`)));
  assert.deepEqual(everything(b), []);
});

test('a source or target that is not what was planned is changed, and no unfinished file stays', async (context) => {
  const world = worldOf(context);
  const [a, b] = [world.folder('a'), world.folder('b')];
  const [from, to] = [await world.open(a), await world.open(b)];
  for (const size of [10, 600_000]) {
    writeFileSync(join(a, 'f'), 'x'.repeat(size));
    writeFileSync(join(b, 'f'), 'old');
    const revision = await revisionAt(from, 'f');
    await rejectsWith(to.write('f', from.content('f', revision), { expected: NOTHING }), 'changed');
    await rejectsWith(to.write('f', from.content('f', revision), { expected: { kind: 'file', revision: '3:0' } }), 'changed');
    utimesSync(join(a, 'f'), 5, 5);
    await rejectsWith(to.write('f', from.content('f', revision), { expected: await fileAt(to, 'f') }), 'changed');
    rmSync(join(a, 'f'));
    if (spawnSync('mkfifo', [join(a, 'f')]).status === 0) {
      await rejectsWith(to.write('f', from.content('f', revision), { expected: await fileAt(to, 'f') }), 'changed');
      rmSync(join(a, 'f'));
    }
    await rejectsWith(to.write('f', from.content('f', revision), { expected: await fileAt(to, 'f') }), 'changed');
    assert.equal(readFileSync(join(b, 'f'), 'utf8'), 'old');
    assert.deepEqual(everything(b), ['f']);
  }
});

test('a closed root does nothing more, not even through content it gave before', async (context) => {
  const world = worldOf(context);
  const [a, b] = [await world.open(world.folder('a')), await world.open(world.folder('b'))];
  await a.write('f', bytesContent('x'), { expected: NOTHING });
  const content = a.content('f', await revisionAt(a, 'f'));
  await a.close();
  await rejectsWith(a.list(''), 'failed');
  await rejectsWith(a.makeDirectory('d'), 'failed');
  await rejectsWith(a.write('g', bytesContent('x'), { expected: NOTHING }), 'failed');
  await rejectsWith(b.write('f', content, { expected: NOTHING }), 'failed');
  assert.deepEqual(await b.list(''), []);
});

test('a replaced file keeps its mode when the source has none', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const vfs = await world.open(root);
  writeFileSync(join(root, 'f'), 'old', { mode: 0o640 });
  await vfs.write('f', bytesContent('new'), { expected: await fileAt(vfs, 'f') });
  assert.equal(lstatSync(join(root, 'f')).mode & 0o777, 0o640);
});

test('a second name keeps the content when the first is overwritten; it overwrites nothing, and is not given where links are followed', async (context) => {
  const world = worldOf(context);
  const folder = world.folder('root');
  const vfs = await world.open(folder);
  const { revision } = await vfs.write('f', bytesContent('old'), { expected: NOTHING });
  await vfs.write('taken', bytesContent('taken'), { expected: NOTHING });
  const expected: Expected = { kind: 'file', revision };
  await vfs.local?.addName('f', 'g', expected);
  await vfs.write('f', bytesContent('new'), { expected });
  assert.deepEqual(
    ['f', 'g'].map((name) => readFileSync(join(folder, name), 'utf8')),
    ['new', 'old'],
  );
  const is = (code: VfsErrorCode) => (error: unknown) => error instanceof VfsError && error.code === code;
  await assert.rejects(async () => vfs.local?.addName('g', 'taken', expected), is('exists'));
  await assert.rejects(async () => vfs.local?.addName('f', 'h', expected), is('changed'));
  const following = await world.open(folder, { followLinks: true });
  await assert.rejects(async () => following.local?.addName('g', 'h', expected), is('unsupported'));
});

test('names of 255 bytes are written, replaced and turned into folders', async (context) => {
  const world = worldOf(context);
  const vfs = await world.open(world.folder('root'));
  for (const name of ['n'.repeat(255), 'ä'.repeat(127), '\u{1F600}'.repeat(63)]) {
    await vfs.write(name, bytesContent('one'), { expected: NOTHING });
    await vfs.write(name, bytesContent('two'), { expected: await fileAt(vfs, name) });
    await vfs.replace(name, { kind: 'directory', expected: await fileAt(vfs, name) });
    assert.equal((await vfs.stat(name))?.kind, 'directory');
  }
  assert.ok(Buffer.byteLength(partNames({ ...thisProcess(), pid: 4_194_304 }, '0')()) <= 48);
});

test('a second interrupt drops a large file in flight and leaves nothing of it', async (context) => {
  const world = worldOf(context);
  const [a, b] = [world.folder('a'), world.folder('b')];
  writeFileSync(join(a, 'big'), 'what is written before the hole');
  truncateSync(join(a, 'big'), 8 * 1024 ** 3);
  const interrupt = new AbortController();
  const [from, to] = [await world.open(a), await world.open(b, { signal: interrupt.signal })];
  const writing = to.write('big', from.content('big', await revisionAt(from, 'big')), { expected: NOTHING });
  const outcome = rejectsWith(writing, 'aborted');
  for (;;) {
    const [part] = everything(b);
    if (part !== undefined && lstatSync(join(b, part)).size > 0) break;
    await new Promise((done) => setImmediate(done));
  }
  interrupt.abort();
  await outcome;
  assert.deepEqual(everything(b), []);
});

/** A process number that nobody has. */
function deadPid(): number {
  return Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
}

async function leftoversOf(root: string): Promise<{ leftovers: string[]; names: string[]; problem: string | undefined }> {
  const scope = { excludeFiles: [], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'ignore' as const };
  const walk = walkLocal(root, { scope, innerRoots: [], digests: true });
  const listing = (await walk.next()) as DirectoryListing;
  await walk.close();
  return { leftovers: [...listing.leftovers], names: [...listing.names()], problem: listing.problem?.code };
}

test('what a dead run left is found by a walk, never listed, and cleared: parts go, things set aside return unless they did their part', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const vfs = await world.open(root);
  const { host } = thisProcess();
  const dead = `.sxrun-${host}-${deadPid()}-abcdef`;
  const living = `.sxrun-${host}-${process.ppid}-abcdef1.part`;
  writeFileSync(join(root, `${dead}0.part`), 'half');
  writeFileSync(join(root, living), 'half');
  mkdirSync(join(root, `${dead}1.aside/gone/deep`), { recursive: true });
  writeFileSync(join(root, `${dead}1.aside/gone/deep/f`), 'precious');
  mkdirSync(join(root, `${dead}2.aside/taken`), { recursive: true });
  writeFileSync(join(root, `${dead}2.aside/taken/old`), 'old');
  symlinkSync('../..', join(root, `${dead}2.aside/taken/link`));
  writeFileSync(join(root, 'taken'), 'new');
  const { dev, ino } = lstatSync(join(root, 'taken'));
  writeFileSync(join(root, `${dead}2.aside/.sxrun-for-file-${dev}-${ino}.part`), '');
  const found = await leftoversOf(root);
  assert.deepEqual(found.leftovers.sort(), [`${dead}0.part`, `${dead}1.aside`, `${dead}2.aside`]);
  assert.deepEqual(found.names, ['taken']);
  assert.deepEqual(
    (await vfs.list('')).map((entry) => entry.name),
    ['taken'],
  );
  assert.deepEqual(await vfs.recover([...found.leftovers, living, 'taken']), { returned: 1 });
  assert.deepEqual(everything(root), [living, 'gone', 'gone/deep', 'gone/deep/f', 'taken'].sort());
  assert.equal(readFileSync(join(root, 'taken'), 'utf8'), 'new');
});

test('what a dead run set aside is not lost where something else took its place than what it was set aside for', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const vfs = await world.open(root);
  const dead = `.sxrun-${thisProcess().host}-${deadPid()}-abcdef`;
  for (const [index, mark] of ['file-1-2', 'link', 'directory', undefined].entries()) {
    mkdirSync(join(root, `${dead}${index}.aside/d${index}`), { recursive: true });
    writeFileSync(join(root, `${dead}${index}.aside/d${index}/f`), 'precious');
    if (mark !== undefined) writeFileSync(join(root, `${dead}${index}.aside/.sxrun-for-${mark}.part`), '');
    writeFileSync(join(root, `d${index}`), 'made meanwhile');
  }
  assert.deepEqual(await vfs.recover((await leftoversOf(root)).leftovers), { returned: 4 });
  const kept = [0, 1, 2, 3].flatMap((index) => [`d${index}`, `d${index} (set aside)`, `d${index} (set aside)/f`]);
  assert.deepEqual(everything(root), kept.sort());
});

for (const round of [1, 2, 3]) {
  test(`what is set aside for ${['a file', 'a link', 'a directory'][round - 1]} is cleared when that is in place`, async (context) => {
    const world = worldOf(context);
    const root = world.folder('root');
    const handle = openRoot(root, { followLinks: false, flushEachFile: false });
    const vfs = await world.open(root);
    mkdirSync(join(root, 'd'));
    writeFileSync(join(root, 'ready'), 'new');
    const { dev, ino } = lstatSync(join(root, 'ready'));
    const successor = round === 1 ? ({ kind: 'file', fileId: `${dev}:${ino}` } as const) : ({ kind: round === 2 ? 'link' : 'directory' } as const);
    setAside(handle, 'd', { kind: 'directory' }, successor);
    closeRoot(handle);
    if (round === 1) renameSync(join(root, 'ready'), join(root, 'd'));
    else if (round === 2) symlinkSync('ready', join(root, 'd'));
    else mkdirSync(join(root, 'd'));
    const [aside = ''] = readdirSync(root).filter((name) => name.endsWith('.aside'));
    const dead = `.sxrun-${thisProcess().host}-${deadPid()}-abcdef1.aside`;
    renameSync(join(root, aside), join(root, dead));
    assert.deepEqual(await vfs.recover([dead]), { returned: 0 });
    assert.deepEqual(everything(root), round === 1 ? ['d'] : ['d', 'ready']);
  });
}

test('what cannot go back since its place was taken meanwhile gets a name beside it', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const handle = openRoot(root, { followLinks: false, flushEachFile: false });
  for (const round of [1, 2]) {
    mkdirSync(join(root, 'd'));
    writeFileSync(join(root, 'd/f'), `precious ${round}`);
    const aside = setAside(handle, 'd', { kind: 'directory' }, { kind: 'link' });
    writeFileSync(join(root, 'd'), 'new');
    assert.equal(aside.putBack(), round === 1 ? 'd (set aside)' : 'd (set aside 2)');
    rmSync(join(root, 'd'));
  }
  closeRoot(handle);
  assert.deepEqual(everything(root), ['d (set aside 2)', 'd (set aside 2)/f', 'd (set aside)', 'd (set aside)/f'].sort());
  assert.equal(readFileSync(join(root, 'd (set aside)/f'), 'utf8'), 'precious 1');
});

test('a folder is replaced though links in it are followed, and not when more links came into it', onLinux, async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const vfs = await world.open(root, { followLinks: true });
  mkdirSync(join(root, 'd'));
  mkdirSync(join(root, 'other'));
  writeFileSync(join(root, 'other/f'), 'stays');
  symlinkSync('../other', join(root, 'd/link'));
  const below = new Map([...(await listBelow(vfs, 'd'))].map(([path, version]) => [path, version ?? '']));
  assert.deepEqual([...below.keys()], ['d/link', 'd/link/f']);
  const content = (act: () => void) => ({
    async *open() {
      act();
      yield Buffer.from('file now');
    },
  });
  const as = { expected: { kind: 'directory' } } as const;
  await rejectsWith(vfs.replace('d', { kind: 'file', content: content(() => symlinkSync('../other', join(root, 'd/more'))), as, below }), 'changed');
  rmSync(join(root, 'd/more'));
  await vfs.replace('d', { kind: 'file', content: content(() => {}), as, below });
  assert.deepEqual(everything(root), ['d', 'other', 'other/f']);
});

test('a folder in which a living process has set something aside is unknown, not without it', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  mkdirSync(join(root, `.sxrun-${thisProcess().host}-${process.ppid}-abcdef1.aside/precious`), { recursive: true });
  assert.deepEqual(await leftoversOf(root), { leftovers: [], names: [], problem: 'transient' });
});

test('whose leftovers are stale', () => {
  const by = { host: '01234567', pid: process.pid, token: 'aaaaaa' };
  const day = 24 * 60 * 60 * 1000;
  const state = (host: string, pid: number, token: string, changed = day) =>
    leftoverState(`.sxrun-${host}-${pid}-${token}0.part`, changed, by, day + 1);
  assert.equal(state('01234567', process.pid, 'aaaaaa'), 'live');
  assert.equal(state('01234567', process.pid, 'bbbbbb'), 'stale');
  assert.equal(state('01234567', process.ppid, 'bbbbbb'), 'live');
  assert.equal(state('01234567', deadPid(), 'bbbbbb'), 'stale');
  assert.equal(state('76543210', deadPid(), 'bbbbbb'), 'live');
  assert.equal(state('76543210', process.ppid, 'bbbbbb', 0), 'stale');
  assert.equal(leftoverState('.sxrun-notes.part', 0, by, day * 9), 'foreign');
});

test('a full disk is no-space; the old content and nothing else stays', async (context) => {
  const world = worldOf(context);
  const disk = world.folder('disk');
  if (process.platform !== 'linux' || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status !== 0) {
    context.skip('a small disk cannot be mounted here');
    return;
  }
  const vfs = await openLocal(disk, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  try {
    const stamp = await vfs.write('f', bytesContent('old'), { expected: NOTHING });
    const from = await world.open(world.folder('a'));
    await from.write('big', bytesContent(Buffer.alloc(400_000)), { expected: NOTHING });
    const expected: Expected = { kind: 'file', revision: stamp.revision };
    await rejectsWith(vfs.write('f', bytesContent(Buffer.alloc(400_000)), { expected }), 'no-space');
    await rejectsWith(vfs.write('f', from.content('big'), { expected }), 'no-space');
    assert.deepEqual(everything(disk), ['f']);
    assert.equal(readFileSync(join(disk, 'f'), 'utf8'), 'old');
  } finally {
    await vfs.close();
    spawnSync('umount', [disk]);
  }
});

test('a rename to another file system mounted in the root is cross-device, and nothing is done', async (context) => {
  const world = worldOf(context);
  const root = world.folder('root');
  const mounted = join(root, 'mounted');
  mkdirSync(mounted);
  if (process.platform !== 'linux' || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mounted]).status !== 0) {
    context.skip('a disk cannot be mounted here');
    return;
  }
  const vfs = await openLocal(root, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  try {
    writeFileSync(join(root, 'f'), 'f');
    await rejectsWith(vfs.rename('f', 'mounted/f', await fileAt(vfs, 'f')), 'cross-device');
    assert.deepEqual(everything(root), ['f', 'mounted']);
  } finally {
    await vfs.close();
    spawnSync('umount', [mounted]);
  }
});

test('flush runs while other work goes on, with files flushed one by one or not', async (context) => {
  const world = worldOf(context);
  for (const flushEachFile of [false, true]) {
    const root = world.folder(`root-${flushEachFile}`);
    const vfs = await world.open(root, { flushEachFile });
    const writes = Array.from({ length: 40 }, (_, i) => vfs.write(`f${i}`, bytesContent(`${i}`), { expected: NOTHING }));
    await Promise.all([vfs.flush(), ...writes]);
    await vfs.flush();
    assert.equal(everything(root).length, 40);
  }
});
