import { randomBytes } from 'node:crypto';
import { closeSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Disk } from './disk.ts';
import { openFile } from '../machine/open-file.ts';
import { type LockHolder, parseLockHolder } from '../machine/lock-holder.ts';
import { livenessOf, ownIdentity } from '../machine/process-identity.ts';
import { StateError, translated, translating } from './state-error.ts';

export interface LockOptions {
  /** ms since 1970. */
  readonly now: () => number;
  readonly disk: Disk;
  /** For messages: `the sync database /home/me/x.syncdb`. */
  readonly holds: string;
}

export interface Lock {
  /** Removes the lock file if it is still ours. */
  release(): void;
}

/** A file that holds no holder for so long was not just being written: its writer died between the two steps. */
const UNWRITTEN_MS = 10_000;
/** Each round means that somebody else took or gave back the lock between two looks. */
const MAX_ROUNDS = 20;

/**
 * Takes the lock that is the file `path`, made exclusively. A dead holder's lock is taken over; of several takers one succeeds.
 * A process that is killed leaves the file to be taken over. Throws StateError `locked` (naming who holds it and since when), `unwritable`.
 */
export function takeLock(path: string, options: LockOptions): Lock {
  const lock = take(path, options);
  clearRights(path, lock.id, options.disk);
  return lock;
}

interface TakenLock extends Lock {
  readonly id: string;
}

function take(path: string, options: LockOptions): TakenLock {
  const own: LockHolder = { id: randomBytes(9).toString('base64url'), sinceMs: options.now(), ...ownIdentity() };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // Who takes long to write may find its lock taken for one that was never written, and removed.
    if (create(path, own, options.disk) && look(path, options.disk)?.id === own.id)
      return { id: own.id, release: () => release(path, own, options.disk) };
    const found = look(path, options.disk);
    if (found !== undefined) ensureDead(path, found, options);
    if (found !== undefined) removeDead(path, found, options);
  }
  throw new StateError('locked', path, `${options.holds} is taken and given back by other runs all the time. Try again later.`);
}

function create(path: string, own: LockHolder, disk: Disk): boolean {
  let fd: number;
  try {
    fd = disk.open(path, 'create', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw translated('unwritable', path, error);
  }
  try {
    disk.write(fd, Buffer.from(`${JSON.stringify(own)}\n`), 0);
    return true;
  } catch (error) {
    disk.remove(path);
    throw translated('unwritable', path, error);
  } finally {
    disk.close(fd);
  }
}

/**
 * Removes the lock of the dead holder `found`. Only who holds the lock on that very holder may do so, and looks again first; so a slow taker
 * never removes the lock of a quicker one.
 */
function removeDead(path: string, found: Found, options: LockOptions): void {
  const right = take(`${path}.${found.id}${RIGHT_ENDING}`, options);
  try {
    if (look(path, options.disk)?.id === found.id) options.disk.remove(path);
  } catch (error) {
    throw translated('unwritable', path, error);
  } finally {
    right.release();
  }
}

const RIGHT_ENDING = '.syncdb.lock';

/**
 * A process that is killed while it removes a dead holder's lock leaves its right to do so. Whoever holds the lock clears all such rights but those on itself: they
 * are about holders that are gone for good, so whoever has one, or gets it once more, finds nothing to remove. What cannot be cleared is left to the next run.
 */
function clearRights(path: string, ownId: string, disk: Disk): void {
  const [folder, prefix] = [dirname(path), `${basename(path)}.`];
  try {
    for (const name of readdirSync(dirname(disk.place(path)))) {
      if (name.startsWith(prefix) && name.endsWith(RIGHT_ENDING) && !name.startsWith(`${prefix}${ownId}.`)) disk.remove(join(folder, name));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function release(path: string, own: LockHolder, disk: Disk): void {
  if (look(path, disk)?.id === own.id) translating('unwritable', path, () => disk.remove(path));
}

interface Found {
  readonly id: string;
  /** undefined: the file holds none (yet). */
  readonly holder: LockHolder | undefined;
  readonly changedMs: number;
}

/** undefined: no lock there (any more). */
function look(path: string, disk: Disk): Found | undefined {
  try {
    const stats = statSync(disk.place(path));
    const holder = parseLockHolder(contentOf(disk.place(path)));
    return { id: holder?.id ?? `empty-${stats.ino}-${Math.trunc(stats.mtimeMs)}`, holder, changedMs: stats.mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw translated('unreadable', path, error);
  }
}

function contentOf(path: string): string {
  const fd = openFile(path, constants.O_RDONLY);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function ensureDead(path: string, { holder, changedMs }: Found, { now, holds }: LockOptions): void {
  if (holder === undefined) {
    if (now() - changedMs >= UNWRITTEN_MS) return;
    throw new StateError('locked', path, `Another run is just taking ${holds}. Try again when it is done.`);
  }
  const liveness = livenessOf(holder, holder.sinceMs, now());
  if (liveness === 'dead') return;
  const who = `process ${holder.pid} on ${holder.host}, since ${new Date(holder.sinceMs).toISOString()}`;
  if (liveness === 'alive') throw new StateError('locked', path, `Another run (${who}) uses ${holds}. Wait for it to end, or end it.`);
  const advice = `Whether that run still lives cannot be told from here: if it surely does not, remove ${path}`;
  throw new StateError('locked', path, `Another run (${who}), on another machine or in another container, uses ${holds}. ${advice}.`);
}
