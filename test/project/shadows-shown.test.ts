import assert from 'node:assert/strict';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventsOf, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

test('the shadows of a root are shown below it, and are in the JSON of the start', async (context) => {
  const folder = await realpath(await temporaryFolder(context));
  for (const name of ['one', 'two', 'copy']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'p.sync.ts'), `export default { roots: ['one', { url: 'two', targetOnly: true, shadow: 'copy' }] };`);
  const run = (...args: string[]) => runBuilt(['-p', ...args, 'p.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.ok((await run()).stdout.includes(`  root 1  ${join(folder, 'two')}\n          shadow ${join(folder, 'copy')}\n`));
  const [start] = eventsOf(await run('--json'));
  assert.deepEqual(start?.type === 'start' && start.shadows, [[], [join(folder, 'copy')]]);
});
