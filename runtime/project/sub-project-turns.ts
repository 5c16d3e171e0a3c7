import { fewAtOnce } from './host/few-at-once.ts';

/** Each has a sandbox, which takes some 10 MB before it does anything. */
const AT_ONCE = 4;

/** Runs a project file when it is its turn, in the order in which they are asked for. `depth`: how many project files it is run within. */
export type SubProjectTurns = <Result>(depth: number, run: () => Promise<Result>) => Promise<Result>;

/** Of each depth a few at once: one that has its turn waits only for deeper ones, so that none waits for itself. */
export function createSubProjectTurns(): SubProjectTurns {
  const depths: ReturnType<typeof fewAtOnce>[] = [];
  return (depth, run) => {
    depths[depth] ??= fewAtOnce(AT_ONCE);
    return depths[depth](run);
  };
}
