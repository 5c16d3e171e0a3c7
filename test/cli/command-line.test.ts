import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const HARNESS = fileURLToPath(new URL('harness.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const POSIX = { skip: process.platform === 'win32' && 'Windows has no such signals' };

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-cli-'));
  writeFileSync(join(folder, 'config.sync.ts'), '');
});
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface Started {
  readonly child: ChildProcess;
  /** Resolves when the scenario has told this. */
  told(what: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

function start(scenario: string, args: readonly string[], options: { input?: string; open?: boolean; env?: NodeJS.ProcessEnv } = {}): Started {
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: undefined, ...options.env };
  const child = spawn(process.execPath, ['--import', TSX, HARNESS, scenario, ...args], { cwd: folder, env });
  let stdout = '';
  let stderr = '';
  let wake = () => undefined as unknown;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    wake();
  });
  if (!options.open) child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    async told(what) {
      while (!stderr.includes(`test:${what}\n`)) {
        await Promise.race([
          new Promise((resolve) => (wake = () => resolve(undefined))),
          ended.then(() => assert.fail(`ended before "${what}":\n${stderr}`)),
        ]);
      }
    },
  };
}

async function run(scenario: string, ...args: readonly string[]): Promise<Ended> {
  return await start(scenario, args).ended;
}

function events(stdout: string): readonly { readonly type: string; readonly [key: string]: unknown }[] {
  assert.ok(stdout.endsWith('\n'), JSON.stringify(stdout));
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('JSON output', () => {
  const CASES: readonly (readonly [title: string, scenario: string, args: readonly string[], code: number])[] = [
    ['a run', 'finish', [], 0],
    ['an unknown option', 'finish', ['--simulat'], 2],
    ['a missing project file', 'finish', ['nothing.sync.ts'], 2],
    ['an uncaught error', 'crash', [], 2],
    ['a rejected run', 'reject', [], 2],
  ];
  for (const [title, scenario, args, code] of CASES) {
    it(`is JSON only and ends with exit after ${title}`, async () => {
      const ended = await run(scenario, '--json', ...args);
      assert.equal(ended.code, code);
      assert.deepEqual(events(ended.stdout).at(-1), { type: 'exit', code });
      assert.equal(ended.stderr, '');
      if (code !== 0) assert.equal(events(ended.stdout).at(-2)?.['cause'], 'error');
    });
  }

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`ends with exit ${code} after ${signal}`, POSIX, async () => {
      const { child, told, ended } = start('polite', ['--json']);
      await told('started');
      child.kill(signal);
      const end = await ended;
      assert.equal(end.code, code);
      assert.deepEqual(
        events(end.stdout).map((event) => event.type),
        ['start', 'stopped', 'exit'],
      );
      assert.deepEqual(events(end.stdout).at(-1), { type: 'exit', code });
    });
  }

  it('is not asked for by an argument of the script', async () => {
    const ended = await run('finish', '--simulat', '--', '--json');
    assert.equal(ended.stdout, '');
    assert.equal(ended.stderr, "sxrun: unknown option '--simulat' (Did you mean --simulate?)\n");
  });
});

describe('signals', POSIX, () => {
  it('stop a run gracefully, and say what happens', async () => {
    const { child, told, ended } = start('polite', []);
    await told('started');
    child.kill('SIGINT');
    const end = await ended;
    assert.equal(end.code, 130);
    assert.match(end.stderr, /^interrupted: finishing the files in flight; Ctrl-C again drops them$/m);
    assert.match(end.stderr, /^stopped {4}interrupted; what was done is recorded$/m);
  });

  it('stop a command that still waits for its project, before it runs', async () => {
    const { child, told, ended } = start('never', ['-c', '--json'], { open: true });
    await told('ready');
    child.kill('SIGTERM');
    const end = await ended;
    assert.equal(end.code, 143);
    assert.deepEqual(
      events(end.stdout).map((event) => event.type),
      ['stopped', 'exit'],
    );
  });

  it('drop the files in flight the second time, and the first signal decides the exit code', async () => {
    const { child, told, ended } = start('busy', []);
    await told('started');
    child.kill('SIGTERM');
    await told('asked');
    child.kill('SIGINT');
    const end = await ended;
    assert.equal(end.code, 143);
    assert.match(end.stderr, /^terminated: finishing the files in flight; once more drops them$/m);
    assert.match(end.stderr, /^dropping the files in flight; once more ends the process at once$/m);
  });

  it('end a process that does not come to an end the third time', async () => {
    const { child, told, ended } = start('deaf', ['--json']);
    await told('started');
    child.kill('SIGINT');
    await told('asked');
    child.kill('SIGINT');
    await told('told');
    child.kill('SIGINT');
    const end = await ended;
    assert.equal(end.code, 130);
    assert.deepEqual(events(end.stdout).at(-1), { type: 'exit', code: 130 });
  });

  it('do not change the exit code of a run that was done', async () => {
    const { child, told, ended } = start('done', []);
    await told('started');
    child.kill('SIGINT');
    assert.equal((await ended).code, 1);
  });
});

