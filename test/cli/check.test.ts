import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkProjectFile } from '../../runtime/project/check/check-project.ts';
import { REPOSITORY, runBuilt } from '../kit/built-command.ts';

let scratch = '';
let home = '';
before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sxrun-check-'));
  home = join(scratch, 'home');
  process.env['SXRUN_HOME'] = home;
});
after(() => {
  delete process.env['SXRUN_HOME'];
  rmSync(scratch, { recursive: true, force: true });
});

let projects = 0;
/** Writes a project into a folder of its own; files of its folder by name. */
function project(source: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(scratch, `p${projects++}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries({ ...files, 'a.sync.ts': source })) writeFileSync(join(folder, name), text);
  return join(folder, 'a.sync.ts');
}

async function findings(source: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const report = await checkProjectFile(project(source, files), { ownCompiler: false });
  return report.findings.map(({ file, line, column, message }) => `${file.split(/[/\\]/).at(-1)}:${line}:${column}: ${message}`);
}

const DEFINE = "import { defineProject } from 'sxrun';\nexport default defineProject(";

/** A project, and the beginnings of all that is found in it. */
const WRONG: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'an option with a typing error': [
    `${DEFINE}{ roots: ['.', '/b'], excludeFile: ['*.bak'] });`,
    'a.sync.ts:2:52: option "excludeFile" is unknown; did you mean "excludeFiles"?',
  ],
  'an option of the wrong type': [
    `${DEFINE}{ roots: ['.', '/b'], syncRemove: 'yes' });`,
    'a.sync.ts:2:52: option "syncRemove" is "yes"; it wants true or false',
  ],
  'one root': [`${DEFINE}{ roots: ['.'] });`, 'a.sync.ts:2:32: option "roots" has only one root; it wants two or more'],
  'no roots': [`${DEFINE}{ verbose: true });`, 'a.sync.ts:2:30: option "roots" is missing; it wants a list of two or more roots'],
  'only targets': [
    `${DEFINE}{ roots: [{ url: '.', targetOnly: true }, { url: '/b', targetOnly: true }] });`,
    'a.sync.ts:2:32: option "roots" has only targetOnly roots; at least one must be a source',
  ],
  'autoMkdir on a source': [
    `${DEFINE}{ roots: ['.', { url: '/b', autoMkdir: true }] });`,
    'a.sync.ts:2:58: option "roots[1].autoMkdir" is only for roots with targetOnly: true',
  ],
  'a root that is no address': [`${DEFINE}{ roots: ['.', 'gopher://host/x'] });`, 'a.sync.ts:2:45: option "roots[1]" '],
  'a pattern that matches nothing': [
    `${DEFINE}{ roots: ['.', '/b'], excludeDirs: ['tmp/'] });`,
    'a.sync.ts:2:66: option "excludeDirs[0]" is "tmp/"; write it without the slash',
  ],
  'a guard beyond all': [
    `${DEFINE}{ roots: ['.', '/b'], guard: { maxRemove: '200%' } });`,
    'a.sync.ts:2:61: option "guard.maxRemove" is "200%"; it wants',
  ],
  'a date that is none': [`${DEFINE}{ roots: ['.', '/b'], newerThan: 'soon' });`, 'a.sync.ts:2:52: option "newerThan" is "soon"'],
  'a policy that is none': [`${DEFINE}{ roots: ['.', '/b'], onCollision: 'oldest' });`, 'a.sync.ts:2:52: option "onCollision" is "oldest"'],
  'several at once, with a constant and beside what only a run can tell': [
    `import { defineProject, sync } from 'sxrun';\nconst when = 'soon';\nexport default defineProject({ roots: sync.args, newerThan: when, evenTime: 3 });`,
    'a.sync.ts:3:50: option "newerThan" is "soon"',
    'a.sync.ts:3:67: option "evenTime" is 3; it wants true or false',
  ],
  'a default export without defineProject': [
    "export default { roots: ['.', '/b'], mirrors: true };",
    'a.sync.ts:1:38: option "mirrors" is unknown; did you mean "mirror"?',
  ],
  'a project written into sync.do': [
    "import { sync } from 'sxrun';\nawait sync.do({ roots: ['.', '/b'], parallel: 0 });",
    'a.sync.ts:2:37: option "parallel" is 0',
  ],
  'a callback with a typing error': [
    `${DEFINE}{ roots: ['.', '/b'], isExclude: (path) => path.endswith('x') });`,
    "a.sync.ts:2:78: Property 'endswith' does not exist on type 'string'. Did you mean 'endsWith'?",
  ],
  'a result that has no such field': [
    "import { sync } from 'sxrun';\nconst result = await sync.do({ roots: ['.', '/b'] });\nif (result.copies > 0) throw new Error('x');",
    "a.sync.ts:3:12: Property 'copies' does not exist",
  ],
  'what only Node has': ["import { sync } from 'sxrun';\nsync.dontDo();\nprocess.exit(0);", "a.sync.ts:3:1: Cannot find name 'process'"],
  'an import that is not there': ["import x from './none.ts';\nexport default x;", 'a.sync.ts:1:15: '],
  'a module of Node': ["import { readFileSync } from 'node:fs';\nreadFileSync('x');", 'a.sync.ts:1:30: '],
  'a syntax error': ['export default {\n  roots: [,\n', 'a.sync.ts:3:'],
  'what the SDK does not have': ["import { synch } from 'sxrun';\nsynch.do();", 'a.sync.ts:1:10: "sxrun" has no "synch"'],
  'a host that is none': [
    "import { fetch } from 'sxrun';\nawait fetch('hooks.example.org');",
    'a.sync.ts:2:7: fetch: "hooks.example.org" is no URL; write it like https://',
  ],
  'a mail server that is none': [
    "import { mail } from 'sxrun';\nawait mail.send({ server: 'mail.example', from: 'a@b.example', to: 'c@d.example' });",
    'a.sync.ts:2:7: mail.send: server "mail.example" is no mail server; write it like smtp://',
  ],
  'a recipient that is none': [
    "import { mail } from 'sxrun';\nawait mail.send({ server: 'smtp://mail.example', from: 'a@b.example', to: ['me'] });",
    'a.sync.ts:2:7: mail.send: to "me" is no mail address',
  ],
};

for (const [name, [source, ...wanted]] of Object.entries(WRONG)) {
  test(`check finds ${name}, with its place`, async () => {
    const found = await findings(source);
    assert.equal(found.length, wanted.length, found.join('\n'));
    for (const [index, start] of wanted.entries()) assert.ok(found[index]?.startsWith(start), `${found[index]}\n${start}`);
  });
}

test('an error in an imported module is found in it', async () => {
  const found = await findings("import b from './b.ts';\nexport default b;", { 'b.ts': `${DEFINE}{ roots: ['.', '/b'], lazyMkdirs: true });` });
  assert.deepEqual(found, ['b.ts:2:52: option "lazyMkdirs" is unknown; did you mean "lazyMkdir"?']);
});

test('what only a run can tell is no error, and nothing is run', async () => {
  const source = `import { defineProject, exec, log, sync } from 'sxrun';
