import assert from 'node:assert/strict';
import { mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const SCRIPT = `import { defineProject, log, sync } from 'sxrun';
log.info('in', sync.projectDir, 'as', sync.projectFile);
export default defineProject({ roots: ['one', 'two'], syncDb: true, logFile: 'run.log' });`;

test('a project file that is named through a link has the folder of the real file', { skip: process.platform === 'win32' }, async (context) => {
  const folder = await realpath(await temporaryFolder(context));
  for (const name of ['real/one', 'real/two', 'links']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'real', 'p.sync.ts'), SCRIPT);
  await writeFile(join(folder, 'real', 'one', 'a'), 'a');
  await symlink('../real/p.sync.ts', join(folder, 'links', 'q.sync.ts'));
  await writeFile(join(folder, 'links', 'super.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('q.sync.ts');`);
  const run = (...args: string[]) => runBuilt(args, { currentDir: join(folder, 'links'), home: join(folder, 'home') });

  const { code, stdout, stderr } = await run('-p', 'q.sync.ts');
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`in ${join(folder, 'real')} as ${join(folder, 'real', 'p.sync.ts')}`));
  assert.deepEqual(await readdir(join(folder, 'links')), ['q.sync.ts', 'super.sync.ts']);
  assert.deepEqual((await readdir(join(folder, 'real'))).sort(), ['one', 'p.sync.ts', 'p.sync.ts.syncdb', 'run.log', 'two']);

  const sub = await run('-p', `--allow-read=${folder}`, `--allow-write=${join(folder, 'real')}`, 'super.sync.ts');
  assert.equal(sub.code, 0, sub.stderr);
  assert.match(sub.stdout, new RegExp(`in ${join(folder, 'real')} as`));
});
