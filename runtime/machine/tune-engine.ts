import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';

/*
 * A run is over soon, and each of its threads optimizes the same code for itself; so V8 optimizes less here than in a server. But while any of its flags is not as usual, V8 takes no code that was
 * compiled before: each thread that starts then compiles Node's own modules anew (measured: 25 ms), and the command's code is not taken either. So flags are set late, and while threads
 * start they are as usual.
 */

interface Flag {
  readonly name: string;
  readonly usual: number;
  readonly tuned: number;
}

const IS_BEFORE_12 = Number.parseInt(process.versions.v8, 10) < 12;

/** With the usual limit the optimizing compiler took a quarter of all the time of a first copy, most of it for what it had inlined. */
const INLINING: Flag = { name: '--max-inlined-bytecode-size-cumulative', usual: 920, tuned: 200 };
/** How long a function of WebAssembly runs before it is optimized. A module has the one of the moment when it was compiled. */
const WASM_BUDGET: Flag = {
  name: '--wasm-tiering-budget',
  usual: IS_BEFORE_12 ? 1_800_000 : 13_000_000,
  tuned: 1_000_000_000,
};

/** How much a function runs before it is optimized, in two measures of V8's. A run that is over within a second spent a third of its time on optimizing for what did not come; one of 100,000 files is as fast as before. */
const OPTIMIZING: Flag = IS_BEFORE_12
  ? { name: '--interrupt-budget', usual: 67_584, tuned: 8 * 67_584 }
  : { name: '--invocation-count-for-turbofan', usual: 3000, tuned: 8 * 3000 };

let isTuned = false;
let starting = 0;

function set({ name }: Flag, value: number): void {
  setFlagsFromString(`${name}=${value}`);
}

/** V8 optimizes less from now on, in this process with all its threads: so it is not for a library. For when what a run needs has been loaded. */
export function tuneEngine(): void {
  if (isTuned) return;
  isTuned = true;
  if (starting === 0) setAll('tuned');
}

/** V8's flags are as usual from now on. */
export function untuneEngine(): void {
  isTuned = false;
  setAll('usual');
}

function setAll(to: 'usual' | 'tuned'): void {
  for (const flag of [INLINING, OPTIMIZING]) set(flag, flag[to]);
}

/** Until a thread has started V8's flags are as usual. */
export function untunedWhileStarting(thread: Worker): void {
  starting++;
  if (isTuned) setAll('usual');
  let isStarting = true;
  const started = () => {
    if (!isStarting) return;
    isStarting = false;
    starting--;
    if (isTuned && starting === 0) setAll('tuned');
  };
  thread.once('online', started).once('exit', started);
}

/** Compiles a module of WebAssembly that is not to be optimized before it has run for a good while: most scripts are over by then, and would wait at their end for the optimizing compiler. */
export function withLateOptimization<Module>(compile: () => Module): Module {
  set(WASM_BUDGET, WASM_BUDGET.tuned);
  try {
    return compile();
  } finally {
    set(WASM_BUDGET, WASM_BUDGET.usual);
  }
}
