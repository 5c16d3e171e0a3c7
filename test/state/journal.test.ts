import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { encodeGroup, JOURNAL_FORMAT, readJournal } from '../../runtime/state/journal.ts';
import { Overlay } from '../../runtime/state/overlay.ts';
import { FORMAT_VERSION } from '../../runtime/state/snapshot.ts';
import { withFolder } from './fixtures/database-kit.ts';

test('Ctrl-C is noticed while a large journal is read', () =>
  withFolder(async (path) => {
    const header = Buffer.from(`${JSON.stringify({ format: JOURNAL_FORMAT, version: FORMAT_VERSION, continues: 0 })}\n`);
    const name = 'x'.repeat(1000);
    const groups = Array.from({ length: 12 }, (_, group) =>
      encodeGroup(Array.from({ length: 1000 }, (_, index) => ({ step: 'forget', path: `${name} ${group} ${index}` }))),
    );
    await writeFile(path, Buffer.concat([header, ...groups]));
    const controller = new AbortController();
    const reading = readJournal(path, 0, new Overlay([]), controller.signal);
    setImmediate(() => controller.abort(new Error('Ctrl-C')));
    await assert.rejects(reading, { message: 'Ctrl-C' });
    assert.equal((await readJournal(path, 0, new Overlay([]), new AbortController().signal)).found, 'live');
  }));
