import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { ProcessContext } from '../../runtime/cli/process-context.ts';
import { terminalAsk } from '../../runtime/cli/prompts.ts';

const PERMISSION = {
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
    assert.equal(await ask.permission(PERMISSION), 'no');
    assert.ok(
      seen.text.startsWith(
        '/home/me/x\\x1b[2J.sync.ts wants more than its own folder. It, or a file it runs, has changed since it was allowed.\n  reads /a\\nb\n  writes and removes in /mnt\n',
      ),
      JSON.stringify(seen.text),
    );
    assert.deepEqual(seen.steps, ['pause', 'resume']);
  });

  it('is answered with once or always', async () => {
    assert.equal(await asking(`${DOWN}\r`).ask.permission(PERMISSION), 'once');
    assert.equal(await asking(`${DOWN}${DOWN}\r`).ask.permission(PERMISSION), 'always');
  });

  it('offers no "always" to a project that has no file', async () => {
    const { ask, seen } = asking('\r');
    await ask.permission({ ...PERMISSION, canRemember: false });
    assert.doesNotMatch(seen.text, /always/);
  });

  it('left with Ctrl-C is a no, and an interrupt', async () => {
    const { ask, seen } = asking('\u0003');
    assert.equal(await ask.permission(PERMISSION), 'no');
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });

  it('ends when a signal stops the run', async () => {
    const stop = new AbortController();
    const { ask, seen } = asking('', stop.signal);
    setImmediate(() => stop.abort());
    assert.equal(await ask.permission(PERMISSION), 'no');
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });
});

/** A terminal whose user answers each question with the next keys when it stands there: `[text of the question, keys]`; or something else happens then. */
function conversation(dialogue: readonly (readonly [string, string | (() => void)])[], signal: AbortSignal = new AbortController().signal) {
  const stdin = new PassThrough();
  // Like a terminal it outlives the prompts, which end what they write to.
  const stderr = Object.assign(new PassThrough(), { end: () => undefined });
  const open = [...dialogue];
  const seen = { text: '', steps: [] as string[] };
  let since = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    seen.text += chunk;
    since += chunk;
    const [next] = open;
    if (next === undefined || !since.includes(next[0])) return;
    since = '';
    open.shift();
    const [, answer] = next;
    setImmediate(() => (typeof answer === 'string' ? stdin.write(answer) : answer()));
  });
  const ask = terminalAsk({
    context: { stdin, stderr } as unknown as ProcessContext,
    signal,
    pause: () => {
      seen.steps.push('pause');
      return { resume: () => seen.steps.push('resume') };
    },
    onAbandon: () => seen.steps.push('abandon'),
  });
  return { ask, seen, open };
}

describe('a question of a script', () => {
  const WANTED = new AbortController().signal;
  const QUESTION = { script: 'photos.sync.ts', text: 'Which\u001b[2J\u202e year?', hidden: false };

  it('says whose it is, shows nothing that acts on the terminal, and is answered with what is typed', async () => {
    const { ask, seen } = conversation([['year?', '2024\r']]);
    assert.equal(await ask.answer(QUESTION, WANTED), '2024');
    assert.ok(seen.text.includes('photos.sync.ts asks: Which\\x1b[2J\\u202e year?'), JSON.stringify(seen.text));
    assert.deepEqual(seen.steps, ['pause', 'resume']);
  });

  it('that is hidden shows nothing of the answer', async () => {
    const { ask, seen } = conversation([['year?', 'hunter-22\r']]);
    assert.equal(await ask.answer({ ...QUESTION, hidden: true }, WANTED), 'hunter-22');
    assert.ok(!seen.text.includes('hunter'));
  });

  it('left with Ctrl-C ends the run', async () => {
    const { ask, seen } = conversation([['year?', '\u0003']]);
    assert.equal(await ask.answer(QUESTION, WANTED), undefined);
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });

  it('waits until the one before it is answered, whoever asked', async () => {
    const { ask, seen, open } = conversation([
      ['first', 'one\r'],
      ['Allow?', '\r'],
      ['last', 'three\r'],
    ]);
    const answers = [
      ask.answer({ ...QUESTION, text: 'first' }, WANTED),
      ask.permission(PERMISSION),
      ask.answer({ ...QUESTION, text: 'last' }, WANTED),
    ];
    assert.deepEqual(await Promise.all(answers), ['one', 'no', 'three']);
    assert.deepEqual(seen.steps, ['pause', 'resume', 'pause', 'resume', 'pause', 'resume']);
    assert.deepEqual(open, []);
  });

  it('goes with its script, and the run goes on', async () => {
    const ended = new AbortController();
    const { ask, seen } = conversation([
      ['first', () => ended.abort()],
      ['next', 'two\r'],
    ]);
    const answers = [ask.answer({ ...QUESTION, text: 'first' }, ended.signal), ask.answer({ ...QUESTION, text: 'next' }, WANTED)];
    assert.deepEqual(await Promise.all(answers), [undefined, 'two']);
    assert.deepEqual(seen.steps, ['pause', 'resume', 'pause', 'resume']);
  });

  it('is not asked any more when the one before it ended the run', async () => {
    const stop = new AbortController();
    const { ask, seen } = conversation([], stop.signal);
    const answers = [
      ask.answer({ ...QUESTION, text: 'first' }, WANTED),
      ask.answer({ ...QUESTION, text: 'next' }, WANTED),
      ask.permission(PERMISSION),
    ];
    setImmediate(() => stop.abort());
    assert.deepEqual(await Promise.all(answers), [undefined, undefined, 'no']);
    assert.ok(!seen.text.includes('next') && !seen.text.includes('wants more'), seen.text);
  });
});

