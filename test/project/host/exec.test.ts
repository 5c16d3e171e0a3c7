import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { ExecRequest } from '../../../sdk/exec-protocol.ts';
import { ScriptCallError } from '../../../runtime/sandbox/script-host.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { callHost, hostContext, type TestHost } from './host-context.ts';
import { untilGone } from '../../kit/until-gone.ts';

const NODE = process.execPath;
const posix = { skip: process.platform === 'win32' };

function run(context: TestHost, request: Partial<ExecRequest>) {
  return callHost(context, 'exec', { file: NODE, args: [], ...request });
}

/** Runs a program written in JavaScript. */
function node(context: TestHost, code: string, request: Partial<ExecRequest> = {}) {
  return run(context, {
    args: ['-e', code, ...(request.args ?? [])],
    ...Object.fromEntries(Object.entries(request).filter(([name]) => name !== 'args')),
  });
}

function failed(code: string, words: RegExp) {
  return (error: unknown) => error instanceof ScriptCallError && error.error.code === code && words.test(error.message);
}

async function alive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    // A zombie has ended, whoever has still to take note of it.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('arguments, input and output go through as they are, no shell in between', async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: [NODE] } });
  const args = ['$HOME', '`id`', '; rm -rf /', '*', "it's", '"', '', ' ', '%PATH%', '\n', 'ö\u202e'];
  const code = "process.stdout.write(JSON.stringify(process.argv.slice(1)) + '\\n\\n'); process.stdin.pipe(process.stderr)";
  const result = await node(context, code, { args: ['--', ...args], input: 'a\nö\n' });
  assert.deepEqual(result, { exitCode: 0, signal: null, stdout: `${JSON.stringify(args)}\n`, stderr: 'a\nö' });
});

test('a program without input has nothing to read', async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: [NODE] } });
  assert.equal((await node(context, "process.stdin.on('end', () => console.log('end')).resume()")).stdout, 'end');
});

test('an exit code is a result, with "reject" an error that says what the program said last', async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: [NODE] } });
  const code = "console.error('one\\ntwo\\u001b[2J'); process.exitCode = 7";
  assert.equal((await node(context, code)).exitCode, 7);
  await assert.rejects(node(context, code, { reject: true }), failed('program', /ended with exit code 7: two\\x1b\[2J$/));
  const killed = await node(context, 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)');
  if (process.platform !== 'win32') assert.deepEqual([killed.exitCode, killed.signal], [null, 'SIGKILL']);
});

test('a program starts in the project folder, or in one that may be read', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['p', 'p/sub', 'other']) await mkdir(join(folder, name));
  const context = await hostContext(t, { folder: join(folder, 'p'), grants: { run: [NODE] } });
  const cwd = 'process.stdout.write(process.cwd())';
  assert.equal((await node(context, cwd)).stdout, join(folder, 'p'));
  assert.equal((await node(context, cwd, { cwd: 'sub' })).stdout, join(folder, 'p/sub'));
  await assert.rejects(node(context, cwd, { cwd: '../other' }), failed('permission', /sxrun allow|could run anything/));
  await assert.rejects(node(context, cwd, { cwd: 'none' }), failed('program', /cannot be started/));
});

test('a program gets a minimal environment, and what the script sets for it', async (t) => {
  const set = { LD_PRELOAD: '', NODE_OPTIONS: '', GITHUB_TOKEN: 'x', LANG: 'de_DE.UTF-8' };
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  Object.assign(process.env, set);
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: [NODE] } });
  const code = 'process.stdout.write(JSON.stringify(process.env))';
  const got = JSON.parse((await node(context, code, { env: { PASSPHRASE: 'p', LANG: 'C' } })).stdout) as Record<string, string>;
  assert.deepEqual([got['PASSPHRASE'], got['LANG']], ['p', 'C']);
  for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'GITHUB_TOKEN', 'SXRUN_HOME']) assert.equal(got[name], undefined, name);
  for (const name of ['NODE_OPTIONS', 'PATH', 'ld_preload', 'A=B', '']) {
    await assert.rejects(node(context, code, { env: { [name]: '' } }), failed('options', /cannot be set for a program/), name);
  }
});

