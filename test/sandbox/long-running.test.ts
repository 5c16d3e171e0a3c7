import assert from 'node:assert/strict';
import test from 'node:test';
import { RESULT, run } from './script-kit.ts';

const IMPORT = "import { sync, log, sleep } from 'sxrun';\n";

test('a loop of hundreds of runs with callbacks and timers ends in as little memory as one of a hundred, and releases all of it', async () => {
  const rounds = (count: number) =>
    run(
      `${IMPORT}for (let n = 0; n < ${count}; n++) {
  const kept = 'x'.repeat(20_000);
  await sync.do({ roots: ['one', 'two'], name: kept + n, isExclude: () => kept.length === n, onCollision: async () => 'skip' as const });
  await sleep(0);
  log.info(n);
}`,
      // 600 rounds have 24 MB of texts alone.
      { limits: { memoryBytes: 4 * 2 ** 20 }, call: () => Promise.resolve(RESULT) },
    );
  for (const count of [100, 600]) {
    // The run itself checks that the engine has released every handle.
    const { end, log, calls } = await rounds(count);
    assert.deepEqual([end.end, log.length, calls.length], ['finished', count, count]);
  }
});
