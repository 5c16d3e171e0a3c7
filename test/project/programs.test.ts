import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BUILT_ARGUMENTS, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { untilGone } from '../kit/until-gone.ts';

const posix = { skip: process.platform === 'win32' };
const IMPORTS = "import { exec, fetch, log, sync } from 'sxrun';\nsync.dontDo();\n";

async function scene(t: TestContext, script: string) {
  const base = await temporaryFolder(t);
  const folder = join(base, 'p');
  await mkdir(folder);
  await writeFile(join(folder, 'a.sync.ts'), IMPORTS + script);
  const home = join(base, 'home');
  return { base, folder, home, run: (...args: readonly string[]) => runBuilt(['-p', ...args, 'a.sync.ts'], { currentDir: folder, home }) };
}

/** Waits until a program of the script has written its process id. */
async function pidIn(file: string): Promise<number> {
  for (;;) {
    const found = Number(await readFile(file, 'utf8').catch(() => ''));
    if (found > 0) return found;
    await wait(5);
  }
}

test('the program that a script runs shows in its result, and its failure with the line of the script', posix, async (t) => {
  const { run } = await scene(t, "log.info(await exec('sh', ['-c', 'exit 3']));\nawait exec('sh', ['-c', 'echo no >&2; exit 4'], { reject: true });");
  const refused = await run();
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /a\.sync\.ts:3:\d+: .*not permitted:\n.*runs \S+ \(a program is outside the wall\)[\s\S]*sxrun allow \S+ run:\//);
  const failed = await run('--allow-run=sh');
  assert.equal(failed.code, 2);
  assert.match(failed.stdout, /exitCode: 3/);
  assert.match(failed.stderr, /a\.sync\.ts:4:\d+: sh ended with exit code 4: no/);
});

for (const [name, program, signals] of [
  ['Ctrl-C ends a program and its script', 'sleep 1000 & echo $! > child; wait', ['SIGINT']],
  ['a second Ctrl-C ends a program that will not end', "trap '' TERM INT; sleep 1000 & echo $! > child; wait; wait; wait", ['SIGINT', 'SIGINT']],
  ['SIGTERM ends a program and its script', 'sleep 1000 & echo $! > child; wait', ['SIGTERM']],
] as const) {
  test(name, posix, async (t) => {
    const { folder, home } = await scene(t, `await exec('sh', ['-c', ${JSON.stringify(program)}]);\nlog.info('went on');`);
    const child = spawn(process.execPath, [...BUILT_ARGUMENTS, '-p', '--allow-run=sh', 'a.sync.ts'], {
      cwd: folder,
      env: { ...process.env, SXRUN_HOME: home },
    });
    const output = text(child.stdout);
    const ended = once(child, 'exit');
    const pid = await pidIn(join(folder, 'child'));
    for (const signal of signals) {
      child.kill(signal);
      // Two signals that come at once are one.
      await wait(100);
    }
    const [code] = await ended;
    assert.equal(code, signals[0] === 'SIGTERM' ? 143 : 130);
    assert.doesNotMatch(await output, /went on/);
    await untilGone(pid);
  });
}

test('a program that nobody waits for ends with a script that is ended', posix, async (t) => {
  const { folder, run } = await scene(
    t,
    "void exec('sh', ['-c', 'echo $$ > child; exec sleep 1000']);\nawait exec('sh', ['-c', 'until [ -s child ]; do :; done']);\nfor (;;);",
  );
  const { code, stderr } = await run('--allow-run=sh', '--script-timeout=1s');
  assert.equal(code, 2);
  assert.match(stderr, /did not give control back/);
  await untilGone(await pidIn(join(folder, 'child')));
});

test('in a simulation neither programs nor requests are sent, and the log says so', async (t) => {
  const { run } = await scene(
    t,
    "const { exitCode } = await exec('gpg', ['-e', 'a b']);\nconst { ok } = await fetch('https://host.invalid/hook?token=t', { json: { exitCode } });\nlog.info(exitCode, ok);",
  );
  const { code, stdout } = await run('-s');
  assert.equal(code, 0);
  assert.match(stdout, /would +run gpg -e 'a b'\n.*would +send POST https:\/\/host\.invalid\/hook\?…\n.*\| 0 true/);
});

test('a wrong option of exec or fetch is told with its line', async (t) => {
  const rows: readonly [string, RegExp][] = [
    ["await exec('sh -c id');", /:3:\d+: no program sh -c id: it is in no folder of the PATH/],
    ["await exec('sh', 'id' as never);", /:3:\d+: exec: args is "id"; it wants a list of texts, one an argument/],
    ["await exec('sh', [], { shell: true } as never);", /:3:\d+: exec: shell is unknown/],
    ["await exec('sh', [], { timeout: 'soon' });", /exec: timeout wants/],
    ["await exec('sh', [], { env: { LD_PRELOAD: './evil.so' } });", /:3:\d+: exec: the variable LD_PRELOAD cannot be set/],
    ["await fetch('host.example/x');", /:3:\d+: "host\.example\/x" is no URL; write it like https:/],
    ["await fetch('file:///etc/passwd');", /:3:\d+: .*fetch speaks http: and https: only/],
    ["await fetch('http://a.example', { headers: { Host: 'b.example' } });", /:3:\d+: the header field Host is the connection's own/],
    ["await fetch('http://a.example', { proxy: 'x' } as never);", /:3:\d+: fetch: proxy is unknown/],
  ];
  for (const [script, words] of rows) {
    const { run } = await scene(t, script);
    const { code, stderr } = await run();
    assert.equal(code, 2, script);
    assert.match(stderr, words);
  }
});
