import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../sdk/format-time.ts';
import { period, type PeriodUnit } from '../../sdk/period.ts';
import { durationMs } from '../../sdk/duration.ts';

const AT = new Date(2026, 10, 2, 7, 5, 9, 42);

test('a moment is written by its tokens, in local time', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['yyyy-MM-dd HH:mm:ss.SSS', '2026-11-02 07:05:09.042'],
    ['yy M d H m s', '26 11 2 7 5 9'],
    ['EEE EEEE MMM MMMM', 'Mon Monday Nov November'],
    ["yyyyMMdd'T'HHmmss", '20261102T070509'],
    ["HH 'o''clock' ''", "07 o'clock '"],
    ['ä/_:. 1', 'ä/_:. 1'],
    ['', ''],
  ];
  for (const [format, text] of rows) assert.equal(formatTime(AT, format), text, format);
  assert.match(formatTime(AT, 'xxx'), /^[+-]\d\d:\d\d$/);
});

test('letters that mean nothing, open quotes and what is no date are errors', () => {
  for (const format of ['YYYY', 'DD', 'hh', 'yyy', 'T', 'yyyy-mmm', 'SSSS', 'toString', '__proto__'])
    assert.throws(() => formatTime(AT, format), /means nothing; there are yyyy/, format);
  assert.throws(() => formatTime(AT, "HH 'h"), /has no end/);
  assert.throws(() => formatTime(new Date('x'), 'yyyy'), /valid Date; it got Invalid Date/);
  assert.throws(() => formatTime('2026' as never, 'yyyy'), /valid Date; it got 2026/);
  assert.throws(() => formatTime(AT, 5 as never), /wants a format/);
});

test('a period has one name, which sorts by time', () => {
  const names = (['hour', 'day', 'week', 'month', 'year'] as const).map((unit) => period(unit, { date: AT }));
  assert.deepEqual(names, ['2026-11-02-07', '2026-11-02', '2026-W45', '2026-11', '2026']);
});

test('weeks are those of ISO 8601', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['2005-01-01', '2004-W53'],
    ['2005-12-31', '2005-W52'],
    ['2007-01-01', '2007-W01'],
    ['2008-12-29', '2009-W01'],
    ['2010-01-03', '2009-W53'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['1969-12-31', '1970-W01'],
  ];
  for (const [day, week] of rows) assert.equal(period('week', { date: new Date(`${day}T23:59:59`) }), week, day);
});

test('with keep the names go round, one further each period, over the turn of a year as well', () => {
  const steps: Readonly<Record<PeriodUnit, (index: number) => Date>> = {
    hour: (index) => new Date(2026, 11, 31, 20 + index, 30),
    day: (index) => new Date(2026, 11, 20 + index, 12),
    week: (index) => new Date(2026, 11, 7 + index * 7, 12),
    month: (index) => new Date(2026, 8 + index, 15),
    year: (index) => new Date(2020 + index, 5, 1),
  };
  for (const unit of ['hour', 'day', 'week', 'month', 'year'] as const) {
    const numbers = Array.from({ length: 9 }, (_, index) => Number(period(unit, { date: steps[unit](index), keep: 4 })));
    for (let index = 1; index < numbers.length; index++)
      assert.equal(numbers[index], ((numbers[index - 1] as number) % 4) + 1, `${unit}: ${numbers}`);
  }
  assert.equal(period('week', { date: new Date(2026, 10, 16, 0, 0), keep: 4 }), period('week', { date: new Date(2026, 10, 22, 23, 59), keep: 4 }));
  assert.match(period('day', { date: new Date(1900, 0, 1), keep: 7 }), /^[1-7]$/);
});

test('a wrong unit or option of a period is an error', () => {
  assert.throws(() => period('fortnight' as never), /'hour', 'day', 'week', 'month' or 'year'; it got fortnight/);
  assert.throws(() => period('day', { keep: 0 }), /keep wants a whole number from 1; it got 0/);
  assert.throws(() => period('day', { keep: 1.5 }), /it got 1\.5/);
  assert.throws(() => period('day', { date: 5 as never }), /date wants a valid Date; it got 5/);
  assert.throws(() => period('day', { kepp: 3 } as never), /no option "kepp"; there are date and keep/);
});

test('a span of time is ms or a number with a unit', () => {
  const rows: readonly (readonly [unknown, number])[] = [
    [5, 5],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    [' 2 d ', 172_800_000],
    ['1w', 604_800_000],
  ];
  for (const [text, ms] of rows) assert.equal(durationMs(text, 'x'), ms);
  for (const wrong of ['', 'h', '5', '-1s', '1y', -1, Number.NaN, Number.POSITIVE_INFINITY, null, {}])
    assert.throws(() => durationMs(wrong, 'sleep'), /^TypeError: sleep wants milliseconds or a text such as/);
});