test("a program's PATH has no folder that the script could put a program in", posix, async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'bin'));
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}/bin:.:${path}`;
  t.after(() => {
    process.env['PATH'] = path;
  });
  const code = 'process.stdout.write(process.env.PATH)';
  const inside = await node(await hostContext(t, { folder, grants: { run: [NODE] } }), code);
  assert.ok(!inside.stdout.split(':').some((entry) => entry.startsWith(folder) || entry === '.'), inside.stdout);
  const outside = await node(await hostContext(t, { folder: join(folder, 'none'), grants: { run: [NODE] } }), code, {
    cwd: undefined as never,
  }).catch(String);
  assert.match(String(outside), /cannot be started/);
});

test('a program is named by its PATH name or its path, and needs a grant of its own', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const context = await hostContext(t, { folder, grants: { run: ['cat', 'sh'] } });
  assert.equal((await run(context, { file: 'cat', input: 'meow' })).stdout, 'meow');
  assert.equal((await run(context, { file: 'sh', args: ['-c', 'echo "$1"; exit 3', 'sh', '$HOME'] })).stdout, '$HOME');
  await assert.rejects(run(context, { file: 'ls' }), failed('permission', /sxrun allow|could run anything/));
  await assert.rejects(run(context, { file: 'cat -n' }), failed('options', /no program/));
  await assert.rejects(run(context, { file: 'no-such-program' }), failed('options', /no program/));
  await writeFile(join(folder, 'own'), '#!/bin/sh\necho hi\n', { mode: 0o755 });
  await assert.rejects(run(context, { file: './own' }), failed('permission', /sxrun allow|could run anything/));
  const all = await hostContext(t, { folder, grants: { all: true } });
  assert.equal((await run(all, { file: './own' })).stdout, 'hi');
});

test('a program that takes too long is ended, with all that it started', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const context = await hostContext(t, { folder, grants: { run: ['sh'] } });
  const script = 'sleep 1000 & echo $! > child; echo started; wait';
  await assert.rejects(run(context, { file: 'sh', args: ['-c', script], timeoutMs: 500 }), failed('program', /took longer than 500 ms/));
  await untilGone(Number(await readFile(join(folder, 'child'), 'utf8')));
});

test('what a program leaves behind in its group ends with it', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const context = await hostContext(t, { folder, grants: { run: ['sh'] } });
  const { stdout } = await run(context, { file: 'sh', args: ['-c', 'sleep 1000 & echo $!'] });
  await untilGone(Number(stdout));
});

test('a program that writes too much is ended', async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: [NODE] } });
  const endless = "const more = () => process.stdout.write('x'.repeat(10000), more); more()";
  await assert.rejects(node(context, endless, { maxOutput: 100_000 }), failed('program', /wrote more than 100000 bytes/));
  assert.equal((await node(context, "process.stdout.write('x'.repeat(1000))", { maxOutput: 1000 })).stdout.length, 1000);
});

test('Ctrl-C asks a program to end, and a second one ends it', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const start = async (onTerm: string, file: string) => {
    const context = await hostContext(t, { folder, grants: { run: [NODE] } });
    const code = `process.on('SIGTERM', () => { ${onTerm} }); require('fs').writeFileSync('${file}', ''); setInterval(() => {}, 1000)`;
    const ended = assert.rejects(node(context, code), failed('interrupted', /was ended: the run was interrupted/));
    while (!existsSync(join(folder, file))) await wait(5);
    return { context, ended };
  };
  const polite = await start('process.exit(0)', 'polite');
  polite.context.interrupt();
  await polite.ended;
  const stubborn = await start('', 'stubborn');
  stubborn.context.interrupt();
  stubborn.context.kill();
  await stubborn.ended;
  await assert.rejects(node(stubborn.context, ''), failed('interrupted', /interrupted/));
});

test('what a program leaves behind outside of its group does not hold the call', { skip: process.platform !== 'linux' }, async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: ['sh'] } });
  const { stdout } = await run(context, { file: 'sh', args: ['-c', 'setsid sh -c "echo \\$\\$; exec sleep 1000" & sleep 0.2; exit 0'] });
  assert.ok(await alive(Number(stdout)));
  process.kill(Number(stdout), 'SIGKILL');
});

test('a program ends with its script', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const context = await hostContext(t, { folder, grants: { run: ['sh'] } });
  const running = run(context, { file: 'sh', args: ['-c', 'echo $$ > pid; exec sleep 1000'] });
  const pid = async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''));
  while ((await pid()) === 0) await wait(5);
  await context.end();
  assert.equal((await running).signal, 'SIGKILL');
  assert.equal(await alive(await pid()), false);
});

test('in a simulation a program is shown and not run', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const context = await hostContext(t, { folder, simulation: true });
  const result = await run(context, { file: 'gpg', args: ['-e', 'a b.txt'] });
  assert.deepEqual(result, { exitCode: 0, signal: null, stdout: '', stderr: '' });
  assert.deepEqual(context.suppressed, ["run gpg -e 'a b.txt'"]);
});

test('wrong requests are refused with what is wanted', async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { all: true } });
  const rows: readonly [object, RegExp][] = [
    [{ args: [] }, /exec: file is missing; it wants the name or path of a program/],
    [{ file: '', args: [] }, /the name or path of a program/],
    [{ file: 'a\0b', args: [] }, /without NUL/],
    [{ file: 'a', args: 'b c' }, /exec: args is "b c"; it wants a list of texts, one an argument/],
    [{ file: 'a', args: ['x', 5] }, /exec: args\.1 is 5; it wants a text/],
    [{ file: 'a', args: ['x\0'] }, /without NUL/],
    [{ file: 'a', args: [], env: { A: 1 } }, /exec: env\.A is 1; it wants a text for each variable/],
    [{ file: 'a', args: [], env: { A: '\0' } }, /without NUL/],
    [{ file: 'a', args: [], timeoutMs: -1 }, /exec: timeout is -1; it wants a time/],
    [{ file: 'a', args: [], maxOutput: 1e12 }, /at most 64000000 bytes/],
    [{ file: 'a', args: [], shell: true }, /exec: shell is unknown/],
  ];
  for (const [request, words] of rows) {
    await assert.rejects(callHost(context, 'exec', request as ExecRequest), failed('options', words), JSON.stringify(request));
  }
});

test('many programs at once are no matter', posix, async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: ['sh'] } });
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const results = await Promise.all(Array.from({ length: 60 }, (_, index) => run(context, { file: 'sh', args: ['-c', `echo ${index}`] })));
  assert.deepEqual(
    results.map(({ stdout }) => Number(stdout)),
    Array.from({ length: 60 }, (_, index) => index),
  );
  assert.deepEqual(warnings, []);
});

test('input that nobody reads, and arguments that no system takes, are no matter', posix, async (t) => {
  const context = await hostContext(t, { folder: await temporaryFolder(t), grants: { run: ['true', 'sh'] } });
  assert.equal((await run(context, { file: 'true', input: 'x'.repeat(5_000_000) })).exitCode, 0);
  assert.equal((await run(context, { file: 'sh', args: ['-c', 'exec <&-; sleep 0.1; exit 5'], input: 'x'.repeat(5_000_000) })).exitCode, 5);
  await assert.rejects(run(context, { file: 'true', args: ['x'.repeat(5_000_000)] }), failed('program', /cannot be started: .*E2BIG/));
});
