import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { openScreen, type ScreenOptions, type StandardStream } from '../../runtime/report/screen.ts';
import { RUN } from './a-run.ts';

/** A terminal that standard output and standard error share, as far as a screen uses it. */
function fakeTerminal() {
  const written = { text: '' };
  const stream = {
    isTTY: true,
    fd: -1,
    columns: 80,
    on: () => stream,
    write(text: string) {
      written.text += text;
      return true;
    },
  };
  return { written, stream: stream as unknown as StandardStream };
}

/** What is left to see: a bar that was erased is not. */
function visible(text: string): string[] {
  const lines = stripVTControlCharacters(text.replaceAll('\u001b[K', '\u0000')).split('\n');
  return lines.map((line) => {
    const last = line.lastIndexOf('\u0000');
    const drawn = last < 0 ? line : line.slice(0, last).slice(line.slice(0, last).lastIndexOf('\r') + 1) + line.slice(last + 1);
    return drawn.replaceAll('\r', '');
  });
}

function openOn(stream: StandardStream, options: Partial<ScreenOptions> = {}) {
  return openScreen({
    stdout: stream,
    stderr: stream,
    env: { NO_COLOR: '1' },
    json: false,
    quiet: false,
    verbose: false,
    approval: String,
    onLost: () => assert.fail('the terminal is there'),
    ...options,
  });
}

describe('screen', () => {
  it('draws a bar below the lines and leaves only the lines', async () => {
    const { written, stream } = fakeTerminal();
    const screen = openOn(stream);
    screen.emit({ type: 'start', project: 'p', roots: ['/a', '/b'], simulation: false });
    screen.emit({ type: 'progress', files: 1, bytes: 5, totalFiles: 10, totalBytes: 50 });
    screen.emit({ type: 'action', op: 'copy', path: 'a', from: 0, to: 1, reason: 'missing', kind: 'file' });
    screen.flush();
    screen.emit({ type: 'progress', files: 10, bytes: 50, totalFiles: 10, totalBytes: 50 });
    screen.emit({ type: 'stopped', cause: 'error', message: 'enough' });
    await screen.close();
    assert.match(written.text, /1\/10 files/);
    assert.deepEqual(visible(written.text), ['p', '  root 0  /a', '  root 1  /b', 'copy       0 → 1  a (missing)', 'stopped    enough', '']);
  });

  it('is silent while a question is open, and then shows what happened meanwhile', async () => {
    const { written, stream } = fakeTerminal();
    const screen = openOn(stream);
    screen.emit({ type: 'progress', files: 1, bytes: 5, totalFiles: 10, totalBytes: 50 });
    const first = screen.pause();
    const second = screen.pause();
    const before = written.text;
    for (const event of RUN) screen.emit(event);
    first.resume();
    assert.equal(written.text, before);
    second.resume();
    await screen.close();
    assert.equal(visible(written.text.slice(before.length)).filter((line) => line.startsWith('copy')).length, 2);
  });

  it('writes JSON and nothing else when it is asked for JSON', async () => {
    const { written, stream } = fakeTerminal();
    const screen = openOn(stream, { json: true });
    for (const event of RUN) screen.emit(event);
    await screen.close();
    assert.deepEqual(
      written.text
        .slice(0, -1)
        .split('\n')
        .map((line) => JSON.parse(line).type),
      RUN.map((event) => event.type),
    );
  });

  it('has no bar when it is quiet', async () => {
    const { written, stream } = fakeTerminal();
    const screen = openOn(stream, { quiet: true });
    screen.emit({ type: 'progress', files: 1, bytes: 5, totalFiles: 10, totalBytes: 50 });
    await screen.close();
    assert.equal(written.text, '');
  });
});
