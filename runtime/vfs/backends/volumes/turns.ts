/** Lets what is about the same keys be done one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for all before it that share a key. Keys are taken in one go, so that nobody waits in a circle. */
  async take<T>(keys: readonly string[], act: () => Promise<T>): Promise<T> {
    const own = [...new Set(keys)];
    const before = own.map((key) => this.#last.get(key));
    const turn = Promise.all(before).then(act);
    const settled = turn.then(ignored, ignored);
    for (const key of own) this.#last.set(key, settled);
    try {
      return await turn;
    } finally {
      for (const key of own) if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}

function ignored(): void {}
