import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type Bundle, bundleProject } from '../../../runtime/project/bundle/bundle.ts';
import { BundleError } from '../../../runtime/project/bundle/bundle-error.ts';
import { PUBLIC_NAMES } from '../../../runtime/project/bundle/bundle-guest.ts';
import * as sdk from '../../../sdk/index.ts';
import { type ProjectFiles, projectFolder, run, runFiles } from '../../sandbox/script-kit.ts';

const NO_CACHE = { cacheFolder: undefined, mayRead: () => false };

/** The message of the refusal, with the folder as `/p`. */
async function refusal(files: ProjectFiles, mayRead: (path: string) => boolean = () => false): Promise<string> {
  await using folder = await projectFolder(files);
  return await refusalIn(folder.path, mayRead);
}

async function refusalIn(path: string, mayRead: (path: string) => boolean = () => false): Promise<string> {
  try {
    await bundleProject({ kind: 'file', path: join(path, 'main.sync.ts') }, { cacheFolder: undefined, mayRead });
    return 'bundled';
  } catch (error) {
    assert.ok(error instanceof BundleError);
    return error.message.replaceAll(path, '/p');
  }
}

test('the names that a script can import are those of the SDK', () => {
  assert.deepEqual([...PUBLIC_NAMES].sort(), Object.keys(sdk).sort());
});

test('local modules, JSON, and packages of node_modules are bundled', async () => {
  const { log } = await runFiles({
    'main.sync.ts':
      "import { sync, log } from 'sxrun';\nimport { twice } from './lib/twice.js';\nimport data from './data.json';\nimport esm from 'esm-package';\nimport cjs from 'cjs-package';\nimport deep from '@scope/pkg/deep';\nsync.dontDo();\nlog.info(twice(data.n), esm, cjs.name, deep);",
    'lib/twice.ts': 'export const twice = (n: number): number => n * 2;',
    'data.json': '{ "n": 21 }',
    'node_modules/esm-package/package.json': '{ "name": "esm-package", "type": "module", "exports": "./index.js" }',
    'node_modules/esm-package/index.js': 'export default "esm";',
    'node_modules/cjs-package/package.json': '{ "name": "cjs-package", "main": "lib/main.js" }',
    'node_modules/cjs-package/lib/main.js': 'module.exports = { name: "cjs" };',
    'node_modules/@scope/pkg/package.json': '{ "name": "@scope/pkg", "exports": { "./deep": "./d.js" } }',
    'node_modules/@scope/pkg/d.js': 'export default "deep";',
  });
  assert.deepEqual(log, ['info: 42 esm cjs deep']);
});

test('node:path has a stand-in, in both flavours', async () => {
  const { log } = await run(`import { sync, log } from 'sxrun';
    import path, { join } from 'node:path';
    import { win32 } from 'path';
    import posix from 'node:path/posix';
    sync.dontDo();
    log.info(join('a', '..', 'b'), path.extname('x.tar.gz'), win32.join('a', 'b'), posix.basename('/a/b.ts', '.ts'), path.relative('a', 'b/c'), path.parse('/x/y.z').name);
    try { path.join(1 as never); } catch (error) { log.info((error as Error).name); }`);
  assert.deepEqual(log, [`info: b .gz a\\b b ${join('..', 'b', 'c')} y`, 'info: TypeError']);
});

test('a syntax error names file, line, column and shows the line', async () => {
  assert.equal(await refusal({ 'main.sync.ts': 'const a = 1;\nconst b = = 2;\n' }), '/p/main.sync.ts:2:11: Unexpected "="\n    const b = = 2;');
});

test('the column counts characters, not bytes', async () => {
  assert.match(await refusal({ 'main.sync.ts': 'const ü = "ß" = 2 2;\n' }), /main\.sync\.ts:1:19: /);
});

