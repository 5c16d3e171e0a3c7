import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { LockMethods } from '../../../sdk/lock-protocol.ts';
import { printable } from '../../printable.ts';
import { ownIdentity } from '../../machine/process-identity.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { fileFailureOf } from '../sync-failure.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
import { type HeldLock, tryLock } from './lock-directory.ts';
import type { Holder } from './lock-holder.ts';
import { aboutUrl, addressOf, holdPlaces, permit, type WantedPlace } from './xfile-places.ts';
import { createOpenedRoots } from './xfile-roots.ts';
import { requireParent } from './xfile-write.ts';

/** A sign of life is given so often in the time after which a lock is stale, but every minute at least. */
const SIGNS = 4;
const LONGEST_BETWEEN_MS = 60_000;
const SHORTEST_STALE_MS = 1000;
/** How long to wait before looking again whether a lock is free. */
const LOOK_MS = 500;

/** Each keeps a root open, and a script that takes locks and forgets them would use up the files that we may open. */
const MOST_LOCKS = 100;

interface OpenLock {
  readonly url: string;
  release(): Promise<boolean>;
}

const locks = new WeakMap<HostContext, Map<number, OpenLock>>();
/** Those that are held or waited for. */
const begun = new WeakMap<HostContext, Set<number>>();
let lastLock = 0;

const time = 'a span of time';
const staleAfter = `${time} of a second or more`;

/** `lock`: a folder that only one at a time can make. */
export const lockFunctions: HostFunctions<keyof LockMethods> = {
  'lock.take': {
    request: z.strictObject({
      url: z
        .string({ error: 'the path of a folder or another root URL' })
        .check(z.minLength(1, { error: 'the path of a folder or another root URL' })),
      staleAfterMs: z.number({ error: staleAfter }).check(z.gte(SHORTEST_STALE_MS, { error: staleAfter })),
      waitMs: z.number({ error: time }).check(z.gte(0, { error: time })),
    }),
    run: take,
  },
  'lock.release': {
    request: z.strictObject({ lock: z.number({ error: 'the number of a lock' }) }),
    run: release,
  },
};

async function take(request: LockMethods['lock.take']['request'], context: HostContext): Promise<{ lock: number }> {
  const { url } = request;
  refuseUnseen(url, context);
  const wanted: WantedPlace = { url, access: 'read and write', itself: true };
  const number = ++lastLock;
  if (context.simulation) {
    await permit([wanted], context);
    context.suppress(`take the lock ${printable(url)}`);
    return { lock: number };
  }
  const all = begun.get(context) ?? new Set();
  begun.set(context, all);
  if (all.size >= MOST_LOCKS)
    throw new ScriptCallError({ code: 'options', message: `lock: ${MOST_LOCKS} locks are held or waited for; release some before`, path: url });
  all.add(number);
  // A lock is given back even after the second Ctrl-C, which ends all else that files are used by.
  const roots = createOpenedRoots({ signal: new AbortController().signal, flushEachFile: false, openRoot: context.openRoot });
  try {
    const [place] = await holdPlaces([wanted], context, roots);
    if (place === undefined) throw new RangeError('a place was not opened');
    const held = await aboutUrl(url, () => requireParent(place.place, waitFor(request, place.place, context)));
    keep(number, { url, held, closeRoots: () => roots.close() }, context);
    return { lock: number };
  } catch (error) {
    all.delete(number);
    await roots.close();
    throw error;
  }
}

/** An archive in another root is changed in memory and written as a whole: two would take the same lock, and neither see the other. */
function refuseUnseen(url: string, context: HostContext): void {
  const { base } = addressOf(url, context);
  if (base.kind !== 'zip' || (base.archive.base.kind === 'local' && base.archive.layers.length === 0)) return;
  const message = `lock: ${printable(url)} is in an archive that lies in another root, where others would not see it; name a folder beside the archive`;
  throw new ScriptCallError({ code: 'options', message, path: url });
}

async function waitFor(
  { url, staleAfterMs, waitMs }: LockMethods['lock.take']['request'],
  { vfs, path }: { readonly vfs: HeldLock['vfs']; readonly path: string },
  { signal }: HostContext,
): Promise<HeldLock> {
  const started = performance.now();
  const taker = { id: randomBytes(9).toString('base64url'), identity: ownIdentity(), staleAfterMs, now: Date.now };
  for (;;) {
    const attempt = await tryLock(vfs, path, taker);
    if (attempt.kind === 'taken') return attempt.held;
    const left = waitMs - (performance.now() - started);
    if (left <= 0) throw new ScriptCallError({ code: 'locked', message: heldMessage(url, attempt.holder, staleAfterMs), path: url });
    await sleep(Math.min(LOOK_MS, left), undefined, { signal }).catch(() => {
      throw new ScriptCallError({ code: 'interrupted', message: 'interrupted' });
    });
  }
}

function heldMessage(url: string, holder: Holder | undefined, staleAfterMs: number): string {
  if (holder === undefined) {
    return `the lock ${printable(url)} is held, and nobody has signed it: another program made the folder. If nothing runs that needs it, remove the folder`;
  }
  const since = new Date(holder.sinceMs).toISOString();
  const who = `process ${holder.pid} on ${printable(holder.host)}, since ${since}`;
  return `the lock ${printable(url)} is held by ${who}. It is free when that has ended, or after ${staleAfterMs / 1000} s without a sign of life`;
}

interface KeptLock {
  readonly url: string;
  readonly held: HeldLock;
  closeRoots(): Promise<void>;
}

/** Gives signs of life until the lock is released, which the end of the script does as well. */
function keep(number: number, { url, held, closeRoots }: KeptLock, context: HostContext): void {
  let lost = false;
  let working: Promise<unknown> = Promise.resolve();
  const sign = async (): Promise<void> => {
    if (lost) return;
    const isOurs = await held.refresh().catch((error: unknown) => {
      // Not now; the next sign tells.
      if (error instanceof VfsError) return true;
      throw error;
    });
    if (isOurs) return;
    lost = true;
    context.command.log.tell({ type: 'log', level: 'warn', message: lostMessage(url) });
  };
  const everyMs = Math.min(held.taker.staleAfterMs / SIGNS, LONGEST_BETWEEN_MS);
  const timer = setInterval(() => {
    working = working.then(sign);
  }, everyMs);
  timer.unref();

  const open = locks.get(context) ?? new Map<number, OpenLock>();
  locks.set(context, open);
  const takeBack = context.atEnd(async () => {
    try {
      await openLock.release();
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      const message = `the lock ${printable(url)} could not be given back: ${error.message}. Remove the folder`;
      context.command.log.tell({ type: 'log', level: 'warn', message });
    }
  });
  const openLock: OpenLock = {
    url,
    async release() {
      clearInterval(timer);
      open.delete(number);
      takeBack();
      try {
        await working;
        return !lost && (await held.release());
      } finally {
        begun.get(context)?.delete(number);
        await closeRoots();
      }
    },
  };
  open.set(number, openLock);
}

async function release({ lock }: LockMethods['lock.release']['request'], context: HostContext): Promise<null> {
  const open = locks.get(context)?.get(lock);
  if (open === undefined) return null;
  try {
    if (await open.release()) return null;
  } catch (error) {
    throw error instanceof VfsError ? new ScriptCallError(fileFailureOf(error, open.url)) : error;
  }
  throw new ScriptCallError({ code: 'locked', message: lostMessage(open.url), path: open.url });
}

function lostMessage(url: string): string {
  return `the lock ${printable(url)} was lost: someone else took it over or removed it while this script held it. Two may have worked at once`;
}
