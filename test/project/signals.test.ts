import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BUILT_ARGUMENTS, BUILT_COMMAND, resultsOf, runBuilt } from '../kit/built-command.ts';
import { findProgram, needing } from '../kit/programs.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { untilGone } from '../kit/until-gone.ts';

/*
 * One real Ctrl-C, whatever the script is doing: exit code 130, programs gone, what was done before recorded and nothing half done. Each script first brings its
 * roots into agreement, with a database; then it says where it is by `log.info('HERE')`.
 */
const posix = { skip: process.platform === 'win32', concurrency: true };
const IMPORTS = "import { ask, every, exec, fetch, lock, log, mail, sleep, sync, xfile } from 'sxrun';\n";
const FIRST = "await sync.do({ roots: ['one', 'two'], syncDb: 'db' });\n";
const HERE = "log.info('HERE');\n";

interface Scene {
  readonly folder: string;
  readonly home: string;
}

async function scene(t: TestContext, script: string): Promise<Scene> {
  const base = await temporaryFolder(t);
  const folder = join(base, 'p');
  for (const path of ['p', 'p/one', 'p/two', 'p/three']) await mkdir(join(base, path));
  for (const name of ['a.txt', 'b.txt']) await writeFile(join(folder, 'one', name), name);
  // Nobody can tell which of them is the newer one.
  await writeFile(join(folder, 'three', 'a.txt'), 'something else');
  for (const path of ['one/a.txt', 'three/a.txt']) await utimes(join(folder, path), 1e9, 1e9);
  await writeFile(join(folder, 'a.sync.ts'), IMPORTS + script);
  await writeFile(join(folder, 'sub.sync.ts'), `import { log } from 'sxrun';\n${HERE}for (;;);\n`);
  await writeFile(join(folder, 'after.sync.ts'), "export default { roots: ['one', 'two'], syncDb: 'db' };");
  return { folder, home: join(base, 'home') };
}

function start({ folder, home }: Scene, ...options: string[]): ChildProcess {
  return spawn(process.execPath, [...BUILT_ARGUMENTS, '-p', '-A', ...options, 'a.sync.ts'], {
    cwd: folder,
    env: { ...process.env, SXRUN_HOME: home },
  });
}

