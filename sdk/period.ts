import { formatTime } from './format-time.ts';

export type PeriodUnit = 'hour' | 'day' | 'week' | 'month' | 'year';

export interface PeriodOptions {
  /** The moment that the period holds (now). */
  readonly date?: Date;
  /** How many names there are, used in turn: the period that comes after so many has the name of the first again. */
  readonly keep?: number;
}

const DAY_MS = 86_400_000;

/**
 * The name of a span of local time, the same at each moment of it, fit for a file name: `2026-11-22-07` (hour), `2026-11-22` (day), `2026-W47` (week of ISO 8601, which begins on
 * Monday), `2026-11` (month), `2026` (year). They sort by time.
 *
 * With `keep: 4` a number from `1` to `4`, one further each period and then from the beginning, for backups that rotate: `'backup/week' + period('week', { keep: 4 })` is
 * one of four folders, each written to anew after four weeks.
 */
export function period(unit: PeriodUnit, options: PeriodOptions = {}): string {
  const { date = new Date(), keep } = options ?? {};
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw new TypeError(`period: date wants a valid Date; it got ${String(date)}`);
  if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 1))
    throw new TypeError(`period: keep wants a whole number from 1; it got ${String(keep)}`);
  for (const name of Object.keys(options))
    if (name !== 'date' && name !== 'keep') throw new TypeError(`period: there is no option "${name}"; there are date and keep`);
  const { name, count } = periodOf(unit, date);
  return keep === undefined ? name : String((((count % keep) + keep) % keep) + 1);
}

/** `count` goes up by one from each period to the next. */
function periodOf(unit: PeriodUnit, date: Date): { readonly name: string; readonly count: number } {
  const year = date.getFullYear();
  const day = dayNumber(date);
  switch (unit) {
    case 'hour':
      return { name: formatTime(date, 'yyyy-MM-dd-HH'), count: day * 24 + date.getHours() };
    case 'day':
      return { name: formatTime(date, 'yyyy-MM-dd'), count: day };
    case 'week':
      return weekOf(day);
    case 'month':
      return { name: formatTime(date, 'yyyy-MM'), count: year * 12 + date.getMonth() };
    case 'year':
      return { name: formatTime(date, 'yyyy'), count: year };
    default:
      throw new TypeError(`period wants 'hour', 'day', 'week', 'month' or 'year'; it got ${String(unit)}`);
  }
}

/** Days since 1970-01-01 of the calendar, whatever the time zone: summer time makes no day longer. */
function dayNumber(date: Date): number {
  const utc = new Date(0);
  utc.setUTCFullYear(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round(utc.getTime() / DAY_MS);
}

/** A week belongs to the year that has its Thursday; 1970-01-01 was one. */
function weekOf(day: number): { readonly name: string; readonly count: number } {
  const count = Math.floor((day + 3) / 7);
  const thursday = new Date(count * 7 * DAY_MS);
  const year = thursday.getUTCFullYear();
  const first = new Date(0);
  first.setUTCFullYear(year, 0, 1);
  const week = Math.floor((thursday.getTime() - first.getTime()) / DAY_MS / 7) + 1;
  return { name: `${pad(year, 4)}-W${pad(week, 2)}`, count };
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
