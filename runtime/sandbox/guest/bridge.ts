/**
 * What the worker puts into the guest's world before anything runs there. Only texts, numbers and plain bytes cross. Taken by the prelude and by start.ts, so that no
 * script sees it; nothing depends on that, since everything that arrives is checked outside.
 */
export interface Bridge {
  /** JSON text of `Facts`. */
  readonly facts: string;
  /** To the host: the JSON text of a `FromScript`, and the part of a buffer that belongs to it. */
  send(text: string, buffer?: ArrayBufferLike, from?: number, length?: number): void;
  setTimer(number: number, ms: number): void;
  clearTimer(number: number): void;
  /** Functions that need the platform: name and JSON text of the arguments → JSON text of the result. */
  native(name: string, args: string): string;
  /** The script's top level is done; with the JSON text of a `WireThrown` when it threw. */
  finish(thrown?: string): void;
  /** Hands the worker its ways in. */
  offer(ways: Ways): void;
  /** Put there by the prelude for start.ts: see run-async.ts. */
  valueNow?: (promise: unknown) => unknown;
}

/** What the worker calls. */
export interface Ways {
  /** A message of the host: the JSON text of a `ToScript`, and the bytes that belong to it, in memory that does not count as the script's. */
  receive?: (text: string, bytes?: ArrayBuffer) => void;
  fireTimer?: (number: number) => void;
  /** JSON text of a `WireThrown` for a promise that was rejected and that nobody handles; empty when there is none. */
  takeRejection?: () => string;
  /** How many calls the host has not answered. Asked when no timer is left: callbacks that wait for what can never happen are refused then. */
  pendingCalls?: () => number;
  /** Makes the top-level `await` that can never settle throw. */
  stuck?: () => void;
  /** All is done. */
  ended?: () => void;
}

declare global {
  var sxrunBridge: Bridge;
}

/** The worker's functions, as long as the name is there. */
export const bridge: Bridge = globalThis.sxrunBridge;

/** Calls a function of the platform by way of the worker. */
export function native<Result>(name: string, ...args: readonly unknown[]): Result {
  const answer = JSON.parse(bridge.native(name, JSON.stringify(args))) as { value: Result } | { error: string };
  if ('error' in answer) throw new TypeError(answer.error);
  return answer.value;
}
