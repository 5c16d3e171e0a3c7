import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { BUILT_COMMAND, resultsOf, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

/*
 * No script is known that makes the engine break down, so these tests do it from outside: loaded before the command, this takes the first worker that is started,
 * which is the script's, and does to it what it is told by the test's process.
 */
const BREAKER = `data:text/javascript,${encodeURIComponent(`
let sandbox;
process.on('worker', (worker) => { sandbox ??= worker; });
process.on('message', (what) => {
  if (what === 'thread ends') void sandbox.terminate();
  if (what === 'wasm traps') sandbox.emit('error', new WebAssembly.RuntimeError('memory access out of bounds'));
  if (what === 'host throws') setImmediate(() => { throw new Error('boom'); });
});
process.channel.unref();
`)}`;

/** Enough that a run takes a while. */
const FILES = 1500;
const PROJECT = "roots: ['one', 'two'], syncDb: 'db'";

/** Runs a script, and breaks something when it has said that. */
async function breakAt(t: TestContext, script: string, { what, when }: { what: string; when: RegExp }) {
  const base = await temporaryFolder(t);
  const folder = join(base, 'p');
  for (const path of ['p', 'p/one', 'p/two']) await mkdir(join(base, path));
  for (let n = 0; n < FILES; n++) await writeFile(join(folder, 'one', `${n}.txt`), `file ${n}`);
  await writeFile(join(folder, 'a.sync.ts'), `import { log, sleep, sync } from 'sxrun';\n${script}`);
  await writeFile(join(folder, 'after.sync.ts'), `export default { ${PROJECT} };`);
  const home = join(base, 'home');
  const child = spawn(process.execPath, ['--import', BREAKER, BUILT_COMMAND, '-p', '--json', 'a.sync.ts'], {
    cwd: folder,
    env: { ...process.env, SXRUN_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  let isTold = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (isTold || !when.test(said)) return;
    isTold = true;
    child.send(what);
  });
  const stderr = child.stderr === null ? '' : text(child.stderr);
  const [code] = (await once(child, 'close')) as [number];
  const there = (await readdir(join(folder, 'two'))).filter((name) => /^\d+\.txt$/.test(name)).length;
  const after = await runBuilt(['-p', '--json', 'after.sync.ts'], { currentDir: folder, home });
  assert.equal(after.code, 0, after.stderr);
  assert.equal((await readdir(join(folder, 'two'))).length, FILES);
  return { code, said, stderr: await stderr, there, copiedAfter: resultsOf(after)[0]?.copied };
}

for (const what of ['thread ends', 'wasm traps']) {
  test(`when the script's ${what}, that is told with the last line heard of, and the run under way comes to its recorded end`, async (t) => {
    const script = `const run = sync.do({ ${PROJECT} });\nrun.catch(() => undefined);\nfor (;;) await sleep(50);`;
    const { code, said, there, copiedAfter } = await breakAt(t, script, { what, when: /"type":"action"/ });
    assert.equal(code, 2);
    assert.match(
      said,
      /"type":"stopped","cause":"error","message":"a\.sync\.ts:2:\d+: the sandbox of the script has broken down; this is a defect of sxrun/,
    );
    assert.match(said, /"type":"result"[^\n]*"copied":1500[^\n]*\n(?:.*\n)*\{"type":"exit","code":2\}\n$/);
    assert.deepEqual([there, copiedAfter], [FILES, 0]);
  });

  test(`when the script's ${what} in the middle of a loop, no run has to be under way for that to be told`, async (t) => {
    const { code, said, copiedAfter } = await breakAt(t, "sync.dontDo();\nlog.info('HERE');\nfor (;;);", { what, when: /HERE/ });
    assert.equal(code, 2);
    assert.match(said, /"message":"a\.sync\.ts: the sandbox of the script has broken down/);
    assert.equal(copiedAfter, FILES);
  });
}

test('an error that nobody caught on our side ends the command at once, and the next run does the rest', async (t) => {
  const { code, said, there, copiedAfter } = await breakAt(t, `await sync.do({ ${PROJECT} });\nawait sleep('1h');`, {
    what: 'host throws',
    when: /"type":"action"/,
  });
  assert.equal(code, 2);
  assert.match(said, /"type":"stopped","cause":"error","message":"a defect in sxrun: boom[^\n]*\n\{"type":"exit","code":2\}\n$/);
  // What was copied when the end came may be not recorded yet: it is found equal.
  assert.equal(there + (copiedAfter ?? 0), FILES);
});
