import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runBuilt } from '../../kit/built-command.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';

const ROOTS = "roots: ['one', { url: 'two', targetOnly: true }]";

async function runPlain(context: TestContext, script: string, ...options: readonly string[]) {
  const folder = await temporaryFolder(context);
  const project = join(folder, 'p');
  for (const name of ['p', 'p/one', 'p/two']) await mkdir(join(folder, name));
  await writeFile(join(project, 'one', 'a.txt'), 'a');
  await writeFile(
    join(project, 'other.ts'),
    "import { defineProject } from 'sxrun';\nexport const other: string = 'local';\nexport default defineProject({ roots: ['one', 'none'] });",
  );
  await writeFile(join(project, 'a.sync.ts'), script);
  const ended = await runBuilt(['-p', '--unsandboxed', 'a.sync.ts', ...options], { currentDir: project, home: join(folder, 'home') });
  return { ...ended, project };
}

test("a script has all of Node's API, local modules and the SDK, and says that nothing contains it", async (context) => {
  const { code, stdout, project } = await runPlain(
    context,
    `import { existsSync } from 'node:fs';
import { log, sync } from 'sxrun';
import { other } from './other.ts';
log.info(sync.sandboxed, other, existsSync(sync.projectFile), await Promise.resolve(sync.args[0]));
export default { ${ROOTS} };`,
    '--',
    'five',
  );
  assert.match(stdout, /\| false local true five/);
  assert.equal(code, 0);
  assert.equal(await readFile(join(project, 'two', 'a.txt'), 'utf8'), 'a');
});

test('timers and calls that nobody awaited are waited for', async (context) => {
  const { code, stdout, stderr } = await runPlain(
    context,
    `import { log, sync } from 'sxrun';\nsetTimeout(() => log.info('later'), 20);\nsync.do({ ${ROOTS} });`,
  );
  assert.deepEqual([code, stdout.includes('1 copied'), stdout.includes('| later')], [0, true, true]);
  assert.match(stdout + stderr, /sync\.do was not awaited \(a\.sync\.ts:3:\d+\)/);
});

for (const [what, script, message] of [
  ['an error', "interface A { b: number }\nconst a: A = { b: 1 };\nthrow new TypeError('bad ' + a.b);", /a\.sync\.ts:3:7: TypeError: bad 1/],
  ['an error in a timer', `setTimeout(() => {\n  throw new Error('late');\n}, 5);\nexport default { ${ROOTS} };`, /a\.sync\.ts:2:9: Error: late/],
  ['a rejection that nobody handles', `void Promise.reject(new Error('lost'));\nexport default { ${ROOTS} };`, /a\.sync\.ts:1:\d+: Error: lost/],
  ['something thrown that is no error', "throw 'text';", /thrown: 'text'/],
  ['a syntax error', 'export default {\n  roots: [\n};', /a\.sync\.ts:3:1: Unexpected "}"|a\.sync\.ts:3:1: Expected/],
  ['an import that leads nowhere', "import { x } from './nothing.ts';\nconsole.log(x);", /Cannot find module/],
  ['an await that can never end', 'await new Promise(() => undefined);', /awaits something that can never happen/],
  ['a script that runs nothing', "console.log('x');", /nothing to run/],
  [
    'a project that is wrong',
    "import { sync } from 'sxrun';\n\nawait sync.do({ rots: [] } as object);",
    /a\.sync\.ts:3:\d+: option "rots" is unknown; did you mean "roots"/,
  ],
] as const) {
  test(`${what} is told with its line and ends with 2`, async (context) => {
    const { code, stderr } = await runPlain(context, script);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /defect|namespace=/);
  });
}

test('what a script says by the console is in the log, and with --json nothing else is on standard output', async (context) => {
  const script =
    "import { sync } from 'sxrun';\nsync.dontDo();\nconsole.log('said %d', 1);\nconsole.warn('warned');\nconsole.error({ a: 1 });\nconsole.table([1]);";
  const { stdout, stderr } = await runPlain(context, script, '--json');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; level?: string; message?: string });
  assert.deepEqual(
    events.slice(0, 3).map(({ level, message }) => [level, message]),
    [
      ['info', 'said 1'],
      ['warn', 'warned'],
      ['error', '{ a: 1 }'],
    ],
  );
  assert.deepEqual([events.at(-1)?.type, stderr], ['exit', '']);
});

test('a script that ends the process is told to its last word, with its code', async (context) => {
  const script = "import { log } from 'sxrun';\nlog.info('last');\nprocess.exit(7);";
  const plain = await runPlain(context, script);
  assert.deepEqual([plain.code, plain.stdout], [7, '| last\n']);
  const json = await runPlain(context, script, '--json');
  assert.deepEqual([json.code, json.stdout.split('\n').at(-2)], [7, '{"type":"exit","code":7}']);
});

test('relative paths of an imported project start at its own file', async (context) => {
  const { code, stderr, project } = await runPlain(
    context,
    "import { sync } from 'sxrun';\nimport project from './other.ts';\nawait sync.do(project);",
  );
  assert.equal(code, 2);
  assert.ok(stderr.includes(join(project, 'none')));
});

test('a simulation holds back what the SDK would change', async (context) => {
  const { code, stdout } = await runPlain(
    context,
    `import { log, sync } from 'sxrun';\nlog.info(sync.simulation);\nexport default { ${ROOTS} };`,
    '-s',
  );
  assert.deepEqual([code, stdout.includes('| true'), stdout.includes('would be')], [0, true, true]);
});

test('a project from standard input cannot be run in plain Node', async (context) => {
  const folder = await temporaryFolder(context);
  const { code, stderr } = await runBuilt(['--unsandboxed', '-c'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 2);
  assert.match(stderr, /--unsandboxed runs a project file/);
});

test('code that an earlier run has kept of the command still loads tsx and the compiler', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'a.sync.ts'), `export default { ${ROOTS} };`);
  const at = { currentDir: folder, home: join(folder, 'home') };
  // The first run makes the folder, the second one keeps the code.
  for (let round = 0; round < 2; round++) assert.equal((await runBuilt(['-p', 'a.sync.ts'], at)).code, 0);
  assert.ok((await readdir(join(folder, 'home', 'cache'))).some((name) => name.endsWith('.code')));
  for (const args of [
    ['--unsandboxed', 'a.sync.ts'],
    ['check', 'a.sync.ts'],
  ]) {
    const { code, stderr } = await runBuilt(args, at);
    assert.deepEqual([code, stderr], [0, '']);
  }
});
