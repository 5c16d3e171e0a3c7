/** What is written by a commit besides the changes may grow an archive by so much. */
const BYTES_PER_MS = 0.256 * 1024;

/**
 * Spaces commits: each writes the whole directory again, so that a long run which is flushed every few seconds would fill an archive of many entries with old directories.
 * A commit waits while others go on changing the archive, and comes at once when they rest.
 */
export class CommitPace {
  readonly #waiting = new Set<() => void>();
  #changing = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  async changing<T>(act: () => Promise<T>): Promise<T> {
    this.#changing++;
    try {
      return await act();
    } finally {
      this.#changing--;
      if (this.#changing === 0) for (const go of this.#waiting) go();
    }
  }

  /** Resolves when a commit that costs so many bytes is due. */
  async due(bytes: number): Promise<void> {
    const waitMs = this.#lastMs + bytes / BYTES_PER_MS - performance.now();
    if (waitMs > 0 && this.#changing > 0) await this.#rest(waitMs);
    this.#lastMs = performance.now();
  }

  #rest(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, mostMs);
      this.#waiting.add(go);
    });
  }
}
