import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BUILT_ARGUMENTS, eventsOf, resultsOf, runBuilt, type CommandOutcome } from '../kit/built-command.ts';
import { type Keys, temporaryKeys } from '../kit/gpg.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { needing } from '../kit/programs.ts';
import { untilGone } from '../kit/until-gone.ts';

let scratch = '';
let project = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-encoded-')));
  project = join(scratch, 'project');
  mkdirSync(join(project, 'texts', 'd'), { recursive: true });
  for (const [path, text] of Object.entries(TEXTS)) writeFileSync(join(project, 'texts', path), text);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const TEXTS: Readonly<Record<string, string>> = {
  'a.txt': 'the secret alpha\n',
  'empty.txt': '',
  'd/big.txt': 'the secret beta\n'.repeat(20_000),
};
const posix = { skip: process.platform === 'win32' };

function run(...args: string[]): Promise<CommandOutcome> {
  return runBuilt(['--json', '-p', ...args], { currentDir: project, home: join(scratch, 'home') });
}
/** `encoder` and `roots` are TypeScript. */
function define(encoder: string, roots: string, more = ''): void {
  const text = `import { defineProject, sync } from 'sxrun';\nvoid sync;\nexport default defineProject({ roots: ${roots}, encoders: { x: ${encoder} }${more} });\n`;
  writeFileSync(join(project, 'p.sync.ts'), text);
}
const BACKUP = "['texts', { url: 'ienc:out', targetOnly: true, autoMkdir: true }]";
const RESTORE = "['ienc:out', { url: 'restored', targetOnly: true, autoMkdir: true }]";

function messages(outcome: CommandOutcome): string {
  return eventsOf(outcome)
    .flatMap((event) => (event.type === 'stopped' || event.type === 'problem' ? [event.message] : []))
    .join('\n');
}
function files(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    .sort();
}
function copied(outcome: CommandOutcome): number | undefined {
  return resultsOf(outcome)[0]?.copied;
}
function keep(name: string, value: string): Promise<void> {
  return keepSecret(name, value, join(scratch, 'home'));
}
function assertRestored(): void {
  for (const [path, text] of Object.entries(TEXTS)) {
    assert.equal(readFileSync(join(project, 'restored', path), 'utf8'), text);
    assert.equal(Math.trunc(statSync(join(project, 'restored', path)).mtimeMs), Math.trunc(statSync(join(project, 'texts', path)).mtimeMs));
  }
}

