import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fewAtOnce } from '../../../runtime/project/host/few-at-once.ts';

test('no more than so many go on at the same time, all are done, and errors free their place', async () => {
  const inSlot = fewAtOnce(3);
  let running = 0;
  let most = 0;
  const ends = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      inSlot(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (index % 7 === 0) throw new Error('no');
        return index;
      }),
    ),
  );
  assert.equal(most, 3);
  assert.deepEqual(
    ends.map((end) => end.status === 'fulfilled'),
    Array.from({ length: 50 }, (_, index) => index % 7 !== 0),
  );
});
