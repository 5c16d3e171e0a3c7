import { SHARED } from './worker-messages.ts';

/** A longer pause between two looks at the clock is not the script's (the machine slept, the process was stopped). */
const LONGEST_STEP_MS = 1000;

/** Counts the time of one turn of the script, from outside visible in shared memory. */
export class TurnClock {
  readonly #shared: Int32Array;
  readonly #limitMs: number;
  #usedMs = 0;
  #lookedAt = 0;
  #depth = 0;
  #expired = false;

  constructor(shared: Int32Array, limitMs: number) {
    this.#shared = shared;
    this.#limitMs = limitMs;
  }

  /** The limit was passed; what the guest threw since then means nothing. */
  get expired(): boolean {
    return this.#expired;
  }

  run<Value>(turn: () => Value): Value {
    if (this.#depth++ === 0) this.#begin();
    try {
      return turn();
    } finally {
      if (--this.#depth === 0) Atomics.add(this.#shared, SHARED.turn, 1);
    }
  }

  /** What has run of this turn was not the script's. */
  restart(): void {
    this.#usedMs = 0;
    this.#lookedAt = performance.now();
  }

  /** Time in `wait` is not the script's. */
  pause(wait: () => void): void {
    Atomics.add(this.#shared, SHARED.turn, 1);
    wait();
    Atomics.add(this.#shared, SHARED.turn, 1);
    this.#lookedAt = performance.now();
  }

  /** The limit was passed and the script is being stopped: who watches from outside has nothing to do yet. */
  tellAlive(): void {
    Atomics.add(this.#shared, SHARED.turn, 2);
  }

  /** To be asked every now and then while the script runs: whether it is to be stopped. */
  tick(): boolean {
    const now = performance.now();
    this.#usedMs += Math.min(now - this.#lookedAt, LONGEST_STEP_MS);
    this.#lookedAt = now;
    this.#expired ||= this.#usedMs > this.#limitMs;
    return this.#expired;
  }

  #begin(): void {
    this.restart();
    Atomics.add(this.#shared, SHARED.turn, 1);
  }
}
