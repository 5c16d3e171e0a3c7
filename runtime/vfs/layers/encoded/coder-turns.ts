/** Lets only so many do something at once. */
export interface Turns {
  /** Resolves when it is one's turn, in the order of asking. */
  take(): Promise<Turn>;
}
export interface Turn {
  /** What it does has given something. More calls do nothing. */
  begun(): void;
  /** More calls do nothing. */
  end(): void;
}

/**
 * The first one is alone until it has given something or is over: programs make themselves what they need then (gpg its folder), and may get into each other's way. Not until its end: whoever
 * takes what it gives may wait for a turn himself before he takes more.
 */
export function createTurns(atOnce: number): Turns {
  let free = 1;
  let isFirst = true;
  const waiting: (() => void)[] = [];
  function add(more: number): void {
    free += more;
    while (free > 0 && waiting.length > 0) {
      free--;
      waiting.shift()?.();
    }
  }
  function begun(): void {
    if (!isFirst) return;
    isFirst = false;
    add(atOnce - 1);
  }
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let isOver = false;
      return {
        begun,
        end() {
          if (isOver) return;
          isOver = true;
          begun();
          add(1);
        },
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
