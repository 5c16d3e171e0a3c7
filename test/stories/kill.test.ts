import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { temporaryFolder, type FoldersRun } from '../kit/sync-folders.ts';
import { edit, file, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';

const PROCESS = fileURLToPath(new URL('../kit/sync-folders-process.ts', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/sxrun.cjs', import.meta.url));
/** How often a run is killed before it is let through. */
const KILLS = Number(process.env['SXRUN_KILLS'] ?? 8);
const FILES = 120;

describe('the real process killed at random moments', { timeout: 300_000 }, () => {
  const title = 'leaves every path old or new and converges by running again';
  test(`${title}, with database`, async (context) => {
    await killAndRepeat(context, (one, two, folder) => {
      const run: FoldersRun = { folders: [one, two], options: { syncRemove: true, guard: false }, database: join(folder, 'p.syncdb') };
      return ['--import', 'tsx', PROCESS, JSON.stringify(run)];
    });
  });
  test(`${title}, as a mirror without database`, async (context) => {
    await killAndRepeat(context, (one, two) => {
      const run: FoldersRun = { folders: [one, { path: two, targetOnly: true }], options: { mirror: true, guard: false } };
      return ['--import', 'tsx', PROCESS, JSON.stringify(run)];
    });
  });
  test(`${title}, as the built command`, { skip: existsSync(COMMAND) ? false : 'not built' }, async (context) => {
    await killAndRepeat(context, async (_one, _two, folder) => {
      const project = join(folder, 'p.sync.ts');
      const options = `{ roots: ['one', 'two'], syncRemove: true, guard: false }`;
      await writeFile(project, `import { defineProject } from 'sxrun';\nexport default defineProject(${options});\n`);
      return [COMMAND, '--allow-all', '--no-prompt', project];
    });
  });
});

/** The arguments for Node of one run over the two folders; it writes something when it starts. */
type Arguments = (one: string, two: string, folder: string) => readonly string[] | Promise<readonly string[]>;

async function killAndRepeat(context: TestContext, argumentsOf: Arguments): Promise<void> {
  const folder = await temporaryFolder(context);
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  await Promise.all([mkdir(one), mkdir(two)]);
  const args = await argumentsOf(one, two, folder);
  await put(one, { ...manyFiles('first'), turned: 'file', 'full/x': 'x', 'full/y': 'y' });
  assert.equal(await run(args), 0);
  await changeMuch(one);
  const [before, wanted] = [await snapshot(two), await snapshot(one)];
  let amid = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const code = await run(args, kill * 12 + Math.floor(Math.random() * 12));
    const after = await everyPathIsOldOrNew(two, before, wanted);
    assert.deepEqual(await snapshot(one), wanted, 'the changed root stays as it is');
    if (code !== 0 && !isDeepStrictEqual(after, before)) amid++;
  }
  context.diagnostic(`${KILLS} runs killed, ${amid} of them with something done`);
  assert.equal(await run(args), 0);
  assert.deepEqual(await snapshot(two), wanted);
  assert.deepEqual(await snapshot(one), wanted);
  const names = await readdir(folder, { recursive: true });
  assert.deepEqual(
    names.filter((name) => /\.sxrun-/.test(name) || /\.(lock|journal)$/.test(name)),
    [],
    'leftovers',
  );
}

/** Runs to the end, or kills the process so many ms after it said that it starts. Gives the exit code, null when it was killed. */
async function run(args: readonly string[], killAfterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const started = once(child.stdout, 'data');
  child.stdout.resume();
  if (killAfterMs !== undefined) {
    await Promise.race([exit, started]);
    await Promise.race([exit, sleep(killAfterMs)]);
    child.kill('SIGKILL');
  }
  return (await exit)[0];
}

/** Text of several chunks, so that a part of it would be seen. */
function large(word: string): string {
  return word.repeat(60_000);
}

function manyFiles(word: string): Tree {
  const content = (index: number) => (index % 10 === 0 ? large(`${word}${index} `) : `${word} ${index}`);
  return Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`d${index % 7}/e${index % 3}/f${index}`, content(index)]));
}

async function changeMuch(one: string): Promise<void> {
  const paths = Object.keys(manyFiles(''));
  for (const path of paths.slice(0, 40)) await edit(one, path, large(`changed ${path} `));
  for (const path of paths.slice(40, 55)) await remove(one, path);
  for (const path of paths.slice(55, 65)) await move(one, path, `moved/${path.replaceAll('/', '-')}`);
  await rm(join(one, 'turned'));
  await rm(join(one, 'full'), { recursive: true });
  const created = Array.from({ length: 30 }, (_, index) => [`new/n${index}`, large(`new ${index} `)] as const);
  await put(one, { 'turned/now': file('a directory'), full: file('a file'), ...Object.fromEntries(created) });
}

async function everyPathIsOldOrNew(root: string, before: Tree, wanted: Tree): Promise<Tree> {
  const isOurs = (path: string) => path.split('/').some((name) => name.startsWith('.sxrun-'));
  const now = await snapshot(root);
  for (const [path, content] of Object.entries(now)) {
    if (isOurs(path) || content === null) continue;
    assert.ok([before[path], wanted[path]].includes(content), `${path} is neither old nor new`);
  }
  for (const path of Object.keys(before)) {
    if (typeof before[path] === 'string' && typeof wanted[path] === 'string') assert.ok(path in now, `${path} is gone`);
  }
  return now;
}
