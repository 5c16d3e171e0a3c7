import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

test('a project that runs itself, or another one that runs it, is refused with the circle', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'a.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('./b.sync.ts');`);
  await writeFile(join(folder, 'b.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('./a.sync.ts');`);
  const { code, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 2);
  assert.match(stderr, /a project cannot run itself: a\.sync\.ts runs b\.sync\.ts runs a\.sync\.ts/);
});

test('a sub-project that has an error is told with its line, once', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'a.sync.ts'), `export default { subSyncs: ['b.sync.ts'] };`);
  await writeFile(join(folder, 'b.sync.ts'), `const roots = ['one', 'two'];\nthrow new Error('not today');\nexport default { roots };`);
  const { code, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 2);
  assert.equal(stderr.match(/b\.sync\.ts:2:\d+: .*not today/g)?.length, 1);
});

test('a sub-project that may not be read is a missing permission, and one whose error is caught does not end in sync', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['in', 'out']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'out', 'b.sync.ts'), `export default { roots: ['one', 'two'] };`);
  await writeFile(join(folder, 'in', 'a.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('../out/b.sync.ts');`);
  await writeFile(join(folder, 'in', 'c.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('./none.sync.ts').catch(() => undefined);`);
  const where = { currentDir: join(folder, 'in'), home: join(folder, 'home') };
  const refused = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /stopped +a\.sync\.ts:2:\d+: .*not permitted:.*sxrun allow/s);
  assert.equal((await runBuilt(['-p', 'c.sync.ts'], where)).code, 1);
});

test('a sub-project that does something else than synchronizing comes to nothing, which is no error', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'b.sync.ts'), `import { sync, xfile } from 'sxrun';\nsync.dontDo();\nawait xfile.writeText('done', 'x');`);
  const script = `import { log, sync } from 'sxrun';\nconst { copied, actions } = await sync.do('b.sync.ts');\nlog.info(copied, actions, await sync.do('b.sync.ts', { simulation: true }).then((result) => result.simulation));`;
  await writeFile(join(folder, 'a.sync.ts'), script);
  const { code, stdout, stderr } = await runBuilt(['-p', 'a.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\| 0 \[\] true/);
});

test('a change of a sub-project file asks again for what it was allowed, and exits with 3 where nobody can be asked', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['p', 'texts', 'backup', 'other']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'texts', 'a.txt'), 'a');
  await writeFile(join(folder, 'p', 'a.sync.ts'), `import { sync } from 'sxrun';\nawait sync.do('./b.sync.ts');`);
  const sub = (more: string) =>
    writeFile(join(folder, 'p', 'b.sync.ts'), `export default { roots: ['../texts', { url: '../backup', targetOnly: true }]${more} };`);
  await sub('');
  const where = { currentDir: join(folder, 'p'), home: join(folder, 'home') };
  const allowed = async (stderr: string): Promise<void> => {
    const line = stderr.split('\n').find((text) => text.includes('sxrun allow')) ?? '';
    assert.match(line, /--sub-project=\S+b\.sync\.ts/);
    assert.equal((await runBuilt(line.trim().split(' ').slice(1), where)).code, 0);
  };
  const first = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(first.code, 3);
  await allowed(first.stderr);
  assert.equal((await runBuilt(['-p', 'a.sync.ts'], where)).code, 0);
  await sub(', mirror: true');
  const changed = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(changed.code, 3);
  assert.match(changed.stderr, /changed since allowed/);
  await allowed(changed.stderr);
  assert.equal((await runBuilt(['-p', 'a.sync.ts'], where)).code, 0);
});

test('what ends a script while a run asks its callbacks is told once', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['one', 'two']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'one', 'x'), 'x');
  const scripts = {
    'endless.sync.ts': `export default { roots: ['one', 'two'], isExclude: () => { for (;;); } };`,
    'rejects.sync.ts': `export default { roots: ['one', 'two'], isExclude: async () => { Promise.reject(new Error('no')); await new Promise((done) => setTimeout(done, 50)); } };`,
    'open.sync.ts': `export default {\n  roots: ['one', 'two'],\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), text);
    const { code, stderr } = await runBuilt(['-p', '--script-timeout', '500ms', name], { currentDir: folder, home: join(folder, 'home') });
    assert.equal(code, 2);
    assert.equal(stderr.match(/^stopped/gm)?.length, 1, stderr);
    assert.match(stderr, new RegExp(`${name}:\\d+:\\d+: `));
    assert.doesNotMatch(stderr, /export \{\}/);
  }
});

type To = (name: string, more?: string) => string;

for (const [what, script] of [
  ['sub-projects given as values', (to: To) => to('first', `, subSyncs: [${to('second', `, subSyncs: [${to('third')}]`)}]`)],
  ['the later ones of a list', (to: To) => `[${to('first')}, ${to('second')}, ${to('third')}]`],
] as const)
  test(`what ${what} want is asked for before anything is done`, async (context) => {
    const folder = await temporaryFolder(context);
    for (const name of ['p', 'p/one', 'first', 'second', 'third']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'p/one/f'), 'f');
    const to = (name: string, more = '') => `{ roots: ['one', { url: '../${name}', targetOnly: true }]${more} }`;
    await writeFile(join(folder, 'p/a.sync.ts'), `export default ${script(to)};`);
    const where = { currentDir: join(folder, 'p'), home: join(folder, 'home') };
    const refused = await runBuilt(['-p', `--allow-read=${folder}`, `--allow-write=${join(folder, 'first')}`, 'a.sync.ts'], where);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /writes and removes in \S+second\n.*writes and removes in \S+third\n/);
    assert.equal(existsSync(join(folder, 'first/f')), false);
    const { code, stderr } = await runBuilt(['-p', `--allow-read=${folder}`, `--allow-write=${folder}`, 'a.sync.ts'], where);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      ['first/f', 'second/f', 'third/f'].filter((path) => !existsSync(join(folder, path))),
      [],
    );
  });
