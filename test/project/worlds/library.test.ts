import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type CommandOutcome, REPOSITORY } from '../../kit/built-command.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';

/** A folder in which `sxrun` is installed. */
async function programFolder(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, 'node_modules'));
  await symlink(REPOSITORY, join(folder, 'node_modules', 'sxrun'), 'junction');
  return folder;
}

function runProgram(file: string, currentDir: string): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, 'one'], { cwd: currentDir, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
  });
}

test('the example of the SDK as a library synchronizes, and finds nothing to do when it is run again', async (context) => {
  const folder = await programFolder(context);
  await cp(join(REPOSITORY, 'examples', 'data'), join(folder, 'data'), { recursive: true, preserveTimestamps: true });
  await cp(join(REPOSITORY, 'examples', 'library.mjs'), join(folder, 'library.mjs'));
  const first = await runProgram('library.mjs', folder);
  assert.match(first.stdout, /^(\d+) files are to be copied\n\1 copied, \d+ bytes\n$/);
  assert.equal(first.code, 0);
  assert.ok((await readdir(join(folder, 'out', 'library'))).length > 0);
  assert.match((await runProgram('library.mjs', folder)).stdout, /^0 files are to be copied\n0 copied, 0 bytes\n$/);
});

test('paths start at the program, whatever folder it is run from, and errors say its line', async (context) => {
  const folder = await programFolder(context);
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'src', 'a'));
  await writeFile(
    join(folder, 'src', 'program.mjs'),
    `import { sync } from 'sxrun';
console.log(sync.sandboxed, sync.args.join(), sync.simulation);
await sync.do({ roots: ['a', 'b'] }).catch((error) => console.log(error.name, error.code, error.line, error.message));
await sync.do({ roots: ['a', 5] }).catch((error) => console.log(error.code, error.line, error.message));
`,
  );
  const { stdout } = await runProgram('src/program.mjs', folder);
  const [facts, missing, wrong] = stdout.split('\n');
  assert.equal(facts, 'false one false');
  assert.match(missing ?? '', /^SyncError root program\.mjs:3:\d+ the root .*does not exist/);
  assert.ok(missing?.includes(`${join(folder, 'src', 'b')} `), missing);
  assert.match(wrong ?? '', /^options program\.mjs:4:\d+ option "roots\[1\]" is 5/);
});

test('a SyncError that a program does not catch ends it as any error does', async (context) => {
  const folder = await programFolder(context);
  await writeFile(join(folder, 'program.mjs'), "import { sync } from 'sxrun';\nawait sync.do({ roots: [] });\n");
  const { code, stderr } = await runProgram('program.mjs', folder);
  assert.equal(code, 1);
  assert.match(stderr, /program\.mjs:2/);
});