describe('a password that sxrun needs', () => {
  const QUESTION = { name: 'password:sftp://me@host', text: 'Password of me@host', isTypedTwice: false };

  it('is hidden, and kept only when that is chosen', async () => {
    const { ask, seen } = conversation([
      ['Password of me@host', 'hunter-22\r'],
      ['Keep it?', '\r'],
    ]);
    assert.deepEqual(await ask.secret(QUESTION), { value: 'hunter-22', keep: false });
    assert.ok(!seen.text.includes('hunter'));
    const keeping = conversation([
      ['Password of me@host', '\r'],
      ['Nothing was typed', 'hunter-22\r'],
      ['Keep it?', `${DOWN}\r`],
    ]);
    assert.deepEqual(await keeping.ask.secret(QUESTION), { value: 'hunter-22', keep: true });
    assert.ok(keeping.seen.text.includes('sxrun secret remove password:sftp://me@host'));
  });

  it('that locks something is typed until it is the same twice', async () => {
    const { ask } = conversation([
      ['Password of me@host', 'hunter-22\r'],
      ['The same again', 'hunter-2\r'],
      ['They differ. Password of me@host once more', 'hunter-23\r'],
      ['The same again', 'hunter-23\r'],
      ['Keep it?', '\r'],
    ]);
    assert.deepEqual(await ask.secret({ ...QUESTION, isTypedTwice: true }), { value: 'hunter-23', keep: false });
  });

  it('is not taken when the question is left open half-way', async () => {
    const { ask, seen } = conversation([
      ['Password of me@host', 'hunter-22\r'],
      ['Keep it?', '\u0003'],
    ]);
    assert.equal(await ask.secret(QUESTION), undefined);
    assert.deepEqual(seen.steps, ['pause', 'abandon', 'resume']);
  });
});

describe('something that sxrun itself wants', () => {
  const EMPTY = { text: '/mnt/s\u001b[2Jtick holds "photos". Remove ALL of that for good?', yes: 'Remove all of it', no: 'No', isYesFirst: false };

  it('is a no for a mere ENTER where the yes destroys something, and names are shown harmlessly', async () => {
    const { ask, seen } = conversation([['Remove ALL', '\r']]);
    assert.equal(await ask.confirm(EMPTY), false);
    assert.ok(seen.text.includes('\\x1b[2J'), JSON.stringify(seen.text));
  });

  it('is a yes when that is chosen', async () => {
    const { ask } = conversation([['Remove ALL', `${DOWN}\r`]]);
    assert.equal(await ask.confirm(EMPTY), true);
  });

  it('is a yes for a mere ENTER where that comes first', async () => {
    const { ask } = conversation([['Put in', '\r']]);
    assert.equal(await ask.confirm({ text: 'Put in medium 2', yes: 'It is in', no: 'Stop here', isYesFirst: true }), true);
  });

  it('is a no when the question is left open', async () => {
    const { ask, seen } = conversation([['Put in', '\u0003']]);
    assert.equal(await ask.confirm({ text: 'Put in medium 2', yes: 'It is in', no: 'Stop here', isYesFirst: true }), false);
    assert.ok(seen.steps.includes('abandon'));
  });
});
