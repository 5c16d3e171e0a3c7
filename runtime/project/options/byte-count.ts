const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** `4_700_000_000`, `'4.7GB'` (powers of 1000, as makers of media count), `'700MiB'` (of 1024). undefined: it is no size above 0. */
export function byteCount(size: number | string): number | undefined {
  const [, number = '', unit = ''] = typeof size === 'number' ? ['', String(size)] : (/^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(size) ?? []);
  const bytes = Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  return number !== '' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
