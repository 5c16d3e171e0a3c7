const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const TOKENS: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => pad(date.getFullYear(), 4),
  yy: (date) => pad(date.getFullYear() % 100, 2),
  MMMM: (date) => MONTHS[date.getMonth()] ?? '',
  MMM: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  MM: (date) => pad(date.getMonth() + 1, 2),
  M: (date) => String(date.getMonth() + 1),
  dd: (date) => pad(date.getDate(), 2),
  d: (date) => String(date.getDate()),
  EEEE: (date) => DAYS[date.getDay()] ?? '',
  EEE: (date) => (DAYS[date.getDay()] ?? '').slice(0, 3),
  HH: (date) => pad(date.getHours(), 2),
  H: (date) => String(date.getHours()),
  mm: (date) => pad(date.getMinutes(), 2),
  m: (date) => String(date.getMinutes()),
  ss: (date) => pad(date.getSeconds(), 2),
  s: (date) => String(date.getSeconds()),
  SSS: (date) => pad(date.getMilliseconds(), 3),
  xxx: zone,
};

/** A text in quotes (two quotes are one), a run of one letter, or anything else. */
const PARTS = /'((?:[^']|'')*)'|(([A-Za-z])\3*)|[^A-Za-z']+|'/g;

/**
 * A moment in words, in local time: `formatTime(new Date(), 'yyyy-MM-dd')` is `2026-11-22`. `yyyy` `yy` year · `MMMM` `MMM` November, Nov · `MM` `M` month · `dd` `d` day ·
 * `EEEE` `EEE` Sunday, Sun · `HH` `H` hour from 0 to 23 · `mm` `m` minute · `ss` `s` second · `SSS` ms · `xxx` time zone, `+01:00`. Two letters have a zero in front.
 * Other letters are an error, unless they stand in single quotes: `"HH'h'"`; two quotes are one. Everything else stays as it is.
 */
export function formatTime(date: Date, format: string): string {
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw new TypeError(`formatTime wants a valid Date; it got ${String(date)}`);
  if (typeof format !== 'string') throw new TypeError(`formatTime wants a format such as 'yyyy-MM-dd'; it got ${String(format)}`);
  return format.replace(PARTS, (part: string, quoted: string | undefined, letters: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    if (part === "'") throw new TypeError(`formatTime: a quote in "${format}" has no end`);
    if (letters === undefined) return part;
    if (!Object.hasOwn(TOKENS, letters))
      throw new TypeError(`formatTime: "${letters}" means nothing; there are ${Object.keys(TOKENS).join(' ')}, and text in quotes`);
    return TOKENS[letters]?.(date) ?? '';
  });
}

function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
