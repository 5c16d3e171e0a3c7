const AGE_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const CLOCK = String.raw`(?:[T/ ](?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?)?`;
const ISO = new RegExp(String.raw`^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})${CLOCK}(?<zone>Z|[+-]\d{2}:?\d{2})?$`, 'i');
const EUROPEAN = new RegExp(String.raw`^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4}|\d{2})${CLOCK}$`);
const AMERICAN = new RegExp(String.raw`^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}|\d{2})${CLOCK}$`);
const NAMED = new RegExp(String.raw`^(?<month>[a-z]{3})-(?<day>\d{1,2})-(?<year>\d{4}|\d{2})${CLOCK}$`, 'i');
const AGE = /^(?<count>\d+(?:\.\d+)?)\s*(?<unit>[smhdw])$/i;

/**
 * A moment in ms since 1970 from what `newerThan` takes: ms, an age before `now` (`24h`; s, m, h, d, w), or a date with or without a clock
 * time, local unless it ends in a zone: `2024-01-31T15:00`, `31.01.2024/15:00`, `12/31/2024/15:00`, `Dec-31-03/14:00`. A date alone is midnight.
 * Throws a RangeError whose message finishes the sentence `"…" is …`.
 */
export function parseTime(value: number | string, now: number): number {
  if (typeof value === 'number') return parseNumber(value);
  const text = value.trim();
  const age = AGE.exec(text)?.groups;
  if (age) return now - Number(age['count']) * (AGE_MS[age['unit']?.toLowerCase() ?? ''] ?? 0);
  const american = AMERICAN.exec(text)?.groups;
  if (american) refuseAmbiguous(american);
  const parts = american ?? ISO.exec(text)?.groups ?? EUROPEAN.exec(text)?.groups ?? NAMED.exec(text)?.groups;
  if (!parts) throw new RangeError('not a time; write it like "2024-01-31T15:00", "31.01.2024/15:00" or as an age such as "24h", "7d", "30m", "2w"');
  return momentOf(parts);
}

/** SynchronEX and many tools count seconds; taken for ms such a number would lie in the first weeks of 1970 and let everything through. */
function parseNumber(value: number): number {
  if (Number.isNaN(new Date(value).getTime())) throw new RangeError('not a time; milliseconds since 1970 are wanted');
  if (value >= 1e8 && value < 1e11) throw new RangeError(`seconds since 1970, it seems; milliseconds are wanted: ${value * 1000}`);
  return value;
}

function refuseAmbiguous(parts: Record<string, string | undefined>): void {
  const month = Number(parts['month']);
  const day = Number(parts['day']);
  if (month > 12)
    throw new RangeError(`no date: with slashes the month comes first, and there is no month ${month}; write it like "31.12.2024" or "2024-12-31"`);
  if (day <= 12 && day !== month) throw new RangeError('a date that can be read in two ways; write it like "31.12.2024" or "2024-12-31"');
}

function momentOf(parts: Record<string, string | undefined>): number {
  const number = (name: string) => Number(parts[name] ?? 0);
  const month = /^\d+$/.test(parts['month'] ?? '') ? number('month') : MONTHS.indexOf((parts['month'] ?? '').toLowerCase()) + 1;
  const milliseconds = Math.round(Number(`0.${parts['fraction'] ?? 0}`) * 1000);
  const fields = [fullYear(number('year')), month - 1, number('day'), number('hour'), number('minute'), number('second'), milliseconds] as const;
  if (fields[3] > 23 || fields[4] > 59 || fields[5] > 59) throw new RangeError('a time of day that does not exist');
  const asUtc = Date.UTC(...fields);
  const check = new Date(asUtc);
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== fields[2]) throw new RangeError('a date that does not exist');
  const zone = parts['zone'];
  return zone === undefined ? new Date(...fields).getTime() : asUtc - zoneMs(zone);
}

/** Two digits: 70 to 99 are of the last century, as C libraries have it. */
function fullYear(year: number): number {
  return year >= 100 ? year : year < 70 ? 2000 + year : 1900 + year;
}

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
