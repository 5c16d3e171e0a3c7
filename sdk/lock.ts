import { type Duration, durationMs } from './duration.ts';
import { callHost, watched } from './transport.ts';

export interface LockOptions {
  /**
   * A lock whose holder gave no sign of life for so long is taken over; at least a second. Holders give one four times in that span, or every minute, whatever the script
   * does; so it need not be longer than the work. With a server between use minutes. The lock of a process of this machine that has ended is taken over at once.
   */
  readonly staleAfter: Duration;
  /** How long to wait for a lock that is held (not at all). */
  readonly wait?: Duration;
}

/** A lock that is held until it is released, at the latest when the script ends, by whatever. */
export interface Lock {
  readonly url: string;
  /** Gives it back; again does nothing. Rejects with `locked` when the lock was lost: someone else has taken it over, or removed it. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Takes the lock that is the folder `url`, on any root URL, made for that and removed afterwards: `await using held = await lock('sftp://nas/data/.lock', { staleAfter: '10m' })`.
 * Rejects with `SyncError` `locked`, exit code 4, when it is held; the message says by whom and since when, where that is known. One of several who try gets it.
 *
 * The age of a sign of life is measured by the clock of the root, so that clocks of machines may differ; where a root keeps no times, by the clocks of the machines.
 * A folder in which nobody has signed was made by another program (`mkdir`) and is respected as long as it is there. Leave the folder out of what is synchronized.
 * An archive in another root, and `tfs:` and `null:`, hold no lock. In a simulation no lock is taken.
 */
export function lock(url: string, options: LockOptions): Promise<Lock>;
export function lock(url: string, options: LockOptions, ...others: unknown[]): Promise<Lock> {
  return watched('lock.take', async (stack) => {
    if (others.length > 0)
      throw new TypeError('lock takes no function: write "await using held = await lock(URL, { staleAfter })", which holds to the end of the block');
    if (typeof url !== 'string')
      throw new TypeError(`lock wants the path of a folder or another root URL; it got ${typeof url === 'object' ? 'an object' : String(url)}`);
    const staleAfterMs = durationMs(options?.staleAfter, 'lock: staleAfter');
    const waitMs = durationMs(options.wait ?? 0, 'lock: wait');
    const taken = await callHost('lock.take', { url, staleAfterMs, waitMs }, stack);
    let released: Promise<void> | undefined;
    const release = () => {
      released ??= watched('lock.release', async (at) => void (await callHost('lock.release', taken, at)));
      return released;
    };
    return { url, release, [Symbol.asyncDispose]: release };
  });
}