test('an error in an imported JSON file names that file', async () => {
  assert.match(
    await refusal({ 'main.sync.ts': "import d from './d.json';\nconsole.log(d);", 'd.json': '{\n  "a": 1,,\n}' }),
    /^\/p\/d\.json:2:\d+: .*\n {4}"a": 1,,$/,
  );
});

test('Node built-ins are refused by name with what to use instead', async () => {
  assert.match(
    await refusal({ 'main.sync.ts': "\nimport fs from 'node:fs';\nconsole.log(fs);" }),
    /^\/p\/main\.sync\.ts:2:16: "node:fs" is part of Node and not available in a project file; use xfile from "sxrun"/,
  );
  assert.match(await refusal({ 'main.sync.ts': "import { readFile } from 'fs/promises';\nreadFile('x');" }), /"fs\/promises" is part of Node/);
  assert.match(await refusal({ 'main.sync.ts': "import { setTimeout } from 'timers/promises';\nsetTimeout(1);" }), /use sleep/);
  assert.match(await refusal({ 'main.sync.ts': "const c = require('child_process');\nc.exec();" }), /"child_process" is part of Node/);
  assert.match(await refusal({ 'main.sync.ts': "await import('node:worker_threads');" }), /"node:worker_threads" is part of Node/);
});

test('a package that stands in for a built-in may be used by its own name', async () => {
  const { log } = await runFiles({
    'main.sync.ts': "import { sync, log } from 'sxrun';\nimport events from 'events';\nsync.dontDo();\nlog.info(events);",
    'node_modules/events/package.json': '{ "name": "events", "main": "events.js" }',
    'node_modules/events/events.js': 'module.exports = "pure";',
  });
  assert.deepEqual(log, ['info: pure']);
});

test('what the SDK does not have is refused with what it has', async () => {
  assert.match(
    await refusal({ 'main.sync.ts': "import { teleport } from 'sxrun';\nteleport.list('.');" }),
    /^\/p\/main\.sync\.ts:1:10: "sxrun" has no "teleport"; it has: SyncError, .*defineProject, .*log, /,
  );
  assert.match(
    await refusal({ 'main.sync.ts': "import { defineProjct } from 'sxrun';\nexport default defineProjct({});" }),
    /has no "defineProjct"; did you mean "defineProject"\?/,
  );
  assert.match(await refusal({ 'main.sync.ts': "import * as sx from 'sxrun';\nsx.post.send();" }), /"sxrun" has no "post"/);
});

