import { thrownOf } from '../../../sdk/thrown.ts';
import { bridge, native } from './bridge.ts';
import { console } from './console.ts';
import { runMain, stuck } from './main-driver.ts';
import { runAsync, valueNow } from './run-async.ts';
import { structuredClone } from './structured-clone.ts';
import { TextDecoder, TextEncoder } from './text-encoding.ts';
import { clearTimer, fireTimer, setInterval, setTimeout } from './timers.ts';
import { takeRejected, TrackedPromise } from './tracked-promise.ts';
import { URL } from './url.ts';
import { URLSearchParams } from './url-search-params.ts';

/*
 * The first thing that runs in the guest: what scripts expect of any JavaScript platform and QuickJS alone does not have. A script of its own,
 * so that everything after it finds these in place.
 */
const globals = {
  Promise: TrackedPromise,
  console,
  setTimeout,
  setInterval,
  clearTimeout: clearTimer,
  clearInterval: clearTimer,
  queueMicrotask: (callback: () => void) => void TrackedPromise.resolve().then(() => callback()),
  structuredClone,
  TextEncoder,
  TextDecoder,
  URL,
  URLSearchParams,
  atob: (text: unknown) => native<string>('base64.decode', String(text)),
  btoa: (text: unknown) => native<string>('base64.encode', String(text)),
  crypto: { randomUUID: () => native<string>('uuid') },
  sxrunMain: runMain,
  sxrunAsync: runAsync,
};
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/** The engine keeps ten frames, and between an error in the SDK and the script's line there can be as many of ours. */
(Error as { stackTraceLimit?: number }).stackTraceLimit = 40;

for (const name of ['dispose', 'asyncDispose'] as const) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
}

bridge.valueNow = valueNow;
bridge.offer({
  fireTimer,
  stuck,
  takeRejection: () => {
    const taken = takeRejected();
    return taken ? JSON.stringify(thrownOf(taken.reason)) : '';
  },
});
