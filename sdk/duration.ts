const UNITS = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A span of time: ms, or a text such as `'500ms'`, `'30s'`, `'10m'`, `'2h'`, `'1d'`, `'1w'`. */
export type Duration = number | string;

/** In ms. `who` wants it, for the TypeError that says what is wrong. */
export function durationMs(duration: unknown, who: string): number {
  if (typeof duration === 'number' && duration >= 0 && Number.isFinite(duration)) return duration;
  const [, amount, unit] = (typeof duration === 'string' && /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)\s*$/.exec(duration)) || [];
  if (amount === undefined) throw new TypeError(`${who} wants milliseconds or a text such as '30s', '10m', '2h'; it got ${shown(duration)}`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
