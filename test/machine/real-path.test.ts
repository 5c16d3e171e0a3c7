import assert from 'node:assert/strict';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { realPathOf } from '../../runtime/machine/real-path.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

test('the real path has links resolved as far as the path exists, and keeps the rest', { skip: process.platform === 'win32' }, async (context) => {
  const folder = await realpath(await temporaryFolder(context));
  await mkdir(join(folder, 'real', 'inner'), { recursive: true });
  await writeFile(join(folder, 'real', 'file'), '');
  await symlink('real', join(folder, 'link'));
  await symlink('loop', join(folder, 'loop'));
  const cases = {
    'link/inner': 'real/inner',
    'link/new/deep': 'real/new/deep',
    'link/file/below': 'real/file/below',
    'real/inner/..': 'real',
    'loop/x': 'loop/x',
  };
  for (const [path, real] of Object.entries(cases)) assert.equal(realPathOf(join(folder, path)), join(folder, real), path);
});
