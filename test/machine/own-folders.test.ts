import assert from 'node:assert/strict';
import { isAbsolute, join, resolve } from 'node:path';
import { test } from 'node:test';
import { ownFolders } from '../../runtime/machine/own-folders.ts';

test('the usual folders are absolute, named sxrun, and all protected', () => {
  const folders = ownFolders('');
  for (const folder of [folders.config, folders.data, folders.cache]) {
    assert.ok(isAbsolute(folder) && folder.includes('sxrun'), folder);
    assert.ok(folders.protected.includes(folder));
  }
});

test('SXRUN_HOME moves all of them, and the usual ones stay protected', () => {
  const home = resolve('somewhere');
  const folders = ownFolders('somewhere');
  assert.deepEqual([folders.config, folders.data, folders.cache], [join(home, 'config'), join(home, 'data'), join(home, 'cache')]);
  for (const folder of [...ownFolders('').protected, folders.config, folders.data, folders.cache])
    assert.ok(folders.protected.includes(folder), folder);
});
