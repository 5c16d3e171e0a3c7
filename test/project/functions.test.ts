import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

async function runScript(context: TestContext, script: string, ...options: readonly string[]) {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, 'p'));
  await writeFile(join(folder, 'p', 'a.sync.ts'), script);
  return runBuilt(['-p', ...options, 'a.sync.ts'], { currentDir: join(folder, 'p'), home: join(folder, 'home') });
}

test('what a script asks of a function is answered', async (context) => {
  const { code, stdout } = await runScript(
    context,
    "import { log, sync, xfile } from 'sxrun';\nsync.dontDo();\nlog.info(await xfile.exists('a.sync.ts'), await xfile.exists('b'));",
  );
  assert.equal(code, 0);
  assert.match(stdout, /\| true false/);
});

test('a wrong argument is an error with its line, told once, which the script can catch', async (context) => {
  const wrong = "import { sync, xfile } from 'sxrun';\nsync.dontDo();\n// @ts-ignore\nawait xfile.exists(5)";
  const failed = await runScript(context, wrong);
  assert.equal(failed.code, 2);
  assert.equal(failed.stderr.match(/a\.sync\.ts:4:\d+: xfile\.exists: url is 5; it wants the path of a file/g)?.length, 1);
  assert.equal((await runScript(context, `${wrong}.catch(() => undefined);`)).code, 0);
});

test('a refused permission is final, even when the script catches it', async (context) => {
  const { code, stderr } = await runScript(
    context,
    "import { sync, xfile } from 'sxrun';\nsync.dontDo();\nawait xfile.exists('../secret').catch(() => undefined);",
  );
  assert.equal(code, 3);
  assert.match(stderr, /sxrun allow \S+ read:\S+secret/);
});

test('a project that is a simulation makes its script one', async (context) => {
  const script =
    "import { defineProject, log, sync } from 'sxrun';\nlog.info(sync.simulation);\ndefineProject({ simulation: true });\nlog.info(sync.simulation);\nsync.dontDo();";
  const { stdout } = await runScript(context, script);
  assert.match(stdout, /\| false\n\| true/);
});

test('nothing that a simulated script runs is run for real, whatever it says itself', async (context) => {
  const folder = await temporaryFolder(context);
  const files = {
    'a.sync.ts': `import { defineProject, sync } from 'sxrun';
const to = (name) => ({ name, simulation: false, roots: ['one', { url: name, targetOnly: true, autoMkdir: true }] });
const first = defineProject({ ...to('first'), simulation: true, subSyncs: [to('second'), 'sub.sync.ts'] });
await sync.do(first);
await sync.do(to('fourth'));
await sync.do(first, { simulation: false });
await sync.do('sub.sync.ts', { simulation: false });
await sync.apply(await sync.plan(to('fifth')));`,
    'sub.sync.ts': "export default { simulation: false, roots: ['one', { url: 'third', targetOnly: true, autoMkdir: true }] };",
    'one/f': 'f',
  };
  await mkdir(join(folder, 'one'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { code, stdout, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/would be: 1 copied/g)?.length, 9, stdout);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => !name.includes('sync.ts')),
    ['home', 'one'],
  );
});
