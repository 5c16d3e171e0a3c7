import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { progressBar } from '../../runtime/report/progress.ts';
import { formatBytes, formatCount, formatDuration } from '../../runtime/report/sizes.ts';

/** A terminal of one line, as far as `\r` and "erase to the end" go. */
function fakeTerminal(columns: number) {
  const terminal = {
    columns,
    line: '',
    writes: 0,
    write(text: string) {
      terminal.writes++;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence that a bar is drawn with
      const drawn = /^\r([^\u001b\r\n]*)\u001b\[K$/.exec(text);
      assert.ok(drawn, `unexpected sequence ${JSON.stringify(text)}`);
      terminal.line = drawn[1] ?? '';
    },
  };
  return terminal;
}

const MB = 1024 ** 2;
const progress = (files: number, bytes: number): RunEvent => ({ type: 'progress', files, bytes, totalFiles: 100, totalBytes: 100 * MB });

describe('progress bar', () => {
  it('counts entries while the roots are read, then shows share, files, bytes, rate and time left', () => {
    const terminal = fakeTerminal(120);
    let now = 0;
    const bar = progressBar(terminal, () => now);
    bar.read({ type: 'scan', entries: 12345, done: false });
    assert.equal(terminal.line, 'reading the roots: 12,345 entries');
    now += 1000;
    bar.read(progress(0, 0));
    assert.equal(terminal.line, '[--------------------]   0%  0/100 files  0 B of 100 MiB');
    now += 1000;
    bar.read(progress(25, 20 * MB));
    assert.equal(terminal.line, '[###--------------]  20%  25/100 files  20 MiB of 100 MiB  20 MiB/s  4.0 s left');
    bar.close();
  });

  it('fits every width, leaving out what matters less', () => {
    for (let columns = 1; columns < 130; columns++) {
      const terminal = fakeTerminal(columns);
      let now = 0;
      const bar = progressBar(terminal, () => now);
      for (const files of [0, 30, 60]) {
        bar.read(progress(files, files * MB));
        now += 500;
        assert.ok(terminal.line.length < columns, `${columns} columns: ${terminal.line}`);
      }
      bar.close();
    }
  });

  it('follows the terminal when it is resized', () => {
    const terminal = fakeTerminal(100);
    let now = 0;
    const bar = progressBar(terminal, () => now);
    bar.read(progress(50, 50 * MB));
    assert.ok(terminal.line.length > 40);
    terminal.columns = 20;
    now += 1000;
    bar.read(progress(51, 51 * MB));
    assert.equal(terminal.line, ' 51%  51/100 files');
    bar.close();
  });

  it('is not drawn more than ten times a second, and the last state is drawn for sure', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const terminal = fakeTerminal(80);
    const bar = progressBar(terminal, () => 5000);
    for (let files = 1; files <= 99; files++) bar.read(progress(files, files));
    assert.equal(terminal.writes, 1);
    t.mock.timers.tick(100);
    assert.equal(terminal.writes, 2);
    assert.match(terminal.line, /99\/100 files/);
    bar.close();
  });

  it('is gone while lines are written, comes back after them, and leaves nothing at the end of a run', () => {
    const terminal = fakeTerminal(80);
    const bar = progressBar(terminal, () => 0);
    bar.read(progress(10, 10));
    bar.clear();
    assert.equal(terminal.line, '');
    bar.draw();
    assert.match(terminal.line, /10\/100 files/);
    bar.read({ type: 'stopped', cause: 'interrupt', message: 'interrupted' });
    assert.equal(terminal.line, '');
    const writes = terminal.writes;
    bar.draw();
    bar.clear();
    assert.equal(terminal.writes, writes);
  });

  it('measures by files where there are no bytes, and claims no rate before it can know one', () => {
    const terminal = fakeTerminal(80);
    let now = 0;
    const bar = progressBar(terminal, () => now);
    const removals = (files: number): RunEvent => ({ type: 'progress', files, bytes: 0, totalFiles: 1000, totalBytes: 0 });
    bar.read(removals(0));
    assert.equal(terminal.line, '[--------------------]   0%  0/1,000 files');
    now += 1000;
    bar.read(removals(250));
    assert.equal(terminal.line, '[#####---------------]  25%  250/1,000 files  250 files/s  3.0 s left');
    bar.close();
  });
});

describe('figures for people', () => {
  it('are sizes with two or three digits', () => {
    const sizes = [0, 1, 999, 1000, 1024, 1234, 10 * 1024, 1023 * 1024, 1.2 * MB, 2 * 1024 ** 3, 5e15];
    assert.deepEqual(sizes.map(formatBytes), [
      '0 B',
      '1 B',
      '999 B',
      '1.0 KiB',
      '1.0 KiB',
      '1.2 KiB',
      '10 KiB',
      '1.0 MiB',
      '1.2 MiB',
      '2.0 GiB',
      '4.4 PiB',
    ]);
  });

  it('are durations that say as much as they are long', () => {
    assert.deepEqual([0, 0.44, 9.94, 9.96, 59.6, 65.2, 3599, 7385].map(formatDuration), [
      '0.0 s',
      '0.4 s',
      '9.9 s',
      '10 s',
      '1:00 min',
      '1:05 min',
      '59:59 min',
      '2:03:05 h',
    ]);
  });

  it('are counts in groups of three, in every locale', () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
  });
});
