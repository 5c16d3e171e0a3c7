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
