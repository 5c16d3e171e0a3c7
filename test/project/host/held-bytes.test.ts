import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HeldBytes } from '../../../runtime/project/host/held-bytes.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { callHost, hostContext } from './host-context.ts';

const never = new AbortController().signal;

/** Whether a promise has settled when all jobs are done. */
async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  let settled = promise === undefined;
  void promise?.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('what there is room for is held at once, and the rest waits in order until something ends', async () => {
  const held = new HeldBytes(100, never);
  const [one, two, three] = [held.share(), held.share(), held.share()];
  assert.equal(one.hold(60), undefined);
  const second = two.hold(50);
  const third = three.hold(10);
  assert.deepEqual([await isSettled(second), await isSettled(third)], [true, false], 'one may go beyond, so that it comes to its end');
  two.end();
  assert.equal(await isSettled(third), true);
});

test('only one goes beyond the room at a time, until it ends', async () => {
  const held = new HeldBytes(100, never);
  const [one, two] = [held.share(), held.share()];
  assert.equal(one.hold(90), undefined);
  assert.equal(two.hold(90), undefined);
  assert.equal(two.hold(500), undefined);
  const first = one.hold(1);
  assert.equal(await isSettled(first), false);
  two.end();
  assert.equal(await isSettled(first), true);
});

test('nothing more begins while the script does not take its answers', async () => {
  const held = new HeldBytes(100, never);
  held.setUntaken(90);
  const share = held.share();
  const room = share.hold(20);
  const caughtUp = held.caughtUp();
  assert.deepEqual([await isSettled(room), await isSettled(caughtUp)], [false, false]);
  held.setUntaken(10);
  assert.deepEqual([await isSettled(room), await isSettled(caughtUp)], [true, true]);
});

test('at the end of the script nothing waits any more', async () => {
  const ending = new AbortController();
  const held = new HeldBytes(100, ending.signal);
  held.setUntaken(1000);
  const room = held.share().hold(20);
  const caughtUp = held.caughtUp();
  ending.abort();
  assert.deepEqual([await isSettled(room), await isSettled(caughtUp)], [true, true]);
  assert.equal(held.share().hold(1e9), undefined);
});

test('calls are refused when what they were sent with is too much in all', () => {
  const held = new HeldBytes(100, never);
  const first = held.request(80);
  assert.equal(held.request(30), undefined);
  first?.();
  assert.notEqual(held.request(30), undefined);
});

test('a file is not read before the script has taken what was read before', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a.txt'), 'a');
  const context = await hostContext(t, { folder });
  context.held.setUntaken(2 ** 30);
  let answers = 0;
  const reads = (['xfile.readText', 'xfile.readBytes', 'xfile.list'] as const).map((method) =>
    callHost(context, method, { url: method === 'xfile.list' ? '.' : 'a.txt' }).then(() => answers++),
  );
  await callHost(context, 'xfile.writeText', { url: 'b.txt', text: 'what is written does not wait' });
  assert.equal(answers, 0);
  context.held.setUntaken(0);
  await Promise.all(reads);
  assert.equal(answers, 3);
});
