import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { tuneEngine, untuneEngine, untunedWhileStarting, withLateOptimization } from '../../runtime/machine/tune-engine.ts';

const SOURCE = '(function () { return 42; })';
const compiled = new Script(SOURCE).createCachedData();

const TRYING = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage(new (require('node:vm').Script)(workerData.source, { cachedData: workerData.compiled }).cachedDataRejected);`;

/** Whether V8 takes what it compiled at the beginning, in a thread that has never seen the source. */
async function isTaken(): Promise<boolean> {
  const thread = new Worker(TRYING, { eval: true, workerData: { source: SOURCE, compiled } });
  const [isRejected] = (await once(thread, 'message')) as [boolean];
  await thread.terminate();
  return !isRejected;
}

test('after WebAssembly was compiled V8 takes what was compiled before: its flags are as usual again', async () => {
  assert.equal(await isTaken(), true);
  withLateOptimization(() => assert.equal(isTakenNow(), false));
  assert.throws(() => withLateOptimization(() => assert.fail('it cannot be compiled')), /cannot be compiled/);
  assert.equal(await isTaken(), true);
});

test('while a thread starts the flags are as usual, and at the end when that is asked for', async () => {
  tuneEngine();
  assert.equal(await isTaken(), false);
  const thread = new Worker('require("node:worker_threads").parentPort.once("message", () => undefined);', { eval: true });
  untunedWhileStarting(thread);
  assert.equal(isTakenNow(), true);
  await once(thread, 'online');
  assert.equal(await isTaken(), false, 'tuned again');
  thread.postMessage('');
  await once(thread, 'exit');
  untuneEngine();
  assert.equal(await isTaken(), true);
});

/** Without giving the thread that starts its turn: what V8 compiles now is as what it compiled at the beginning, but for the source. */
function isTakenNow(): boolean {
  const now = new Script(SOURCE.replace('42', '43')).createCachedData();
  return compiled.subarray(0, HEADER).equals(now.subarray(0, HEADER));
}

/** Magic number, version, length of the source, flags. */
const HEADER = 16;
