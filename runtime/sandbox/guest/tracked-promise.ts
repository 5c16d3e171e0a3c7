type Executor<Value> = (resolve: (value: Value | PromiseLike<Value>) => void, reject: (reason?: unknown) => void) => void;

const NativePromise = Promise;
const nativeThen = NativePromise.prototype.then;
const nativeResolve = NativePromise.resolve;
const { setPrototypeOf } = Object;

/** Rejected promises that nobody handles yet, with their reasons. */
const rejected = new Map<Promise<unknown>, unknown>();
const handled = new WeakSet<Promise<unknown>>();
let makingObserver = false;

/**
 * QuickJS's build for wasm does not tell about rejections, so every promise of the guest is one of these. The bundler turns async functions into
 * generators, so their promises are too. Each notes when it is rejected; only one that takes on what another becomes has to observe itself, since that costs a
 * promise more, and callbacks that are asked about every file make many.
 */
export class TrackedPromise<Value> extends NativePromise<Value> {
  constructor(executor: Executor<Value>) {
    if (typeof executor !== 'function') throw new TypeError('Promise wants a function');
    const fate: Fate<Value> = { ways: undefined, promise: undefined, early: undefined, isTracked: !makingObserver };
    super((resolve, reject) => execute(executor, fate, { resolve, reject }));
    if (fate.ways !== undefined) fate.promise = this;
    else if (fate.early !== undefined) track(this, fate.early);
    fate.early = undefined;
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

/** A promise that has this value; what is none that a promise would ask for its own. Made without the functions that settle one. */
export function fulfilledWith<Value>(value: Value): Promise<Value> {
  const promise = nativeResolve.call(NativePromise, value) as Promise<Value>;
  setPrototypeOf(promise, TrackedPromise.prototype);
  return promise;
}

/** As an `await` waits: nobody sees the promise that `then` would make. Neither function may throw. */
export function whenSettled(value: unknown, fulfilled: (value: unknown) => void, failed: (reason: unknown) => void): void {
  const promise = isObject(value) ? TrackedPromise.resolve(value) : fulfilledWith(value);
  if (promise.then !== TrackedPromise.prototype.then) return void promise.then(fulfilled, failed);
  handled.add(promise);
  rejected.delete(promise);
  observe(promise, fulfilled, failed);
}

/** Takes one promise that was rejected and that nobody handles. */
export function takeRejected(): { readonly reason: unknown } | undefined {
  for (const [promise, reason] of rejected) {
    rejected.delete(promise);
    return { reason };
  }
  return undefined;
}

interface Ways<Value> {
  readonly resolve: Parameters<Executor<Value>>[0];
  readonly reject: (reason?: unknown) => void;
}
type Outcome = { readonly kind: 'rejected'; readonly reason: unknown } | { readonly kind: 'adopts' };

/**
 * What an async function becomes is a cycle of functions that holds this for ever. The engine looks for cycles by the number of their pieces and not by their size,
 * so large values would fill the memory: once settled, it holds neither the promise nor what it was settled with.
 */
interface Fate<Value> {
  ways: Ways<Value> | undefined;
  promise: Promise<Value> | undefined;
  /** How it was settled before the promise was made. */
  early: Outcome | undefined;
  readonly isTracked: boolean;
}

function execute<Value>(executor: Executor<Value>, fate: Fate<Value>, ways: Ways<Value>): void {
  fate.ways = ways;
  const reject = (reason: unknown) => settle(fate, { kind: 'rejected', reason })?.reject(reason);
  try {
    executor((value) => settle(fate, isObject(value) ? { kind: 'adopts' } : undefined)?.resolve(value), reject);
  } catch (error) {
    reject(error);
  }
}

/** The first time: the ways to settle the native promise. */
function settle<Value>(fate: Fate<Value>, outcome: Outcome | undefined): Ways<Value> | undefined {
  const { ways, promise } = fate;
  if (ways === undefined) return undefined;
  fate.ways = undefined;
  fate.promise = undefined;
  if (outcome === undefined || !fate.isTracked) return ways;
  if (promise === undefined) fate.early = outcome;
  else track(promise, outcome);
  return ways;
}

function track(promise: Promise<unknown>, outcome: Outcome): void {
  const note = (reason: unknown) => {
    if (!handled.has(promise)) rejected.set(promise, reason);
  };
  if (outcome.kind === 'adopts') observe(promise, undefined, note);
  else note(outcome.reason);
}

export function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function observe(promise: Promise<unknown>, fulfilled: ((value: unknown) => void) | undefined, failed: (reason: unknown) => void): void {
  makingObserver = true;
  try {
    nativeThen.call(promise, fulfilled, failed);
  } finally {
    makingObserver = false;
  }
}