const [root = '/b', ...others] = sync.args;
const base = { verbose: true };
log.info('not said');
await exec(root, others);
export default defineProject({ ...base, roots: ['.', root], isExclude: (path, entry) => entry.size !== undefined && path === 'x' });
throw new Error('not thrown');`;
  assert.deepEqual(await findings(source), []);
});

test('encoders that the source does not show are no error, and those that it shows are', async () => {
  const roots = "roots: ['.', { url: 'ienc:/b', targetOnly: true }]";
  const options = "import { defineProject, sync } from 'sxrun';\nconst options = [sync.args[0] ?? ''];\nexport default defineProject({ ";
  assert.deepEqual(await findings(`${options}${roots}, encoders: { gpg: { encode: ['gpg', ...options] } } });`), []);
  assert.deepEqual(await findings(`${DEFINE}{ ${roots}, encoders: { gpg: { encode: ['gpg', '-e'] } } });`), []);
  const told = async (encoders: string) => (await findings(`${DEFINE}{ ${roots}${encoders} });`)).map((line) => line.replace(/^.*?: /, ''));
  assert.deepEqual(await told(''), ['option "roots[1]" is an "ienc:" root, and option "encoders" is missing, which says what program encodes']);
  assert.deepEqual(await told(", encoders: { gpg: { encode: ['gpg'], extension: 'gpg' } }"), [
    'option "encoders.gpg.extension" is "gpg"; it wants an extension with its point, such as ".gpg"',
  ]);
  assert.deepEqual(await told(", encoders: { gpg: { decode: ['gpg'] } }"), [
    'option "encoders.gpg.encode" is missing, and roots[1] receives files; it wants a program and its arguments',
  ]);
});

test('a type from outside of the folder is not read', async () => {
  writeFileSync(join(scratch, 'secret.ts'), "export type Secret = 'hunter2';\n");
  const found = await findings(
    "import type { Secret } from '../secret.ts';\nimport { sync } from 'sxrun';\nsync.dontDo();\nconst x: Secret = 3;\nvoid x;",
  );
  assert.equal(found.length, 1, found.join('\n'));
  assert.doesNotMatch(found.join(), /hunter2/);
});

test('it tells what a run would ask for, as far as the source shows', async () => {
  const outside = dirname(scratch);
  const file = project(`import { defineProject, exec, env, fetch, lock, mail, secret, sync, xfile } from 'sxrun';
