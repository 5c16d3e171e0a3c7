import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { keepFile } from '../../runtime/machine/keep-file.ts';
import { keptFile } from '../../runtime/machine/kept-file.ts';

const NONE = { files: 100, bytes: 1e6 };
const POSIX = { skip: process.platform === 'win32' };

function temporary(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), 'sxrun-kept-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return join(base, 'sub', 'cache');
}

async function keep(folder: string, name: string, text: string, limits = NONE): Promise<void> {
  await keepFile(folder, name, Buffer.from(text), limits);
}

function kept(folder: string, name: string): string | undefined {
  return keptFile(folder, name)?.toString();
}

/** That file was used so many days ago. */
function age(folder: string, name: string, days: number): void {
  const seconds = Date.now() / 1000 - days * 86_400;
  utimesSync(join(folder, name), seconds, seconds);
}

test('what is kept is there again, and replaced by what is kept later', async (t) => {
  const folder = temporary(t);
  assert.equal(kept(folder, 'a.x'), undefined);
  await keep(folder, 'a.x', 'one');
  assert.equal(kept(folder, 'a.x'), 'one');
  await keep(folder, 'a.x', 'two');
  assert.equal(kept(folder, 'a.x'), 'two');
  assert.deepEqual(readdirSync(folder), ['a.x']);
});

test('only the user can look into the folder and the files', POSIX, async (t) => {
  const folder = temporary(t);
  await keep(folder, 'a.x', 'one');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'a.x')).mode & 0o777, 0o600);
});

test('a damaged file is none', async (t) => {
  const folder = temporary(t);
  await keep(folder, 'a.x', 'content');
  const path = join(folder, 'a.x');
  const bytes = readFileSync(path);
  for (const at of [0, 31, 32, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(path, damaged);
    assert.equal(kept(folder, 'a.x'), undefined, `changed at ${at}`);
  }
  for (const length of [0, 10, 32, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    assert.equal(kept(folder, 'a.x'), undefined, `${length} bytes`);
  }
  writeFileSync(path, bytes);
  assert.equal(kept(folder, 'a.x'), 'content');
});

test('what others could have written is not believed, and nothing is kept beside it', POSIX, async (t) => {
  const folder = temporary(t);
  await keep(folder, 'a.x', 'one');
  chmodSync(join(folder, 'a.x'), 0o620);
  assert.equal(kept(folder, 'a.x'), undefined, 'a file that a group may write');
  chmodSync(join(folder, 'a.x'), 0o644);
  assert.equal(kept(folder, 'a.x'), 'one', 'one that others may only read');
  chmodSync(folder, 0o777);
  assert.equal(kept(folder, 'a.x'), undefined, 'a folder that everybody may write');
  await keep(folder, 'b.x', 'two');
  assert.deepEqual(readdirSync(folder), ['a.x']);
});

test('of too many files those go that were not used for the longest time', async (t) => {
  const folder = temporary(t);
  for (const [name, days] of [
    ['a.x', 3],
    ['b.x', 9],
    ['c.x', 5],
    ['other.y', 20],
  ] as const) {
    await keep(folder, name, name);
    age(folder, name, days);
  }
  assert.equal(kept(folder, 'b.x'), 'b.x', 'which counts as a use');
  await keep(folder, 'd.x', 'd', { files: 3, bytes: 1e6 });
  assert.deepEqual(readdirSync(folder).sort(), ['a.x', 'b.x', 'd.x', 'other.y']);
});

test('of too many bytes as well, but the newest stays whatever its size', async (t) => {
  const folder = temporary(t);
  await keep(folder, 'a.x', 'a'.repeat(100));
  age(folder, 'a.x', 2);
  await keep(folder, 'b.x', 'b'.repeat(100), { files: 9, bytes: 300 });
  assert.deepEqual(readdirSync(folder).sort(), ['a.x', 'b.x']);
  await keep(folder, 'c.x', 'c'.repeat(500), { files: 9, bytes: 300 });
  assert.deepEqual(readdirSync(folder), ['c.x']);
});

test('what a killed process left unfinished goes after a while', async (t) => {
  const folder = temporary(t);
  await keep(folder, 'a.x', 'one');
  for (const name of ['a.x.0123456789ab.tmp', 'b.x.0123456789ab.tmp']) writeFileSync(join(folder, name), '');
  age(folder, 'b.x.0123456789ab.tmp', 1);
  await keep(folder, 'a.x', 'two');
  assert.deepEqual(readdirSync(folder).sort(), ['a.x', 'a.x.0123456789ab.tmp']);
});

test('where nothing can be kept, nothing is', async (t) => {
  const folder = temporary(t);
  mkdirSync(join(folder, '..'), { recursive: true });
  writeFileSync(folder, 'a file in the way');
  await keep(folder, 'a.x', 'one');
  assert.equal(kept(folder, 'a.x'), undefined);
  assert.ok(existsSync(folder));
});
