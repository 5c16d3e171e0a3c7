import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type CommandOutcome, eventsOf, resultsOf, runBuilt } from '../kit/built-command.ts';

let scratch = '';
let project = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-layered-')));
  project = join(scratch, 'project');
  for (const folder of ['project/texts/d', 'elsewhere']) mkdirSync(join(scratch, folder), { recursive: true });
  for (const [path, text] of [
    ['a.txt', 'alpha'],
    ['d/b.txt', 'beta'],
  ] as const)
    writeFileSync(join(project, 'texts', path), text);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function run(...args: string[]): Promise<CommandOutcome> {
  return runBuilt(['--json', '-p', ...args], { currentDir: project, home: join(scratch, 'home') });
}
function define(options: string): void {
  writeFileSync(join(project, 'p.sync.ts'), `import { defineProject } from 'sxrun';\nexport default defineProject(${options});\n`);
}
function stopped(outcome: CommandOutcome): string {
  return eventsOf(outcome).flatMap((event) => (event.type === 'stopped' ? [event.message] : []))[0] ?? '';
}
function tree(folder: string): string[] {
  return readdirSync(join(scratch, folder), { recursive: true }).map(String).sort();
}

test('a layered root elsewhere needs the grants of its folder, by its real path, and its shadow those of its own', async () => {
  symlinkSync(join(scratch, 'elsewhere'), join(project, 'link'), 'junction');
  define(`{ roots: ['texts', { url: 'igz:link/backup', shadow: 'tfs:../notes', targetOnly: true, autoMkdir: true }] }`);
  const refused = await run('p.sync.ts');
  assert.equal(refused.code, 3);
  for (const path of [join(scratch, 'elsewhere', 'backup'), join(scratch, 'notes')]) {
    assert.ok(stopped(refused).includes(`read:${path}`) && stopped(refused).includes(`write:${path}`), stopped(refused));
  }
  assert.deepEqual(tree('elsewhere'), []);
  const granted = await run(`--allow-read=${scratch}`, `--allow-write=${scratch}`, 'p.sync.ts');
  assert.equal(granted.code, 0, granted.stdout);
  assert.deepEqual(tree('elsewhere'), ['backup', join('backup', 'a.txt.sx.gz'), join('backup', 'd'), join('backup', 'd', 'b.txt.sx.gz')]);
  assert.equal(gunzipSync(readFileSync(join(scratch, 'elsewhere', 'backup', 'a.txt.sx.gz'))).toString(), 'alpha');
  assert.equal(tree('notes').length, 3);
});

test('with a database a second run of each stack does nothing, and a simulation changes nothing', async () => {
  for (const url of ['igz:out', 'igz(.gz):igz:out', 'tfs:out', 'tfs:igz:out', 'igz:tfs:out']) {
    define(`{ roots: ['texts', { url: '${url}', targetOnly: true, autoMkdir: true }], syncDb: true, syncRemove: true }`);
    const simulated = await run('-s', 'p.sync.ts');
    assert.deepEqual([simulated.code, resultsOf(simulated)[0]?.copied, existsSync(join(project, 'out'))], [0, 2, false]);
    for (const copied of [2, 0]) {
      const outcome = await run('p.sync.ts');
      assert.deepEqual([outcome.code, resultsOf(outcome)[0]?.copied], [0, copied], `${url}\n${outcome.stdout}`);
    }
    for (const gone of ['out', 'p.sync.ts.syncdb']) rmSync(join(project, gone), { recursive: true });
  }
});

test('a root that is known by its layers joins when they change, and nothing is taken for removed', async () => {
  define(`{ roots: ['texts', 'igz:out'], syncRemove: true }`);
  mkdirSync(join(project, 'out'));
  assert.equal((await run('p.sync.ts')).code, 0);
  define(`{ roots: ['texts', 'igz(.zz):out'], syncRemove: true }`);
  const again = await run('p.sync.ts');
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(tree('project/texts'), ['a.txt', 'd', join('d', 'b.txt')]);
});

test('both ways through compression: an edit there comes back', async () => {
  define(`{ roots: ['texts', 'igz:out'], syncRemove: true }`);
  mkdirSync(join(project, 'out'));
  assert.equal((await run('p.sync.ts')).code, 0);
  rmSync(join(project, 'out', 'd', 'b.txt.sx.gz'));
  const restore = await run('-z', '-r', 'out', '-r', 'copy', '-n', '1');
  assert.equal(restore.code, 2, 'a folder that is missing is an error');
  assert.equal((await run('p.sync.ts')).code, 0);
  assert.deepEqual(tree('project/texts'), ['a.txt', 'd']);
});

test('roots of the command line are relative to the current folder and granted by being named, layers or not', async () => {
  mkdirSync(join(scratch, 'elsewhere', 'in'));
  const outcome = await runBuilt(['--json', '-p', '-z', '-r', 'texts', '-r', 'igz:../elsewhere/in', '-n', '1'], {
    currentDir: project,
    home: join(scratch, 'home'),
  });
  assert.equal(outcome.code, 0, outcome.stdout);
  assert.deepEqual(tree('elsewhere/in'), ['a.txt.sx.gz', 'd', join('d', 'b.txt.sx.gz')]);
});

test('a compressed backup inside the root that it is of is no part of it', async () => {
  define(`{ roots: ['.', { url: 'igz:backup', targetOnly: true, autoMkdir: true }] }`);
  for (const copied of [3, 0]) assert.equal(resultsOf(await run('p.sync.ts'))[0]?.copied, copied);
  assert.deepEqual(
    tree('project/backup').filter((path) => path.includes('backup')),
    [],
  );
});

test('null: reads everything, every time, needs no grant and no folder', async () => {
  define(`{ roots: ['texts', 'null:'], syncDb: true }`);
  for (let time = 0; time < 3; time++) {
    const outcome = await run('p.sync.ts');
    assert.deepEqual([outcome.code, resultsOf(outcome)[0]?.copied], [0, 2], outcome.stdout);
  }
});

test('what a tfs: root cannot do is an option error', async () => {
  define(`{ roots: ['texts', 'tfs:notes'] }`);
  const source = await run('p.sync.ts');
  assert.equal(source.code, 2);
  assert.match(stopped(source), /"roots\[1\]" keeps names, sizes and times, but no content, so it can be no source; it wants targetOnly: true/);
  define(`{ roots: ['texts', { url: 'tfs:notes', targetOnly: true }], compare: 'content' }`);
  assert.match(stopped(await run('p.sync.ts')), /option "compare" is "content", and roots\[1\] keeps names, sizes and times, but no content/);
});

test('a damaged compressed file is a problem with its name, and the others come', async () => {
  mkdirSync(join(project, 'out'));
  writeFileSync(join(project, 'out', 'bad.txt.sx.gz'), 'not gzip');
  utimesSync(join(project, 'out', 'bad.txt.sx.gz'), new Date(), new Date('2020-01-01'));
  define(`{ roots: ['texts', 'igz:out'], onError: 'continue-files' }`);
  const outcome = await run('p.sync.ts');
  assert.equal(outcome.code, 1);
  assert.deepEqual(
    eventsOf(outcome).flatMap((event) => (event.type === 'problem' ? [event.path] : [])),
    ['bad.txt'],
  );
  assert.equal(resultsOf(outcome)[0]?.copied, 2);
  assert.ok(!existsSync(join(project, 'texts', 'bad.txt')));
});
