import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BUILT_ARGUMENTS, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const HEAD = "import { every, formatTime, lock, log, period, sleep, sync, xfile } from 'sxrun'; sync.dontDo();\n";

async function projectWith(context: TestContext, script: string): Promise<{ readonly folder: string; readonly home: string }> {
  const base = await temporaryFolder(context);
  const folder = join(base, 'p');
  await mkdir(folder);
  await writeFile(join(folder, 'a.sync.ts'), HEAD + script);
  return { folder, home: join(base, 'home') };
}

async function runScript(context: TestContext, script: string, ...options: readonly string[]) {
  const { folder, home } = await projectWith(context, script);
  return { folder, home, ...(await runBuilt(['-p', ...options, 'a.sync.ts'], { currentDir: folder, home })) };
}

test('a script in the sandbox does everything with files', async (context) => {
  const script = `
await xfile.mkdir('d/e', { parents: true });
await xfile.writeText('d/e/a.txt', 'ä€😀');
await Promise.all([1, 2, 3].map((n) => xfile.appendText('d/log', n + ';')));
const bytes = new Uint8Array(20_001).map((_, index) => index * 7);
await xfile.writeBytes('d/b', bytes);
const back = await xfile.readBytes('d/b');
log.info('bytes', back.length, back.every((byte, index) => byte === bytes[index]), (await xfile.readBytes('d/log')).length);
log.info('text', await xfile.readText('d/e/a.txt'), await xfile.readText('d/log'));
await xfile.touch('d/b', new Date('2020-02-02T00:00:00Z'));
const info = await xfile.stat('d/b');
log.info('stat', info?.kind, info?.size, info?.modified?.toISOString(), await xfile.stat('none'), await xfile.exists('none'));
log.info('list', (await xfile.list('d')).map(({ url }) => url).join(' '));
const walked: string[] = [];
for await (const file of xfile.walk('d', { files: ['**', '!b'], dirs: true })) walked.push(file.path);
log.info('walk', walked.join(' '));
for await (const file of xfile.walk('d')) { log.info('first', file.url); break; }
await xfile.copy('d', 'f');
await xfile.move('d/b', 'g');
await xfile.remove('g');
await xfile.removeRecursive('d', { confirm: false });
await xfile.rmdir('f').catch((error) => log.info('error', error.name, error.code, error.path, error.line));
log.info('left', (await xfile.list('.')).map(({ name }) => name).join(' '));`;
  const { code, stdout, stderr } = await runScript(context, script);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    stdout
      .split('\n')
      .map((line) => line.replace(/^\| /, ''))
      .filter((line) => line !== ''),
    [
      'bytes 20001 true 6',
      'text ä€😀 1;2;3;',
      'stat file 20001 2020-02-02T00:00:00.000Z undefined false',
      'list d/b d/e d/log',
      'walk e e/a.txt log',
      'first d/b',
      'error SyncError not-empty f a.sync.ts:23:13',
      'left a.sync.ts f',
    ],
  );
});

