import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describe, test } from 'node:test';
import { syncFolders, temporaryFolder, type FoldersRun } from '../kit/sync-folders.ts';
import { edit, file, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';

const PROCESS = fileURLToPath(new URL('../kit/sync-folders-process.ts', import.meta.url));
/** How often a run is killed before it is let through. */
const KILLS = Number(process.env['SXRUN_KILLS'] ?? 8);

/** Text of several chunks, so that a part of it would be seen. */
function large(word: string): string {
  return word.repeat(60_000);
}

function manyFiles(count: number, word: string): Tree {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index % 7}/e${index % 3}/f${index}`, index % 10 === 0 ? large(`${word}${index} `) : `${word} ${index}`]));
}

describe('the real process killed at random moments', { timeout: 300_000 }, () => {
  for (const [title, options] of [['with database', { syncRemove: true }], ['as a mirror without database', { mirror: true }]] as const) {
    test(`leaves every path old or new and converges by running again, ${title}`, async (context) => {
      const folder = await temporaryFolder(context);
      const [one, two] = [join(folder, 'one'), join(folder, 'two')];
      await Promise.all([mkdir(one), mkdir(two)]);
      const isMirror = 'mirror' in options;
      const run: FoldersRun = { folders: [one, { path: two, targetOnly: isMirror }], options: { ...options, guard: false }, ...(isMirror ? {} : { database: join(folder, 'p.syncdb') }) };
      await put(one, { ...manyFiles(120, 'first'), turned: 'file', 'full/x': 'x', 'full/y': 'y' });
      assert.equal((await syncFolders(run)).end, 'finished');
      await changeMuch(one);
      const [before, wanted] = [await snapshot(two), await snapshot(one)];
      let finished = 0;
      let amid = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const code = await runAndKill(run, killAfterMs(kill));
        if (code === 0) finished++;
        const after = await everyPathIsOldOrNew(two, before, wanted);
        if (code !== 0 && !isDeepStrictEqual(after, before)) amid++;
        if (!isMirror) assert.deepEqual(await snapshot(one), wanted, 'the changed root stays as it is');
      }
      context.diagnostic(`${KILLS} runs, ${finished} of them came to their end, ${amid} left something done`);
      const last = await syncFolders(run);
      assert.deepEqual([last.end, last.problems, last.collisions], ['finished', [], []]);
      assert.deepEqual(await snapshot(two), wanted);
      assert.deepEqual(await snapshot(one), wanted);
      assert.deepEqual(await leftovers(folder), []);
      assert.deepEqual((await syncFolders(run)).lines, []);
    });
  }
});

async function changeMuch(one: string): Promise<void> {
  const paths = Object.keys(manyFiles(120, ''));
  for (const path of paths.slice(0, 40)) await edit(one, path, large(`changed ${path} `));
  for (const path of paths.slice(40, 55)) await remove(one, path);
  for (const path of paths.slice(55, 65)) await move(one, path, `moved/${path.replaceAll('/', '-')}`);
  await rm(join(one, 'turned'));
  await rm(join(one, 'full'), { recursive: true });
  await put(one, { 'turned/now': file('a directory'), full: file('a file'), ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`new/n${index}`, large(`new ${index} `)])) });
}

/** Moments spread over the work of a run, counted from its start. */
function killAfterMs(kill: number): number {
  return kill * 12 + Math.floor(Math.random() * 12);
}

async function runAndKill(run: FoldersRun, afterMs: number): Promise<number | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, JSON.stringify(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([exit, once(child.stdout, 'data')]);
  await Promise.race([exit, sleep(afterMs)]);
  child.kill('SIGKILL');
  return (await exit)[0];
}

async function everyPathIsOldOrNew(root: string, before: Tree, wanted: Tree): Promise<Tree> {
  const legal = new Set([...Object.values(before), ...Object.values(wanted)]);
  const isOurs = (path: string) => path.split('/').some((name) => name.startsWith('.sxrun-'));
  const now = await snapshot(root);
  for (const [path, content] of Object.entries(now)) {
    if (isOurs(path) || content === null) continue;
    assert.ok(legal.has(content), `${path} holds a part`);
    assert.ok([before[path], wanted[path]].includes(content), `${path} is neither old nor new`);
  }
  for (const path of Object.keys(before)) {
    if (typeof before[path] === 'string' && typeof wanted[path] === 'string') assert.ok(path in now, `${path} is gone`);
  }
  return now;
}

async function leftovers(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.sxrun-/.test(name) || /\.(lock|journal)$/.test(name));
}
