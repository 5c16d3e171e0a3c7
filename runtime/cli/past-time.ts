import { parseTime } from '../project/options/parse-time.ts';
import { UsageError } from './usage-error.ts';

/**
 * A moment in ms since 1970: what `newerThan` takes (a date with or without a time of day, an age such as `24h`), or `now`, `today 18:00`, `yesterday`, `yesterday 18:00`.
 * A day alone is its midnight. Throws `UsageError`.
 */
export function pastTime(option: string, text: string, now: Date): number {
  if (/^now$/i.test(text.trim())) return now.getTime();
  const [, day, time] = /^(today|yesterday)(?:[ T/]+(\d{1,2}:\d{2}(?::\d{2})?))?$/i.exec(text.trim()) ?? [];
  try {
    if (day === undefined) return parseTime(text, now.getTime());
    return parseTime(`${localDay(now, day.toLowerCase() === 'today' ? 0 : 1)}${time === undefined ? '' : `T${time}`}`, now.getTime());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${option} "${text}" is ${error.message}; or "yesterday 18:00"`);
  }
}

function localDay(now: Date, daysBefore: number): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBefore);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