test('forty mistakes with arguments each say what is wrong, and where', async (context) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['xfile.exists()', /xfile\.exists: url is missing; it wants the path of a file or another root URL/],
    ['xfile.exists(5)', /url is 5/],
    ["xfile.exists('')", /url is ""/],
    ['xfile.exists(null)', /url is null/],
    ["xfile.exists(['a'])", /url is /],
    ["xfile.exists('a\\0b')", /NUL/],
    ["xfile.exists('smb://server/share')", /unknown scheme "smb:"/],
    ["xfile.exists('http://user:secret@host/x')", /http:…" is a "http:" root/],
    ["xfile.exists('C:/x')", /Windows path|outside/],
    ['xfile.stat({})', /xfile\.stat: url is /],
    ["xfile.list('a.sync.ts')", /a folder was expected here/],
    ["xfile.list('none')", /none: there is nothing at this path/],
    ["xfile.readText('none')", /none: there is nothing at this path/],
    ["xfile.readText('.')", /a file is needed here, and this is a folder/],
    ["xfile.readText('a.sync.ts/x')", /there is nothing|a folder was expected/],
    ['xfile.readBytes(Symbol.iterator)', /url is missing/],
    ["xfile.writeText('a')", /xfile\.writeText: text is missing; it wants a text/],
    ["xfile.writeText('a', 5)", /text is 5/],
    ["xfile.writeText('a', new Uint8Array(1))", /text is /],
    ["xfile.writeText('none/a', '')", /its folder does not exist; make it first/],
    ["xfile.writeText('.', '')", /a file is needed here, and this is a folder/],
    ["xfile.writeBytes('a', 'text')", /bytes is .*; it wants a Uint8Array/],
    ["xfile.writeBytes('a', [1, 2])", /it wants a Uint8Array/],
    ["xfile.appendText('a', null)", /text is null/],
    ["xfile.copy('a.sync.ts')", /xfile\.copy: to is missing/],
    ["xfile.copy('none', 'b')", /none: there is nothing/],
    ["xfile.copy('a.sync.ts', 'a.sync.ts')", /are the same/],
    ["xfile.copy('.', 'b')", /"b" lies in "\."/],
    ["xfile.copy('a.sync.ts', 'b', { overwite: true })", /options\.overwite is unknown; it wants an object with nothing but overwrite/],
    ["xfile.copy('a.sync.ts', 'b', true)", /options is true/],
    ["xfile.copy('a.sync.ts', 'b', { overwrite: 'yes' })", /options\.overwrite is "yes"; it wants true or false/],
    ["xfile.move('a.sync.ts', '.')", /already there|lies in|folder/],
    ["xfile.remove('.')", /it is a folder; xfile\.rmdir or xfile\.removeRecursive/],
    ["xfile.touch('b', '2020-01-01')", /date is "2020-01-01"; it wants a valid Date/],
    ["xfile.touch('b', new Date('x'))", /date is "Invalid Date"; it wants a valid Date/],
    ["xfile.mkdir('a.sync.ts')", /already there/],
    ["xfile.mkdir('a/b/c')", /its folder does not exist/],
    ["xfile.mkdir('a', { parent: true })", /it wants an object with nothing but parents/],
    ["xfile.rmdir('a.sync.ts')", /a folder was expected here/],
    ["xfile.removeRecursive('a.sync.ts')", /it is no folder; xfile\.remove/],
    ["xfile.removeRecursive('d')", /nobody can be asked here; \{ confirm: false \}/],
    ["xfile.removeRecursive('.', { confirm: false })", /the folder of the project, which is never removed/],
    ["xfile.removeRecursive('d', { sure: true })", /nothing but keepRoot, confirm/],
    ["xfile.walk('.', { glob: '*' }).next()", /nothing but files, dirs, links, exclude, depth/],
    ["xfile.walk('.', { files: '/x' }).next()", /options\.files has the pattern "\/x"; patterns are relative/],
    ["xfile.walk('.', { depth: 0 }).next()", /options\.depth is 0; it wants a whole number from 1/],
    ["xfile.walk('none').next()", /there is nothing at this path/],
    ["lock('x', { staleAfter: 5 })", /lock: staleAfter is 5; it wants a span of time of a second or more/],
    ["lock('', { staleAfter: '1m' })", /lock: url is ""/],
    ["lock('none/x', { staleAfter: '1m' })", /its folder does not exist; make it first/],
    ["lock('a.sync.ts', { staleAfter: '1m' })", /a folder was expected/],
    ["lock('null:', { staleAfter: '1m' })", /keeps no content of files/],
    [
      "lock('zip:zip:a.zip//b.zip//x', { staleAfter: '1m' })",
      /in an archive that lies in another root, where others would not see it; name a folder/,
    ],
    ["lock('zip:igz:a.zip//x', { staleAfter: '1m' })", /in an archive that lies in another root/],
    ["lock('tfs:x', { staleAfter: '1m' })", /keeps no content of files/],
  ];
  const calls = rows.map(([call]) => `await wrong(() => ${call});`).join('\n');
  const script = `await xfile.mkdir('d');\nconst wrong = async (call) => { await call().then(() => log.info('NO ERROR'), (error) => log.info(JSON.stringify([error.name, error.line, error.message]))); };\n${calls}`;
  const { code, stdout, stderr } = await runScript(context, `// @ts-nocheck\n${script}`);
  assert.equal(code, 0, stderr);
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2));
  assert.equal(lines.length, rows.length, stdout);
  for (const [index, [call, words]] of rows.entries()) {
    assert.notEqual(lines[index], 'NO ERROR', call);
    const [name, line, message] = JSON.parse(lines[index] ?? '[]') as [string, string, string];
    assert.equal(name, 'SyncError', call);
    assert.match(message, words, call);
    assert.equal(line?.split(':')[1], String(index + 5), `${call}: ${line}`);
    assert.ok(!message.includes('secret'), message);
  }
});

test('mistakes that never reach the host are errors with their line, too', async (context) => {
  for (const [call, words] of [
    ["lock('x', {})", /lock: staleAfter wants milliseconds or a text such as/],
    ["lock('x')", /staleAfter wants/],
    ["sleep('1 fortnight')", /sleep wants milliseconds/],
    ["every('1h')", /every wants a function/],
    ['every(0, () => 1)', /at least 1 ms/],
    ["period('weekly')", /'hour', 'day', 'week', 'month' or 'year'; it got weekly/],
    ["formatTime(new Date(), 'YYYY')", /"YYYY" means nothing/],
  ] as const) {
    const { code, stderr } = await runScript(context, `// @ts-nocheck\nawait ${call};`);
    assert.equal(code, 2, call);
    assert.match(stderr, words, call);
    assert.match(stderr, /a\.sync\.ts:3:\d+/, `${call}: ${stderr}`);
  }
});

