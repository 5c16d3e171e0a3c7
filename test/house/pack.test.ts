import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import ts from 'typescript';
import { REPOSITORY } from '../kit/built-command.ts';
import { openEditor } from '../kit/editor.ts';

const run = promisify(execFile);
/** npm is a script that Windows starts only through a shell; nothing here needs quoting. */
const shell = process.platform === 'win32';
const VERSION: unknown = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')).version;

let folder = '';
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-pack-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: REPOSITORY, shell });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./sxrun-${VERSION}.tgz`], { cwd: folder, shell });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the packed package holds what a user needs, and no more', () => {
  const files = readdirSync(join(folder, 'node_modules', 'sxrun')).sort();
  assert.deepEqual(files, ['CHANGELOG.md', 'README.md', 'dist', 'docs', 'examples', 'package.json', 'templates']);
  assert.ok(!existsSync(join(folder, 'node_modules', 'sxrun', 'examples', 'out')));
});

test('installed into an empty folder it brings nothing that only its making needs', () => {
  for (const name of ['@biomejs', 'dependency-cruiser', 'fast-check']) assert.ok(!existsSync(join(folder, 'node_modules', name)), name);
});

test('the installed command synchronizes', async () => {
  const command = join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'sxrun.cmd' : 'sxrun');
  const env = { ...process.env, SXRUN_HOME: join(folder, 'home') };
  const sxrun = async (...args: string[]) => (await run(command, args, { cwd: folder, env, shell })).stdout;
  assert.equal((await sxrun('--version')).trim(), VERSION);
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'a', 'file.txt'), 'text\n');
  await sxrun('new', 'two-way', '--root', 'a', '--root', 'b');
  assert.ok(!existsSync(join(folder, 'sxrun.d.ts')), 'the editor finds the package');
  await sxrun('two-way.sync.ts');
  assert.equal(readFileSync(join(folder, 'b', 'file.txt'), 'utf8'), 'text\n');
});

for (const [name, module, moduleResolution] of [
  ['a bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
  ['Node', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
] as const) {
  test(`an editor that resolves like ${name} completes the import and the options`, () => {
    const file = join(folder, 'try.sync.ts');
    const text = "import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['a', 'b'],  });\n";
    writeFileSync(file, text);
    const options: ts.CompilerOptions = { module, moduleResolution, strict: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022 };
    const editor = openEditor([file], options, folder);
    assert.deepEqual(editor.faults(file), []);
    assert.ok(editor.offered(file, text.indexOf('{ defineProject') + 2).includes('sync'));
    assert.ok(editor.offered(file, text.indexOf("'b'],") + 6).includes('excludeFiles'));
  });
}
