import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type CommandOutcome, resultsOf, runBuilt } from '../../kit/built-command.ts';
import { keepSecret } from '../../kit/keep-secret.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';

interface Place {
  readonly folder: string;
  put(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  run(...args: readonly string[]): Promise<CommandOutcome>;
}

/** A folder with a project and two roots in it: everything that a run needs is its own. */
async function place(context: TestContext, script: string): Promise<Place> {
  const folder = await temporaryFolder(context);
  for (const name of ['p', 'p/one', 'p/two']) await mkdir(join(folder, name));
  const put = (path: string, text: string) => writeFile(join(folder, 'p', path), text);
  await put('a.sync.ts', script);
  return {
    folder,
    put,
    read: (path) => readFile(join(folder, 'p', path), 'utf8'),
    run: (...args) => runBuilt(args, { currentDir: join(folder, 'p'), home: join(folder, 'home') }),
  };
}

const BACKUP = "export default { roots: ['one', { url: 'two', targetOnly: true }], mirror: true };";

test('a saved plan is applied later, and finds nothing to do afterwards', async (context) => {
  const { put, run, read } = await place(context, BACKUP);
  await put('one/a.txt', 'a');
  await put('two/orphan.txt', 'x');
  const planned = await run('plan', 'a.sync.ts', '-o', 'plan.json');
  assert.equal(planned.code, 0, planned.stderr);
  const applied = await run('apply', 'plan.json', '--json');
  assert.equal(applied.code, 0, applied.stdout);
  assert.deepEqual(
    resultsOf(applied).map(({ copied, removed, simulation }) => [copied, removed, simulation]),
    [[1, 1, false]],
  );
  assert.equal(await read('two/a.txt'), 'a');
  assert.deepEqual(
    resultsOf(await run('--json', 'a.sync.ts')).map(({ copied, removed }) => [copied, removed]),
    [[0, 0]],
  );
});

test('what has drifted is not done and said, what came later is left for another run', async (context) => {
  const { put, run, folder } = await place(context, BACKUP);
  for (const name of ['same', 'edited', 'gone', 'met']) await put(`one/${name}.txt`, 'first');
  assert.equal((await run('plan', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  await put('one/edited.txt', 'edited since');
  await rm(join(folder, 'p/one/gone.txt'));
  await put('two/met.txt', 'somebody put it here');
  await put('one/new.txt', 'new');
  const { code, stdout, stderr } = await run('apply', 'plan.json');
  assert.equal(code, 1);
  const said = stdout + stderr;
  for (const name of ['edited', 'gone', 'met']) assert.match(said, new RegExp(`${name}\\.txt: is not as it was when the plan was made`));
  assert.match(said, /3 more changes have come up since/);
  assert.deepEqual(
    ['same', 'edited', 'gone', 'new'].map((name) => existsSync(join(folder, `p/two/${name}.txt`))),
    [true, false, false, false],
  );
  assert.equal(await readFile(join(folder, 'p/two/met.txt'), 'utf8'), 'somebody put it here');
});

test('what callbacks said is part of the plan', async (context) => {
  const script = `export default {
  roots: ['one', 'two'],
  syncDb: 'state.syncdb',
  isExclude: (path: string) => path === 'secret.txt',
  onCollision: () => ({ use: 1 }),
};`;
  const { put, run, read, folder } = await place(context, script);
  await put('one/a.txt', 'first');
  await utimes(join(folder, 'p/one/a.txt'), 1000, 1000);
  assert.equal((await run('-p', 'a.sync.ts')).code, 0);
  await put('one/a.txt', 'edited on one');
  await put('two/a.txt', 'edited on two as well');
  await put('one/secret.txt', 'not to be copied');
  assert.equal((await run('plan', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  const applied = await run('apply', 'plan.json');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.equal(await read('one/a.txt'), 'edited on two as well');
  assert.equal(existsSync(join(folder, 'p/two/secret.txt')), false);
});

test('the guard looks at a plan when it is applied', async (context) => {
  const { put, run, folder } = await place(context, BACKUP);
  for (let n = 0; n < 20; n++) await put(`two/${n}.txt`, 'x');
  await put('one/a.txt', 'a');
  assert.equal((await run('plan', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  const stopped = await run('apply', 'plan.json');
  assert.equal(stopped.code, 3);
  assert.ok(existsSync(join(folder, 'p/two/1.txt')));
  const [, id = ''] = /--approve (\w+)/.exec(stopped.stderr + stopped.stdout) ?? [];
  assert.equal((await run('apply', 'plan.json', '--approve', id)).code, 0);
  assert.equal(existsSync(join(folder, 'p/two/1.txt')), false);
});

test('a plan is asked for permissions by itself, whatever project it claims to come from', async (context) => {
  const { put, run, folder } = await place(context, "export default { roots: ['one', { url: '../out', targetOnly: true }] };");
  await mkdir(join(folder, 'out'));
  await put('one/a.txt', 'a');
  const project = join(folder, 'p', 'a.sync.ts');
  assert.equal((await run('allow', project, `read:${join(folder, 'out')}`, `write:${join(folder, 'out')}`)).code, 0);
  assert.equal((await run('-p', 'plan', 'a.sync.ts', '-o', 'plan.json')).code, 2, 'a command comes first');
  assert.equal((await run('plan', '-p', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  const refused = await run('apply', '-p', 'plan.json');
  assert.equal(refused.code, 3);
  const line = refused.stderr.split('\n').find((text) => text.includes('sxrun allow')) ?? '';
  assert.match(line, /sxrun allow \S+plan\.json read:\S+out write:\S+out/);
  assert.equal((await run(...line.trim().split(' ').slice(1))).code, 0);
  const allowed = await run('apply', '-p', 'plan.json');
  assert.equal(allowed.code, 0, allowed.stderr);
  await put('plan.json', (await readFile(join(folder, 'p', 'plan.json'), 'utf8')).replace('"mirror": false', '"mirror": true').replace('{', '{ '));
  assert.equal((await run('apply', '-p', 'plan.json')).code, 3, 'a changed plan is another one');
});

test('steps that only the script does are shown by apply', async (context) => {
  const { run, put } = await place(context, `import { xfile } from 'sxrun';\nawait xfile.writeText('note.txt', 'x');\n${BACKUP}`);
  await put('one/a.txt', 'a');
  assert.equal((await run('plan', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  const { code, stdout, stderr } = await run('apply', 'plan.json');
  assert.equal(code, 0);
  assert.match(stdout + stderr, /not done, since only the script does it: write note\.txt/);
});

test('a script saves its plan and applies it, from the value or from the file', async (context) => {
  const script = `import { defineProject, log, sync, xfile } from 'sxrun';
const project = defineProject({ roots: ['one', { url: 'two', targetOnly: true }] });
const plan = await sync.plan(project);
await plan.save('plan.json');
await xfile.writeText('one/later.txt', 'later');
const applied = await sync.apply(plan);
log.info('applied', applied.copied, applied.problems.length);
const again = await sync.apply('plan.json');
log.info('again', again.copied, again.problems.map(({ code, path }) => code + ' ' + path).join());
await sync.apply('one/later.txt').catch((error) => log.info(error.code, error.line, error.message));
await sync.apply({ id: 'abc' } as never).catch((error) => log.info(error.code, error.message));`;
  const { run, put } = await place(context, script);
  await put('one/a.txt', 'a');
  const { code, stdout } = await run('-p', 'a.sync.ts');
  assert.match(stdout, /\| applied 1 0\n/);
  assert.match(stdout, /\| again 0 drifted a\.txt\n/);
  assert.match(stdout, /\| plan a\.sync\.ts:10:\d+ one\/later\.txt cannot be applied: it is damaged, or no plan: it is not JSON/);
  assert.match(stdout, /\| plan this script has no plan abc/);
  assert.equal(code, 1);
});

for (const [what, text, message] of [
  ['no JSON', 'hello', /is not JSON/],
  ['JSON of another kind', '{"a":1}', /it is no plan/],
  ['a list', '[]', /it is no plan/],
  ['a newer format', '{"format":"sxrun plan","version":9}', /format version 9, and this sxrun reads 1/],
  ['a damaged plan', '{"format":"sxrun plan","version":1,"madeMs":1,"runs":[{"name":5}],"steps":[]}', /it is damaged \(at runs\.0\./],
  [
    'options that are none',
    '{"format":"sxrun plan","version":1,"madeMs":1,"runs":[{"name":"x","directory":"/","options":{"rots":1},"choices":{},"changes":[]}],"steps":[]}',
    /option "rots" is unknown; did you mean "roots"/,
  ],
] as const) {
  test(`${what} is refused with what to do`, async (context) => {
    const { put, run } = await place(context, BACKUP);
    await put('plan.json', text);
    const { code, stderr } = await run('apply', 'plan.json');
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

test('a plan replaces an older plan and nothing else, and options of a plan cannot be given to apply', async (context) => {
  const { put, run, read } = await place(context, BACKUP);
  await put('letter.txt', 'dear');
  const refused = await run('plan', 'a.sync.ts', '-o', 'letter.txt');
  assert.deepEqual([refused.code, await read('letter.txt')], [2, 'dear']);
  assert.match(refused.stderr, /it is there and is no plan/);
  assert.equal((await run('plan', 'a.sync.ts', '--output=plan.json')).code, 0);
  assert.equal((await run('plan', 'a.sync.ts', '-oplan.json')).code, 0);
  for (const [args, message] of [
    [['apply', 'plan.json', '-e', '*.txt'], /part of the plan/],
    [['apply', 'plan.json', '--', 'x'], /runs no script/],
    [['apply'], /needs a plan/],
    [['apply', 'none.json'], /cannot be read/],
    [['plan', 'a.sync.ts'], /-o FILE/],
    [['plan', 'a.sync.ts', '-o'], /needs the name of a file/],
    [['plan', '--unsandboxed', 'a.sync.ts', '-o', 'plan.json'], /cannot go with --unsandboxed/],
  ] as const) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
  }
});

test('what a sub-project applies counts in its result, beside what it runs', async (context) => {
  const script = `import { log, sync } from 'sxrun';
    const { copied, actions } = await sync.do('sub.sync.ts');
    log.info('sub-project: ' + copied + ' ' + actions.map(({ path }) => path).sort().join());`;
  const { put, run } = await place(context, script);
  await put('one/a.txt', 'a');
  const only = "import { sync } from 'sxrun'; const plan = await sync.plan({ roots: ['one', 'two'] }); await sync.apply(plan);";
  await put('sub.sync.ts', only);
  const first = await run('-p', 'a.sync.ts');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /sub-project: 1 a\.txt/);
  await put('one/b.txt', 'b');
  await put('one/c.txt', 'c');
  await put('sub.sync.ts', `${only} await sync.do({ roots: ['one', { url: 'three', targetOnly: true, autoMkdir: true }] });`);
  assert.match((await run('-p', 'a.sync.ts')).stdout, /sub-project: 5 a\.txt,b\.txt,b\.txt,c\.txt,c\.txt/);
});

test('a plan that would have to hold a secret is not written', async (context) => {
  const script = `import { secret, sync } from 'sxrun';
const s = await secret('s');
const plan = await sync.plan({ name: s, roots: ['one', { url: s === 'hidden-word' ? 'two/' + s : 'two', targetOnly: true, autoMkdir: true }] });
await plan.save('saved.json');`;
  const { folder, run, put, read } = await place(context, script);
  await put('one/a.txt', 'a');
  await keepSecret('s', 'hidden-word', join(folder, 'home'));
  for (const args of [['a.sync.ts'], ['plan', '-o', 'plan.json', 'a.sync.ts']]) {
    const { code, stderr } = await run(...args, '--allow-secret=s');
    assert.equal(code, 2, stderr);
    assert.match(stderr, /cannot be written: a secret is part of a path or an option in it/);
  }
  assert.deepEqual(
    ['saved.json', 'plan.json'].filter((name) => existsSync(join(folder, 'p', name))),
    [],
  );
  await keepSecret('s', 'other-word', join(folder, 'home'));
  assert.equal((await run('a.sync.ts', '--allow-secret=s')).code, 0);
  assert.match(await read('saved.json'), /"name": "\*\*\*"/);
});

test('modules of a project are spared when its plan is applied, and are no news to it', async (context) => {
  const script =
    "import { pattern } from './lib.ts'; export default { roots: ['one', { url: '.', targetOnly: true }], mirror: true, excludeFiles: [pattern], excludeDirs: ['*'] };";
  const { put, run, read } = await place(context, script);
  await put('lib.ts', "export const pattern = '*.bak';");
  await put('one/a.txt', 'a');
  assert.equal((await run('plan', 'a.sync.ts', '-o', 'plan.json')).code, 0);
  const { code, stdout, stderr } = await run('apply', 'plan.json');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /lib\.ts \(orphan, but stays as it is: the file belongs to the project that runs\)/);
  assert.doesNotMatch(stdout + stderr, /come up since/);
  assert.equal(await read('a.txt'), 'a');
  assert.match(await read('lib.ts'), /pattern/);
});
