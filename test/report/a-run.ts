import type { RunEvent } from '../../runtime/engine/events.ts';

const MB = 1024 ** 2;

/** One event of every kind that a run which is not stopped emits. */
export const RUN: readonly RunEvent[] = [
  { type: 'start', project: 'texts', roots: ['/home/me/texts', '/mnt/usb/texts'], simulation: false },
  { type: 'scan', entries: 1000, done: false },
  { type: 'scan', entries: 12345, done: true },
  { type: 'planned', files: 5, bytes: 1.2 * MB },
  { type: 'action', op: 'make', path: 'new', from: undefined, to: 1, reason: 'missing', kind: 'directory' },
  { type: 'action', op: 'copy', path: 'new/a.txt', from: 0, to: 1, reason: 'missing', size: 1.2 * MB, kind: 'file' },
  { type: 'progress', files: 1, bytes: MB, totalFiles: 5, totalBytes: 1.2 * MB },
  { type: 'action', op: 'copy', path: 'b.txt', from: 1, to: 0, reason: 'older', size: 10, kind: 'file' },
  { type: 'action', op: 'move', path: 'old name.txt', from: undefined, to: 1, moved: 'new name.txt', reason: 'moved on root 0', kind: 'file' },
  { type: 'action', op: 'replace', path: 'thing', from: 0, to: 1, reason: 'directory replaced by file', size: 5, kind: 'file' },
  { type: 'action', op: 'touch', path: 'same.txt', from: undefined, to: 1, reason: 'equal content, other time', kind: 'file' },
  { type: 'action', op: 'remove', path: 'gone.txt', from: undefined, to: 1, reason: 'removed on root 0', kind: 'file' },
  { type: 'kept', path: 'c.txt', root: 1, reason: 'target is newer', counted: true },
  { type: 'collision', path: 'd.txt', reason: 'modified on root 0 and root 1', resolved: undefined },
  { type: 'collision', path: 'e.txt', reason: 'modified on root 0 and root 1', resolved: 'newest' },
  { type: 'problem', path: 'f.txt', root: 1, code: 'denied', message: 'cannot be read: permission denied' },
  { type: 'problem', path: '', root: undefined, code: 'slow', message: 'the disk is slow' },
  { type: 'detail', message: 'clock difference 3 s' },
  { type: 'log', level: 'info', message: '5 files' },
  { type: 'log', level: 'warn', message: 'careful\nsecond line' },
  {
    type: 'result',
    project: 'texts',
    simulation: false,
    copied: 3,
    removed: 1,
    made: 1,
    moved: 1,
    kept: 1,
    bytes: 1.2 * MB,
    collisions: 1,
    problems: 2,
    seconds: 65.2,
    end: 'finished',
  },
];
