import { SHARED } from './worker-messages.ts';

/** A longer pause between two looks is not the script's (the machine slept, or this thread was busy). */
const LONGEST_STEP_FACTOR = 2;
/** What the clock inside gets at least to notice by itself that the time is up, on a machine that has much else to do. */
const LEAST_GRACE_MS = 2000;

/**
 * Watches from outside that turns of the script end. The clock inside the sandbox is first; this one is for what cannot be interrupted there.
 * Returns what stops it.
 */
export function watchTurns(shared: Int32Array, limitMs: number, onHang: () => void): () => void {
  const stepMs = Math.min(250, Math.max(10, limitMs / 8));
  const graceMs = Math.max(LEAST_GRACE_MS, limitMs * 0.2);
  let turn = 0;
  let busyMs = 0;
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const passed = Math.min(now - lookedAt, stepMs * LONGEST_STEP_FACTOR);
    lookedAt = now;
    const current = Atomics.load(shared, SHARED.turn);
    busyMs = current === turn && current % 2 !== 0 ? busyMs + passed : 0;
    turn = current;
    if (busyMs > limitMs + graceMs) onHang();
  }, stepMs);
  return () => clearInterval(timer);
}