test('in a simulation each step is shown and nothing is done', async (context) => {
  const script = `await xfile.writeText('a', 'x'); await xfile.removeRecursive('d');
await using held = await lock('l', { staleAfter: '1m' });
await every('1s', () => xfile.appendText('a', 'y'));`;
  const { code, stdout, folder } = await runScript(context, script, '-s');
  assert.equal(code, 0);
  assert.match(stdout, /would +write a \(1 B\)\n *would +remove the folder d and all below it\n *would +take the lock l\n *would +append 1 B to a\n/);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);
});

test('a lock is given back at the end of a script that fails, and one that is held ends another with code 4', async (context) => {
  const { folder, home } = await projectWith(context, "await lock('l', { staleAfter: '1h' });\nthrow new Error('broken');");
  const where = { currentDir: folder, home };
  const failed = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /broken/);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);

  await mkdir(join(folder, 'l'));
  await writeFile(join(folder, 'l', 'held-x'), JSON.stringify({ pid: 7, host: 'nas', sinceMs: 1e12, refreshedMs: 1e12 }));
  const locked = await runBuilt(['-p', 'a.sync.ts'], where);
  assert.equal(locked.code, 4);
  assert.match(locked.stderr, /a\.sync\.ts:2:\d+: the lock l is held by process 7 on nas, since 2001-09-09T01:46:40\.000Z/);
});

test('a script has a hundred locks at most, and can go on when it has released one', async (context) => {
  const script = `
const held = await Promise.all(Array.from({ length: 100 }, (_, index) => lock('l' + index, { staleAfter: '1m' })));
await lock('more', { staleAfter: '1m' }).catch((error) => log.info(error.code, error.message));
await held[0].release();
await lock('more', { staleAfter: '1m' });`;
  const { code, stdout, stderr, folder } = await runScript(context, script);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /options lock: 100 locks are held or waited for; release some before/);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);
});

test('Ctrl-C ends "every" and gives back the lock; kill -9 leaves one that the next run takes at once', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const script = "await using held = await lock('l', { staleAfter: '1h' });\nawait every('1h', () => log.info('turn', period('day')));";
  const { folder, home } = await projectWith(context, script);
  const start = async () => {
    const child = spawn(process.execPath, [...BUILT_ARGUMENTS, '-p', 'a.sync.ts'], {
      cwd: folder,
      env: { ...process.env, SXRUN_HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    context.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child;
  };
  const killed = await start();
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const [left = ''] = await readdir(join(folder, 'l'));
  assert.equal((JSON.parse(await readFile(join(folder, 'l', left), 'utf8')) as { pid: number }).pid, killed.pid);

  const child = await start();
  assert.notDeepEqual(await readdir(join(folder, 'l')), [left]);
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 130);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);
});

test('every keeps its beat, leaves out what it missed, and ends with false or an error', async (context) => {
  const script = `
const starts: number[] = [];
let running = 0;
await every('100ms', async () => {
  if (running++ > 0) log.info('OVERLAP');
  starts.push(Date.now());
  if (starts.length === 2) await sleep('600ms');
  running--;
  return starts.length < 8;
});
// The beat after the pause, and five more; turns that were made up for would come at once.
log.info('turns', starts.length, starts[7]! - starts[1]! >= 1090);
await every('1ms', () => { throw new Error('enough'); }).catch((error) => log.info(error.message));`;
  const { code, stdout, stderr } = await runScript(context, script);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\| turns 8 true\n\| enough\n$/);
});

test('a message for which there is no memory left is an error, and the script goes on to its end', async (context) => {
  const script = "await xfile.writeText('big', 'x'.repeat(65_000_000)).catch((error) => log.info(String(error)));\nlog.info('on');";
  const { code, stdout, folder } = await runScript(context, script, '--script-memory', '128MB');
  assert.equal(code, 0);
  assert.match(stdout, /\| InternalError: out of memory\n\| on/);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);
});

test('what is too long for one message is an error, and the script goes on to its end', async (context) => {
  const script = "await xfile.writeText('big', 'x'.repeat(65_000_000)).catch((error) => log.info(String(error)));";
  const { code, stdout, folder } = await runScript(context, script, '--script-memory', '800MB');
  assert.equal(code, 0);
  assert.match(stdout, /a message of 65\d{6} characters is too long/);
  assert.deepEqual(await readdir(folder), ['a.sync.ts']);
});