const stick = '${join(outside, 'stick').replaceAll('\\', '/')}';
export default defineProject({ roots: ['.', { url: stick, targetOnly: true, shadow: '../shadow' }], logFile: '../a.log', syncDb: true });
await fetch('https://hooks.example.org/x', { method: 'POST' });
await mail.send({ server: 'smtp://me@mail.example', password: { secret: 'mail' }, from: 'a@b.example', to: 'c@d.example', text: { file: '../text' } });
await env('HOOK');
await secret('hook');
await xfile.copy('in.txt', '../copied');
await xfile.readText(sync.args[0] ?? '');
await exec('no-such-program-here');
await using held = await lock('../.lock', { staleAfter: '1m' });
void held;`);
  const { findings: found, wanted } = await checkProjectFile(file, { ownCompiler: false });
  assert.deepEqual(found, []);
  const short = wanted?.grants.map((grant) => grant.replace(/^(read|write):.*[/\\]/, '$1:')).sort();
  assert.deepEqual(short, [
    'env:HOOK',
    'net:hooks.example.org:443',
    'net:mail.example:587',
    'read:.lock',
    'read:shadow',
    'read:stick',
    'read:text',
    'secret:hook',
    'secret:mail',
    'write:.lock',
    'write:a.log',
    'write:copied',
    'write:shadow',
    'write:stick',
  ]);
  const [warning] = wanted?.warnings ?? [];
  assert.match(warning?.message ?? '', /no program no-such-program-here/);
  assert.ok((warning?.line ?? 0) > 0);
  assert.match(wanted?.allowLine ?? '', /^sxrun allow .*a\.sync\.ts.* env:HOOK /);
});

test('a program that this machine does not have is a warning with its place, and the verdict says so', async () => {
  const path = project("import { exec, sync } from 'sxrun';\nsync.dontDo();\nawait exec('no-such-program-here', []);");
  const { code, stdout } = await runBuilt(['check', path], { currentDir: dirname(path), home });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^a\.sync\.ts:3:7: warning: no program no-such-program-here: .*\na\.sync\.ts: no errors as far as the source shows, 1 warning\n/,
  );
});

test('what nobody can allow is an error', { skip: process.platform === 'win32' }, async () => {
  const [found] = await findings("import { sync, xfile } from 'sxrun';\nsync.dontDo();\nawait xfile.readText('/proc/self/environ');");
  assert.match(found ?? '', /^a\.sync\.ts:3:7: .*out of reach whatever is granted/);
});

test('a project that runs nothing is found, one that may run something is not', async () => {
  for (const source of ['', 'export const a = 1;', "import { log } from 'sxrun';\nlog.info('x');"])
    assert.match((await findings(source)).join(), /nothing to run: write "export default/);
  for (const source of [
    "import { sync } from 'sxrun';\nsync.dontDo();",
    "import * as sx from 'sxrun';\nsx.sync.dontDo();",
    "export { default } from './b.ts';",
    "import { run } from './b.ts';\nawait run();",
  ]) {
    const b =
      "import { sync } from 'sxrun';\nexport async function run(): Promise<void> {\n  sync.dontDo();\n}\nexport default { roots: ['x', 'y'] };";
    assert.deepEqual(await findings(source, { 'b.ts': b }), [], source);
  }
});

test('the command says what it found and ends with 2, or with 0', async () => {
  const wrong = project(`${DEFINE}{ roots: ['.', '/b'], excludeFile: ['*.bak'] });`);
  const bad = await runBuilt(['check', 'a.sync.ts'], { currentDir: dirname(wrong), home });
  assert.equal(bad.code, 2, bad.stderr);
  assert.match(bad.stdout, /^a\.sync\.ts:2:52: option "excludeFile" is unknown; did you mean "excludeFiles"\?\na\.sync\.ts: 1 error\n/);
  const json = await runBuilt(['check', '--json', 'a.sync.ts'], { currentDir: dirname(wrong), home });
  const events = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([events[0]?.['type'], events[0]?.['line'], events[0]?.['column'], events.at(-1)], ['error', 2, 52, { type: 'exit', code: 2 }]);
  const right = project(`${DEFINE}{ roots: ['.', './b'] });`);
  const good = await runBuilt(['check', 'a.sync.ts'], { currentDir: dirname(right), home });
  assert.deepEqual(
    [good.code, good.stdout],
    [0, 'a.sync.ts: nothing wrong as far as the source shows\nA run asks for no permission, as far as the source shows.\n'],
  );
  const none = await runBuilt(['check', 'none.sync.ts'], { currentDir: dirname(right), home });
  assert.deepEqual([none.code, none.stdout], [2, '']);
});

test('the compiler beside the project is used only when that is said, and without any the rest is checked', async () => {
  const file = project(`${DEFINE}{ roots: ['.', './b'], nonsense: true });`);
  const without = await checkProjectFile(file, { ownCompiler: true });
  assert.deepEqual([without.compiler, without.findings], [undefined, []]);
  const folder = dirname(file);
  mkdirSync(join(folder, 'node_modules'));
  const ours = dirname(createRequire(join(REPOSITORY, 'package.json')).resolve('typescript/package.json'));
  symlinkSync(ours, join(folder, 'node_modules', 'typescript'), 'junction');
  const beside = await checkProjectFile(file, { ownCompiler: true });
  assert.equal(beside.findings.length, 1);
  rmSync(join(folder, 'node_modules'), { recursive: true });
  mkdirSync(join(folder, 'node_modules', 'typescript'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'typescript', 'index.js'), "throw new Error('the code of the project ran');");
  assert.equal((await checkProjectFile(file, { ownCompiler: false })).findings.length, 1);
});

test('every example and template is fine', async () => {
  for (const name of ['examples/mail-on-error.sync.ts', 'examples/super-sync.sync.ts', 'examples/filters.sync.ts', 'templates/backup.sync.ts']) {
    const report = await checkProjectFile(join(REPOSITORY, name), { ownCompiler: false });
    assert.deepEqual(report.findings, [], name);
  }
});

test('texts put together from constants, of other modules too, are read; what only a run can tell is named with its line', async () => {
  const names = { 'names.ts': "export const DISK = '/no-such-disk';\nexport const HOST = 'hooks.example';" };
  const source = `import { DISK, HOST } from './names.ts';