describe('ienc: with GnuPG', needing('gpg'), () => {
  let keys: Keys | undefined;
  before(async () => {
    keys = temporaryKeys();
    await keys.make('Me <me@example.org>', 'key pass');
  });
  after(() => keys?.close());

  const options = () => `'--homedir', ${JSON.stringify(keys?.folder)}, '--batch', '--quiet'`;
  const withKey = () =>
    `{ encode: ['gpg', ${options()}, '--trust-model', 'always', '--encrypt', '-r', 'me@example.org'],
       decode: ['gpg', ${options()}, '--pinentry-mode', 'loopback', '--passphrase-fd', '%PASSPHRASE_FD%', '--decrypt'],
       extension: '.gpg', passphrase: 'my-key' }`;
  const withPassphrase = (fd: 0 | 3) => {
    const loopback = `${options()}, '--pinentry-mode', 'loopback', '--passphrase-fd', '%PASSPHRASE_FD%'`;
    return `{ encode: ['gpg', ${loopback}, '--s2k-count', '65536', '--symmetric'], decode: ['gpg', ${loopback}, '--decrypt'], passphrase: 'shared', passphraseFd: ${fd} }`;
  };

  test('a backup for a key pair is restored into an empty folder with its times, and each second run does nothing', async () => {
    define(withKey(), BACKUP);
    const refused = await run('p.sync.ts');
    assert.equal(refused.code, 3);
    assert.match(messages(refused), /runs \S*gpg \(a program is outside the wall\)\n.*uses the secret my-key[\s\S]*run:\S*gpg secret:my-key/);
    const grants = ['--allow-run=gpg', '--allow-secret=my-key'];
    const without = await run(...grants, 'p.sync.ts');
    assert.equal(without.code, 2);
    assert.match(messages(without), /Passphrase of the encoder "x" is needed, .*"sxrun secret set my-key"/);
    assert.equal(existsSync(join(project, 'out')), false);

    await keep('my-key', 'key pass');
    for (const count of [3, 0]) {
      const outcome = await run(...grants, 'p.sync.ts');
      assert.deepEqual([outcome.code, copied(outcome)], [0, count], outcome.stdout);
    }
    assert.deepEqual(files('out'), ['a.txt.gpg', 'big.txt.gpg', 'empty.txt.gpg']);
    for (const name of ['a.txt.gpg', 'd/big.txt.gpg']) assert.doesNotMatch(readFileSync(join(project, 'out', name), 'latin1'), /the secret/);

    define(withKey(), RESTORE);
    for (const count of [3, 0]) {
      const outcome = await run(...grants, 'p.sync.ts');
      assert.deepEqual([outcome.code, copied(outcome)], [0, count], outcome.stdout);
    }
    assertRestored();
  });

  for (const fd of [3, 0] as const) {
    test(`a compressed backup with a passphrase on file descriptor ${fd} is restored`, {
      skip: fd === 3 && process.platform === 'win32',
    }, async () => {
      await keep('shared', 'one for both');
      const grants = ['--allow-run=gpg', '--allow-secret=shared'];
      define(withPassphrase(fd), BACKUP.replace('ienc:', 'igz:ienc:'), ', syncDb: true');
      for (const count of [3, 0]) assert.equal(copied(await run(...grants, 'p.sync.ts')), count);
      assert.deepEqual(files('out'), ['a.txt.sx.gz.sx.enc', 'big.txt.sx.gz.sx.enc', 'empty.txt.sx.gz.sx.enc']);
      assert.ok(statSync(join(project, 'out', 'd', 'big.txt.sx.gz.sx.enc')).size < 3000);
      define(withPassphrase(fd), RESTORE.replace('ienc:', 'igz:ienc:'));
      assert.equal(copied(await run(...grants, 'p.sync.ts')), 3);
      assertRestored();
    });
  }

  test('a wrong passphrase ends the run at the first file, and is said in the words of the program, without the passphrase', async () => {
    const grants = ['--allow-run=gpg', '--allow-secret=shared'];
    await keep('shared', 'one for both');
    define(withPassphrase(0), BACKUP);
    await run(...grants, 'p.sync.ts');
    await keep('shared', 'hunter2222');
    define(withPassphrase(0), RESTORE, ", onError: 'continue-files'");
    const outcome = await run(...grants, 'p.sync.ts');
    assert.deepEqual([outcome.code, copied(outcome), files('restored')], [2, 0, []]);
    // Of all files one is tried.
    assert.equal(messages(outcome).match(/gpg ended with exit code 2: .*Bad session key .*"sxrun secret set shared"/g)?.length, 1);
    assert.doesNotMatch(outcome.stdout + outcome.stderr, /hunter2222/);
  });

  test('a key that is missing or has expired, or is not the one to read with, is said in the words of GnuPG, and nothing is written', async () => {
    const encodeFor = (user: string) =>
      `{ encode: ['gpg', ${options()}, '--no-auto-key-locate', '--trust-model', 'always', '--encrypt', '-r', '${user}'], extension: '.gpg' }`;
    await keys?.make('old@example.org', 'key pass', { at: '20200101T000000', goodFor: '1d' });
    for (const user of ['nobody@example.org', 'old@example.org']) {
      define(encodeFor(user), BACKUP);
      const outcome = await run('--allow-run=gpg', 'p.sync.ts');
      assert.equal(outcome.code, 2);
      assert.match(messages(outcome), new RegExp(`cannot be encoded: gpg ended with exit code 2: gpg: ${user}: skipped: (No|Unusable) public key`));
      assert.deepEqual(files('out'), []);
    }
    define(encodeFor('me@example.org'), BACKUP);
    assert.equal((await run('--allow-run=gpg', 'p.sync.ts')).code, 0);
    const strangers = temporaryKeys();
    try {
      define(`{ decode: ['gpg', '--homedir', ${JSON.stringify(strangers.folder)}, '--batch', '--quiet', '--decrypt'], extension: '.gpg' }`, RESTORE);
      const outcome = await run('--allow-run=gpg', 'p.sync.ts');
      assert.equal(outcome.code, 2);
      assert.match(messages(outcome), /cannot be decoded: gpg ended with exit code 2: gpg: decryption failed: No secret key/);
      assert.deepEqual(files('restored'), []);
    } finally {
      await strangers.close();
    }
  });

  test('a file that was cut off or changed is not restored, the others are, and what was there before stays', async () => {
    const grants = ['--allow-run=gpg', '--allow-secret=my-key'];
    await keep('my-key', 'key pass');
    define(withKey(), BACKUP);
    await run(...grants, 'p.sync.ts');
    const big = join(project, 'out', 'd', 'big.txt.gpg');
    const whole = readFileSync(big);
    const changed = Buffer.from(whole);
    changed[whole.length - 40] = (whole[whole.length - 40] ?? 0) ^ 1;
    mkdirSync(join(project, 'restored', 'd'), { recursive: true });
    for (const damaged of [whole.subarray(0, -100), changed, Buffer.from('not encrypted at all')]) {
      writeFileSync(big, damaged);
      writeFileSync(join(project, 'restored', 'd', 'big.txt'), 'old');
      const old = new Date(0);
      utimesSync(join(project, 'restored', 'd', 'big.txt'), old, old);
      define(withKey(), RESTORE, ", onError: 'continue-files'");
      const outcome = await run(...grants, 'p.sync.ts');
      assert.equal(outcome.code, 1, outcome.stdout);
      assert.match(messages(outcome), /the file cannot be decoded: gpg ended with exit code 2/);
      assert.equal(readFileSync(join(project, 'restored', 'd', 'big.txt'), 'utf8'), 'old');
      assert.deepEqual(files('restored'), ['a.txt', 'big.txt', 'empty.txt']);
    }
  });
});

