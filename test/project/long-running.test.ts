import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILT_ARGUMENTS } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const SCRIPT = `import { log, sleep, sync, xfile } from 'sxrun';
const files = Array.from({ length: 10 }, (_, index) => 'one/some/longer/name/of/a/file/' + index);
for (let n = 1; n <= 600; n++) {
  await Promise.all(files.map((file) => xfile.writeText(file, String(n).repeat(n % 7))));
  await sync.do({ roots: ['one', { url: 'two', targetOnly: true }], syncDb: false, guard: false, compare: 'size', name: 'x'.repeat(10_000) + n, isExclude: (path) => path === 'never' });
  await xfile.readText('none').catch(() => undefined);
  await sync.do({ roots: ['one', 'nowhere'] }).catch(() => undefined);
  await sleep(1);
  if (n !== 100 && n !== 600) continue;
  log.warn('round', n);
  while (!(await xfile.exists('measured ' + n))) await sleep(20);
}
`;

test('a script of hundreds of runs, files, errors and pauses leaves nothing behind in the memory of its host', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['one/some/longer/name/of/a/file', 'two']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'a.sync.ts'), SCRIPT);
  const child = spawn(
    process.execPath,
    ['--import', new URL('../kit/telling-memory.mjs', import.meta.url).href, ...BUILT_ARGUMENTS, '-p', '-q', 'a.sync.ts'],
    { cwd: folder, env: { ...process.env, SXRUN_HOME: join(folder, 'home') }, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] },
  );
  t.after(() => child.kill());
  const held: number[] = [];
  const ended = once(child, 'exit');
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (/round \d+/.test(text)) child.send('tell');
  });
  child.on('message', (bytes: number) => {
    held.push(bytes);
    void writeFile(join(folder, `measured ${held.length === 1 ? 100 : 600}`), '');
  });
  assert.deepEqual(await ended, [1, null]);
  const [early = 0, late = Number.POSITIVE_INFINITY] = held;
  assert.ok(late - early < 3 * 2 ** 20, `${late - early} bytes more after 500 rounds`);
});
