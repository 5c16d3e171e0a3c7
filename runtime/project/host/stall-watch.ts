/** Notices when a program that content goes through does nothing, though it is its turn: it has what it is to read, and somebody waits for what it writes. */
export interface StallWatch {
  /** Somebody waits for its output, or does not: then it may have nowhere to write to. */
  outputIsWanted(isWanted: boolean): void;
  /** It is its input that is waited for, or not. */
  inputIsWanted(isWanted: boolean): void;
  /** From now on no longer than that. */
  limitTo(ms: number): void;
  stop(): void;
}

/** `onStall` is called once. Each call of the watch is a sign of life. */
export function createStallWatch(longestMs: number, onStall: () => void): StallWatch {
  let limitMs = longestMs;
  let waitsForOutput = false;
  let waitsForInput = false;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  function restart(): void {
    clearTimeout(timer);
    if (isOver || !waitsForOutput || waitsForInput) return;
    timer = setTimeout(() => {
      isOver = true;
      onStall();
    }, limitMs);
  }

  return {
    outputIsWanted(isWanted) {
      waitsForOutput = isWanted;
      restart();
    },
    inputIsWanted(isWanted) {
      waitsForInput = isWanted;
      restart();
    },
    limitTo(ms) {
      limitMs = Math.min(limitMs, ms);
      restart();
    },
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
