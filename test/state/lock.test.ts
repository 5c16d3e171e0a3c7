import assert from 'node:assert/strict';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { holdFolder } from '../../runtime/machine/held-folder.ts';
import { type Disk, diskIn, realDisk } from '../../runtime/state/disk.ts';
import { takeLock } from '../../runtime/state/lock.ts';
import { ownIdentity } from '../../runtime/machine/process-identity.ts';
import { CrashingDisk } from './fixtures/crashing-disk.ts';
import { withFolder } from './fixtures/database-kit.ts';
import { startChild } from './fixtures/start-child.ts';

const NOW = 1_700_000_000_000;
const take = (path: string, disk: Disk = realDisk) => takeLock(path, { now: () => NOW, disk, holds: 'the sync database X' });
const holder = (changes: Record<string, unknown>) => JSON.stringify({ ...ownIdentity(), id: 'abc', sinceMs: NOW, ...changes });
/** Beyond the largest pid that any system gives. */
const DEAD = { pid: 2 ** 30 };

const withLock = (story: (path: string, folder: string) => Promise<void>) => withFolder((path, folder) => story(`${path}.lock`, folder));

test('a lock is taken once, and again after its release', () =>
  withLock(async (path, folder) => {
    const first = take(path);
    assert.throws(() => take(path), { code: 'locked', path });
    first.release();
    take(path).release();
    assert.deepEqual(await readdir(folder), []);
  }));

test('a refusal names who holds the lock since when', () =>
  withLock(async (path) => {
    const lock = take(path);
    const who = new RegExp(`process ${process.pid} on ${ownIdentity().host}, since 2023-11-14T22:13:20.000Z\\) uses the sync database X`);
    assert.throws(() => take(path), who);
    lock.release();
  }));

test('the lock of a dead process is taken over', () =>
  withLock(async (path, folder) => {
    await writeFile(path, holder(DEAD));
    const lock = take(path);
    assert.equal(JSON.parse(await readFile(path, 'utf8')).pid, process.pid);
    assert.deepEqual(await readdir(folder), [basename(path)]);
    lock.release();
  }));

test('a killed process’s lock is taken over, also while its parent has not asked for it', { skip: process.platform !== 'linux' }, () =>
  withLock(async (path) => {
    const child = startChild('take-lock', []);
    assert.equal(await child.line(), 'ready');
    child.process.stdin?.write(`${path}\n`);
    assert.equal(await child.line(), 'taken');
    assert.throws(() => take(path), { code: 'locked' });
    child.process.kill('SIGKILL');
    // Nothing is awaited here, so Node does not ask for the child either.
    const deadline = performance.now() + 20_000;
    const takeWhenDead = (): { release(): void } => {
      for (;;) {
        try {
          return take(path);
        } catch (error) {
          if (performance.now() > deadline) throw error;
        }
      }
    };
    takeWhenDead().release();
    await once(child.process, 'exit');
  }),
);

test('a pid that was given to another process since is no holder', { skip: process.platform !== 'linux' }, () =>
  withLock(async (path) => {
    await writeFile(path, holder({ processStart: '1' }));
    take(path).release();
  }),
);

test('a holder from before the last boot is dead', { skip: process.platform !== 'linux' }, () =>
  withLock(async (path) => {
    await writeFile(path, holder({ boot: 'another' }));
    take(path).release();
  }),
);

for (const [where, changes] of [
  ['on another host', { host: 'nas', boot: 'another', ...DEAD }],
  ['on another machine of the same name', { machine: 'another', boot: 'another', ...DEAD }],
  ['in another container', { pidSpace: 'pid:[1]', ...DEAD }],
] as const) {
  test(`a holder ${where} is never taken over, and the message names the file to remove`, () =>
    withLock(async (path) => {
      await writeFile(path, holder(changes));
      const before = await readFile(path, 'utf8');
      assert.throws(
        () => take(path),
        (error: { code: string; message: string }) => {
          assert.match(error.message, /on another machine or in another container.*cannot be told from here: if it surely does not, remove /);
          return error.code === 'locked' && error.message.includes(path);
        },
      );
      assert.equal(await readFile(path, 'utf8'), before);
    }));
}

test('a lock that is just being written is respected, one that never was written is not', () =>
  withLock(async (path) => {
    for (const text of ['', '{"id":"a', '[]', '{"id":"../../x","pid":1,"host":"h","sinceMs":1}', 'null']) {
      await writeFile(path, text);
      await utimes(path, NOW / 1000 - 9, NOW / 1000 - 9);
      assert.throws(() => take(path), { code: 'locked', message: /just taking/ });
      await utimes(path, NOW / 1000 - 11, NOW / 1000 - 11);
      take(path).release();
    }
  }));

test('a slow taker does not remove the lock of a quicker one', () =>
  withLock(async (path, folder) => {
    await writeFile(path, holder(DEAD));
    let quick: { release(): void } | undefined;
    const slowDisk: Disk = {
      ...realDisk,
      open(file, how, mode) {
        // The slow one has found the holder dead and is about to claim the right to remove its lock.
        if (file !== path && quick === undefined) quick = take(path);
        return realDisk.open(file, how, mode);
      },
    };
    assert.throws(() => take(path, slowDisk), { code: 'locked' });
    assert.deepEqual(await readdir(folder), [basename(path)], 'the quick one still has it');
    quick?.release();
    assert.deepEqual(await readdir(folder), []);
  }));

