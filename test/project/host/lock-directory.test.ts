import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Attempt, type HeldLock, type LockTaker, tryLock } from '../../../runtime/project/host/lock-directory.ts';
import { formatHolder } from '../../../runtime/project/host/lock-holder.ts';
import { ownIdentity } from '../../../runtime/machine/process-identity.ts';
import { NOTHING } from '../../../runtime/vfs/vfs.ts';
import { VfsError } from '../../../runtime/vfs/vfs-error.ts';
import { MemoryVfs } from '../../kit/memory-vfs.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';

const ELSEWHERE = { pid: 1, host: 'elsewhere' };

function taker(id: string, clock: { ms: number }, more: Partial<LockTaker> = {}): LockTaker {
  return { id, identity: ELSEWHERE, staleAfterMs: 60_000, now: () => clock.ms, ...more };
}

function memory(clock: { ms: number }): MemoryVfs {
  return new MemoryVfs({ now: () => clock.ms });
}

function held(attempt: Attempt): HeldLock {
  assert.ok(attempt.kind === 'taken', attempt.kind);
  return attempt.held;
}

test('one of two gets the lock, and the folder is gone when it is given back', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  const lock = held(await tryLock(vfs, 'lock', taker('a', clock)));
  const other = await tryLock(vfs, 'lock', taker('b', clock));
  assert.equal(other.kind, 'busy');
  assert.equal(other.kind === 'busy' && other.holder?.host, 'elsewhere');
  assert.equal(await lock.release(), true);
  assert.deepEqual(await vfs.list(''), []);
  held(await tryLock(vfs, 'lock', taker('b', clock)));
});

test('a lock is stale when its holder was silent for so long, and not while it gives signs of life', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  const first = held(await tryLock(vfs, 'lock', taker('a', clock)));
  for (let turn = 0; turn < 10; turn++) {
    clock.ms += 50_000;
    assert.equal((await tryLock(vfs, 'lock', taker('b', clock))).kind, 'busy');
    assert.equal(await first.refresh(), true);
  }
  clock.ms += 59_999;
  assert.equal((await tryLock(vfs, 'lock', taker('b', clock))).kind, 'busy');
  clock.ms += 1;
  const second = held(await tryLock(vfs, 'lock', taker('b', clock)));
  assert.deepEqual(
    (await vfs.list('lock')).map(({ name }) => name),
    ['held-b'],
  );
  assert.equal(await first.refresh(), false);
  assert.equal(await first.release(), false);
  assert.equal(await second.refresh(), true);
  assert.equal(await second.release(), true);
});

test('the clock of the root counts, not that of the machine', async () => {
  const rootClock = { ms: 1e12 };
  const vfs = memory(rootClock);
  held(await tryLock(vfs, 'lock', taker('a', rootClock)));
  const fast = { ms: rootClock.ms + 3_600_000 };
  const slow = { ms: rootClock.ms - 3_600_000 };
  for (const clock of [fast, slow]) assert.equal((await tryLock(vfs, 'lock', taker('b', clock))).kind, 'busy');
  rootClock.ms += 60_000;
  held(await tryLock(vfs, 'lock', taker('c', slow)));
});

test('the lock of a process of this machine that has ended is free at once', { skip: process.platform !== 'linux' }, async () => {
  const clock = { ms: Date.now() };
  const vfs = memory(clock);
  const dead = { ...ownIdentity(), pid: 2 ** 22 + 1, processStart: '1' };
  held(await tryLock(vfs, 'lock', taker('a', clock, { identity: dead })));
  held(await tryLock(vfs, 'lock', taker('b', clock, { identity: ownIdentity() })));
});

test('a folder that nobody has signed is never taken over nor removed', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  await vfs.makeDirectory('lock');
  clock.ms += 1e9;
  assert.deepEqual(await tryLock(vfs, 'lock', taker('a', clock)), { kind: 'busy', holder: undefined });
  assert.equal((await vfs.stat('lock'))?.kind, 'directory');
});

