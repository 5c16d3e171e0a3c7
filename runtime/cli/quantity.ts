import { UsageError } from './usage-error.ts';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** `30s`, `500ms`, `2m`; a bare number is seconds. Throws `UsageError`, also for zero. */
export function milliseconds(option: string, text: string): number {
  return quantity(text, MS, 's') ?? refuse(option, text, 'a time such as 30s, 500ms or 2m');
}

/** `256MB`, `1GiB`; units are powers of 1024, a bare number is MB. Throws `UsageError`, also for zero. */
export function bytes(option: string, text: string): number {
  return quantity(text, BYTES, 'mb') ?? refuse(option, text, 'a size such as 256MB or 1GB');
}

function quantity(text: string, units: Readonly<Record<string, number>>, standard: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units[match?.[2]?.toLowerCase() || standard];
  if (match === null || unit === undefined) return undefined;
  const value = Math.round(Number(match[1]) * unit);
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}

function refuse(option: string, text: string, wanted: string): never {
  throw new UsageError(`${option} ${text}: this is not ${wanted}`);
}
