type Executor<Value> = (resolve: (value: Value | PromiseLike<Value>) => void, reject: (reason?: unknown) => void) => void;

const NativePromise = Promise;
const nativeThen = NativePromise.prototype.then;

/** Rejected promises that nobody handles yet, with their reasons. */
const rejected = new Map<Promise<unknown>, unknown>();
const handled = new WeakSet<Promise<unknown>>();
let makingObserver = false;

/**
 * QuickJS's build for wasm does not tell about rejections, so every promise of the guest is one of these. The bundler turns async functions into
 * generators, so their promises are too. Each observes itself; what `then` returns for that is a plain native promise.
 */
export class TrackedPromise<Value> extends NativePromise<Value> {
  constructor(executor: Executor<Value>) {
    if (typeof executor !== 'function') throw new TypeError('Promise wants a function');
    super((resolve, reject) => settleOnce(executor, resolve, reject));
    if (!makingObserver) observe(this);
  }

  static override get [Symbol.species](): PromiseConstructor {
    // biome-ignore lint/complexity/noThisInStatic: classes that extend it derive their own kind
    return (makingObserver ? NativePromise : this) as PromiseConstructor;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<Result = Value, Failure = never>(
    fulfilled?: ((value: Value) => Result | PromiseLike<Result>) | null,
    failed?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    handled.add(this);
    rejected.delete(this);
    return super.then(fulfilled, failed);
  }
}
Object.defineProperty(TrackedPromise, 'name', { value: 'Promise' });

/** Takes one promise that was rejected and that nobody handles. */
export function takeRejected(): { readonly reason: unknown } | undefined {
  for (const [promise, reason] of rejected) {
    rejected.delete(promise);
    return { reason };
  }
  return undefined;
}

/**
 * What an async function becomes is a cycle of functions that holds these two for ever, and with them the promise and its value. The engine looks for cycles by the
 * number of their pieces and not by their size, so large values would fill the memory: once called, they hold nothing.
 */
function settleOnce<Value>(executor: Executor<Value>, resolve: Parameters<Executor<Value>>[0], reject: (reason?: unknown) => void): void {
  let open: { resolve: typeof resolve; reject: typeof reject } | undefined = { resolve, reject };
  const take = () => {
    const taken = open;
    open = undefined;
    return taken;
  };
  executor(
    (value) => take()?.resolve(value),
    (reason) => take()?.reject(reason),
  );
}

function observe(promise: Promise<unknown>): void {
  makingObserver = true;
  try {
    nativeThen.call(promise, undefined, (reason: unknown) => {
      if (!handled.has(promise)) rejected.set(promise, reason);
    });
  } finally {
    makingObserver = false;
  }
}
