import type { ProcessIdentity } from '../../machine/process-identity.ts';
import { livenessOf } from '../../machine/process-identity.ts';
import { joinPath, type RelPath } from '../../vfs/path.ts';
import { VfsError, type VfsErrorCode } from '../../vfs/vfs-error.ts';
import { type Entry, NOTHING, type Stamp, type Vfs } from '../../vfs/vfs.ts';
import { formatHolder, type Holder, parseHolder } from './lock-holder.ts';

/** A lock is a folder with one file, `held-ID`, that its holder writes anew from time to time. */
const HELD = 'held-';
/** A lock in the lock: who has it, and nobody else, may take the lock over. */
const TAKING = 'taking';
/** Each round means that somebody took or gave back the lock between two looks. */
const MAX_ROUNDS = 10;
/** Locks in locks: each means that someone died while taking over. */
const MAX_DEPTH = 5;

export interface LockTaker {
  /** Unique to this taking: letters, digits, `-` and `_`. */
  readonly id: string;
  readonly identity: ProcessIdentity;
  readonly staleAfterMs: number;
  /** ms since 1970. */
  readonly now: () => number;
}

export type Attempt =
  | { readonly kind: 'taken'; readonly held: HeldLock }
  /** `holder` undefined: nobody has signed, or the signature cannot be read. */
  | { readonly kind: 'busy'; readonly holder: Holder | undefined };

/**
 * Tries once to take the lock that is the folder `path` of a root. Rejects with VfsError. Why of several takers one succeeds: making the folder succeeds for one;
 * a stale lock is taken over only by who holds the lock `taking` in it, who then looks again, signs first and removes the dead signature after, and gives in
 * when that one has come to life. The folder is only ever removed when it is empty, and who has made it but not signed yet begins again when it is gone.
 */
export async function tryLock(vfs: Vfs, path: RelPath, taker: LockTaker, depth = 0): Promise<Attempt> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (await succeeds(vfs.makeDirectory(path), ['exists'])) {
      const held = await sign(vfs, path, taker);
      if (held !== undefined) return { kind: 'taken', held };
      continue;
    }
    const found = await signatures(vfs, path);
    if (found === undefined) continue;
    const [first] = found;
    if (first === undefined) {
      // At the top it may be the lock of a program that only makes folders; further down it is ours.
      if (depth > 0) await removeIfEmpty(vfs, path);
      else return { kind: 'busy', holder: undefined };
    } else if (depth >= MAX_DEPTH || !found.every((signature) => mayBeStale(signature, taker))) {
      return { kind: 'busy', holder: first.holder };
    } else {
      const attempt = await takeOver(vfs, path, taker, depth);
      if (attempt !== undefined) return attempt;
    }
  }
  return { kind: 'busy', holder: undefined };
}

/** A lock that we hold. */
export class HeldLock {
  readonly vfs: Vfs;
  readonly path: RelPath;
  readonly taker: LockTaker;
  /** Of our signature as we wrote it last. */
  stamp: Stamp;
  readonly #sinceMs: number;

  constructor(at: { readonly vfs: Vfs; readonly path: RelPath }, taker: LockTaker, stamp: Stamp, sinceMs: number) {
    this.vfs = at.vfs;
    this.path = at.path;
    this.taker = taker;
    this.stamp = stamp;
    this.#sinceMs = sinceMs;
  }

