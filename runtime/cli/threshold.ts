import { parseTime } from '../project/options/parse-time.ts';
import { UsageError } from './usage-error.ts';

const EXAMPLES = 'Examples: -d 2003-01-31, -d 31.01.2003, -d 1.2.02, -d 12/31/2003, -d Dec-31-03, -d 24h, -t 13:20, -d 31.01.2003 -t 15:00:30';

/**
 * What `-d` and `-t` mean together, in ms since 1970, local time: a date alone is its midnight, a time alone is today's.
 * Undefined when neither is given. Throws `UsageError` for what is no date, no time, or could be two dates.
 */
export function threshold(date: string | undefined, time: string | undefined, now: Date): number | undefined {
  if (time !== undefined && !/^\d{1,2}:\d{2}(:\d{2})?$/.test(time.trim())) throw new UsageError(`-t ${time} is not a time of day. ${EXAMPLES}`);
  if (date !== undefined && time !== undefined && date.includes(':')) {
    throw new UsageError(`-d ${date} has a time already, so -t ${time} has no place. ${EXAMPLES}`);
  }
  if (date === undefined) return time === undefined ? undefined : moment(`-t ${time}`, `${localDay(now)}/${time.trim()}`, now);
  return time === undefined ? moment(`-d ${date}`, date, now) : moment(`-d ${date} -t ${time}`, `${date.trim()}/${time.trim()}`, now);
}

function moment(option: string, text: string, now: Date): number {
  try {
    return parseTime(text, now.getTime());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${option} is ${error.message}. ${EXAMPLES}`);
  }
}

function localDay(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
