import assert from 'node:assert/strict';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

async function setUp(context: TestContext) {
  const folder = await realpath(await temporaryFolder(context));
  for (const name of ['p/one', 'p/two', 'lib', 'other']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'lib', 'roots.ts'), `export const roots = ['one', 'two'];`);
  await writeFile(join(folder, 'other', 'name.ts'), `export const name = 'n';`);
  await writeFile(
    join(folder, 'p', 'a.sync.ts'),
    `import { roots } from '../lib/roots.ts';\nimport { name } from '../other/name.ts';\nexport default { roots, name };`,
  );
  return { folder, run: (...args: string[]) => runBuilt(args, { currentDir: join(folder, 'p'), home: join(folder, 'home') }) };
}

test('an import from outside of the folder is a missing permission, with the line that allows all of them', async (context) => {
  const { folder, run } = await setUp(context);
  const { code, stderr } = await run('-p', 'a.sync.ts');
  assert.equal(code, 3);
  assert.match(stderr, /imports \(a\.sync\.ts:1:23\) from .*lib/);
  const line = stderr.split('\n').find((text) => text.includes('sxrun allow')) ?? '';
  assert.equal(line.trim(), `sxrun allow ${join(folder, 'p', 'a.sync.ts')} read:${join(folder, 'lib')} read:${join(folder, 'other')}`);
  assert.equal((await run(...line.trim().split(' ').slice(1))).code, 0);
  assert.equal((await run('-p', 'a.sync.ts')).code, 0);
  assert.equal((await run('allow', 'a.sync.ts', 'read:..')).code, 0, 'what was allowed before is counted when more is allowed');
});

test('a folder that an import reaches through a link is allowed by its real path', { skip: process.platform === 'win32' }, async (context) => {
  const { folder, run } = await setUp(context);
  await symlink('lib', join(folder, 'link'));
  await writeFile(join(folder, 'p', 'b.sync.ts'), `import { roots } from '../link/roots';\nexport default { roots };`);
  assert.match((await run('-p', 'b.sync.ts')).stderr, new RegExp(`sxrun allow .* read:${join(folder, 'lib')}$`, 'm'));
  assert.equal((await run('allow', 'b.sync.ts', `read:${join(folder, 'lib')}`)).code, 0);
  assert.equal((await run('-p', 'b.sync.ts')).code, 0);
});

test('a sub-project that imports from outside of its folder is a missing permission, too', async (context) => {
  const { folder, run } = await setUp(context);
  await writeFile(join(folder, 'p', 'super.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('a.sync.ts').catch(() => undefined);`);
  assert.equal((await run('-p', 'super.sync.ts')).code, 3);
});

test('nothing imports our own settings, whatever is granted', async (context) => {
  const { folder, run } = await setUp(context);
  await run('allow', 'a.sync.ts', '--any-change', `read:${join(folder, 'lib')}`);
  await writeFile(join(folder, 'p', 'b.sync.ts'), `import grants from '../home/config/grants.json';\nexport default { roots: Object.keys(grants) };`);
  const { code, stderr } = await run('-A', 'b.sync.ts');
  assert.equal(code, 3);
  assert.match(stderr, /out of reach whatever is granted/);
});
