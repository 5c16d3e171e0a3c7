import { setFlagsFromString } from 'node:v8';

/**
 * A run is over soon, and each of its threads optimizes the same code for itself; so V8 optimizes less here than in a server. For this process with all its threads, before
 * anything else is loaded: a program that uses us as a library keeps its own settings.
 */
export function tuneEngine(): void {
  // With V8's own limit (920) the optimizing compiler took a quarter of all the time of a first copy, most of it for what it had inlined.
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
  // QuickJS is compiled as a whole while the host still looks for the bundle, not function by function later; and it is not optimized before it has run for a good
  // while: most scripts are over by then, and would wait at their end for the optimizing compiler (measured: 60 ms).
  setFlagsFromString('--no-wasm-lazy-compilation');
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}
