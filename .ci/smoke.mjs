/**
 * The built command at work, with the Node that runs this file: a small tree is synchronized to a second folder, and again, with nothing left to do.
 * Usage: node .ci/smoke.mjs SCRATCH_FOLDER (made, must not exist). Plain JavaScript: it must run where nothing is installed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../dist/sxrun.cjs', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [scratch] = process.argv.slice(2);
assert.ok(scratch, 'usage: node .ci/smoke.mjs SCRATCH_FOLDER');

const project = join(scratch, 'project');
const texts = join(project, 'texts');
const target = join(project, 'backup');
const env = { ...process.env, SXRUN_HOME: join(scratch, 'home') };

/** Runs the command; anything but exit code 0 throws. */
function sxrun(...args) {
  return execFileSync(process.execPath, [command, ...args], { cwd: project, env, encoding: 'utf8' });
}

/** The figures of one run. */
function sync(...args) {
  const events = sxrun('--json', '-p', ...args, 'smoke.sync.ts')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events.at(-1).type, 'exit');
  return events.find((event) => event.type === 'result');
}

mkdirSync(join(texts, 'letters', 'deep', 'deeper'), { recursive: true });
mkdirSync(target);
for (let i = 0; i < 50; i++) writeFileSync(join(texts, i % 2 ? 'letters/deep' : 'letters', `${i}.txt`), `text ${i}\n`);
writeFileSync(
  join(project, 'smoke.sync.ts'),
  "import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['texts', 'backup'], syncDb: true, excludeFiles: ['/letters/0.txt'] });\n",
);

assert.equal(sxrun('--version').trim(), version);
const simulated = sync('-s');
assert.deepEqual([simulated.simulation, simulated.copied], [true, 49]);
const first = sync();
assert.deepEqual([first.simulation, first.copied, first.problems], [false, 49, 0]);
assert.equal(readFileSync(join(target, 'letters/deep/7.txt'), 'utf8'), 'text 7\n');
const second = sync();
assert.deepEqual([second.copied, second.removed, second.made, second.moved, second.collisions, second.problems], [0, 0, 0, 0, 0, 0]);
console.log(`copied ${first.copied} files, then found nothing to do`);
