import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitPace } from '../../runtime/vfs/backends/zip/commit-pace.ts';

test('a commit that comes soon after another waits until nobody changes the archive', async () => {
  const pace = new CommitPace();
  const hours = 10 * 3_600_000 * 256;
  await pace.due(hours);
  let finish: () => void = () => undefined;
  const changing = pace.changing(() => new Promise<void>((resolve) => (finish = resolve)));
  let isDue = false;
  const due = pace.due(hours).then(() => {
    isDue = true;
  });
  await new Promise(setImmediate);
  assert.equal(isDue, false);
  finish();
  await Promise.all([changing, due]);
  assert.equal(isDue, true);
  await pace.due(hours);
});

test('a cheap commit, and one while nothing is changed, comes at once', async () => {
  const pace = new CommitPace();
  await pace.due(1e12);
  await pace.due(1e12);
  await pace.changing(() => pace.due(0));
});
