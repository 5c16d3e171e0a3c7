import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** Who makes transfer names: this process on this machine. Sent to the worker threads. */
export interface NameMaker {
  /** Eight hex digits for the machine (and, on Linux, its process number space: a container's process 7 is not ours). */
  readonly host: string;
  readonly pid: number;
  /** Random, six characters: tells this process from an earlier one with the same number. */
  readonly token: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const NAME = /^\.sxrun-([0-9a-f]{8})-(\d{1,10})-([0-9a-z]{6})([0-9a-z]+)\.(part|aside)$/;
let maker: NameMaker | undefined;
const asideInFlight = new Set<string>();

/** Only for the main thread; workers get it with their first message, so that a process has one token. */
export function thisProcess(): NameMaker {
  maker ??= { host: hostMark(), pid: process.pid, token: randomBytes(6).toString('hex').slice(0, 6) };
  return maker;
}

function hostMark(): string {
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the machine's name alone.
  }
  let machine = '';
  try {
    machine = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // No such file on this system.
  }
  return createHash('sha256').update(`${hostname()}\0${machine}\0${space}`).digest('hex').slice(0, 8);
}

/**
 * Names for one thread's unfinished files: `.sxrun-HOST-PID-RANDOM.part`, at most 48 bytes, so that they fit wherever a name of 255 bytes does.
 * `thread` is one lower-case letter or digit.
 */
export function partNames(by: NameMaker, thread: string): () => string {
  let count = 0;
  return () => `.sxrun-${by.host}-${by.pid}-${by.token}${thread}${(count++).toString(36)}.part`;
}

/** A fresh name for a folder that things are set aside in; `release` it when it is gone. */
export function takeAsideName(): string {
  const by = thisProcess();
  const name = `.sxrun-${by.host}-${by.pid}-${by.token}${randomBytes(3).toString('hex')}.aside`;
  asideInFlight.add(name);
  return name;
}

export function releaseAsideName(name: string): void {
  asideInFlight.delete(name);
}

/**
 * - `stale`: its maker is gone (a dead process of this machine; another machine's and untouched for a day; ours and given up).
 * - `live`: its maker may still be at work.
 * - `foreign`: no name of ours after all.
 */
export function leftoverState(name: string, changedMs: number, by: NameMaker, nowMs: number): 'stale' | 'live' | 'foreign' {
  const match = NAME.exec(name);
  if (match === null) return 'foreign';
  const [, host, pid, token, , kind] = match;
  if (host !== by.host) return nowMs - changedMs > DAY_MS ? 'stale' : 'live';
  if (Number(pid) !== by.pid) return isAlive(Number(pid)) ? 'live' : 'stale';
  if (token !== by.token) return 'stale';
  // Other threads do not know which of ours are in use.
  return kind === 'aside' && isMainThread && !asideInFlight.has(name) ? 'stale' : 'live';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
