import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import type { CheckedProject } from '../../runtime/project/options/options.ts';
import { openOutputFiles } from '../../runtime/project/output-files.ts';
import { shownEvent } from '../../runtime/project/shown-event.ts';
import { createRedactor } from '../../runtime/project/redact.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

function hiding(...values: readonly string[]) {
  const secrets = createRedactor();
  for (const value of values) secrets.add(value);
  return secrets;
}

const copied = (path: string): RunEvent => ({ type: 'action', op: 'copy', path, from: 0, to: 1, reason: 'missing', kind: 'file' });

test('every text of an event is hidden, also in lists; words of ours and numbers stay', () => {
  const secrets = hiding('hunter22', 'copy', 'action', 'error');
  const events: readonly [RunEvent, RunEvent][] = [
    [
      { type: 'log', level: 'error', message: 'it is hunter22' },
      { type: 'log', level: 'error', message: 'it is ***' },
    ],
    [
      { type: 'start', project: 'hunter22', roots: ['/a', 'sftp://me:hunter22@h/'], simulation: false },
      { type: 'start', project: '***', roots: ['/a', 'sftp://me:***@h/'], simulation: false },
    ],
    [
      { type: 'stopped', cause: 'error', message: 'hunter22' },
      { type: 'stopped', cause: 'error', message: '***' },
    ],
    [
      { type: 'guard', planId: 'hunter22', reasons: ['hunter22'], approved: false },
      { type: 'guard', planId: 'hunter22', reasons: ['***'], approved: false },
    ],
    [
      { type: 'problem', path: 'a/hunter22', root: 1, code: 'error', message: 'no hunter22' },
      { type: 'problem', path: 'a/***', root: 1, code: 'error', message: 'no ***' },
    ],
    [copied('hunter22.txt'), copied('***.txt')],
  ];
  for (const [event, shown] of events) assert.deepEqual(shownEvent(event, secrets), shown);
});

test('an event without a secret stays the same object', () => {
  const event = copied('a.txt');
  assert.equal(shownEvent(event, hiding('hunter22')), event);
  assert.equal(shownEvent(event, createRedactor()), event);
});

test('a secret does not get into the log file, and the list for programs names paths as they are', async (t) => {
  const folder = await temporaryFolder(t);
  const file = (name: string) => ({ path: join(folder, name), mode: 'overwrite' as const });
  const project = { verbose: true, logFile: file('log'), sourceList: file('list') } as CheckedProject;
  const files = openOutputFiles(project, { emit: (event) => assert.fail(JSON.stringify(event)), secrets: hiding('hunter22') });
  files.read(copied('hunter22.txt'));
  files.read({ type: 'log', level: 'info', message: `as ${Buffer.from('me:hunter22').toString('base64')}` });
  await files.close();
  assert.doesNotMatch(await readFile(join(folder, 'log'), 'utf8'), /hunter22|aHVudGVyMj/);
  assert.match(await readFile(join(folder, 'list'), 'utf8'), /hunter22\.txt$/m);
});

test('of an overlong text the beginning is shown, of a log line and a refusal more; a path is whole', () => {
  const secrets = hiding('hunter22');
  const long = (text: string, times: number) => text.repeat(times);
  const shown = (event: RunEvent) => shownEvent(event, secrets);
  const message = long('x', 1_000_000);
  const cut = `${long('x', 40_000)}… (1000000 characters)`;
  assert.deepEqual(shown({ type: 'stopped', cause: 'error', message }), { type: 'stopped', cause: 'error', message: cut });
  assert.deepEqual(shown({ type: 'suppressed', step: message }), { type: 'suppressed', step: cut });
  const start = { type: 'start', simulation: false } as const;
  assert.deepEqual(shown({ ...start, project: message, roots: ['/a', message] }), { ...start, project: cut, roots: ['/a', cut] });
  const report = `${long('x', 200_000)}… (1000000 characters)`;
  assert.deepEqual(shown({ type: 'log', level: 'info', message }), { type: 'log', level: 'info', message: report });
  assert.deepEqual(shown({ type: 'stopped', cause: 'permission', message }), { type: 'stopped', cause: 'permission', message: report });
  const whole = copied(message);
  assert.equal(shown(whole), whole);
  // Neither a secret nor a character of two units is cut through.
  assert.deepEqual(shown({ type: 'detail', message: `${long('x', 39_994)}hunter22hunter22` }), {
    type: 'detail',
    message: `${long('x', 39_994)}******`,
  });
  const pairs = shown({ type: 'detail', message: `x${long('😀', 30_000)}` });
  assert.deepEqual(pairs, { type: 'detail', message: `x${long('😀', 19_999)}… (60001 characters)` });
});
