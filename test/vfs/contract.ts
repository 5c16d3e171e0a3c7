import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listBelow } from '../../runtime/vfs/below.ts';
import { compareNames, joinPath, parentOf, type RelPath } from '../../runtime/vfs/path.ts';
import { VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import { NOTHING, type Below, type Content, type Entry, type Expected, type Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { link, snapshot, type Tree } from '../kit/tree.ts';

export interface ContractCase {
  /** Fresh and empty. */
  readonly vfs: Vfs;
  /** Another view of the same files whose run was already ended: every call must be `aborted`. Absent where it cannot be made. */
  readonly aborted?: Vfs;
  /** Removes what was opened for this case. */
  close?(): Promise<void>;
  /** Names that this file system can hold beyond the ordinary (newline, backslash, letter case, 255 bytes …). Default: all of them. */
  readonly oddNames?: boolean;
  /** False: of a file only its size is kept, and reading it is refused. Default: true. */
  readonly content?: boolean;
  /** False: files can only be read from their start. Default: true. */
  readonly offsets?: boolean;
}

/** Those that keep no content. */
const sizesOnly = new WeakSet<Vfs>();

const OLD = Date.parse('1970-01-02T00:00:00Z');
const DAY = Date.parse('2024-02-29T13:14:15Z');
const FAR = Date.parse('2099-12-31T23:59:58Z');

/** The conformance suite of the contract in runtime/vfs/vfs.ts. `open` gives a fresh, empty root each time. */
export function describeVfsContract(name: string, open: () => Promise<ContractCase>): void {
  const on: On = (title, body, unless) => {
    test(title, async (context) => {
      const opened = await open();
      context.after(async () => {
        await opened.vfs.close();
        await opened.close?.();
      });
      if (opened.content === false) sizesOnly.add(opened.vfs);
      const why = unless?.(opened);
      if (why === undefined) await body(opened.vfs, opened);
      else context.skip(why);
    });
  };
  describe(`${name}: the file system contract`, () => {
    describeReading(on);
    describeWriting(on);
    describeExpected(on);
    describeContent((title, body, unless) => on(title, body, (opened) => noContent(opened) ?? unless?.(opened)));
    describeDirectories(on);
    describeRename(on);
    describeTimes(on);
    describeLinks(on);
    describeReplace(on);
    describeNames(on);
    describeLife(on);
  });
}

/** `unless` gives the reason to skip the case on this root. */
type On = (title: string, body: (vfs: Vfs, opened: ContractCase) => Promise<void>, unless?: (opened: ContractCase) => string | undefined) => void;

const noLinks = ({ vfs }: ContractCase) => (vfs.traits.links ? undefined : 'the root has no links');
const noContent = ({ content }: ContractCase) => (content === false ? 'the root keeps no content' : undefined);
const noTimes = ({ vfs }: ContractCase) => (vfs.traits.timePrecisionMs === undefined ? 'the root keeps no times' : undefined);

function describeReading(on: On): void {
  on('an empty root lists nothing and is a directory', async (vfs) => {
    assert.deepEqual(await vfs.list(''), []);
    assert.equal((await vfs.stat(''))?.kind, 'directory');
  });
  on('stat gives undefined where surely nothing is, below a missing folder too', async (vfs) => {
    assert.equal(await vfs.stat('nothing'), undefined);
    assert.equal(await vfs.stat('no/where/at/all'), undefined);
  });
  on('stat gives undefined below a file', async (vfs) => {
    await writeText(vfs, 'file', 'x');
    assert.equal(await vfs.stat('file/below'), undefined);
  });
  on('list of a missing directory is not-found', async (vfs) => {
    await rejectsWith(vfs.list('missing'), 'not-found', 'missing');
  });
  on('list of a file is wrong-kind', async (vfs) => {
    await writeText(vfs, 'file', 'x');
    await rejectsWith(vfs.list('file'), 'wrong-kind', 'file');
  });
  on('list is sorted by code units, whatever the order of making', async (vfs) => {
    const names = ['b', 'a', 'Z', 'a.b', 'a-b', 'ä', '10', '9', '\u{1F600}', '\uFF5E', 'a b'];
    const made = vfs.traits.caseSensitive ? [...names, 'z'] : names;
    for (const each of made) await writeText(vfs, each, each);
    const listed = (await vfs.list('')).map((entry) => entry.name);
    assert.deepEqual(listed, [...listed].sort(compareNames));
    assert.equal(listed.length, made.length);
  });
  on('list and stat agree about every entry', async (vfs) => {
    await vfs.makeDirectory('d');
    await writeText(vfs, 'd/file', 'hello');
    await vfs.makeDirectory('d/sub');
    if (vfs.traits.links) await vfs.link('d/link', 'file', { expected: NOTHING });
    for (const entry of await vfs.list('d')) assert.deepEqual(await vfs.stat(`d/${entry.name}`), entry);
    assert.equal((await vfs.list('d')).length, vfs.traits.links ? 3 : 2);
  });
  on('list shows direct entries only', async (vfs) => {
    await vfs.makeDirectory('a');
    await vfs.makeDirectory('a/b');
    await writeText(vfs, 'a/b/c', 'x');
    assert.deepEqual((await vfs.list('a')).map(nameAndKind), ['b directory']);
    assert.deepEqual((await vfs.list('a/b')).map(nameAndKind), ['c file']);
  });
}

function describeWriting(on: On): void {
  on('a written file has its content, and its stamp is what stat says', async (vfs) => {
    const stamp = await vfs.write('f', bytesContent('hello'), { expected: NOTHING, modifiedMs: DAY });
    const entry = await fileAt(vfs, 'f');
    assert.equal(entry.revision, stamp.revision);
    assert.equal(entry.size, stamp.size);
    assert.equal(entry.modifiedMs, stamp.modifiedMs);
    assert.equal(entry.fileId, stamp.fileId);
    await reads(vfs, 'f', 'hello');
    if (entry.size !== undefined) assert.equal(entry.size, 5);
  });
  on('an empty file is a file of size 0', async (vfs) => {
    await writeText(vfs, 'empty', '');
    await reads(vfs, 'empty', '');
    assert.ok([0, undefined].includes((await fileAt(vfs, 'empty')).size));
  });
  on('an empty file replaces a full one', async (vfs) => {
    await writeText(vfs, 'f', 'full');
    await writeText(vfs, 'f', '', await expectedAt(vfs, 'f'));
    await reads(vfs, 'f', '');
  });
  on(
    '3 MB of every byte value come back as they were',
    async (vfs) => {
      const bytes = manyBytes(3 * 1024 * 1024 + 17);
      await vfs.write('big', bytesContent(bytes, 60_001), { expected: NOTHING });
      assert.ok(Buffer.from(bytes).equals(await readContent(vfs.content('big'))));
    },
    noContent,
  );
  on('a shorter content leaves nothing of the longer one', async (vfs) => {
    await writeText(vfs, 'f', 'a long content');
    await writeText(vfs, 'f', 'short', await expectedAt(vfs, 'f'));
    await reads(vfs, 'f', 'short');
  });
  on('a new content has a new revision, the same time and size or not', async (vfs) => {
    const one = await vfs.write('f', bytesContent('one'), { expected: NOTHING, modifiedMs: DAY });
    const two = await vfs.write('f', bytesContent('two!'), { expected: { kind: 'file', revision: one.revision }, modifiedMs: DAY });
    assert.notEqual(two.revision, one.revision);
  });
  on('a revision stays as long as nothing is changed', async (vfs) => {
    const stamp = await writeText(vfs, 'f', 'x');
    await writeText(vfs, 'g', 'y');
    await contents(vfs);
    assert.equal((await fileAt(vfs, 'f')).revision, stamp.revision);
  });
  on(
    'content that breaks off leaves nothing where nothing was',
    async (vfs) => {
      await assert.rejects(vfs.write('f', brokenContent(200_000), { expected: NOTHING }), VfsError);
      assert.equal(await vfs.stat('f'), undefined);
      assert.deepEqual(await vfs.list(''), []);
    },
    noContent,
  );
  on(
    'content that breaks off leaves the old content',
    async (vfs) => {
      await vfs.makeDirectory('d');
      const stamp = await writeText(vfs, 'd/f', 'the old');
      const expected: Expected = { kind: 'file', revision: stamp.revision };
      await assert.rejects(vfs.write('d/f', brokenContent(200_000), { expected }), VfsError);
      await reads(vfs, 'd/f', 'the old');
      assert.equal((await fileAt(vfs, 'd/f')).revision, stamp.revision);
      assert.deepEqual((await vfs.list('d')).map(nameAndKind), ['f file']);
    },
    noContent,
  );
  on(
    "the source's own VfsError passes through a failed write",
    async (vfs) => {
      await rejectsWith(vfs.write('f', brokenContent(10, new VfsError('transient', 'src', 'lost')), { expected: NOTHING }), 'transient');
    },
    noContent,
  );
  on('write into a missing folder is not-found and makes nothing', async (vfs) => {
    await rejectsWith(writeText(vfs, 'no/f', 'x'), 'not-found');
    assert.deepEqual(await vfs.list(''), []);
  });
  on('write below a file fails and leaves the file', async (vfs) => {
    await writeText(vfs, 'f', 'x');
    await rejectsWithOneOf(writeText(vfs, 'f/g', 'y'), ['wrong-kind', 'not-found']);
    await reads(vfs, 'f', 'x');
  });
  on(
    'a copy within the root is a write of its own content',
    async (vfs) => {
      const stamp = await writeText(vfs, 'a', 'copy me');
      await vfs.write('b', vfs.content('a', stamp.revision), { expected: NOTHING });
      await reads(vfs, 'b', 'copy me');
    },
    noContent,
  );
  on('mode is kept where the root has modes, and is absent elsewhere', async (vfs) => {
    await vfs.write('f', bytesContent('x'), { expected: NOTHING, mode: 0o640 });
    assert.equal((await fileAt(vfs, 'f')).mode, vfs.traits.modes ? 0o640 : undefined);
  });
  on('twenty files written at once are all there', async (vfs) => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
    await Promise.all(names.map((name) => writeText(vfs, name, name)));
    for (const name of names) await reads(vfs, name, name);
    assert.equal((await vfs.list('')).length, 20);
  });
}

function describeExpected(on: On): void {
  const wrong: [string, Expected][] = [
    ['nothing', NOTHING],
    ['another revision', { kind: 'file', revision: 'never-was' }],
    ['a directory', { kind: 'directory' }],
    ['a link', { kind: 'link', target: 'x' }],
  ];
  for (const [what, expected] of wrong) {
    on(`where a file is and ${what} is expected, nothing is done and the error is changed`, async (vfs) => {
      const stamp = await vfs.write('f', bytesContent('stays'), { expected: NOTHING, modifiedMs: DAY });
      await rejectsWith(vfs.write('f', bytesContent('new'), { expected }), 'changed', 'f');
      await rejectsWith(vfs.removeFile('f', expected), 'changed', 'f');
      await rejectsWith(vfs.rename('f', 'g', expected), 'changed', 'f');
      await rejectsWith(vfs.setModified('f', FAR, expected), 'changed', 'f');
      if (vfs.traits.links) await rejectsWith(vfs.link('f', 'target', { expected }), 'changed', 'f');
      await rejectsWith(vfs.replace('f', { kind: 'directory', expected }), 'changed', 'f');
      await rejectsWith(vfs.replace('f', { kind: 'file', content: bytesContent('new'), as: { expected } }), 'changed', 'f');
      assert.equal((await fileAt(vfs, 'f')).revision, stamp.revision);
      await holds(vfs, { f: 'stays' });
    });
  }
  on('where nothing is and a file is expected, the error is changed', async (vfs) => {
    const expected: Expected = { kind: 'file', revision: 'r' };
    await rejectsWith(vfs.write('f', bytesContent('x'), { expected }), 'changed', 'f');
    await rejectsWith(vfs.removeFile('f', expected), 'changed', 'f');
    await rejectsWith(vfs.rename('f', 'g', expected), 'changed', 'f');
    await rejectsWith(vfs.setModified('f', DAY, expected), 'changed', 'f');
    await rejectsWith(vfs.replace('f', { kind: 'directory', expected }), 'changed', 'f');
    assert.deepEqual(await vfs.list(''), []);
  });
  on('where a directory is, a write expecting nothing or a file is changed', async (vfs) => {
    await vfs.makeDirectory('d');
    await writeText(vfs, 'd/f', 'x');
    await rejectsWith(writeText(vfs, 'd', 'file'), 'changed', 'd');
    await rejectsWith(vfs.write('d', bytesContent('file'), { expected: { kind: 'file', revision: 'r' } }), 'changed', 'd');
    await rejectsWith(vfs.removeFile('d', { kind: 'file', revision: 'r' }), 'changed', 'd');
    await holds(vfs, { 'd/f': 'x' });
  });
  on('a directory is never removed or overwritten as if it were a file', async (vfs) => {
    await vfs.makeDirectory('d');
    await rejectsWithOneOf(vfs.removeFile('d', { kind: 'directory' }), ['wrong-kind', 'changed']);
    await rejectsWithOneOf(vfs.write('d', bytesContent('x'), { expected: { kind: 'directory' } }), ['wrong-kind', 'changed', 'exists']);
    await holds(vfs, { 'd/': null });
  });
  on('removeFile with the right revision removes the file and only it', async (vfs) => {
    await writeText(vfs, 'a', 'x');
    await writeText(vfs, 'b', 'y');
    await vfs.removeFile('a', await expectedAt(vfs, 'a'));
    await holds(vfs, { b: 'y' });
  });
}

function describeContent(on: On): void {
  on('content opens again, and from any offset', async (vfs, { offsets = true }) => {
    const bytes = manyBytes(200_001);
    await vfs.write('f', bytesContent(bytes), { expected: NOTHING });
    const content = vfs.content('f');
    for (const from of [undefined, 0, 1, 65_536, 65_537, 200_000, 200_001]) {
      if (offsets || !from) assert.ok(Buffer.from(bytes.subarray(from ?? 0)).equals(await readContent(content, from)), `from ${from}`);
      else await rejectsWith((async () => readContent(content, from))(), 'unsupported', 'f');
    }
  });
  on('content is read to the end even when the reader stops early once', async (vfs) => {
    await vfs.write('f', bytesContent(manyBytes(300_000)), { expected: NOTHING });
    const content = vfs.content('f');
    for await (const chunk of content.open()) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.equal((await readContent(content)).length, 300_000);
  });
  on('content of the right revision is given', async (vfs) => {
    const stamp = await writeText(vfs, 'f', 'right');
    assert.equal(Buffer.from(await readContent(vfs.content('f', stamp.revision))).toString(), 'right');
  });
  on('content of a revision that is gone is changed', async (vfs) => {
    const stamp = await writeText(vfs, 'f', 'old');
    await writeText(vfs, 'f', 'newer', await expectedAt(vfs, 'f'));
    await rejectsWith(readContent(vfs.content('f', stamp.revision)), 'changed', 'f');
    await rejectsWith(vfs.write('g', vfs.content('f', stamp.revision), { expected: NOTHING }), 'changed');
    assert.equal(await vfs.stat('g'), undefined);
  });
  on('content that changes while it is read is changed', async (vfs) => {
    const stamp = await vfs.write('f', bytesContent(manyBytes(400_000)), { expected: NOTHING, modifiedMs: DAY });
    const reading = async () => {
      let first = true;
      for await (const chunk of vfs.content('f', stamp.revision).open()) {
        assert.ok(chunk.length > 0);
        if (first) await writeText(vfs, 'f', 'new', await expectedAt(vfs, 'f'));
        first = false;
      }
    };
    await rejectsWith(reading(), 'changed', 'f');
  });
  on('content of a removed file of a known revision is changed, without revision not-found', async (vfs) => {
    const stamp = await writeText(vfs, 'f', 'x');
    const known = vfs.content('f', stamp.revision);
    const unknown = vfs.content('f');
    await vfs.removeFile('f', { kind: 'file', revision: stamp.revision });
    await rejectsWithOneOf(readContent(known), ['changed', 'not-found']);
    await rejectsWith(readContent(unknown), 'not-found', 'f');
  });
  on('content of a directory is refused', async (vfs) => {
    await vfs.makeDirectory('d');
    await rejectsWithOneOf(readContent(vfs.content('d')), ['wrong-kind']);
  });
}

function describeDirectories(on: On): void {
  on('makeDirectory where anything is is exists', async (vfs) => {
    await vfs.makeDirectory('d');
    await writeText(vfs, 'f', 'x');
    await rejectsWith(vfs.makeDirectory('d'), 'exists', 'd');
    await rejectsWith(vfs.makeDirectory('f'), 'exists', 'f');
    await holds(vfs, { 'd/': null, f: 'x' });
  });
  on('makeDirectory makes no parents', async (vfs) => {
    await rejectsWith(vfs.makeDirectory('a/b'), 'not-found');
    assert.equal(await vfs.stat('a'), undefined);
  });
  on('removeDirectory removes an empty one', async (vfs) => {
    await vfs.makeDirectory('d');
    await vfs.removeDirectory('d');
    assert.equal(await vfs.stat('d'), undefined);
  });
  on('removeDirectory of a full one is not-empty and loses nothing', async (vfs) => {
    await vfs.makeDirectory('d');
    await writeText(vfs, 'd/f', 'x');
    await rejectsWith(vfs.removeDirectory('d'), 'not-empty', 'd');
    await holds(vfs, { 'd/f': 'x' });
  });
  on('removeDirectory of a missing one is not-found, of a file wrong-kind', async (vfs) => {
    await writeText(vfs, 'f', 'x');
    await rejectsWith(vfs.removeDirectory('d'), 'not-found', 'd');
    await rejectsWith(vfs.removeDirectory('f'), 'wrong-kind', 'f');
    await holds(vfs, { f: 'x' });
  });
  on('forty levels of directories hold a file', async (vfs) => {
    let path = 'd0';
    await vfs.makeDirectory(path);
    for (let level = 1; level < 40; level++) {
      path = `${path}/d${level}`;
      await vfs.makeDirectory(path);
    }
    await writeText(vfs, `${path}/f`, 'deep');
    await reads(vfs, `${path}/f`, 'deep');
  });
}

function describeRename(on: On): void {
  on('rename moves a file with content, time and revision, and says what it is now', async (vfs) => {
    await vfs.makeDirectory('d');
    const stamp = await vfs.write('a', bytesContent('moved'), { expected: NOTHING, modifiedMs: DAY });
    const entry = await vfs.rename('a', 'd/b', { kind: 'file', revision: stamp.revision });
    assert.deepEqual(await vfs.stat('d/b'), entry);
    assert.equal(entry.name, 'b');
    assert.ok(entry.kind === 'file');
    assert.equal(entry.modifiedMs, stamp.modifiedMs);
    assert.equal(entry.fileId, stamp.fileId);
    await holds(vfs, { 'd/b': 'moved' });
  });
  on('rename moves a directory with all it holds', async (vfs) => {
    await vfs.makeDirectory('d');
    await vfs.makeDirectory('d/sub');
    await writeText(vfs, 'd/sub/f', 'x');
    await vfs.rename('d', 'e', { kind: 'directory' });
    await holds(vfs, { 'e/sub/f': 'x' });
  });
  on('rename never overwrites a file, an empty directory or a full one', async (vfs) => {
    await writeText(vfs, 'a', 'a');
    await writeText(vfs, 'b', 'b');
    await vfs.makeDirectory('empty');
    await vfs.makeDirectory('full');
    await writeText(vfs, 'full/x', 'x');
    const expected = await expectedAt(vfs, 'a');
    for (const to of ['b', 'empty', 'full']) await rejectsWith(vfs.rename('a', to, expected), 'exists');
    await rejectsWith(vfs.rename('full', 'empty', { kind: 'directory' }), 'exists');
    await rejectsWith(vfs.rename('empty', 'b', { kind: 'directory' }), 'exists');
    await holds(vfs, { a: 'a', b: 'b', 'empty/': null, 'full/x': 'x' });
  });
  on('two renames to one name: one of them wins and nothing is lost', async (vfs) => {
    await writeText(vfs, 'a', 'a');
    await writeText(vfs, 'b', 'b');
    const [one, two] = [await expectedAt(vfs, 'a'), await expectedAt(vfs, 'b')];
    const ends = await Promise.allSettled([vfs.rename('a', 'c', one), vfs.rename('b', 'c', two)]);
    assert.equal(ends.filter((end) => end.status === 'fulfilled').length, 1);
    assert.equal(Object.keys(await contents(vfs)).length, 2);
  });
  on('rename to a missing folder is not-found and leaves the file', async (vfs) => {
    await writeText(vfs, 'a', 'a');
    await rejectsWith(vfs.rename('a', 'no/a', await expectedAt(vfs, 'a')), 'not-found');
    await holds(vfs, { a: 'a' });
  });
  on('a directory is not moved into itself', async (vfs) => {
    await vfs.makeDirectory('d');
    await assert.rejects(vfs.rename('d', 'd/e', { kind: 'directory' }), VfsError);
    await holds(vfs, { 'd/': null });
  });
}

function describeTimes(on: On): void {
  for (const [what, time] of [
    ['zero', 0],
    ['1970-01-02', OLD],
    ['usual', DAY],
    ['2099', FAR],
    ['fractional', DAY + 0.5],
    ['odd', DAY + 999],
  ] as const) {
    const body = async (vfs: Vfs) => {
      await vfs.write('f', bytesContent('x'), { expected: NOTHING, modifiedMs: time });
      await writeText(vfs, 'g', 'y');
      const stamp = await vfs.setModified('g', time, await expectedAt(vfs, 'g'));
      const entry = await fileAt(vfs, 'g');
      assert.equal(entry.modifiedMs, stamp.modifiedMs);
      assert.equal(entry.revision, stamp.revision);
      for (const path of ['f', 'g']) {
        const kept = (await fileAt(vfs, path)).modifiedMs ?? Number.NaN;
        assert.ok(Math.abs(kept - time) <= Math.max(1, vfs.traits.timePrecisionMs ?? 0), `${path}: ${kept} for ${time}`);
      }
      await reads(vfs, 'g', 'y');
    };
    on(`a time (${what}) is kept within the precision, by write and by setModified`, body, noTimes);
  }
  const withTimes = ({ vfs }: ContractCase) => (vfs.traits.timePrecisionMs === undefined ? undefined : 'the root keeps times');
  const body = async (vfs: Vfs) => {
    await vfs.write('f', bytesContent('x'), { expected: NOTHING, modifiedMs: DAY });
    assert.equal((await fileAt(vfs, 'f')).modifiedMs, undefined);
    await rejectsWith(vfs.setModified('f', DAY, await expectedAt(vfs, 'f')), 'unsupported');
  };
  on('a root that keeps no times shows none and refuses to set one', body, withTimes);
}

function describeLinks(on: On): void {
  const refused = async (vfs: Vfs) => {
    await rejectsWith(vfs.link('l', 'target', { expected: NOTHING }), 'unsupported');
    assert.deepEqual(await vfs.list(''), []);
  };
  on('links are refused as unsupported where the root has none', refused, ({ vfs }) => (vfs.traits.links ? 'the root has links' : undefined));
  const withLinks = (title: string, body: (vfs: Vfs) => Promise<void>) => on(title, body, noLinks);
  withLinks('a link keeps its text, dangling, relative, absolute, upward, odd', async (vfs) => {
    const targets = ['missing', '../up/../and/out', '/absolute/path', 'with space', 'ünï/📁', '.', 'x'.repeat(300)];
    for (const [index, target] of targets.entries()) {
      const made = await vfs.link(`l${index}`, target, { expected: NOTHING });
      assert.equal(made.target, target);
      assert.equal(linkTarget(await vfs.stat(`l${index}`)), target);
    }
  });
  withLinks('a link to a directory is a link, and nothing is listed through it', async (vfs) => {
    await vfs.makeDirectory('d');
    await vfs.link('l', 'd', { expected: NOTHING });
    assert.equal((await vfs.stat('l'))?.kind, 'link');
    await rejectsWithOneOf(vfs.list('l'), ['wrong-kind', 'outside', 'not-found']);
  });
  withLinks('nothing is read or written through a link that leads out of the root', async (vfs) => {
    await vfs.link('out', '..', { expected: NOTHING });
    await rejectsWithOneOf(writeText(vfs, 'out/escaped', 'x'), ['outside', 'wrong-kind', 'not-found']);
    await rejectsWithOneOf(vfs.makeDirectory('out/escaped'), ['outside', 'wrong-kind', 'not-found']);
    await rejectsWithOneOf(vfs.list('out'), ['outside', 'wrong-kind', 'not-found']);
    await rejectsWithOneOf(readContent(vfs.content('out/escaped')), ['outside', 'wrong-kind', 'not-found', 'unsupported']);
  });
  withLinks('a link is replaced by another, and removed, when it is what was expected', async (vfs) => {
    await vfs.link('l', 'one', { expected: NOTHING });
    await rejectsWith(vfs.link('l', 'two', { expected: { kind: 'link', target: 'other' } }), 'changed', 'l');
    await vfs.link('l', 'two', { expected: { kind: 'link', target: 'one' } });
    assert.equal(linkTarget(await vfs.stat('l')), 'two');
    await rejectsWith(vfs.removeFile('l', { kind: 'link', target: 'one' }), 'changed', 'l');
    await vfs.removeFile('l', { kind: 'link', target: 'two' });
    assert.equal(await vfs.stat('l'), undefined);
  });
  withLinks('removing a link leaves what it leads to', async (vfs) => {
    await vfs.makeDirectory('d');
    await writeText(vfs, 'd/f', 'x');
    await vfs.link('l', 'd', { expected: NOTHING });
    await vfs.removeFile('l', { kind: 'link', target: 'd' });
    await holds(vfs, { 'd/f': 'x' });
  });
  withLinks('a link is renamed as a link', async (vfs) => {
    await vfs.link('l', 'target', { expected: NOTHING });
    const entry = await vfs.rename('l', 'm', { kind: 'link', target: 'target' });
    assert.equal(linkTarget(entry), 'target');
    assert.deepEqual((await vfs.list('')).map(nameAndKind), ['m link']);
  });
}

function describeReplace(on: On): void {
  on('replace puts a file where a full directory was', async (vfs) => {
    await fillDirectory(vfs, 'x');
    const as = { expected: { kind: 'directory' } as const, modifiedMs: DAY };
    const stamp = await vfs.replace('x', { kind: 'file', content: bytesContent('file now'), as });
    assert.equal((await fileAt(vfs, 'x')).revision, stamp?.revision);
    await holds(vfs, { x: 'file now' });
  });
  on('replace puts an empty directory where a file was', async (vfs) => {
    await writeText(vfs, 'x', 'file');
    assert.equal(await vfs.replace('x', { kind: 'directory', expected: await expectedAt(vfs, 'x') }), undefined);
    await holds(vfs, { 'x/': null });
  });
  const acrossLinks = async (vfs: Vfs) => {
    await fillDirectory(vfs, 'x');
    await vfs.replace('x', { kind: 'link', target: 'somewhere', expected: { kind: 'directory' } });
    assert.equal(linkTarget(await vfs.stat('x')), 'somewhere');
    const asLink: Expected = { kind: 'link', target: 'somewhere' };
    await vfs.replace('x', { kind: 'file', content: bytesContent('f'), as: { expected: asLink } });
    await holds(vfs, { x: 'f' });
    await vfs.replace('x', { kind: 'link', target: 'again', expected: await expectedAt(vfs, 'x') });
    await vfs.replace('x', { kind: 'directory', expected: { kind: 'link', target: 'again' } });
    await holds(vfs, { 'x/': null });
  };
  on('replace changes between links, files and directories', acrossLinks, noLinks);
  on(
    'a replacement whose content breaks off leaves the old directory whole',
    async (vfs) => {
      await fillDirectory(vfs, 'x');
      const before = await contents(vfs);
      const as = { expected: { kind: 'directory' } as const };
      await assert.rejects(vfs.replace('x', { kind: 'file', content: brokenContent(150_000), as }), VfsError);
      assert.deepEqual(await contents(vfs), before);
    },
    noContent,
  );
  on('replace takes a directory away that holds just what it was told', async (vfs) => {
    await fillDirectory(vfs, 'x');
    const below = await belowOf(vfs, 'x');
    await vfs.replace('x', { kind: 'file', content: bytesContent('file now'), as: { expected: { kind: 'directory' } }, below });
    await holds(vfs, { x: 'file now' });
  });
  const meanwhile: readonly [string, (vfs: Vfs) => Promise<unknown>][] = [
    ['a new file', (vfs) => writeText(vfs, 'x/late', 'precious')],
    ['a new version of a file', async (vfs) => writeText(vfs, 'x/late', 'precious', await expectedAt(vfs, 'x/late'))],
    ['a new folder', (vfs) => vfs.makeDirectory('x/late')],
  ];
  for (const [what, act] of meanwhile) {
    on(`replace keeps a directory that got ${what} while the content came`, async (vfs) => {
      await fillDirectory(vfs, 'x');
      if (what.includes('version')) await writeText(vfs, 'x/late', 'old');
      const below = await belowOf(vfs, 'x');
      let left: Tree = {};
      const content = {
        async *open() {
          yield Buffer.from('half');
          await act(vfs);
          left = await contents(vfs);
          yield Buffer.from('whole');
        },
      };
      await rejectsWith(vfs.replace('x', { kind: 'file', content, as: { expected: { kind: 'directory' } }, below }), 'changed', 'x');
      assert.deepEqual(await contents(vfs), left);
    });
  }
  const linkOverMore = async (vfs: Vfs) => {
    await fillDirectory(vfs, 'x');
    const before = await contents(vfs);
    await rejectsWith(vfs.replace('x', { kind: 'link', target: 'y', expected: { kind: 'directory' }, below: new Map() }), 'changed', 'x');
    assert.deepEqual(await contents(vfs), before);
  };
  on('replace puts no link where a directory holds more than it was told', linkOverMore, noLinks);
  on('replace where a directory was expected and a file is, is changed and does nothing', async (vfs) => {
    await writeText(vfs, 'x', 'file');
    const as = { expected: { kind: 'directory' } as const };
    await rejectsWith(vfs.replace('x', { kind: 'file', content: bytesContent('new'), as }), 'changed', 'x');
    await holds(vfs, { x: 'file' });
  });
}

function describeNames(on: On): void {
  const ordinary = [
    'with space',
    ' leading',
    'a.b.c',
    '.hidden',
    '..double',
    '...',
    'ünïcödé',
    '日本語',
    '👨‍👩‍👧‍👦.txt',
    '#%&{}',
    "quote'",
    'tilde~',
    'a'.repeat(200),
    '[x]',
    '-dash',
    '$HOME',
    '@at',
    'e\u0301 combining',
  ];
  const odd = [
    'new\nline',
    'back\\slash',
    'tab\t',
    'trailing ',
    'dot.',
    'a:b',
    'star*',
    'ask?',
    '"quoted"',
    '<>',
    'pipe|',
    '\u007f',
    `${'ä'.repeat(127)}x`,
    'a'.repeat(255),
    '\u202Egnp.exe',
  ];
  for (const name of ordinary) on(`the name ${JSON.stringify(name.slice(0, 20))} is kept`, async (vfs) => keepsName(vfs, name));
  for (const name of odd) {
    on(`the name ${JSON.stringify(name.slice(0, 20))} (${name.length}) is kept where it can be`, async (vfs, opened) => {
      if (opened.oddNames === false) await keepsOrRefuses(vfs, name);
      else await keepsName(vfs, name);
    });
  }
  on('a name of 256 bytes is refused and nothing is left', async (vfs) => {
    const name = 'x'.repeat(256);
    await rejectsWith(writeText(vfs, name, 'x'), 'name-refused');
    await rejectsWith(vfs.makeDirectory(name), 'name-refused');
    assert.deepEqual(await vfs.list(''), []);
  });
  on('a path with NUL, or with . or .. in it, is refused', async (vfs) => {
    for (const path of ['a\0b', '..', '../x', 'd/../x', './x']) {
      await assert.rejects(writeText(vfs, path, 'x'), VfsError, JSON.stringify(path));
      await assert.rejects(vfs.makeDirectory(path), VfsError, JSON.stringify(path));
    }
    assert.deepEqual(await vfs.list(''), []);
  });
  on('letter case makes two names, or one where case is ignored', async (vfs) => {
    await writeText(vfs, 'Name', 'upper');
    if (vfs.traits.caseSensitive) {
      await writeText(vfs, 'name', 'lower');
      await holds(vfs, { Name: 'upper', name: 'lower' });
    } else {
      await rejectsWith(writeText(vfs, 'name', 'lower'), 'changed');
      await holds(vfs, { Name: 'upper' });
    }
  });
}

function describeLife(on: On): void {
  on('recover with nothing to do changes nothing', async (vfs) => {
    await writeText(vfs, 'f', 'x');
    await vfs.recover([]);
    await holds(vfs, { f: 'x' });
  });
  on('flush resolves after work', async (vfs) => {
    await writeText(vfs, 'f', 'x');
    await vfs.flush();
    await reads(vfs, 'f', 'x');
  });
  const afterAbort = async (vfs: Vfs, { aborted }: ContractCase) => {
    if (aborted === undefined) return;
    await writeText(vfs, 'f', 'x');
    const expected = await expectedAt(vfs, 'f');
    const calls = [
      () => aborted.list(''),
      () => aborted.stat('f'),
      () => readContent(aborted.content('f')),
      () => writeText(aborted, 'g', 'y'),
      () => aborted.makeDirectory('d'),
      () => aborted.removeFile('f', expected),
      () => aborted.rename('f', 'g', expected),
      () => aborted.setModified('f', DAY, expected),
      () => aborted.replace('f', { kind: 'directory', expected }),
    ];
    for (const call of calls) await rejectsWith(call(), 'aborted');
    await holds(vfs, { f: 'x' });
    await aborted.flush();
  };
  const noAbort = ({ aborted }: ContractCase) => (aborted === undefined ? 'no aborted view is given' : undefined);
  on('after the abort every call is aborted and nothing is done, but flush saves what was', afterAbort, noAbort);
  on('the label is not empty and no trait is out of range', async (vfs) => {
    assert.notEqual(vfs.label, '');
    assert.ok(vfs.traits.concurrency >= 1);
    assert.ok(vfs.traits.timePrecisionMs === undefined || vfs.traits.timePrecisionMs > 0);
  });
}

async function keepsName(vfs: Vfs, name: string): Promise<void> {
  await writeText(vfs, name, 'content');
  assert.deepEqual(
    (await vfs.list('')).map((entry) => entry.name.normalize('NFC')),
    [name.normalize('NFC')],
  );
  await reads(vfs, name, 'content');
  await writeText(vfs, name, 'again', await expectedAt(vfs, name));
  const other = `${name.slice(0, 3)}-moved`;
  await vfs.rename(name, other, await expectedAt(vfs, name));
  await vfs.rename(other, name, await expectedAt(vfs, other));
  await reads(vfs, name, 'again');
  await vfs.removeFile(name, await expectedAt(vfs, name));
  await vfs.makeDirectory(name);
  await writeText(vfs, joinPath(name, name), 'below');
  await reads(vfs, joinPath(name, name), 'below');
}

async function keepsOrRefuses(vfs: Vfs, name: string): Promise<void> {
  try {
    await writeText(vfs, name, 'content');
  } catch (error) {
    assert.ok(error instanceof VfsError && error.code === 'name-refused', String(error));
    assert.deepEqual(await vfs.list(''), []);
    return;
  }
  await reads(vfs, name, 'content');
}

async function belowOf(vfs: Vfs, directory: string): Promise<Below> {
  return new Map([...(await listBelow(vfs, directory))].map(([path, version]) => [path, version ?? '']));
}

async function fillDirectory(vfs: Vfs, path: RelPath): Promise<void> {
  await vfs.makeDirectory(path);
  await vfs.makeDirectory(`${path}/sub`);
  await writeText(vfs, `${path}/sub/deep`, 'deep');
  await writeText(vfs, `${path}/f`, 'f');
}

function writeText(vfs: Vfs, path: RelPath, content: string, expected: Expected = NOTHING) {
  return vfs.write(path, bytesContent(content), { expected });
}

/** Everything the root holds; of files without content the size. */
async function contents(vfs: Vfs): Promise<Tree> {
  if (!sizesOnly.has(vfs)) return snapshot(vfs);
  const sizes: Record<string, Tree[string]> = {};
  const paths = await listBelow(vfs, '');
  for (const path of paths.keys()) {
    const entry = await vfs.stat(path);
    if (entry?.kind === 'file') sizes[path] = `${entry.size} bytes`;
    else if (entry?.kind === 'link') sizes[path] = link(entry.target);
    else if ((await vfs.list(path)).length === 0) sizes[`${path}/`] = null;
  }
  return sizes;
}

async function holds(vfs: Vfs, tree: Tree): Promise<void> {
  const wanted = Object.entries(tree).map(([path, value]) => [path, sizesOnly.has(vfs) && typeof value === 'string' ? sizeText(value) : value]);
  assert.deepEqual(await contents(vfs), Object.fromEntries(wanted));
}

async function reads(vfs: Vfs, path: RelPath, content: string): Promise<void> {
  if (sizesOnly.has(vfs)) assert.equal(`${(await fileAt(vfs, path)).size} bytes`, sizeText(content));
  else assert.equal(await text(vfs, path), content);
}

function sizeText(content: string): string {
  return `${Buffer.byteLength(content)} bytes`;
}

async function text(vfs: Vfs, path: RelPath): Promise<string> {
  return Buffer.from(await readContent(vfs.content(path))).toString();
}

async function fileAt(vfs: Vfs, path: RelPath) {
  const entry = await vfs.stat(path);
  assert.ok(entry?.kind === 'file', `${path} is ${entry?.kind ?? 'nothing'} in ${parentOf(path)}`);
  return entry;
}

async function expectedAt(vfs: Vfs, path: RelPath): Promise<Expected> {
  return { kind: 'file', revision: (await fileAt(vfs, path)).revision };
}

function linkTarget(entry: Entry | undefined): string | undefined {
  return entry?.kind === 'link' ? entry.target : undefined;
}

function nameAndKind(entry: Entry): string {
  return `${entry.name} ${entry.kind}`;
}

function manyBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
}

/** Gives `length` bytes and then fails. */
function brokenContent(length: number, error: Error = new VfsError('failed', 'source', 'the source broke off')): Content {
  return {
    size: length * 2,
    async *open() {
      yield manyBytes(length);
      throw error;
    },
  };
}

async function rejectsWith(promise: Promise<unknown>, code: VfsErrorCode, path?: RelPath): Promise<void> {
  const error = await rejection(promise, code);
  assert.equal(error.code, code, error.message);
  if (path !== undefined) assert.equal(error.path, path);
}

async function rejectsWithOneOf(promise: Promise<unknown>, codes: readonly VfsErrorCode[]): Promise<void> {
  const error = await rejection(promise, codes.join(' or '));
  assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
}

async function rejection(promise: Promise<unknown>, wanted: string): Promise<VfsError> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in settled)) throw new assert.AssertionError({ message: `resolved to ${JSON.stringify(settled.value)}, wanted ${wanted}` });
  assert.ok(settled.error instanceof VfsError, `not a VfsError: ${String(settled.error)}`);
  return settled.error;
}