test('who died while taking over does not block the others', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  await vfs.makeDirectory('lock');
  const old = formatHolder({ ...ELSEWHERE, sinceMs: 1, refreshedMs: 1 });
  await vfs.write('lock/held-a', old, { expected: NOTHING });
  await vfs.write('lock/held-b', old, { expected: NOTHING });
  await vfs.makeDirectory('lock/taking');
  await vfs.write('lock/taking/held-b', old, { expected: NOTHING });
  clock.ms += 60_000;
  held(await tryLock(vfs, 'lock', taker('c', clock)));
  assert.deepEqual(
    (await vfs.list('lock')).map(({ name }) => name),
    ['held-c'],
  );
});

test('a root that keeps nothing holds no lock, and a file in the place is an error', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  await vfs.write('lock', formatHolder({ ...ELSEWHERE, sinceMs: 1, refreshedMs: 1 }), { expected: NOTHING });
  await assert.rejects(tryLock(vfs, 'lock', taker('a', clock)), (error) => error instanceof VfsError && error.code === 'wrong-kind');
  await assert.rejects(tryLock(vfs, 'none/lock', taker('a', clock)), (error) => error instanceof VfsError && error.code === 'not-found');
});

test('garbage in the place of a signature is no crash, and stale like any other', async () => {
  const clock = { ms: 1e12 };
  const vfs = memory(clock);
  for (const [index, text] of [
    '',
    '{',
    'null',
    '{"pid":"x"}',
    JSON.stringify({ pid: 1, host: 'h', sinceMs: 1e300, refreshedMs: 1 }),
    'x'.repeat(10_000),
  ].entries()) {
    const path = `lock${index}`;
    await vfs.makeDirectory(path);
    const bytes = Buffer.from(text);
    await vfs.write(
      `${path}/held-x`,
      {
        size: bytes.length,
        open: async function* () {
          yield bytes;
        },
      },
      { expected: NOTHING },
    );
    assert.deepEqual(await tryLock(vfs, path, taker('a', clock)), { kind: 'busy', holder: undefined });
  }
  clock.ms += 60_000;
  for (let index = 0; index < 6; index++) held(await tryLock(vfs, `lock${index}`, taker('a', clock)));
});

test('of many that try at the same time for a free and for a stale lock, one gets it', async () => {
  for (let round = 0; round < 30; round++) {
    const clock = { ms: 1e12 };
    const vfs = memory(clock);
    if (round % 2 === 0) {
      held(await tryLock(vfs, 'lock', taker('dead', clock)));
      clock.ms += 60_000;
    }
    const attempts = await Promise.all(Array.from({ length: 8 }, (_, index) => tryLock(vfs, 'lock', taker(`t${index}`, clock))));
    const taken = attempts.filter(({ kind }) => kind === 'taken').length;
    assert.ok(taken <= 1, `${taken} have the lock`);
    if (taken === 0) held(await tryLock(vfs, 'lock', taker('late', clock)));
  }
});

test('of many processes that race for a stale lock again and again, one at a time has it', async (context) => {
  const folder = await temporaryFolder(context);
  const worker = fileURLToPath(new URL('./race-for-lock.ts', import.meta.url));
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', worker, folder], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const outputs = await Promise.all(
    children.map(async (child) => {
      let text = '';
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString();
      });
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0);
      return text;
    }),
  );
  const wins = outputs.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  assert.deepEqual(
    wins.filter((line) => line !== 'won'),
    [],
  );
  assert.ok(wins.length >= 4, `${wins.length} wins`);
  assert.deepEqual(await readdir(folder), []);
});

test('a lock on a disk is stale by the time of its file', async (context) => {
  const { openLocal } = await import('../../../runtime/vfs/backends/local/open-local.ts');
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, 'lock'));
  await writeFile(join(folder, 'lock', 'held-x'), JSON.stringify({ ...ELSEWHERE, sinceMs: 1, refreshedMs: 1 }));
  const vfs = await openLocal(folder, { followLinks: false, signal: new AbortController().signal, flushEachFile: false });
  context.after(() => vfs.close());
  const clock = { ms: Date.now() };
  assert.equal((await tryLock(vfs, 'lock', taker('a', clock))).kind, 'busy');
  const old = Date.now() / 1000 - 120;
  await utimes(join(folder, 'lock', 'held-x'), old, old);
  const lock = held(await tryLock(vfs, 'lock', taker('a', { ms: Date.now() })));
  assert.equal(await lock.release(), true);
  assert.deepEqual(await readdir(folder), []);
});
