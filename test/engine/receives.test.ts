import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getsFiles, receives } from '../../runtime/engine/receives.ts';

const source = { targetOnly: false };
const target = { targetOnly: true };

test('the only source gets no files, all other roots do', () => {
  assert.deepEqual([getsFiles(0, [source, target]), getsFiles(1, [source, target])], [false, true]);
  assert.deepEqual([getsFiles(0, [source, target, source]), getsFiles(2, [source, target, source])], [true, true]);
});

test('killFiles changes the only source, too', () => {
  assert.deepEqual([receives(0, [source, target], []), receives(0, [source, target], ['*.tmp'])], [false, true]);
});