/** What the process says until it has said that. */
function untilSaid(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes(text)) resolve();
      });
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it said ${text}:\n${said}`)));
  });
}

/** The database is whole, and has what was done before the interruption. */
async function assertRecorded(where: Scene): Promise<void> {
  const after = await runBuilt(['-p', '--json', 'after.sync.ts'], { currentDir: where.folder, home: where.home });
  assert.equal(after.code, 0, after.stderr);
  assert.equal(resultsOf(after)[0]?.copied, 0);
  assert.equal(await readFile(join(where.folder, 'three', 'a.txt'), 'utf8'), 'something else');
}

const STATES: readonly (readonly [what: string, script: string])[] = [
  ['in an endless loop', `${HERE}for (;;);`],
  ['in an operation that cannot be interrupted', `const list = new Array(1e6).fill(1);\n${HERE}for (;;) list.includes(2);`],
  ['in a regular expression that runs wild', `${HERE}/^(a+)+$/.test('a'.repeat(60) + 'b');`],
  ['in an endless chain of promise jobs', `${HERE}const next = (): void => void Promise.resolve().then(next);\nnext();`],
  ['in an endless timer callback', `setTimeout(() => {\n${HERE}for (;;);\n}, 1);`],
  ['kept alive by a timer', `${HERE}setInterval(() => undefined, 1000);`],
  ['in an endless filter callback', `await sync.do({ roots: ['one', 'two'], syncDb: 'db', isExclude: () => { ${HERE} for (;;); } });`],
  [
    'in a filter callback that never settles',
    `setInterval(() => undefined, 1000);\nawait sync.do({ roots: ['one', 'two'], syncDb: 'db', isExclude: () => { ${HERE} return new Promise(() => undefined); } });`,
  ],
  [
    'in a filter callback that sleeps',
    `await sync.do({ roots: ['one', 'two'], syncDb: 'db', isExcludeDir: async () => { await sleep('1h'); }, isExclude: async () => { ${HERE} await sleep('1h'); } });`,
  ],
  ['in an endless collision callback', `await sync.do({ roots: ['one', 'three'], onCollision: () => { ${HERE} for (;;); } });`],
  ['asleep', `${HERE}await sleep('1h');`],
  ['between two turns of every', `await every('1h', () => { ${HERE} });`],
  ['waiting for a lock', `await lock('held', { staleAfter: '1h' });\n${HERE}await lock('held', { staleAfter: '1h', wait: '1h' });`],
  ['in a loop that catches every error', `${HERE}for (;;) await xfile.exists('one/a.txt').catch(() => undefined);`],
  [
    'reading more than it takes',
    `${HERE}for (;;) await Promise.all(Array.from({ length: 50 }, () => xfile.readText('one/a.txt'))).catch(() => undefined);`,
  ],
  [
    'held back since it writes too much',
    `const text = 'x'.repeat(10_000_000);\n${HERE}for (;;) void xfile.writeText('much', text).catch(() => undefined);`,
  ],
  ['in a flood of log lines', `for (;;) log.info('HERE');`],
  ['in a project file of its own', "await sync.do('sub.sync.ts');"],
];

for (const [what, script] of STATES) {
  test(`Ctrl-C ends a script that is ${what}`, posix, async (t) => {
    const where = await scene(t, FIRST + script);
    const child = start(where);
    await untilSaid(child, 'HERE');
    child.kill('SIGINT');
    const [code, signal] = await once(child, 'exit');
    assert.deepEqual([code, signal], [130, null]);
    await assertRecorded(where);
    assert.ok(!(await readdir(where.folder)).includes('held'), 'the lock is given back');
  });
}

for (const [what, script] of [
  ['a fetch that is never answered', (port: number) => `await fetch('http://127.0.0.1:${port}/').catch(() => sleep('1h'));`],
  [
    'a mail server that says nothing',
    (port: number) =>
      `await mail.send({ server: 'smtp://127.0.0.1:${port}', from: 'a@b.example', to: 'c@d.example', subject: 'x', text: 'y', allowClearText: true }).catch(() => sleep('1h'));`,
  ],
] as const) {
  test(`Ctrl-C ends ${what}`, posix, async (t) => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const where = await scene(t, FIRST + script((server.address() as AddressInfo).port));
    const child = start(where);
    const [socket] = await once(server, 'connection');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    socket.destroy();
    assert.equal(code, 130);
    await assertRecorded(where);
  });
}

test('Ctrl-C ends the programs of a script with all that they have started', posix, async (t) => {
  const program = '(sleep 1000 & echo $! > inner; wait) & echo $! > outer; until [ -s inner ]; do :; done; echo $$ > own.new; mv own.new own; wait';
  const where = await scene(t, `${FIRST}await Promise.allSettled([exec('sh', ['-c', ${JSON.stringify(program)}]), sleep('1h')]);`);
  const child = start(where);
  const pids: number[] = [];
  for (const name of ['own', 'outer', 'inner']) {
    let text = '';
    while (text === '') text = await readFile(join(where.folder, name), 'utf8').catch(() => wait(5, ''));
    pids.push(Number(text));
  }
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.equal(code, 130);
  for (const pid of pids) await untilGone(pid);
  await assertRecorded(where);
});

test('Ctrl-C while the project is bundled ends the bundler, too, and nothing is printed of it', {
  ...posix,
  skip: process.platform !== 'linux',
}, async (t) => {
  const lines = Array.from(
    { length: 4000 },
    (_, n) => `export const v${n}: number = ${n} + (function f(a: number): number { return a * 2; })(${n});`,
  );
  const names = Array.from({ length: 20 }, (_, n) => `m${n}`);
  const where = await scene(
    t,
    `${names.map((name) => `import * as ${name} from './${name}.ts';\nlog.info(Object.keys(${name}).length);\n`).join('')}${HERE}`,
  );
  for (const name of names) await writeFile(join(where.folder, `${name}.ts`), lines.join('\n'));
  const child = start(where);
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  let bundler = '';
  while (bundler === '') bundler = (await readFile(children, 'utf8')).trim();
  child.kill('SIGINT');
  assert.equal((await ended)[0], 130);
  await untilGone(Number(bundler));
  assert.match(said, /^interrupted: [^\n]*\n$/);
});

for (const [what, script, key] of [
  ['a signal at a question', "await ask('HERE?').catch(() => sleep('1h'));", undefined],
  ['the key Ctrl-C at a question', "await ask('HERE?').catch(() => sleep('1h'));", '\x03'],
  ['the key Ctrl-C at a question of permission', "await fetch('http://HERE.example/').catch(() => sleep('1h'));", '\x03'],
] as const) {
  test(`${what} ends the script`, { ...posix, ...needing('script'), ...(process.platform === 'linux' ? {} : { skip: true }) }, async (t) => {
    const where = await scene(t, FIRST + script);
    const command = `echo $$ > pid; exec '${process.execPath}' '${BUILT_COMMAND}' a.sync.ts`;
    const terminal = spawn(findProgram('script') ?? '', ['-qec', command, '/dev/null'], {
      cwd: where.folder,
      env: { ...process.env, SXRUN_HOME: where.home, CI: '' },
    });
    const ended = once(terminal, 'exit');
    await untilSaid(terminal, key === undefined || script.includes('ask') ? 'HERE?' : 'Allow?');
    if (key === undefined) process.kill(Number(await readFile(join(where.folder, 'pid'), 'utf8')), 'SIGINT');
    else terminal.stdin.write(key);
    assert.equal((await ended)[0], 130);
    await assertRecorded(where);
  });
}
