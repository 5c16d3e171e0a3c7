import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { type LockHolder, parseLockHolder } from '../../../machine/lock-holder.ts';
import { livenessOf, ownIdentity } from '../../../machine/process-identity.ts';
import { errnoOf, systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';

/** What the file holds, as JSON. */
/** A file without a holder for so long was not just being written: its writer died between the two steps. */
const UNWRITTEN_MS = 10_000;
/** Each round means that somebody else took or gave back the lock between two looks. */
const MOST_ROUNDS = 20;

/**
 * Takes the lock that is the file `path`, made exclusively; gives what releases it. A dead holder's lock is taken over, and of several takers one succeeds.
 * Throws VfsError `locked`, naming the holder, and whatever the system says.
 */
export function takeArchiveLock(path: string): () => void {
  const own: LockHolder = { id: randomBytes(9).toString('base64url'), sinceMs: Date.now(), ...ownIdentity() };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (create(path, own)) return () => release(path, own);
    const found = look(path);
    if (found === undefined) continue;
    if (!found.isDead) throw new VfsError('locked', '', `another run (${found.who}) is writing into the archive; wait for it to end${found.advice}`);
    removeDead(path, found.id);
  }
  throw new VfsError('locked', '', 'other runs take and give back the archive all the time; try again later');
}

/** Whether somebody died while he held the lock. */
export function isLeftByDead(path: string): boolean {
  return look(path)?.isDead === true;
}

/** Whether somebody holds the lock who lives, as far as can be told. */
export function isHeld(path: string): boolean {
  return look(path)?.isDead === false;
}

function create(path: string, own: LockHolder): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw systemError(error, '');
  }
  try {
    writeSync(fd, `${JSON.stringify(own)}\n`);
    return true;
  } catch (error) {
    unlinkSync(path);
    throw systemError(error, '');
  } finally {
    closeSync(fd);
  }
}

/** Only who holds the lock on that very holder may do so, and looks again first: so a slow taker never removes the lock of a quicker one. */
function removeDead(path: string, id: string): void {
  const giveBack = takeArchiveLock(`${path.replace(/\.part$/, '')}-${id}.part`);
  try {
    if (look(path)?.id === id) unlinkSync(path);
  } catch (error) {
    throw systemError(error, '');
  } finally {
    giveBack();
  }
}

function release(path: string, own: LockHolder): void {
  if (look(path)?.id === own.id) unlinkSync(path);
}

interface Found {
  readonly id: string;
  readonly isDead: boolean;
  readonly who: string;
  readonly advice: string;
}

/** undefined: no lock there (any more). */
function look(path: string): Found | undefined {
  try {
    const { ino, mtimeMs } = statSync(path);
    const holder = parseLockHolder(readFileSync(path, 'utf8'));
    if (holder === undefined) {
      return { id: `empty-${ino}-${Math.trunc(mtimeMs)}`, isDead: Date.now() - mtimeMs >= UNWRITTEN_MS, who: 'just starting', advice: '' };
    }
    const liveness = livenessOf(holder, holder.sinceMs, Date.now());
    const who = `process ${holder.pid} on ${holder.host}, since ${new Date(holder.sinceMs).toISOString()}`;
    const advice =
      liveness === 'elsewhere' ? `. From here nobody can tell whether it lives: if it surely does not, remove ${basename(path)} beside it` : '';
    return { id: holder.id, isDead: liveness === 'dead', who, advice };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw systemError(error, '');
  }
}
