/** Lets only so many do something at once. */
export interface Turns {
  /** Resolves when it is one's turn, in the order of asking. The function ends it; more calls of it do nothing. */
  take(): Promise<() => void>;
}

/** The first one is alone: programs make themselves what they need then (gpg its folder), and may get into each other's way. */
export function createTurns(atOnce: number): Turns {
  let free = 1;
  let isFirst = true;
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        free += isFirst ? atOnce : 1;
        isFirst = false;
        while (free > 0 && waiting.length > 0) {
          free--;
          waiting.shift()?.();
        }
      };
    },
  };
}

/**
 * Turns that all encoded layers share, whatever root they are of: so many coders run at once in each direction. Encoding waits for what is decoded elsewhere, and a layer for another
 * one that it is stacked with, never the reverse; so each direction has turns of its own, and so have layers with 0, 1, 2 … encoded layers below them: or all turns could be held by those who wait for one.
 */
export interface CoderTurns {
  to(direction: 'encode' | 'decode', layersBelow: number): Turns;
}

export function createCoderTurns(atOnce: number): CoderTurns {
  const turns = new Map<string, Turns>();
  return {
    to(direction, layersBelow) {
      const key = `${direction} ${layersBelow}`;
      const known = turns.get(key) ?? createTurns(atOnce);
      turns.set(key, known);
      return known;
    },
  };
}
