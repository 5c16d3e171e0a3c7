import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openOutputFiles } from '../../runtime/project/output-files.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

test('a list that cannot be written leaves no log open', { skip: process.platform !== 'linux' }, async (context) => {
  const base = await temporaryFolder(context);
  mkdirSync(join(base, 'a folder'));
  const project = {
    verbose: false,
    logFile: { path: join(base, 'log'), mode: 'append' },
    sourceList: { path: join(base, 'a folder'), mode: 'overwrite' },
  } as never;
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 3; round++) {
    assert.throws(() => openOutputFiles(project, {} as never), { name: 'OptionError', option: 'sourceList' });
  }
  assert.equal(readdirSync('/proc/self/fd').length, before);
});