/** An encoder that is a Node program; both ways the same. */
function node(script: string, more = ''): string {
  return `{ encode: [${JSON.stringify(process.execPath)}, '-e', ${JSON.stringify(script)}], decode: [${JSON.stringify(process.execPath)}, '-e', ${JSON.stringify(script)}]${more} }`;
}
const COPY = 'process.stdin.pipe(process.stdout)';
const ALLOW_NODE = `--allow-run=${process.execPath}`;

describe('ienc: with programs that mean no good', () => {
  test('neither plain text nor the passphrase is anywhere that others could look while a file is encoded', {
    skip: process.platform !== 'linux',
  }, async () => {
    const temporary = join(scratch, 'tmp');
    mkdirSync(temporary);
    const home = join(scratch, 'home');
    await keep('my-key', 'key pass');
    // What encodes looks for both: in all files but the source and the store of secrets, and in what every process shows of itself.
    const spy = `
      const fs = require('node:fs');
      const found = [];
      // Its own arguments have neither of them.
      const [phrase, plain] = [['key', 'pass'].join(' '), ['the', 'secret', ''].join(' ')];
      const look = (path) => {
        try {
          const text = fs.readFileSync(path, 'latin1');
          if (text.includes(plain) || text.includes(phrase)) found.push(path);
        } catch {}
      };
      const walk = (folder) => {
        for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
          const path = entry.parentPath + '/' + entry.name;
          if (entry.isFile() && !path.startsWith(process.argv[1] + '/texts/')) look(path);
        }
      };
      const key = fs.readFileSync(3, 'utf8');
      let size = 0;
      process.stdin.on('data', (chunk) => {
        size += chunk.length;
        process.stdout.write(chunk.map((byte) => byte ^ 255));
      });
      process.stdin.on('end', () => {
        for (const folder of [process.argv[1], process.argv[2], process.argv[3]]) walk(folder);
        for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
          for (const name of ['environ', 'cmdline']) look('/proc/' + pid + '/' + name);
        }
        if (key !== phrase + String.fromCharCode(10)) found.push('no key');
        if (found.length > 0) { console.error(found.join(' ')); process.exitCode = 1; }
      });`;
    const args = [project, temporary, home].map((folder) => JSON.stringify(folder)).join(', ');
    define(
      `{ encode: [${JSON.stringify(process.execPath)}, '-e', ${JSON.stringify(spy)}, ${args}, '%PASSPHRASE_FD%'], passphrase: 'my-key' }`,
      BACKUP,
      ", onError: 'continue-files'",
    );
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      const outcome = await run(ALLOW_NODE, '--allow-secret=my-key', 'p.sync.ts');
      assert.deepEqual([outcome.code, messages(outcome)], [0, '']);
      assert.equal(copied(outcome), 3);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  test('one that fails for one file leaves its old version, and the next run makes up for it', async () => {
    define(node(COPY), BACKUP);
    assert.equal((await run(ALLOW_NODE, 'p.sync.ts')).code, 0);
    writeFileSync(join(project, 'texts', 'a.txt'), 'FAIL');
    writeFileSync(join(project, 'texts', 'empty.txt'), 'new');
    const fails =
      "process.stdin.on('data', (part) => { process.stdout.write(part); if (String(part) === 'FAIL') { console.error('disk of the key is full'); process.exitCode = 7; } })";
    define(node(fails), BACKUP, ", onError: 'continue-files'");
    const outcome = await run(ALLOW_NODE, 'p.sync.ts');
    assert.deepEqual([outcome.code, copied(outcome)], [1, 1], outcome.stdout);
    assert.match(messages(outcome), /the file cannot be encoded: node(\.exe)? ended with exit code 7: disk of the key is full/);
    assert.equal(readFileSync(join(project, 'out', 'a.txt.sx.enc'), 'utf8'), TEXTS['a.txt']);
    assert.deepEqual(files('out'), ['a.txt.sx.enc', 'big.txt.sx.enc', 'empty.txt.sx.enc']);
    define(node(COPY), BACKUP);
    assert.equal(copied(await run(ALLOW_NODE, 'p.sync.ts')), 1);
    assert.equal(copied(await run(ALLOW_NODE, 'p.sync.ts')), 0);
  });

  test('one that writes nothing, or stops reading, makes no file', async () => {
    for (const [script, message] of [
      ['process.stdin.resume()', /of \d+ bytes the encoder made none/],
      ["process.stdin.once('data', () => { process.stdout.write('x', () => process.exit(0)); })", /ended without reading all that it was given/],
    ] as const) {
      writeFileSync(join(project, 'texts', 'huge.bin'), Buffer.alloc(3_000_000));
      define(
        node(script),
        "['texts', { url: 'ienc:out', targetOnly: true, autoMkdir: true }]",
        ", onError: 'continue-files', includeFiles: ['*.bin'], excludeFiles: ['*']",
      );
      const outcome = await run(ALLOW_NODE, 'p.sync.ts');
      assert.equal(outcome.code, 1, outcome.stdout);
      assert.match(messages(outcome), message);
      assert.deepEqual(files('out'), []);
    }
  });

  test('one that is missing is said before anything is made, and so is one that the script could have written', posix, async () => {
    define("{ encode: ['no-such-encoder-anywhere'] }", BACKUP);
    const missing = await run('-A', 'p.sync.ts');
    assert.equal(missing.code, 2);
    assert.match(messages(missing), /no program no-such-encoder-anywhere: it is in no folder of the PATH/);
    writeFileSync(join(project, 'mine'), '#!/bin/sh\ncat\n', { mode: 0o755 });
    define("{ encode: ['./mine'] }", BACKUP);
    const own = await run(`--allow-run=${join(project, 'mine')}`, 'p.sync.ts');
    assert.equal(own.code, 3);
    assert.match(messages(own), /mine is not run: the script may write below/);
    assert.equal(existsSync(join(project, 'out')), false);
  });

  test('a simulation runs none and needs no permission for one', async () => {
    define(
      node(`require('node:fs').writeFileSync(${JSON.stringify(join(project, 'ran'))}, ''); ${COPY}`),
      BACKUP,
      ", compare: sync.args.includes('content') ? 'content' : 'time'",
    );
    const outcome = await run('-s', 'p.sync.ts');
    assert.deepEqual([outcome.code, copied(outcome)], [0, 3], outcome.stdout);
    assert.equal(existsSync(join(project, 'ran')), false);
    assert.equal((await run(ALLOW_NODE, 'p.sync.ts')).code, 0);
    assert.ok(existsSync(join(project, 'ran')));
    rmSync(join(project, 'ran'));
    const byContent = await run('-s', 'p.sync.ts', '--', 'content');
    assert.equal(byContent.code, 2);
    assert.match(messages(byContent), /cannot be decoded: a simulation runs no program, so it cannot compare by content/);
    assert.equal(existsSync(join(project, 'ran')), false);
    for (const count of [0, 0]) assert.equal(copied(await run(ALLOW_NODE, 'p.sync.ts', '--', 'content')), count);
  });

  test('a second Ctrl-C ends one that hangs, with all that it started', posix, async () => {
    const pidFile = join(project, 'pid');
    define(`{ encode: ['/bin/sh', '-c', "trap '' TERM INT; sleep 1000 & echo $! > ${pidFile}; wait; wait; wait"] }`, BACKUP);
    const child = spawn(process.execPath, [...BUILT_ARGUMENTS, '-p', '--allow-run=/bin/sh', 'p.sync.ts'], {
      cwd: project,
      env: { ...process.env, SXRUN_HOME: join(scratch, 'home') },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await wait(5);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    for (let i = 0; i < 2; i++) {
      child.kill('SIGINT');
      // Two signals that come at once are one.
      await wait(100);
    }
    assert.deepEqual(await ended, [130, null]);
    await untilGone(pid);
    assert.deepEqual(existsSync(join(project, 'out')) ? files('out') : [], []);
  });

  test('a script that names such a root itself is told where encoders belong', async () => {
    writeFileSync(join(project, 'p.sync.ts'), "import { sync, xfile } from 'sxrun';\nsync.dontDo();\nawait xfile.readText('ienc:texts/a.txt');\n");
    const outcome = await run('p.sync.ts');
    assert.equal(outcome.code, 2);
    assert.match(messages(outcome), /"ienc:" is for the roots of a project, whose option "encoders" says what program encodes/);
  });

  test('two encoded roots and a plain one agree, both ways, with a database', async () => {
    mkdirSync(join(project, 'out'));
    mkdirSync(join(project, 'plain'));
    define(node(COPY), "['texts', 'ienc:out', 'plain']", ', syncRemove: true');
    for (const count of [3, 0]) assert.equal(copied(await run(ALLOW_NODE, 'p.sync.ts')), count);
    writeFileSync(join(project, 'out', 'a.txt.sx.enc'), 'changed by another machine');
    rmSync(join(project, 'plain', 'empty.txt'));
    const outcome = await run(ALLOW_NODE, 'p.sync.ts');
    assert.equal(outcome.code, 0, outcome.stdout);
    assert.equal(readFileSync(join(project, 'texts', 'a.txt'), 'utf8'), 'changed by another machine');
    assert.deepEqual(files('out'), ['a.txt.sx.enc', 'big.txt.sx.enc']);
    assert.equal(copied(await run(ALLOW_NODE, 'p.sync.ts')), 0);
  });
});
