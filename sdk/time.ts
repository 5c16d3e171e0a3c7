import { type Duration, durationMs } from './duration.ts';
import { simulates } from './transport.ts';

/** A timer of the platform takes 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after that time. Waiting does not count against the script's time limit. */
export async function sleep(duration: Duration): Promise<void> {
  for (let left = durationMs(duration, 'sleep'); left >= 0; left -= LONGEST_TIMER_MS) {
    await new Promise<void>((resolve) => setTimeout(resolve, Math.min(left, LONGEST_TIMER_MS)));
  }
}

/**
 * Runs `task` now and then again and again, each time that span after the last time began: `await every('1h', () => sync.do(project))`. Runs never overlap: when one
 * takes longer, the turns that it missed are left out, and the later ones keep to the same beat. Resolves when the task returns `false`; rejects with what
 * it throws, so catch in it what is to be survived. Ctrl-C ends the wait and the script. In a simulation the task runs once.
 */
export async function every(duration: Duration, task: () => unknown): Promise<void> {
  const spanMs = durationMs(duration, 'every');
  if (spanMs < 1) throw new TypeError('every wants a span of at least 1 ms');
  if (typeof task !== 'function') throw new TypeError(`every wants a function to run; it got ${String(task)}`);
  for (let turn = Date.now(); ; ) {
    if ((await task()) === false || simulates()) return;
    const now = Date.now();
    turn += Math.max(1, Math.ceil((now - turn) / spanMs)) * spanMs;
    // The clock was set back: begin a new beat.
    if (turn - now > spanMs) turn = now + spanMs;
    await sleep(turn - now);
  }
}
