import { bridge } from './bridge.ts';

interface Timer {
  readonly callback: () => void;
  /** Set for intervals. */
  readonly everyMs?: number;
}

const timers = new Map<number, Timer>();
let lastNumber = 0;

export function setTimeout(callback: (...values: unknown[]) => void, ms = 0, ...values: unknown[]): number {
  return start({ callback: bound('setTimeout', callback, values) }, ms);
}

export function setInterval(callback: (...values: unknown[]) => void, ms = 0, ...values: unknown[]): number {
  const everyMs = Math.max(1, Number(ms) || 0);
  return start({ callback: bound('setInterval', callback, values), everyMs }, everyMs);
}

export function clearTimer(number?: number): void {
  if (number !== undefined && timers.delete(number)) bridge.clearTimer(number);
}

export function fireTimer(number: number): void {
  const timer = timers.get(number);
  if (!timer) return;
  if (timer.everyMs === undefined) timers.delete(number);
  else bridge.setTimer(number, timer.everyMs);
  timer.callback();
}

function start(timer: Timer, ms: unknown): number {
  const number = ++lastNumber;
  timers.set(number, timer);
  bridge.setTimer(number, Math.max(0, Number(ms) || 0));
  return number;
}

function bound(name: string, callback: unknown, values: readonly unknown[]): () => void {
  if (typeof callback !== 'function') throw new TypeError(`${name} wants a function`);
  return () => void (callback as (...values: unknown[]) => unknown)(...values);
}
