import { fulfilledWith, isObject, TrackedPromise, whenSettled } from './tracked-promise.ts';

type Body = (...args: unknown[]) => Generator<unknown, unknown, unknown>;

/** Longer texts are not kept. */
const LONGEST_KEPT = 100;

/** The last promise that an async function gave that had nothing to wait for, and its value. */
let last: Promise<unknown> | undefined;
let lastValue: unknown;

/**
 * What an async function does: the bundler has turned it into a function that gives its generator to this one, and each `await` into a `yield`. One that ends without
 * having waited costs one promise, and no more than that.
 */
export function runAsync(self: unknown, args: unknown[] | null, body: Body): Promise<unknown> {
  let generator: ReturnType<Body>;
  let first: IteratorResult<unknown, unknown>;
  try {
    generator = body.apply(self, args as unknown[]);
    first = generator.next();
  } catch (error) {
    return TrackedPromise.reject(error);
  }
  if (!first.done || isObject(first.value)) return drive(generator, first);
  const { value } = first;
  const promise = fulfilledWith(value);
  const keeps = typeof value !== 'string' || value.length <= LONGEST_KEPT;
  last = keeps ? promise : undefined;
  lastValue = keeps ? value : undefined;
  return promise;
}

/** The value of a promise that an async function has just given, if it has it already; else the promise. */
export function valueNow(promise: unknown): unknown {
  return promise === last ? lastValue : promise;
}

function drive(generator: ReturnType<Body>, first: IteratorResult<unknown, unknown>): Promise<unknown> {
  return new TrackedPromise((resolve, reject) => {
    const fulfilled = (value: unknown) => {
      try {
        step(generator.next(value));
      } catch (error) {
        reject(error);
      }
    };
    const failed = (reason: unknown) => {
      try {
        step(generator.throw(reason));
      } catch (error) {
        reject(error);
      }
    };
    const step = ({ done, value }: IteratorResult<unknown, unknown>) => {
      if (done) resolve(value);
      else whenSettled(value, fulfilled, failed);
    };
    step(first);
  });
}
