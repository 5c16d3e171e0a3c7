import { formatValue } from './format-value.ts';
import type { WireThrown } from './protocol.ts';

/** A symbol of the registry, since prelude and script have copies of this module. */
const CALL = Symbol.for('sxrun: the call that this error answers');

/** What was thrown, in words. */
export function thrownOf(value: unknown): WireThrown {
  if (!(value instanceof Error)) return { name: '', message: `thrown: ${formatValue(value)}`, stack: '' };
  const call = (value as { [CALL]?: number })[CALL];
  const name = String(value.name);
  const message = value.message ? `${name}: ${value.message}` : name;
  return { name, message, stack: String(value.stack ?? ''), ...(typeof call === 'number' ? { call } : {}) };
}

/** Remembers which call of the host an error answers. */
export function markCall(error: Error, call: number): void {
  Object.defineProperty(error, CALL, { value: call });
}
