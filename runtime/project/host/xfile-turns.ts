import type { HostContext } from './host-function.ts';

const turns = new WeakMap<HostContext, Map<string, Promise<unknown>>>();

/** Calls of one script that change the same place wait for one another, in the order in which they came: `Promise.all` of two appends keeps both. */
export async function inTurn<Result>(context: HostContext, key: string, act: () => Promise<Result>): Promise<Result> {
  const waiting = turns.get(context) ?? new Map<string, Promise<unknown>>();
  turns.set(context, waiting);
  const mine = (waiting.get(key) ?? Promise.resolve()).then(act, act);
  waiting.set(key, mine);
  try {
    return await mine;
  } finally {
    if (waiting.get(key) === mine) waiting.delete(key);
  }
}
