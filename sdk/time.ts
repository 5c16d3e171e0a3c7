const UNITS = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
/** A timer of the platform takes 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A span of time: ms, or a text such as `'500ms'`, `'30s'`, `'10m'`, `'2h'`, `'1d'`, `'1w'`. */
export type Duration = number | string;

/** Resolves after that time. Waiting does not count against the script's time limit. */
export async function sleep(duration: Duration): Promise<void> {
  for (let left = durationMs(duration, 'sleep'); left >= 0; left -= LONGEST_TIMER_MS) {
    await new Promise<void>((resolve) => setTimeout(resolve, Math.min(left, LONGEST_TIMER_MS)));
  }
}

/** Throws a TypeError; `what` is the function or option that it is for. */
export function durationMs(duration: unknown, what: string): number {
  if (typeof duration === 'number' && duration >= 0 && Number.isFinite(duration)) return duration;
  const [, amount, unit] = (typeof duration === 'string' && /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)\s*$/.exec(duration)) || [];
  if (amount === undefined) throw new TypeError(`${what} wants milliseconds or a text such as '30s', '10m', '2h'; it got ${String(duration)}`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}
