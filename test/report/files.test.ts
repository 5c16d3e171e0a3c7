import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunEvent } from '../../runtime/engine/events.ts';
import type { EventFile } from '../../runtime/report/event-file.ts';
import { logFile } from '../../runtime/report/log-file.ts';
import { sourceList } from '../../runtime/report/source-list.ts';
import { RUN } from './a-run.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-report-'));
});
after(() => rmSync(folder, { recursive: true }));

async function written(name: string, flags: 'a' | 'w', open: (fd: number) => EventFile, events: readonly RunEvent[]): Promise<string> {
  const path = join(folder, name);
  const fd = openSync(path, flags);
  const file = open(fd);
  for (const event of events) file.read(event);
  await file.close();
  closeSync(fd);
  return readFileSync(path, 'utf8');
}

describe('log file', () => {
  it('has every line that is shown, each with its time, and adds to what is there', async () => {
    writeFileSync(join(folder, 'run.log'), 'before\n');
    const now = () => new Date(2026, 10, 22, 4, 5, 6);
    const text = await written('run.log', 'a', (fd) => logFile(fd, { verbose: false, now }), RUN);
    const lines = text.split('\n');
    assert.equal(lines[0], 'before');
    assert.equal(lines[1], '2026-11-22 04:05:06 texts');
    assert.ok(lines.includes('2026-11-22 04:05:06 copy       0 → 1  new/a.txt (missing)'));
    assert.ok(lines.slice(1, -1).every((line) => line.startsWith('2026-11-22 04:05:06 ')));
    assert.equal(lines.at(-1), '');
  });

  it('says once when the disk takes no more, and goes on without a throw', {
    skip: process.platform !== 'linux' && '/dev/full is Linux',
  }, async () => {
    const lost: string[] = [];
    const fd = openSync('/dev/full', 'w');
    const file = logFile(fd, { verbose: false, now: () => new Date(0), onLost: (error) => lost.push(error.message) });
    for (let i = 0; i < 5000; i++) for (const event of RUN) file.read(event);
    await file.close();
    closeSync(fd);
    assert.equal(lost.length, 1);
    assert.match(lost[0] ?? '', /ENOSPC/);
  });
});

describe('source list', () => {
  it('has a line a file: where it was copied from, or what was removed', async () => {
    assert.equal(
      await written('a.lst', 'w', (fd) => sourceList(fd), RUN),
      `/home/me/texts/new/a.txt
/mnt/usb/texts/b.txt
remove /mnt/usb/texts/old name.txt
/mnt/usb/texts/new name.txt
/home/me/texts/thing
remove /mnt/usb/texts/gone.txt
`,
    );
  });

  it('names a file once however many roots get it, and again in the next run', async () => {
    const start: RunEvent = { type: 'start', project: 'p', roots: ['/a', '/b/', '/c'], simulation: false };
    const copy = (to: number): RunEvent => ({ type: 'action', op: 'copy', path: 'x', from: 0, to, reason: 'missing', kind: 'file' });
    const remove = (to: number): RunEvent => ({ type: 'action', op: 'remove', path: 'y', from: undefined, to, reason: 'removed', kind: 'file' });
    const text = await written('b.lst', 'w', (fd) => sourceList(fd), [start, copy(1), remove(1), remove(2), copy(2), start, copy(1)]);
    assert.equal(text, '/a/x\nremove /b/y\nremove /c/y\n/a/x\n');
  });

  it('keeps a line a path when a name has a line break, and speaks Windows where the root does', async () => {
    const text = await written('c.lst', 'w', (fd) => sourceList(fd), [
      { type: 'start', project: 'p', roots: ['C:\\texts', '\\\\server\\texts'], simulation: false },
      { type: 'action', op: 'copy', path: 'd/x', from: 0, to: 1, reason: 'missing', kind: 'file' },
      { type: 'action', op: 'remove', path: 'e/f', from: undefined, to: 1, reason: 'removed', kind: 'file' },
      { type: 'start', project: 'p', roots: ['/a', '/b'], simulation: false },
      { type: 'action', op: 'remove', path: 'x\nremove /etc/passwd', from: undefined, to: 1, reason: 'removed', kind: 'file' },
    ]);
    assert.equal(text, 'C:\\texts\\d\\x\nremove \\\\server\\texts\\e\\f\nremove "/b/x\\nremove /etc/passwd"\n');
  });
});