test('a taker that comes while another removes the dead lock is refused', () =>
  withLock(async (path) => {
    await writeFile(path, holder(DEAD));
    const disk: Disk = {
      ...realDisk,
      remove(file) {
        if (file === path) assert.throws(() => take(path), { code: 'locked' });
        realDisk.remove(file);
      },
    };
    take(path, disk).release();
  }));

test('a taker that died while it removed a dead lock is taken over too', () =>
  withLock(async (path, folder) => {
    await writeFile(path, holder(DEAD));
    await writeFile(`${path}.abc.syncdb.lock`, holder({ ...DEAD, id: 'def' }));
    take(path).release();
    assert.deepEqual(await readdir(folder), []);
  }));

test('a process killed at any step of a take-over, and the next one too, leaves a lock that is taken and nothing else', () =>
  withLock(async (path, folder) => {
    /** Takes and gives back, killed at a step; false: it was done before. What it wrote is by a process that is dead then. */
    const killedAt = async (step: number): Promise<boolean> => {
      const disk = new CrashingDisk(step);
      try {
        take(path, disk).release();
      } catch (error) {
        if (!disk.isDead) throw error;
      }
      for (const name of await readdir(folder)) {
        const file = join(folder, name);
        const text = await readFile(file, 'utf8');
        if (text.endsWith('\n')) await writeFile(file, JSON.stringify({ ...JSON.parse(text), ...DEAD }));
        else await utimes(file, NOW / 1000 - 11, NOW / 1000 - 11);
      }
      return disk.isDead;
    };
    for (let first = 0, isKilled = true; isKilled; first++) {
      for (let second = 0, isKilledAgain = true; isKilledAgain; second++) {
        await writeFile(path, holder(DEAD));
        isKilled = await killedAt(first);
        isKilledAgain = await killedAt(second);
        const lock = take(path);
        assert.deepEqual(await readdir(folder), [basename(path)], `killed at steps ${first} and ${second}`);
        lock.release();
        assert.deepEqual(await readdir(folder), []);
      }
    }
  }));

test('a taker that was held up while it wrote, and whose lock was removed meanwhile, does not hold it', () =>
  withLock(async (path) => {
    let quick: { release(): void } | undefined;
    const slowDisk: Disk = {
      ...realDisk,
      write(fd, bytes, position) {
        if (quick === undefined) {
          utimesSync(path, NOW / 1000 - 11, NOW / 1000 - 11);
          quick = take(path);
        }
        realDisk.write(fd, bytes, position);
      },
    };
    assert.throws(() => take(path, slowDisk), { code: 'locked' });
    assert.throws(() => take(path), { code: 'locked' });
    quick?.release();
  }));

test('what another lock of the folder left is not touched', () =>
  withLock(async (path, folder) => {
    const others = ['other.syncdb.lock.abc.syncdb.lock', 'x.syncdb.lockabc.syncdb.lock', `${basename(path)}.abc`];
    for (const name of others) await writeFile(join(folder, name), holder(DEAD));
    take(path).release();
    assert.deepEqual((await readdir(folder)).sort(), others.sort());
  }));

test('a release leaves a lock that is not its own any more', () =>
  withLock(async (path) => {
    const lock = take(path);
    await rm(path);
    await writeFile(path, holder({ id: 'somebody-else' }));
    lock.release();
    assert.match(await readFile(path, 'utf8'), /somebody-else/);
  }));

test('of several processes that take over a dead lock at once exactly one gets it', () =>
  withLock(async (path) => {
    const children = Array.from({ length: 4 }, () => startChild('take-lock', []));
    const lines = () => Promise.all(children.map((child) => child.line()));
    try {
      await lines();
      for (let round = 0; round < 25; round++) {
        await writeFile(path, holder({ ...DEAD, id: `dead-${round}` }));
        for (const { process: child } of children) child.stdin?.write(`${path}\n`);
        assert.deepEqual((await lines()).sort(), ['locked', 'locked', 'locked', 'taken'], `round ${round}`);
        for (const { process: child } of children) child.stdin?.write('release\n');
        await lines();
      }
    } finally {
      for (const { process: child } of children) child.stdin?.end();
      await Promise.all(children.map(({ process: child }) => child.exitCode ?? once(child, 'exit')));
    }
  }));

test(
  'a lock is looked at and given back in the folder that was permitted, whatever link takes its place',
  { skip: process.platform !== 'linux' },
  () =>
    withFolder(async (_, folder) => {
      for (const name of ['d', 'victim']) await mkdir(join(folder, name));
      await symlink('victim', join(folder, 'evil'));
      const held = holdFolder(join(folder, 'd'));
      const path = join(folder, 'd/x.lock');
      const lock = take(path, diskIn(held));
      const theirs = await readFile(path, 'utf8');
      for (const name of ['x.lock', 'x.lock.old.syncdb.lock']) await writeFile(join(folder, 'victim', name), theirs);
      await rename(join(folder, 'd'), join(folder, 'd2'));
      await rename(join(folder, 'evil'), join(folder, 'd'));
      assert.throws(() => take(path, diskIn(held)), { code: 'locked' });
      lock.release();
      take(path, diskIn(held)).release();
      held.close();
      assert.deepEqual(await readdir(join(folder, 'd2')), []);
      assert.deepEqual((await readdir(join(folder, 'victim'))).sort(), ['x.lock', 'x.lock.old.syncdb.lock']);
    }),
);
