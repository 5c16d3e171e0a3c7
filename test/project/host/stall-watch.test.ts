import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createStallWatch } from '../../../runtime/project/host/stall-watch.ts';

function watched(longestMs: number) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let stalls = 0;
  return { watch: createStallWatch(longestMs, () => stalls++), stalls: () => stalls, tick: (ms: number) => mock.timers.tick(ms) };
}
test.afterEach(() => mock.timers.reset());

test('a program that has its input and whose output is waited for stalls when nothing comes', () => {
  const { watch, stalls, tick } = watched(1000);
  watch.outputIsWanted(true);
  tick(999);
  assert.equal(stalls(), 0);
  tick(1);
  assert.equal(stalls(), 1);
});

test('a slow source and a slow reader are no fault of the program', () => {
  const { watch, stalls, tick } = watched(1000);
  watch.outputIsWanted(true);
  watch.inputIsWanted(true);
  tick(5000);
  watch.outputIsWanted(false);
  watch.inputIsWanted(false);
  tick(5000);
  assert.equal(stalls(), 0);
});

test('every sign of life gives it its whole time again', () => {
  const { watch, stalls, tick } = watched(1000);
  for (let i = 0; i < 5; i++) {
    watch.outputIsWanted(true);
    tick(900);
    watch.outputIsWanted(false);
  }
  assert.equal(stalls(), 0);
});

test('a shorter time counts from when it is set, and a longer one does not', () => {
  const { watch, stalls, tick } = watched(1000);
  watch.outputIsWanted(true);
  tick(900);
  watch.limitTo(200);
  watch.limitTo(10_000);
  tick(199);
  assert.equal(stalls(), 0);
  tick(1);
  assert.equal(stalls(), 1);
});

test('a watch that is stopped says nothing', () => {
  const { watch, stalls, tick } = watched(1000);
  watch.outputIsWanted(true);
  watch.stop();
  watch.outputIsWanted(true);
  tick(5000);
  assert.equal(stalls(), 0);
});
