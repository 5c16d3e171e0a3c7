/** Lets one at a time in, in the order of coming. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  pass<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
