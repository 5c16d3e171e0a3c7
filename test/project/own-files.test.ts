import assert from 'node:assert/strict';
import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
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
