import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSubProjectTurns } from '../../runtime/project/sub-project-turns.ts';
import { resultsOf, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

test('of each depth four run at once, in the order in which they are asked for, and those within them never wait for them', async () => {
  const turns = createSubProjectTurns();
  const running = [0, 0];
  const most = [0, 0];
  const begun: number[] = [];
  const at = (depth: number, inner: () => Promise<unknown>) =>
    turns(depth, async () => {
      running[depth] = (running[depth] ?? 0) + 1;
      most[depth] = Math.max(most[depth] ?? 0, running[depth]);
      await inner();
      running[depth]--;
    });
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  const outer = Array.from({ length: 10 }, (_, index) =>
    at(0, async () => {
      begun.push(index);
      await Promise.all(Array.from({ length: 3 }, () => at(1, pause)));
    }),
  );
  await Promise.all(outer);
  assert.deepEqual(most, [4, 4]);
  assert.deepEqual(
    begun,
    [...begun].sort((a, b) => a - b),
  );
});

test('project files that are run many at once, and run others many at once, all come to their end', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  const many = (file: string, count: number) =>
    `import { sync } from 'sxrun';\nawait Promise.all(Array.from({ length: ${count} }, () => sync.do('./${file}')));`;
  await writeFile(join(folder, 'a.sync.ts'), many('b.sync.ts', 6));
  await writeFile(join(folder, 'b.sync.ts'), many('c.sync.ts', 3));
  await writeFile(join(folder, 'c.sync.ts'), `export default { roots: ['one', 'two'], syncDb: false };`);
  const outcome = await runBuilt(['-p', '--json', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.deepEqual([outcome.code, resultsOf(outcome).length], [0, 18]);
});
