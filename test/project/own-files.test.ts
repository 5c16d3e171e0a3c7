import assert from 'node:assert/strict';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const PROJECT = `export default { roots: ['one', 'two'], syncDb: 'x.db' };`;

async function project(context: TestContext, options = ''): Promise<{ folder: string; run(...args: string[]): ReturnType<typeof runBuilt> }> {
  const folder = await temporaryFolder(context);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'config.sync.ts'), PROJECT.replace(' };', `${options} };`));
  return { folder, run: (...args) => runBuilt(['-p', ...args], { currentDir: folder, home: join(folder, 'home') }) };
}

test('a log or a list never takes the place of the project file, of the database or of one another', async (context) => {
  const { folder, run } = await project(context);
  assert.equal((await run()).code, 0);
  const before = await readFile(join(folder, 'x.db'), 'utf8');
  await writeFile(join(folder, 'other.sync.ts'), PROJECT);
  await link(join(folder, 'x.db'), join(folder, 'hard.txt'));
  const cases: readonly (readonly [args: string[], says: RegExp])[] = [
    [['-l', 'config.sync.ts'], /-l: .*config\.sync\.ts is the project file, which it would overwrite; name another file/],
    [['-L', 'config.sync.ts'], /-L: .*config\.sync\.ts is the project file/],
    [['-l', 'other.sync.ts'], /-l: .*other\.sync\.ts has the name of a project file/],
    [['-l', 'x.db'], /-l: .*x\.db is the database/],
    [['-L', 'hard.txt'], /-L: .*hard\.txt is the database/],
    [['-L', 'x.db.journal'], /-L: .*is a file of the database/],
    [['-l', 'old.syncdb'], /has the name of a database/],
    [['-l', 'a.txt', '-L', 'a.txt'], /-l: .*a\.txt is the log file/],
  ];
  for (const [args, says] of cases) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, says);
  }
  assert.equal(await readFile(join(folder, 'x.db'), 'utf8'), before);
  assert.match(await readFile(join(folder, 'config.sync.ts'), 'utf8'), /^export default/);
  assert.equal(await readFile(join(folder, 'other.sync.ts'), 'utf8'), PROJECT);
});

test('nor do they when the project names them, or the database', async (context) => {
  for (const [options, says] of [
    [", logFile: 'config.sync.ts'", /option "logFile": .*is the project file/],
    [", sourceList: 'list', logFile: 'list'", /option "sourceList": .*is the log file/],
    [", syncDb: 'config.sync.ts'", /option "syncDb": .*is the project file/],
  ] as const) {
    const { run } = await project(context, options);
    const { code, stderr } = await run();
    assert.equal(code, 2);
    assert.match(stderr, says);
  }
});

test('a mirror onto the project folder leaves the project, its modules, and what it writes; all else goes', async (context) => {
  const folder = await temporaryFolder(context);
  const home = join(folder, 'home');
  const place = join(folder, 'place');
  for (const name of ['source', 'place/lib', 'place/node_modules/pkg']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'source/a.txt'), 'a');
  const files: Readonly<Record<string, string>> = {
    'p.sync.ts': `import { more } from './lib/part.ts';\nimport data from './data.json';\nimport { sync } from 'sxrun';
      const plan = await sync.plan({ roots: ['../source', { url: '.', targetOnly: true }] });\nawait plan.save('saved.json');
      await sync.do({ roots: ['../source', { url: '.', targetOnly: true }], mirror: true, guard: false as const, syncDb: 'x.db',
        logFile: 'my.log', sourceList: 'list.txt', killFiles: ['*.sync.ts', '*.json'], ...more, ...data });`,
    'lib/part.ts': 'export const more = { subSyncs: ["sub.sync.ts"] };',
    'data.json': '{ "verbose": true }',
    'sub.sync.ts': 'export default { roots: ["../source", { url: ".", targetOnly: true }], mirror: true, guard: false as const };',
    'orphan.txt': 'o',
    'other.ts': 'export const x = 1;',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
  const { code, stdout, stderr } = await runBuilt(['-p', '-A', '-v', '--audit', join(place, 'audit.jsonl'), 'p.sync.ts'], {
    currentDir: place,
    home,
  });
  assert.equal(code, 0, stderr + stdout);
  const left = (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  const own = ['p.sync.ts', 'part.ts', 'data.json', 'sub.sync.ts', 'sub.sync.ts.syncdb', 'saved.json', 'x.db', 'my.log', 'list.txt', 'audit.jsonl'];
  assert.deepEqual(left.sort(), ['a.txt', ...own].sort());
  assert.match(stdout + stderr, /p\.sync\.ts.*killFiles, but stays as it is: the file belongs to the project that runs/);
});

test('neither does a run in plain Node, or one that applies a plan', async (context) => {
  const folder = await temporaryFolder(context);
  const where = { currentDir: join(folder, 'place'), home: join(folder, 'home') };
  for (const name of ['source', 'place']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'source/a.txt'), 'a');
  await writeFile(join(folder, 'place/part.ts'), "export const source = '../source';");
  const text = `import { source } from './part.ts';
    export default { roots: [source, { url: '.', targetOnly: true }], mirror: true, guard: false };`;
  await writeFile(join(folder, 'place/p.sync.ts'), text);
  await writeFile(join(folder, 'place/orphan.txt'), 'o');
  const planned = await runBuilt(['plan', '-p', '-A', 'p.sync.ts', '-o', 'plan.json'], where);
  assert.equal(planned.code, 0, planned.stderr);
  const applied = await runBuilt(['apply', '-p', '-A', 'plan.json'], where);
  assert.equal(applied.code, 0, applied.stderr + applied.stdout);
  assert.deepEqual((await readdir(where.currentDir)).sort(), ['a.txt', 'p.sync.ts', 'part.ts', 'plan.json']);
  await writeFile(join(folder, 'place/orphan.txt'), 'o');
  await rm(join(where.currentDir, 'plan.json'));
  const plain = await runBuilt(['-p', '--unsandboxed', 'p.sync.ts'], where);
  assert.equal(plain.code, 0, plain.stderr);
  assert.deepEqual((await readdir(where.currentDir)).sort(), ['a.txt', 'p.sync.ts', 'part.ts']);
});

test('a shadow that holds the project is refused, and so are an audit and a log over its files', async (context) => {
  const { folder, run } = await project(context);
  await writeFile(join(folder, 'part.ts'), "export const log = 'part.ts';");
  const cases: readonly (readonly [text: string, args: readonly string[], says: RegExp])[] = [
    [`export default { roots: ['one', { url: 'two', targetOnly: true, shadow: '.' }] };`, [], /"roots\[1\]\.shadow\[0\]" .*(holds|folder around)/],
    [
      `export default { roots: ['one', { url: '../two', targetOnly: true, shadow: '.' }] };`,
      ['-A'],
      /shadow\[0\]" (holds config\.sync\.ts|is a folder around)/,
    ],
    [`import { log } from './part.ts'; export default { roots: ['one', 'two'], logFile: log };`, [], /part\.ts is a file of the project/],
    [PROJECT, ['--audit', 'config.sync.ts'], /--audit .*config\.sync\.ts has the name of a project file; name another file/],
  ];
  for (const [text, args, says] of cases) {
    await writeFile(join(folder, 'config.sync.ts'), text);
    const { code, stderr } = await run(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.equal(await readFile(join(folder, 'config.sync.ts'), 'utf8'), text);
  }
});
