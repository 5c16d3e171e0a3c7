import { formatValue, isError } from './format-value.ts';
import type { WireThrown } from './protocol.ts';

/** A symbol of the registry, since prelude and script have copies of this module. */
const CALL = Symbol.for('sxrun: the call that this error answers');

/** What was thrown, in words. */
export function thrownOf(value: unknown): WireThrown {
  if (!isError(value)) return { name: '', message: `thrown: ${formatValue(value)}`, stack: '' };
  const call = (value as { [CALL]?: number })[CALL];
  const name = String(value.name);
  const message = `${value.message ? `${name}: ${value.message}` : name}${reasonsOf(value)}`;
  return { name, message, stack: String(value.stack ?? ''), ...(typeof call === 'number' ? { call } : {}) };
}

/** What an error names as its reasons: its cause, and that one's; or the errors that it stands for. */
function reasonsOf(error: Error, depth = 0): string {
  const { errors } = error as { errors?: unknown };
  const reasons = [...(Array.isArray(errors) ? errors.slice(0, MOST_REASONS) : []), ...(error.cause === undefined ? [] : [error.cause])];
  return reasons.map((reason) => `\n  because of ${isError(reason) ? wordsOf(reason, depth + 1) : formatValue(reason)}`).join('');
}
const MOST_REASONS = 5;

function wordsOf(error: Error, depth: number): string {
  const words = error.message ? `${error.name}: ${error.message}` : String(error.name);
  return depth < MOST_REASONS ? words + reasonsOf(error, depth) : words;
}

/** Remembers which call of the host an error answers. */
export function markCall(error: Error, call: number): void {
  Object.defineProperty(error, CALL, { value: call });
}
