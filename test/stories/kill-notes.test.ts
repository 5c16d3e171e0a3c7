import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILT_COMMAND } from '../kit/built-command.ts';
import { runUntilKilled } from '../kit/run-until-killed.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { edit, move, put, remove, snapshot, type Tree } from '../kit/tree.ts';

/** How often a run is killed before it is let through. */
const KILLS = Number(process.env['SXRUN_KILLS'] ?? 6);
const FILES = 400;

for (const options of ['syncRemove: true', 'mirror: true']) {
  test(`notes never tell of what a killed run has not brought to an archive (${options})`, {
    timeout: 300_000,
    skip: existsSync(BUILT_COMMAND) ? false : 'not built',
  }, async (context) => {
    const folder = await temporaryFolder(context);
    const [one, notes] = [join(folder, 'one'), join(folder, 'notes')];
    await mkdir(one);
    await mkdir(notes);
    await project(folder, 'backup', `{ roots: ['one', { url: 'tfs:notes', targetOnly: true, shadow: 'zip:all.zip' }], ${options} }`);
    await project(folder, 'restore', `{ roots: ['zip:all.zip', { url: 'back', targetOnly: true, autoMkdir: true }], mirror: true, guard: false }`);
    const backUp = [BUILT_COMMAND, '--allow-all', '--no-prompt', join(folder, 'backup.sync.ts')];
    const restore = [BUILT_COMMAND, '--allow-all', '--no-prompt', join(folder, 'restore.sync.ts')];
    await put(one, files('first'));
    for (const changed of [false, true]) {
      if (changed) await change(one);
      let amid = 0;
      for (let kill = 0; kill < KILLS; kill++) if ((await runUntilKilled(backUp, kill * 25 + Math.floor(Math.random() * 25))) !== 0) amid++;
      context.diagnostic(`${amid} of ${KILLS} runs killed`);
      assert.equal(await runUntilKilled(backUp), 0);
      assert.equal(await runUntilKilled(restore), 0);
      assert.deepEqual(await snapshot(join(folder, 'back')), await snapshot(one));
    }
  });
}

function project(folder: string, name: string, options: string): Promise<void> {
  return writeFile(join(folder, `${name}.sync.ts`), `import { defineProject } from 'sxrun';\nexport default defineProject(${options});\n`);
}

function files(text: string): Tree {
  return { empty: null, ...Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`d${i % 5}/f${i}`, `${text} ${i}`])) };
}

async function change(folder: string): Promise<void> {
  for (let i = 0; i < FILES; i++) {
    if (i % 7 === 0) await edit(folder, `d${i % 5}/f${i}`, `second ${i}`);
    else if (i % 7 === 1) await remove(folder, `d${i % 5}/f${i}`);
    else if (i % 7 === 2) await move(folder, `d${i % 5}/f${i}`, `d${i % 5}/moved${i}`);
  }
  await remove(folder, 'd4');
  await put(folder, { 'new/deep/file': 'new', d4: 'a file now' });
}
