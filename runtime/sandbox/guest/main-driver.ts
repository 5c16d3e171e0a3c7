import { thrownOf } from '../../../sdk/thrown.ts';
import { bridge } from './bridge.ts';

let throwAtAwait: ((reason: unknown) => void) | undefined;

/** Runs the script: the bundler has turned its modules into one generator that yields what a top-level `await` waits for. */
export function runMain(self: unknown, _args: unknown, body: () => Generator<unknown, void, unknown>): void {
  const generator = body.call(self);
  const fulfilled = (value: unknown) => step(() => generator.next(value));
  const failed = (reason: unknown) => step(() => generator.throw(reason));
  const step = (run: () => IteratorResult<unknown, void>) => {
    throwAtAwait = undefined;
    try {
      const { done, value } = run();
      if (done) return bridge.finish();
      throwAtAwait = failed;
      Promise.resolve(value).then(fulfilled, failed);
    } catch (error) {
      bridge.finish(JSON.stringify(thrownOf(error)));
    }
  };
  fulfilled(undefined);
}

/** Throws at the top-level `await` that waits: an error that has no stack yet, so that the engine writes that line into it. */
export function stuck(): void {
  const error = new Error('this await waits for something that can never happen: no call, no timer and no other code is left to settle it');
  error.name = 'StuckError';
  Reflect.deleteProperty(error, 'stack');
  throwAtAwait?.(error);
}
