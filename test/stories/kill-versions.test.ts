import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { BUILT_COMMAND } from '../kit/built-command.ts';
import { runUntilKilled } from '../kit/run-until-killed.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { edit, put, remove, snapshot, type Tree } from '../kit/tree.ts';

/** How often a run is killed before it is let through. */
const KILLS = Number(process.env['SXRUN_KILLS'] ?? 5);
const FILES = 150;

for (const scheme of ['xvs', 'uxvs:igz', 'rcy']) {
  const isCoded = scheme.endsWith('igz');
  test(`a process that is killed at random moments loses no version of a ${scheme}: root, and converges by running again`, {
    timeout: 300_000,
    skip: existsSync(BUILT_COMMAND) ? false : 'not built',
  }, async (context) => {
    const folder = await temporaryFolder(context);
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    await Promise.all([mkdir(one), mkdir(two)]);
    const project = join(folder, 'p.sync.ts');
    const options = `{ roots: ['one', '${scheme}:two'], syncRemove: true, guard: false }`;
    await writeFile(project, `import { defineProject } from 'sxrun';\nexport default defineProject(${options});\n`);
    const args = [BUILT_COMMAND, '--allow-all', '--no-prompt', project];
    await put(one, { ...files('first'), turned: 'first turned', 'full/x': 'first x' });
    assert.equal(await runUntilKilled(args), 0);
    const before = await snapshot(two);
    await change(one);
    let amid = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const code = await runUntilKilled(args, kill * 40 + Math.floor(Math.random() * 40));
      const now = await snapshot(two);
      holdsAllOf(before, now);
      if (code !== 0 && !isDeepStrictEqual(now, before)) amid++;
    }
    context.diagnostic(`${KILLS} runs killed, ${amid} of them with something done`);
    assert.equal(await runUntilKilled(args), 0);
    const after = await snapshot(two);
    holdsAllOf(before, after);
    const present = Object.keys(after).filter((path) => !/(?:^|\/)(?:XVS|\.recycle)\//.test(path));
    const wanted = await snapshot(one);
    const names = Object.keys(wanted).map((path) => (isCoded && !path.endsWith('/') ? `${path}.sx.gz` : path));
    assert.deepEqual(present.sort(), names.sort());
    if (!isCoded) assert.deepEqual(Object.fromEntries(present.map((path) => [path, after[path]])), wanted);
    const left = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.sxrun-'));
    assert.deepEqual(left, []);
    // What a killed run had put aside already is not put aside again.
    const aside = Object.entries(after).filter(([path]) => /(?:^|\/)(?:XVS|\.recycle)\//.test(path) && !/(?:\.jsonl|\/)$/.test(path));
    const contents = aside.map(([, content]) => JSON.stringify(content));
    assert.equal(new Set(contents).size, contents.length);
  });
}

/** Every content of the one tree is somewhere in the other. */
function holdsAllOf(old: Tree, now: Tree): void {
  const contents = new Set(Object.values(now).map((value) => JSON.stringify(value)));
  for (const [path, value] of Object.entries(old)) assert.ok(contents.has(JSON.stringify(value)), `${path} is lost`);
}

function files(text: string): Tree {
  return Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`d${i % 5}/f${i}`, `${text} ${i}`]));
}

async function change(folder: string): Promise<void> {
  for (let i = 0; i < FILES; i++) {
    if (i % 3 === 0) await edit(folder, `d${i % 5}/f${i}`, `second ${i}`);
    else if (i % 3 === 1 || i % 5 === 4) await remove(folder, `d${i % 5}/f${i}`);
  }
  await remove(folder, 'turned');
  await remove(folder, 'full');
  await put(folder, { 'turned/inside': 'second turned', full: 'second full' });
}