describe('standard output', () => {
  it('that nobody reads any more does not stop the run, which says so once and keeps its exit code', POSIX, async () => {
    const { child, ended } = start('flood', []);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const end = await ended;
    assert.equal(end.code, 1);
    assert.match(end.stderr, /^test:finished$/m);
    assert.equal(end.stderr.match(/^nobody reads the output any more; the run goes on$/gm)?.length, 1);
    assert.doesNotMatch(end.stderr, /EPIPE|^ +at |interrupted/m);
  });

  it('that is read slowly keeps memory bounded and loses no line', async () => {
    const { child, ended } = start('burst', []);
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), 200);
    const end = await ended;
    assert.equal(end.code, 0);
    const lines = end.stdout.split('\n');
    assert.equal(lines.length, 30_001);
    assert.ok(lines.slice(0, -1).every((line, index) => line.endsWith(`x ${index} (missing)`)));
    const grown = Number(/grown (\d+) MiB/.exec(end.stderr)?.[1]);
    assert.ok(grown < 120, `${grown} MiB for 150 MB of lines`);
  });

  it('has no colours and no bar in a pipe, unless colours are forced', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const colour = /\u001b/;
    assert.doesNotMatch((await run('finish')).stdout, colour);
    assert.match((await start('finish', [], { env: { FORCE_COLOR: '1' } }).ended).stdout, colour);
  });
});

describe('command', () => {
  it('prints its version and its help', async () => {
    assert.deepEqual(await run('finish', '--version', '-s'), { code: 0, stdout: '1.2.3\n', stderr: '' });
    const short = await run('finish', '-h');
    assert.equal(short.code, 0);
    assert.ok(short.stdout.split('\n').length <= 25, 'more than a screen');
    const full = await run('finish', '--help');
    for (const text of ['-+, --sync-remove', '--approve PLANID', '--script-memory SIZE', '143 terminated', 'sxrun photos.sync.ts -s', 'NO_COLOR']) {
      assert.ok(full.stdout.includes(text), text);
    }
    for (const line of (short.stdout + full.stdout).split('\n')) assert.ok(line.length <= 120, line);
  });

  it('reads a project from standard input with -c, and asks nobody then', async () => {
    const end = await start('request', ['-c', '-s'], { input: 'export default 1;\n' }).ended;
    const told = JSON.parse(/test:(.*)/.exec(end.stderr)?.[1] ?? '');
    assert.equal(told.source.kind, 'text');
    assert.equal(told.source.text, 'export default 1;\n');
    assert.deepEqual(told.overrides, { simulation: true });
    assert.equal(told.ask, false);
  });

  it('tells a defect in one line, with exit code 2', async () => {
    const end = await run('crash');
    assert.equal(end.code, 2);
    assert.match(end.stderr, /^stopped {4}a defect in sxrun: cannot read 'x'\\nof undefined \(SXRUN_DEBUG=1 /);
    assert.doesNotMatch(end.stderr, /^\s+at /m);
    assert.match((await start('crash', [], { env: { SXRUN_DEBUG: '1' } }).ended).stderr, /^\s+at /m);
  });

  it('tells no secret of the run in a defect', async () => {
    for (const args of [[], ['--json']]) {
      for (const env of [{}, { SXRUN_DEBUG: '1' }]) {
        const { stdout, stderr } = await start('tattle', args, { env }).ended;
        assert.match(stdout + stderr, /the login me:\*\*\* was not taken/);
        assert.doesNotMatch(stdout + stderr, /hunter22/);
      }
    }
  });

  it('refuses wrong command lines on standard error', async () => {
    assert.deepEqual(await run('finish', '-svQ'), { code: 2, stdout: '', stderr: "sxrun: unknown option '-Q' (see sxrun --help)\n" });
    assert.deepEqual(await run('finish', 'x\u001b[31m.jpg\n'), {
      code: 2,
      stdout: '',
      stderr: `sxrun: there is no project file "x\\x1b[31m.jpg\\n" in ${folder}; it has config.sync.ts. Make one with "sxrun new"\n`,
    });
  });
});
