import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { ProcessContext } from '../../runtime/cli/process-context.ts';
import { terminalAsk } from '../../runtime/cli/prompts.ts';

const QUESTION = {
  projectFile: '/home/me/x\u001b[2J.sync.ts',
  needs: ['reads /a\nb', 'writes and removes in /mnt'],
  changedSinceAllowed: true,
  canRemember: true,
};
const DOWN = '\u001b[B';

/** A terminal whose user types `keys` when the question stands there. */
function asking(keys: string, signal: AbortSignal = new AbortController().signal) {
  const stdin = new PassThrough();
  const stderr = new PassThrough();
  const seen = { text: '', steps: [] as string[] };
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const stood = seen.text.includes('Allow?');
    seen.text += chunk;
    if (!stood && seen.text.includes('Allow?')) setImmediate(() => stdin.write(keys));
  });
  const ask = terminalAsk({
    context: { stdin, stderr } as unknown as ProcessContext,
    signal,
    pause() {
      seen.steps.push('pause');
      return { resume: () => seen.steps.push('resume') };
    },
    onAbandon: () => seen.steps.push('abandon'),
  });
  return { ask, seen };
}

describe('permission question', () => {
  it('lists all needs harmlessly, says what changed, and gives nothing for a mere ENTER', async () => {
    const { ask, seen } = asking('\r');
    assert.equal(await ask.permission(QUESTION), 'no');
    assert.ok(
      seen.text.startsWith(
        '/home/me/x\\x1b[2J.sync.ts wants more than its own folder. It, or a file it runs, has changed since it was allowed.\n  reads /a\\nb\n  writes and removes in /mnt\n',
      ),
      JSON.stringify(seen.text),
    );
    assert.deepEqual(seen.steps, ['pause', 'resume']);
  });

  it('is answered with once or always', async () => {
    assert.equal(await asking(`${DOWN}\r`).ask.permission(QUESTION), 'once');
    assert.equal(await asking(`${DOWN}${DOWN}\r`).ask.permission(QUESTION), 'always');
  });

  it('offers no "always" to a project that has no file', async () => {
    const { ask, seen } = asking('\r');
    await ask.permission({ ...QUESTION, canRemember: false });
    assert.doesNotMatch(seen.text, /always/);
  });

  it('left with Ctrl-C is a no, and an interrupt', async () => {
    const { ask, seen } = asking('\u0003');
    assert.equal(await ask.permission(QUESTION), 'no');
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });

  it('ends when a signal stops the run', async () => {
    const stop = new AbortController();
    const { ask, seen } = asking('', stop.signal);
    setImmediate(() => stop.abort());
    assert.equal(await ask.permission(QUESTION), 'no');
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });
});