import { defineProject, env, exec, fetch, mail, sync, xfile } from 'sxrun';
const name = 'photos';
const [where = '/x'] = sync.args;
const project = defineProject({ roots: ['.', { url: \`\${DISK}/\${name}\`, targetOnly: true }], logFile: where });
await xfile.readText('/no-such-' + name);
await xfile.copy('/no-such-a', where);
await fetch(\`https://\${HOST}:8443/done\`);
await exec(where);
const read = xfile.readText;
console.log(await env(where), read.name);
await mail.send({ server: \`smtp://\${HOST}\`, from: 'a@b.c', to: 'a@b.c', subject: where, text: where });
await mail.send({ server: where, from: 'a@b.c', to: 'a@b.c', subject: 's', text: 't' });
await sync.do('other.sync.ts');
await sync.do(project);
const plan = await sync.plan(project);
await plan.save('/no-such-plan.json');
await plan.save(where);
export default { ...project, name: 'a' };`;
  const where = { currentDir: dirname(project(source, names)), home };
  const { stdout } = await runBuilt(['check', 'a.sync.ts', '--json'], where);
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  const grants = events.flatMap((event) => (event['type'] === 'permission' ? [String(event['grant'])] : []));
  const wanted = ['net:hooks.example:587', 'net:hooks.example:8443', 'read:/no-such-a', 'read:/no-such-disk/photos', 'read:/no-such-photos'];
  assert.deepEqual(grants, [...wanted, 'write:/no-such-disk/photos', 'write:/no-such-plan.json']);
  const open = events.flatMap((event) => (event['type'] === 'open' ? [`${event['line']} ${event['what']}`] : []));
  const expected = ['5 logFile', '7 xfile.copy', '9 exec', '10 xfile', '11 env', '13 mail.send', '14 sync.do', '18 plan.save', '19 options'];
  assert.deepEqual(open, expected);
  assert.match((await runBuilt(['check', 'a.sync.ts'], where)).stdout, /Known only when it runs:\n {2}a\.sync\.ts:5:17: what logFile needs\n/);
});
