import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pastTime } from '../../runtime/cli/past-time.ts';
import { UsageError } from '../../runtime/cli/usage-error.ts';

const NOW = new Date(2026, 2, 1, 9, 30);

for (const [text, wanted] of [
  ['yesterday 18:00', new Date(2026, 1, 28, 18, 0)],
  ['Yesterday', new Date(2026, 1, 28)],
  ['today 7:05:09', new Date(2026, 2, 1, 7, 5, 9)],
  ['24h', new Date(2026, 1, 28, 9, 30)],
  ['now', NOW],
  ['2024-01-31T18:00', new Date(2024, 0, 31, 18, 0)],
  ['31.01.2024/18:00', new Date(2024, 0, 31, 18, 0)],
] as const) {
  test(`"${text}" is ${wanted.toISOString()} where it is ${NOW.toISOString()}`, () => {
    assert.equal(pastTime('--as-of', text, NOW), wanted.getTime());
  });
}

for (const text of ['yesterday 25:00', 'tomorrow', 'yesterday evening', '']) {
  test(`"${text}" is refused with what can be written`, () => {
    assert.throws(
      () => pastTime('--as-of', text, NOW),
      (error: unknown) => error instanceof UsageError && error.message.includes('yesterday 18:00'),
    );
  });
}
