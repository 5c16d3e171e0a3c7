/** Lets only so many do something at once. */
export interface Turns {
  /** Resolves when it is one's turn, in the order of asking. The function ends it; more calls of it do nothing. */
  take(): Promise<() => void>;
}

export function createTurns(atOnce: number): Turns {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
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
