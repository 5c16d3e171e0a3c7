import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeVersions } from '../../runtime/vfs/judge-versions.ts';
import type { KeepRules } from '../../runtime/vfs/version-rules.ts';

const HOUR = 3_600_000;

/** Local times as `01-31 18:00` of 2026, the oldest first → what stays, with its reasons. */
function judged(times: readonly string[], rules: KeepRules): Record<string, readonly string[]> {
  const versions = times.map((time, at) => ({ number: at + 1, timeMs: new Date(`2026-${time.replace(' ', 'T')}`).getTime() }));
  const verdicts = judgeVersions(versions, rules);
  return Object.fromEntries(times.flatMap((time, at) => (verdicts[at]?.length ? [[time, verdicts[at]]] : [])));
}

describe('which versions stay', () => {
  test('last: the newest ones', () => {
    assert.deepEqual(judged(['01-01 01:00', '01-01 02:00', '01-01 03:00'], { last: 2 }), { '01-01 02:00': ['last'], '01-01 03:00': ['last'] });
  });
  test('hourly, daily, weekly, monthly: the newest of each period that has any, however far apart', () => {
    const times = ['01-05 10:00', '03-02 09:00', '03-02 09:30', '03-08 23:59', '03-09 00:01', '03-09 00:59'];
    assert.deepEqual(Object.keys(judged(times, { hourly: 2 })), ['03-08 23:59', '03-09 00:59']);
    assert.deepEqual(Object.keys(judged(times, { daily: 3 })), ['03-02 09:30', '03-08 23:59', '03-09 00:59']);
    // Monday, 2 March, to Sunday, 8 March, is one week.
    assert.deepEqual(Object.keys(judged(times, { weekly: 2 })), ['03-08 23:59', '03-09 00:59']);
    assert.deepEqual(Object.keys(judged(times, { monthly: 2 })), ['01-05 10:00', '03-09 00:59']);
  });
  test('within: all that are not older than that before the newest one, whenever it is asked', () => {
    const times = ['01-01 00:00', '01-02 00:00', '01-03 00:00'];
    assert.deepEqual(Object.keys(judged(times, { withinMs: 24 * HOUR })), ['01-02 00:00', '01-03 00:00']);
  });
  test('a rule that is not full keeps the oldest one, too', () => {
    const times = ['01-01 01:00', '01-01 02:00', '01-01 03:00'];
    assert.deepEqual(judged(times, { daily: 7 }), { '01-01 01:00': ['oldest, while daily is not full'], '01-01 03:00': ['daily'] });
    assert.deepEqual(Object.keys(judged(times, { daily: 1 })), ['01-01 03:00']);
  });
  test('a version that several rules keep has all their reasons', () => {
    assert.deepEqual(judged(['01-01 01:00'], { last: 1, daily: 1, withinMs: HOUR }), { '01-01 01:00': ['last', 'daily', 'within'] });
  });
  test('of equal times the higher number is the newer one', () => {
    const verdicts = judgeVersions(
      [
        { number: 2, timeMs: 5 },
        { number: 1, timeMs: 5 },
      ],
      { last: 1 },
    );
    assert.deepEqual(verdicts, [['last'], []]);
  });
  test('what has no known time stays, and takes nobody’s place', () => {
    const verdicts = judgeVersions(
      [
        { number: 1, timeMs: undefined },
        { number: 2, timeMs: 5 },
        { number: 3, timeMs: 6 },
      ],
      { last: 1 },
    );
    assert.deepEqual(verdicts, [['its time is not known'], [], ['last']]);
  });
  test('without a rule all stay', () => {
    assert.deepEqual(judged(['01-01 01:00', '01-01 02:00'], {}), { '01-01 01:00': ['no rule'], '01-01 02:00': ['no rule'] });
  });
});