  /** Gives a sign of life. False: the lock is lost. Rejects where that cannot be told now. */
  async refresh(): Promise<boolean> {
    const { vfs, path, taker } = this;
    const content = signature(taker, this.#sinceMs);
    try {
      this.stamp = await vfs.write(nameIn(path, taker), content, { expected: { kind: 'file', revision: this.stamp.revision } });
    } catch (error) {
      if (hasCode(error, ['changed', 'not-found'])) return false;
      throw error;
    }
    const found = await signatures(vfs, path);
    if (found?.every(({ id }) => id === taker.id)) return true;
    await this.release();
    return false;
  }

  /** False: it was lost before. */
  async release(): Promise<boolean> {
    const { vfs, path, taker, stamp } = this;
    const isOurs = await succeeds(vfs.removeFile(nameIn(path, taker), { kind: 'file', revision: stamp.revision }), ['changed', 'not-found']);
    await removeIfEmpty(vfs, path);
    return isOurs;
  }
}

interface Signature {
  readonly id: string;
  readonly path: RelPath;
  readonly revision: string;
  /** By the clock of the root; undefined: it keeps none. */
  readonly modifiedMs: number | undefined;
  readonly holder: Holder | undefined;
}

/** undefined: the lock has changed meanwhile; look anew. */
async function takeOver(vfs: Vfs, path: RelPath, taker: LockTaker, depth: number): Promise<Attempt | undefined> {
  const right = await tryLock(vfs, joinPath(path, TAKING), taker, depth + 1).catch((error: unknown) => {
    if (hasCode(error, ['not-found'])) return undefined;
    throw error;
  });
  if (right === undefined) return undefined;
  if (right.kind === 'busy') return right;
  let attempt: Attempt | undefined;
  try {
    attempt = await replaceSignatures(vfs, path, taker, right.held.stamp);
  } finally {
    await right.held.release();
  }
  if (attempt?.kind !== 'taken' && (await signatures(vfs, path))?.length === 0) await removeIfEmpty(vfs, path);
  return attempt;
}

async function replaceSignatures(vfs: Vfs, path: RelPath, taker: LockTaker, now: Stamp): Promise<Attempt | undefined> {
  const found = await signatures(vfs, path);
  if (found === undefined) return undefined;
  const alive = found.find((one) => !isStale(one, taker, now));
  if (alive !== undefined) return { kind: 'busy', holder: alive.holder };
  const held = await sign(vfs, path, taker);
  if (held === undefined) return undefined;
  for (const one of found) {
    const isGone = await succeeds(vfs.removeFile(one.path, { kind: 'file', revision: one.revision }), ['changed', 'not-found']);
    if (isGone || (await vfs.stat(one.path)) === undefined) continue;
    await held.release();
    return { kind: 'busy', holder: one.holder };
  }
  const others = (await signatures(vfs, path))?.filter(({ id }) => id !== taker.id) ?? [];
  if (others[0] === undefined) return { kind: 'taken', held };
  await held.release();
  return { kind: 'busy', holder: others[0].holder };
}

/** undefined: the folder is gone. */
async function sign(vfs: Vfs, path: RelPath, taker: LockTaker): Promise<HeldLock | undefined> {
  const sinceMs = taker.now();
  try {
    const name = nameIn(path, taker);
    const stamp = await vfs.write(name, signature(taker, sinceMs), { expected: NOTHING });
    const held = new HeldLock({ vfs, path }, taker, stamp, sinceMs);
    if ((await parseHolder(vfs.content(name))) !== undefined) return held;
    // What nobody can read could never be found stale.
    if ((await vfs.stat(name))?.kind === 'file') await held.release();
  } catch (error) {
    if (hasCode(error, ['not-found'])) return undefined;
    throw error;
  }
  throw new VfsError('unsupported', path, 'this root keeps no content of files, so it can hold no lock');
}

/** undefined: there is no such folder (any more). */
async function signatures(vfs: Vfs, path: RelPath): Promise<readonly Signature[] | undefined> {
  let entries: readonly Entry[];
  try {
    entries = await vfs.list(path);
  } catch (error) {
    if (hasCode(error, ['not-found'])) return undefined;
    throw error;
  }
  const found: Signature[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'file' || !entry.name.startsWith(HELD)) continue;
    const at = joinPath(path, entry.name);
    const holder = await parseHolder(vfs.content(at));
    found.push({ id: entry.name.slice(HELD.length), path: at, revision: entry.revision, modifiedMs: entry.modifiedMs, holder });
  }
  return found;
}

/** A look that costs nothing: whether it is worth asking the root what time it is there. */
function mayBeStale(one: Signature, taker: LockTaker): boolean {
  const ageMs = taker.now() - (one.modifiedMs ?? one.holder?.refreshedMs ?? taker.now());
  return isDead(one, taker) || ageMs >= taker.staleAfterMs / 2 || ageMs < -1000;
}

/** `now` is what was just written on the same root. */
function isStale(one: Signature, taker: LockTaker, now: Stamp): boolean {
  if (isDead(one, taker)) return true;
  if (one.modifiedMs !== undefined && now.modifiedMs !== undefined) return now.modifiedMs - one.modifiedMs >= taker.staleAfterMs;
  return one.holder !== undefined && taker.now() - one.holder.refreshedMs >= taker.staleAfterMs;
}

function isDead({ holder }: Signature, taker: LockTaker): boolean {
  return holder !== undefined && livenessOf(holder, holder.sinceMs, taker.now()) === 'dead';
}

function signature(taker: LockTaker, sinceMs: number) {
  return formatHolder({ ...taker.identity, sinceMs, refreshedMs: taker.now() });
}

function nameIn(path: RelPath, { id }: LockTaker): RelPath {
  return joinPath(path, `${HELD}${id}`);
}

/** Whoever leaves last takes the folder away; the one who finds it full, or gone, is not the last. */
async function removeIfEmpty(vfs: Vfs, path: RelPath): Promise<void> {
  await succeeds(vfs.removeDirectory(path), ['not-empty', 'not-found']);
}

/** False for the errors named. */
async function succeeds(work: Promise<unknown>, errors: readonly VfsErrorCode[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (hasCode(error, errors)) return false;
    throw error;
  }
}

function hasCode(error: unknown, codes: readonly VfsErrorCode[]): boolean {
  return error instanceof VfsError && codes.includes(error.code);
}
