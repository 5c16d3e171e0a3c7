import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTime } from '../../../runtime/project/options/parse-time.ts';

const NOW = Date.UTC(2024, 5, 15, 12);
const local = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) =>
  new Date(year, month, day, hour, minute, second).getTime();

const TIMES: readonly [number | string, number][] = [
  [0, 0],
  [1_700_000_000_000, 1_700_000_000_000],
  ['24h', NOW - 86_400_000],
  ['7d', NOW - 604_800_000],
  ['30m', NOW - 1_800_000],
  ['2w', NOW - 1_209_600_000],
  ['1.5 H', NOW - 5_400_000],
  ['2024-01-31T15:00:01.5Z', Date.UTC(2024, 0, 31, 15, 0, 1, 500)],
  ['2024-01-31T15:00+02:00', Date.UTC(2024, 0, 31, 13)],
  ['2024-01-31T15:00:00-0130', Date.UTC(2024, 0, 31, 16, 30)],
  ['2024-01-31T15:00', local(2024, 0, 31, 15)],
  ['2024-01-31', local(2024, 0, 31)],
  ['31.01.2003/15:00', local(2003, 0, 31, 15)],
  ['2.3.2002/14:00:03', local(2002, 2, 2, 14, 0, 3)],
  ['1.2.03', local(2003, 1, 1)],
  ['12/31/2003/15:00', local(2003, 11, 31, 15)],
  ['4/4/99', local(1999, 3, 4)],
  ['Dec-31-03/14:00', local(2003, 11, 31, 14)],
  ['feb-29-2024', local(2024, 1, 29)],
];
for (const [value, ms] of TIMES) test(`${value} is ${new Date(ms).toISOString()}`, () => assert.equal(parseTime(value, NOW), ms));

const REFUSED: readonly [number | string, RegExp][] = [
  [1_700_000_000, /seconds since 1970, it seems; milliseconds are wanted: 1700000000000/],
  [Number.NaN, /not a time/],
  ['', /not a time/],
  ['yesterday', /not a time/],
  ['24', /not a time/],
  ['-3h', /not a time/],
  ['03/04/2024', /can be read in two ways/],
  ['31/12/2024', /no month 31/],
  ['31.02.2024', /does not exist/],
  ['2023-02-29', /does not exist/],
  ['0.1.2024', /does not exist/],
  ['Foo-31-03', /does not exist/],
  ['2024-01-31T24:00', /time of day that does not exist/],
  ['2024-01-31 12:60', /time of day that does not exist/],
];
for (const [value, message] of REFUSED)
  test(`${JSON.stringify(value)} is refused: ${message.source}`, () => assert.throws(() => parseTime(value, NOW), { name: 'RangeError', message }));