test('what is not there is refused in words', async () => {
  assert.match(await refusal({ 'main.sync.ts': "import './gone.ts';" }), /^\/p\/main\.sync\.ts:1:8: ".\/gone\.ts" is not there/);
  assert.match(await refusal({ 'main.sync.ts': "import 'left-pad';" }), /the package "left-pad" is not installed in the project's node_modules/);
  assert.match(await refusal({ 'main.sync.ts': "import 'https://example.org/x.js';" }), /cannot be imported: imports are files of the project/);
  assert.match(
    await refusal({ 'main.sync.ts': "import './style.css';", 'style.css': 'a{}' }),
    /style\.css cannot be imported; files that can end in \.ts/,
  );
  assert.match(await refusal({}), /^there is no project file \/p\/main\.sync\.ts: there is nothing at this path/);
});

/** A folder `outer` with a project in `outer/project`, and a secret beside it. */
async function outerFolder(main: string, files: ProjectFiles = {}): ReturnType<typeof projectFolder> {
  return projectFolder({
    'secret.json': '{ "password": "TOP SECRET" }',
    'broken.json': 'TOP SECRET',
    'secret.ts': 'export default "TOP SECRET";',
    'project/main.sync.ts': main,
    ...files,
  });
}

test('an import through .. is refused, whether the file is there or not', async () => {
  for (const name of ['secret.json', 'broken.json', 'secret.ts', 'gone.ts']) {
    await using folder = await outerFolder(`import s from '../${name}';\nconsole.log(s);`);
    const message = await refusalIn(join(folder.path, 'project'));
    assert.match(message, new RegExp(`main\\.sync\\.ts:1:15: "\\.\\./${name}" lies outside the project's folder`));
    assert.doesNotMatch(message, /TOP SECRET/);
  }
});

test('an absolute import is refused as well', async () => {
  await using folder = await outerFolder('');
  await writeFile(join(folder.path, 'project/main.sync.ts'), `import ${JSON.stringify(join(folder.path, 'secret.ts'))};`);
  assert.match(await refusalIn(join(folder.path, 'project')), /lies outside the project's folder/);
});

test('a link that leads out is refused', { skip: process.platform === 'win32' }, async () => {
  await using folder = await outerFolder("import s from './link.json';\nconsole.log(s);");
  await symlink(join(folder.path, 'broken.json'), join(folder.path, 'project/link.json'));
  const message = await refusalIn(join(folder.path, 'project'));
  assert.match(message, /"\.\/link\.json" lies outside the project's folder/);
  assert.doesNotMatch(message, /TOP SECRET/);
});

test('a linked folder and the node_modules of a parent folder are refused', { skip: process.platform === 'win32' }, async () => {
  await using folder = await outerFolder("import './lib/x.ts';\nimport 'pkg';", { 'lib/x.ts': '', 'node_modules/pkg/index.js': '' });
  await symlink(join(folder.path, 'lib'), join(folder.path, 'project/lib'));
  const message = await refusalIn(join(folder.path, 'project'));
  assert.match(message, /"\.\/lib\/x\.ts" lies outside/);
  assert.match(message, /"pkg" lies outside/);
});

test('package.json cannot lead out by main or exports', async () => {
  for (const settings of [
    '{ "main": "../../../secret.ts" }',
    '{ "exports": "./../../../secret.ts" }',
    '{ "browser": "../../../secret.ts", "module": "../../../secret.ts" }',
  ]) {
    await using folder = await outerFolder("import s from 'pkg';\nconsole.log(s);", { 'project/node_modules/pkg/package.json': settings });
    const message = await refusalIn(join(folder.path, 'project'));
    assert.notEqual(message, 'bundled');
    assert.doesNotMatch(message, /TOP SECRET/);
  }
});

test('tsconfig.json is not looked at: neither paths nor extends lead anywhere', async () => {
  await using folder = await outerFolder("import s from '@/secret';\nconsole.log(s);", {
    'project/tsconfig.json': '{ "extends": "../broken.json", "compilerOptions": { "paths": { "@/*": ["../*"] } } }',
  });
  const message = await refusalIn(join(folder.path, 'project'));
  assert.match(message, /"paths" of a tsconfig\.json are not used here/);
  assert.doesNotMatch(message, /TOP SECRET/);
});

test('a source map that a source names is not read', async () => {
  await using folder = await outerFolder('console.log(1);\n//# sourceMappingURL=../broken.json');
  const bundle = await bundleProject({ kind: 'file', path: join(folder.path, 'project/main.sync.ts') }, NO_CACHE);
  assert.doesNotMatch(bundle.map + bundle.code, /TOP SECRET|broken\.json/);
});

test('a grant lets imports out', async () => {
  await using folder = await outerFolder("import s from '../secret.ts';\nconsole.log(s);");
  const asked: string[] = [];
  const mayRead = (path: string) => {
    asked.push(path);
    return true;
  };
  assert.equal(await refusalIn(join(folder.path, 'project'), mayRead), 'bundled');
  assert.ok(asked.includes(join(folder.path, 'secret.ts')));
});

test('a thing that is no regular file is refused', { skip: process.platform === 'win32' }, async () => {
  await using folder = await projectFolder({ 'main.sync.ts': "import './null.ts';" });
  await symlink('/dev/null', join(folder.path, 'null.ts'));
  assert.match(await refusalIn(folder.path, () => true), /is no regular file/);
});

test('a project from standard input has a name in its folder that no file has', async () => {
  await using folder = await projectFolder({ 'lib.ts': 'export const a = 1;' });
  const bundle: Bundle = await bundleProject(
    { kind: 'text', text: "import { a } from './lib.ts';\nconsole.log(a);", directory: folder.path },
    NO_CACHE,
  );
  assert.equal(bundle.file, join(folder.path, 'standard-input.sync.ts'));
  assert.deepEqual(bundle.inputs, [join(folder.path, 'lib.ts'), bundle.file]);
  await assert.rejects(
    bundleProject({ kind: 'text', text: 'const a = ;', directory: folder.path }, NO_CACHE),
    /standard-input\.sync\.ts:1:11: Unexpected ";"/,
  );
});

test('each project belongs to the file that it is written in, or that exports it', async () => {
  const { calls } = await runFiles({
    'main.sync.ts':
      "import { defineProject, sync } from 'sxrun';\nimport texts from './sub/texts.sync.ts';\nimport made from './sub/made.sync.ts';\nawait sync.do(texts);\nawait sync.do({ ...made, verbose: true });\nawait sync.do(defineProject({ roots: [] }));\nawait sync.do({ roots: [] });",
    'sub/texts.sync.ts': "import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['.', 'x'] });",
    'sub/made.sync.ts': "import { make } from '../lib/make.ts';\nexport default make();",
    'lib/make.ts': "import { defineProject } from 'sxrun';\nexport const make = () => defineProject({ roots: ['.', 'y'] });",
  });
  const files = calls.map(({ request }) =>
    request.target.kind === 'project' ? request.target.file?.replace(/^.*sxrun-script-[^/\\]*./, '').replace('\\', '/') : 'file',
  );
  assert.deepEqual(files, ['sub/texts.sync.ts', 'sub/made.sync.ts', 'main.sync.ts', undefined]);
});

test('importing a project does not run it', async () => {
  const { calls } = await runFiles({
    'main.sync.ts': "import { sync } from 'sxrun';\nimport texts from './texts.sync.ts';\nsync.dontDo();\nconsole.log(texts.name);",
    'texts.sync.ts': "import { defineProject } from 'sxrun';\nexport default defineProject({ name: 'texts', roots: [] });",
  });
  assert.equal(calls.length, 0);
});

async function temporary(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'sxrun-bundle-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('the hash of the sources follows what the user wrote, not the folder it is in', async () => {
  const files = { 'main.sync.ts': "import './a.ts';", 'a.ts': 'console.log(1);' };
  await using one = await projectFolder(files);
  await using two = await projectFolder(files);
  const hash = async (path: string) => (await bundleProject({ kind: 'file', path: join(path, 'main.sync.ts') }, NO_CACHE)).sourcesHash;
  assert.equal(await hash(one.path), await hash(two.path));
  await mkdir(join(two.path, 'other'));
  await writeFile(join(two.path, 'a.ts'), 'console.log(2);');
  assert.notEqual(await hash(one.path), await hash(two.path));
  await using cache = await temporary();
  const cached = () => bundleProject({ kind: 'file', path: join(one.path, 'main.sync.ts') }, { cacheFolder: cache.path, mayRead: () => false });
  assert.deepEqual(await cached(), await cached());
});

test('imports in a circle are refused only where a project file is one of them and must be made to be imported', async () => {
  const a = "import b from './b.sync.ts';\nexport default [b];";
  const of = (text: string) => ({ 'main.sync.ts': "import a from './a.sync.ts';\nexport default a;", 'a.sync.ts': a, 'b.sync.ts': text });
  const back = "import a from './a.sync.ts';\nexport default { subSyncs: [a] };";
  assert.match(
    await refusal(of(back)),
    /^\/p\/a\.sync\.ts:1:1: .*in a circle: a\.sync\.ts → b\.sync\.ts → a\.sync\.ts; .*sync\.do\("b\.sync\.ts"\)\n/,
  );
  assert.match(
    await refusal({ ...of("export * from './c.ts';\nexport default {};"), 'c.ts': "export { default as x } from './b.sync.ts';" }),
    /b\.sync\.ts → c\.ts → b\.sync\.ts/,
  );
  assert.equal(await refusal(of("import type a from './a.sync.ts';\nexport default {} as typeof a;")), 'bundled');
  assert.equal(await refusal(of("export default { isExclude: async () => (await import('./a.sync.ts')).default === 1 };")), 'bundled');
  const modules = {
    'x.ts': "import { y } from './y.ts';\nexport const x = () => y;",
    'y.ts': "import { x } from './x.ts';\nexport const y = () => x;",
  };
  assert.equal(await refusal({ 'main.sync.ts': "import { x } from './x.ts';\nexport default x();", ...modules }), 'bundled');
});

test('a name that only a run computes is refused in a module of the project, with its place', async () => {
  for (const call of [
    "await import('./lib/' + name)",
    `await import(\`../\${name}.json\`)`,
    'await import(name)',
    "await import /* ( */ ('../../' + name)",
    "require('.' + './' + name)",
    "require((name ? 'a' : '../' + name) as never)",
    "requir\\u0065('./' + name)",
    `await import(\`\${Folder.Above}/\${name}\`)`,
  ]) {
    const script = `enum Folder { Above = '../..' }\nconst name: string = 'x' + Folder.Above;\nconst x = ${call};\nexport default x;`;
    const message = await refusal({ 'main.sync.ts': script, 'lib/x.ts': '' });
    assert.match(message, /^\/p\/main\.sync\.ts:3:\d+: (import|require) takes a fixed text here/, call);
  }
});

test('a choice between fixed names, and a function of that name, are none', async () => {
  const { log } = await runFiles({
    'main.sync.ts':
      "import { sync, log } from 'sxrun';\nsync.dontDo();\nconst { n } = await import(sync.simulation ? './a.ts' : './b.ts');\nconst obj = { require: (path: string) => path };\nlog.info(n, obj.require('./' + n));",
    'a.ts': "export const n = 'a';",
    'b.ts': "export const n = 'b';",
  });
  assert.deepEqual(log, ['info: b ./b']);
});

test('what a package computes fails when it is run, and no folder is walked through for it', { skip: process.platform === 'win32' }, async () => {
  const { log } = await runFiles({
    'main.sync.ts': "import { sync, log } from 'sxrun';\nimport load from 'pkg';\nsync.dontDo();\nlog.info(load('de'));",
    'node_modules/pkg/package.json': '{ "name": "pkg", "main": "i.js" }',
    'node_modules/pkg/i.js':
      "module.exports = (name) => { try { return require('../../../../../../../../../' + name + '.json'); } catch { return 010; } };",
  });
  assert.deepEqual(log, ['info: 8']);
});

test('an import says with its attribute what it is, or is refused', async () => {
  const files = { 'a.txt': 'text', 'a.json': '{}' };
  for (const [path, type] of [
    ['a.txt', 'bytes'],
    ['a.txt', 'json'],
    ['a.json', 'text'],
  ]) {
    const script = `import x from './${path}' with { type: '${type}' };\nexport default x;`;
    assert.match(await refusal({ 'main.sync.ts': script, ...files }), new RegExp(`${path} cannot be imported as "${type}"`));
  }
  const script = "import x from './a.txt' with { type: 'text' };\nimport y from './a.json' with { type: 'json' };\nexport default [x, y];";
  assert.equal(await refusal({ 'main.sync.ts': script, ...files }), 'bundled');
});

test('a file that is UTF-16 is refused in words', async () => {
  await using folder = await projectFolder({});
  await writeFile(join(folder.path, 'main.sync.ts'), Buffer.from('\ufeffexport default {};', 'utf16le'));
  assert.match(await refusalIn(folder.path), /main\.sync\.ts is not UTF-8 text \(it looks like UTF-16\); save it as UTF-8/);
});
