import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { bundleProject } from '../../../runtime/project/bundle/bundle.ts';
import { type ProjectFiles, projectFolder } from '../../sandbox/script-kit.ts';

const FILES: ProjectFiles = {
  'p/main.sync.ts': "import { a } from './lib';\nimport pkg from 'pkg';\nconsole.log(a, pkg, 'first');",
  'p/lib/index.ts': 'export const a = 1;',
  'p/node_modules/pkg/package.json': '{ "main": "one.js" }',
  'p/node_modules/pkg/one.js': 'module.exports = "one";',
  'p/node_modules/pkg/two.js': 'module.exports = "two";',
};

/** A project and a cache; `bundle` tells whether the result was taken from the cache, by marking what is kept. */
async function setUp(mayRead: (path: string) => boolean = () => false, files: ProjectFiles = FILES) {
  const folder = await projectFolder(files);
  const cacheFolder = join(folder.path, 'cache');
  const bundle = async () => (await bundleProject({ kind: 'file', path: join(folder.path, 'p/main.sync.ts') }, { cacheFolder, mayRead })).code;
  const record = async () => join(cacheFolder, (await readdir(cacheFolder))[0] ?? '');
  return { path: folder.path, cacheFolder, bundle, record, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** True when the next bundling writes the record again. */
async function bundlesAgain(project: Awaited<ReturnType<typeof setUp>>): Promise<boolean> {
  const before = await stat(await project.record());
  await project.bundle();
  return (await stat(await project.record())).ino !== before.ino;
}

test('a project that has not changed is taken from the cache', async () => {
  await using project = await setUp();
  const first = await project.bundle();
  assert.equal(await bundlesAgain(project), false);
  assert.ok((await project.bundle()) === first);
  assert.equal((await readdir(project.cacheFolder)).length, 1);
});

const CHANGES: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
  ['a source', (path) => writeFile(join(path, 'p/lib/index.ts'), 'export const a = 2;')],
  ['the project file', (path) => writeFile(join(path, 'p/main.sync.ts'), 'console.log(3);')],
  ['a package.json', (path) => writeFile(join(path, 'p/node_modules/pkg/package.json'), '{ "main": "two.js" }')],
  ['a file that comes first in resolution', (path) => writeFile(join(path, 'p/lib.ts'), 'export const a = 5;')],
  ['a package.json in an imported folder', (path) => writeFile(join(path, 'p/lib/package.json'), '{ "main": "./index.ts" }')],
];
for (const [what, change] of CHANGES) {
  test(`the cache notices a change of ${what}`, async () => {
    await using project = await setUp();
    const first = await project.bundle();
    await change(project.path);
    assert.equal(await bundlesAgain(project), true);
    if (what !== 'a package.json in an imported folder') assert.ok((await project.bundle()) !== first);
  });
}

test('a package that appears nearer is noticed', async () => {
  await using project = await setUp(() => false, {
    'p/main.sync.ts': "import './deep/x.ts';",
    'p/deep/x.ts': "import pkg from 'pkg';\nconsole.log(pkg);",
    'p/node_modules/pkg/index.js': 'module.exports = "far";',
  });
  await project.bundle();
  await mkdir(join(project.path, 'p/deep/node_modules/pkg'), { recursive: true });
  await writeFile(join(project.path, 'p/deep/node_modules/pkg/index.js'), 'module.exports = "near";');
  assert.match(await project.bundle(), /near/);
});

test('damaged and foreign records are made again', async () => {
  await using project = await setUp();
  const first = await project.bundle();
  const record = await project.record();
  const bytes = await readFile(record);
  const changed = Buffer.from(bytes);
  changed.write('evil!', bytes.indexOf('first'));
  for (const damaged of ['', 'x', bytes.subarray(0, bytes.length / 2), changed, Buffer.concat([bytes.subarray(0, 32), Buffer.from('{}')])]) {
    await writeFile(record, damaged);
    assert.ok((await project.bundle()) === first);
    assert.ok((await readFile(record)).equals(bytes), 'the record is as it was');
  }
});

test('a source outside the folder needs leave also when it is in the cache', async () => {
  let allowed = true;
  await using project = await setUp(() => allowed, { 'p/main.sync.ts': "import '../out.ts';", 'out.ts': 'console.log(1);' });
  await project.bundle();
  allowed = false;
  await assert.rejects(project.bundle(), /lies outside the project's folder/);
});

test('a failed bundling leaves nothing in the cache', async () => {
  await using project = await setUp(undefined, { 'p/main.sync.ts': 'const = 1;' });
  await assert.rejects(project.bundle(), /Expected identifier/);
  await assert.rejects(readdir(project.cacheFolder), { code: 'ENOENT' });
});

test('a cache that cannot be written is no error', { skip: process.platform === 'win32' || process.getuid?.() === 0 }, async () => {
  await using project = await setUp();
  await mkdir(project.cacheFolder, { mode: 0o500 });
  await project.bundle();
  await chmod(project.cacheFolder, 0o700);
});

test('a cache folder that is a file is no error', async () => {
  await using project = await setUp();
  await writeFile(project.cacheFolder, 'in the way');
  assert.match(await project.bundle(), /first/);
  await rm(project.cacheFolder);
});
