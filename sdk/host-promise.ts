/** The promise of a call to the host. It tells when somebody begins to wait for it: `await`, `then` and `Promise.all` all come through `then`. */
export class HostPromise<Value> extends Promise<Value> {
  onAwaited: (() => void) | undefined;

  /** What `then` returns is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<Result = Value, Failure = never>(
    fulfilled?: ((value: Value) => Result | PromiseLike<Result>) | null,
    rejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    this.onAwaited?.();
    return super.then(fulfilled, rejected);
  }
}
