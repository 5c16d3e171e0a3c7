import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { file, open, rowsOf, run, withFolder } from './fixtures/database-kit.ts';

/** Opens, looks at everything, changes something, closes; resolves to the codes of what was thrown on the way. */
async function useUp(path: string): Promise<string[]> {
  const codes: string[] = [];
  const noting = async (step: () => unknown) => {
    try {
      await step();
    } catch (error) {
      codes.push((error as { code: string }).code);
    }
  };
  await noting(async () => {
    const database = await open(path);
    await noting(() => [...database.directories()].map((one) => one.rows()));
    database.record('a/new', file('9', '9'));
    await noting(() => database.commit());
    await noting(() => database.close());
  });
  return codes;
}

async function fill(path: string): Promise<string> {
  await run(path, (database) => {
    for (const name of ['a/x', 'b/x', 'c/x', 'd/x']) database.record(name, file('10:1700', '10:1701'));
    database.markJoined();
  });
  return readFile(path, 'utf8');
}

const lines = (text: string) => text.split(/(?<=\n)/);
const DAMAGES: readonly [what: string, damage: (text: string) => string][] = [
  ['nothing in it', () => ''],
  ['other content', () => 'my notes\n'],
  ['a byte order mark before it', (text) => `\ufeff${text}`],
  ['a root key altered', (text) => text.replace('"/a"', '"/z"')],
  ['a joined flag altered', (text) => text.replace('"joined":true', '"joined":null')],
  ['the end cut off', (text) => text.slice(0, -10)],
  ['the last line missing', (text) => lines(text).slice(0, -1).join('')],
  ['cut off in a directory', (text) => text.slice(0, text.indexOf('"c"') + 40)],
  ['a revision altered', (text) => text.replace('10:1700', '10:1709')],
  ['a revision of the last directory altered', (text) => text.replace(/10:1700(?!.*10:1700)/s, '10:1709')],
  ['a checksum altered', (text) => text.replace(/\["[0-9a-f]{2}/, '["zz')],
  [
    'a directory missing',
    (text) =>
      lines(text)
        .filter((line) => !line.includes('"b"'))
        .join(''),
  ],
  [
    'a directory twice',
    (text) =>
      lines(text)
        .flatMap((line) => (line.includes('"b"') ? [line, line] : [line]))
        .join(''),
  ],
  [
    'directories out of order',
    (text) => {
      const [h, a, b, ...rest] = lines(text);
      return [h, b, a, ...rest].join('');
    },
  ],
  ['a line of NULs', (text) => text.replace(/\["[^\n]*"b"[^\n]*/, (line) => '\0'.repeat(line.length))],
];

for (const [what, damage] of DAMAGES) {
  test(`a database with ${what} is refused and not overwritten`, () =>
    withFolder(async (path, folder) => {
      const damagedText = damage(await fill(path));
      await writeFile(path, damagedText);
      assert.deepEqual(await useUp(path), ['damaged']);
      assert.equal(await readFile(path, 'utf8'), damagedText);
      assert.ok(!(await readdir(folder)).some((name) => name.endsWith('.lock') || name.includes('.new')));
      await assert.rejects(rowsOf(path), ({ message, path: where }: { message: string; path: string }) => {
        assert.match(message, /x\.syncdb is damaged: .+ Move it away together with its \.journal file/);
        return where === path;
      });
    }));
}

test('damage that only the closing meets leaves the database and the journal', () =>
  withFolder(async (path) => {
    const damagedText = (await fill(path)).replace('10:1700', '10:1709');
    await writeFile(path, damagedText);
    const database = await open(path);
    database.record('e/x', file('1', '1'));
    await database.commit();
    await assert.rejects(database.close(), { code: 'damaged' });
    assert.equal(await readFile(path, 'utf8'), damagedText);
    assert.match(await readFile(`${path}.journal`, 'utf8'), /"e"/);
  }));

test('every byte that is altered is noticed', () =>
  withFolder(async (path) => {
    const whole = Buffer.from(await fill(path));
    const before = JSON.stringify([...(await rowsOf(path))]);
    for (let at = 0; at < whole.length; at++) {
      const altered = Buffer.from(whole);
      altered.writeUInt8((altered.readUInt8(at) + 1) % 256, at);
      await writeFile(path, altered);
      const seen = await rowsOf(path).then(
        (rows) => JSON.stringify([...rows]),
        (error: { code?: string }) => error.code,
      );
      assert.ok(
        seen === 'damaged' || seen === 'newer-version' || (seen === before && whole[at] !== undefined),
        `byte ${at} (${String.fromCharCode(whole[at] ?? 0)}): ${seen}`,
      );
    }
  }));

test('a database of a newer version is refused by that name', () =>
  withFolder(async (path) => {
    const newer = (await fill(path)).replace('"version":1', '"version":2');
    await writeFile(path, newer);
    assert.deepEqual(await useUp(path), ['newer-version']);
    assert.equal(await readFile(path, 'utf8'), newer);
    await assert.rejects(open(path), /format version 2, this one knows 1\)\. Update sxrun/);
  }));

async function leaveJournal(path: string): Promise<string> {
  const database = await open(path);
  for (const name of ['j1', 'j2', 'j3']) {
    database.record(name, file('1', '1'));
    await database.commit();
  }
  const text = await readFile(`${path}.journal`, 'utf8');
  await database.close();
  return text;
}

test('a journal damaged before its last group is refused, and nothing is overwritten', () =>
  withFolder(async (path) => {
    const before = await fill(path);
    const journal = await leaveJournal(path);
    for (const damage of [
      (text: string) => text.replace('"j1"', '"k1"'),
      (text: string) => text.replace('{"commit":1,', '{"commit":2,'),
      (text: string) => text.replace('"format"', '"fromat"'),
      (text: string) => text.replace('"continues":1', '"continues":2'),
    ]) {
      await writeFile(path, before);
      await writeFile(`${path}.journal`, damage(journal));
      assert.deepEqual(await useUp(path), ['damaged']);
      assert.equal(await readFile(path, 'utf8'), before);
      assert.equal(await readFile(`${path}.journal`, 'utf8'), damage(journal));
    }
    await writeFile(`${path}.journal`, journal.replace('"version":1', '"version":7'));
    assert.deepEqual(await useUp(path), ['newer-version']);
  }));

test('a last group with wrong bytes was never promised: it is dropped', () =>
  withFolder(async (path) => {
    await fill(path);
    const before = await readFile(path, 'utf8');
    const journal = await leaveJournal(path);
    await writeFile(path, before);
    await writeFile(`${path}.journal`, journal.replace('"j3"', '\0\0\0\0'));
    assert.deepEqual([...(await rowsOf(path)).keys()].slice(0, 2), ['j1', 'j2']);
    assert.deepEqual(await useUp(path), []);
    assert.deepEqual([...(await rowsOf(path)).keys()], ['j1', 'j2', 'a/new', 'a/x', 'b/x', 'c/x', 'd/x']);
  }));

test('a journal whose database is gone is refused', () =>
  withFolder(async (path, folder) => {
    await fill(path);
    const journal = await leaveJournal(path);
    const moved = join(folder, 'moved.syncdb');
    await writeFile(`${moved}.journal`, journal);
    await assert.rejects(open(moved), /the database itself is gone/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('moved')),
      ['moved.syncdb.journal'],
    );
  }));

test('a database that cannot be written says where, and what to do', { skip: process.platform === 'win32' }, () =>
  withFolder(async (path, folder) => {
    await fill(path);
    await assert.rejects(open(join(folder, 'missing', 'x.syncdb')), {
      code: 'unwritable',
      message: /missing.*its folder does not exist; make it first/,
    });
    await assert.rejects(open(join(path, 'x.syncdb')), { code: 'unwritable' });
    await mkdir(join(folder, 'is-a-folder.syncdb'));
    await assert.rejects(open(join(folder, 'is-a-folder.syncdb')), { code: 'unreadable' });
    await chmod(path, 0o644);
    await chmod(folder, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await assert.rejects(open(path), { code: 'unwritable', message: /x\.syncdb\.lock cannot be written: .*(EACCES|EPERM)/ });
      assert.equal((await rowsOf(path)).size, 4, 'a simulation only reads');
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(folder, 0o755);
    }
  }),
);
