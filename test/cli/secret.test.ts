import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ProcessContext } from '../../runtime/cli/process-context.ts';
import { askForValue, readValue } from '../../runtime/cli/secret-value.ts';
import { BUILT_COMMAND, type CommandOutcome } from '../kit/built-command.ts';

describe('sxrun secret', () => {
  let home = '';
  const file = () => join(home, 'data', 'secrets', 'secrets.json');
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'sxrun-secret-'));
  });
  beforeEach(() => rmSync(join(home, 'data'), { recursive: true, force: true }));
  after(() => rmSync(home, { recursive: true }));

  /** Runs the built command, `input` being all of its standard input. */
  async function secret(args: readonly string[], input: string | Uint8Array = '', more: NodeJS.ProcessEnv = {}): Promise<CommandOutcome> {
    const child = spawn(process.execPath, [BUILT_COMMAND, 'secret', ...args], { env: { ...process.env, SXRUN_HOME: home, ...more } });
    // A command that refuses reads nothing of it.
    child.stdin.on('error', () => undefined).end(input);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), codeOf(child)]);
    return { code, stdout, stderr };
  }
  const codeOf = async (child: ChildProcess) => ((await once(child, 'exit')) as [number])[0];
  const refused = async (message: RegExp, args: readonly string[], input?: string | Uint8Array) => {
    const outcome = await secret(args, input);
    assert.deepEqual([outcome.code, outcome.stdout], [2, ''], outcome.stderr);
    assert.match(outcome.stderr, message);
    return outcome;
  };

  it('keeps what it reads, says where, lists names and never a value, and forgets', async () => {
    assert.deepEqual(await secret(['list']), { code: 0, stdout: 'No secrets are kept.\n', stderr: '' });
    const kept = await secret(['set', 'mail'], 'hunter-22\n');
    assert.equal(kept.code, 0, kept.stderr);
    assert.equal(
      kept.stdout,
      `mail is kept in ${file()}, encrypted for this machine and user.\nThe keychain cannot be used: SXRUN_HOME keeps everything in its folder.\n`,
    );
    await secret(['set', 'password:sftp://me@host'], 'other-22');
    const listed = await secret(['list']);
    assert.equal(
      listed.stdout,
      `mail                     file\npassword:sftp://me@host  file\nfile: ${file()}, encrypted for this machine and user\n`,
    );
    assert.ok(![kept.stdout, listed.stdout, readFileSync(file(), 'utf8')].some((shown) => /hunter-22|other-22/.test(shown)));
    assert.deepEqual(await secret(['remove', 'mail']), { code: 0, stdout: 'mail is forgotten.\n', stderr: '' });
    await refused(/^sxrun: there is no secret "mail"; "sxrun secret list"/, ['remove', 'mail']);
    assert.equal((await secret(['list'])).stdout.split('\n').length, 3);
  });

  it('says why there is no keychain, and keeps the secret in the file then', { skip: process.platform !== 'linux' }, async () => {
    const noSession = { SXRUN_HOME: '', HOME: home, XDG_DATA_HOME: join(home, 'data'), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const { code, stdout, stderr } = await secret(['set', 'mail'], 'hunter-22', noSession);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^mail is kept in .*secrets\.json, encrypted for this machine and user\.\nThe keychain cannot be used: .+\.\n$/);
    assert.doesNotMatch(stdout, /SXRUN_HOME|without an answer|not installed/);
    assert.match((await secret(['list'], '', noSession)).stdout, /^mail {2}file\n/);
  });

  it('keeps a file for its owner, and refuses it when others can read it', { skip: process.platform === 'win32' }, async () => {
    await secret(['set', 'mail'], 'hunter-22');
    assert.deepEqual([statSync(join(home, 'data', 'secrets')).mode & 0o777, statSync(file()).mode & 0o777], [0o700, 0o600]);
    chmodSync(file(), 0o644);
    await refused(/^sxrun: .*secrets\.json can be read or changed by others \(mode 644\).*chmod 600/, ['list']);
    await refused(/mode 644/, ['set', 'other'], 'x');
  });

  it('takes no value as an argument, and does not repeat it', async () => {
    const { stderr } = await refused(/a value is not taken from the command line/, ['set', 'mail', 'hunter-22']);
    assert.ok(!stderr.includes('hunter-22'));
  });

  it('refuses names and values that are none', async () => {
    await refused(/needs the name of a secret/, ['set'], 'x');
    await refused(/cannot have the name "a\/\.\.\\nb"/, ['set', 'a/..\nb'], 'x');
    await refused(/cannot have the name "\/etc\/passwd"/, ['remove', '/etc/passwd']);
    await refused(/The value is empty/, ['set', 'mail']);
    await refused(/The value is empty/, ['set', 'mail'], '\n');
    await refused(/more than 1 MB/, ['set', 'mail'], Buffer.alloc(10 * 1024 ** 2, 'x'));
    await refused(/has 70000 bytes/, ['set', 'mail'], 'x'.repeat(70_000));
    await refused(/no text in UTF-8/, ['set', 'mail'], Buffer.from('pässword', 'latin1'));
    await refused(/NUL/, ['set', 'mail'], 'a\0b');
    assert.equal((await secret(['list'])).stdout, 'No secrets are kept.\n');
  });

  it('says what it knows when it is asked for something else', async () => {
    await refused(/secret what\? Write sxrun secret set NAME, list, or remove NAME/, []);
    await refused(/knows no "get"/, ['get', 'mail']);
    await refused(/list takes no name/, ['list', 'mail']);
    await refused(/one secret at a time/, ['remove', 'a', 'b']);
    await refused(/kept in the keychain or in the file/, ['set', 'mail', '--in', 'cloud'], 'x');
    await refused(/--in is for "sxrun secret set"/, ['remove', 'mail', '--in', 'file']);
    await refused(/The keychain cannot keep the secret "mail": SXRUN_HOME/, ['set', 'mail', '--in', 'keychain'], 'x');
    await refused(/unknown option '--value'/, ['set', 'mail', '--value', 'x']);
    assert.match((await secret(['--help'])).stdout, /^sxrun secret set NAME/);
  });

  it('loses none when several processes set at once, on a fresh machine too', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.all(names.map((name) => secret(['set', name], `value of ${name}`)));
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0, 0, 0],
    );
    assert.deepEqual((await secret(['list'])).stdout.match(/^\w(?= {2}file$)/gm), names);
  });
});

describe('the value of a secret', () => {
  /** A terminal whose user types the next of `answers` when a new question stands there. */
  function terminal(answers: readonly string[], isTTY = true) {
    const stdin = new PassThrough();
    // Like a terminal it outlives the prompts, which end what they write to.
    const stderr = Object.assign(new PassThrough(), { isTTY, end: () => undefined });
    const left = [...answers];
    const seen = { text: '' };
    let stood = '';
    stderr.setEncoding('utf8').on('data', (chunk: string) => {
      seen.text += chunk;
      const question = /Value of|The same again|They differ/.exec(chunk)?.[0] ?? stood;
      if (question === stood) return;
      stood = question;
      setImmediate(() => stdin.write(left.shift() ?? ''));
    });
    return { context: { stdin, stderr } as unknown as ProcessContext, seen, left };
  }

  it('is typed twice and not shown', async () => {
    const { context, seen } = terminal(['hunter-22\r', 'hunter-22\r']);
    assert.equal(await askForValue('mail', context), 'hunter-22');
    assert.ok(seen.text.includes('Value of mail'));
    assert.ok(!seen.text.includes('hunter'), seen.text);
  });

  it('is asked for again when the two differ', async () => {
    const { context, left } = terminal(['one\r', 'two\r', 'three\r', 'three\r']);
    assert.equal(await askForValue('mail', context), 'three');
    assert.deepEqual(left, []);
  });

  it('left with Ctrl-C is none', async () => {
    assert.equal(await askForValue('mail', terminal(['\u0003']).context), undefined);
  });

  it('is not asked for where it would be shown', async () => {
    await assert.rejects(askForValue('mail', terminal([], false).context), /give the value as standard input/);
  });

  it('is read without the line feed at its end, and whole otherwise', async () => {
    const read = (...chunks: string[]) => readValue(PassThrough.from(chunks.map((chunk) => Buffer.from(chunk))));
    assert.equal(await read('a\n'), 'a');
    assert.equal(await read('a\r\n'), 'a');
    assert.equal(await read('-----BEGIN\n', 'x\n', '\n'), '-----BEGIN\nx\n');
    assert.equal(await read(' a '), ' a ');
    assert.equal(await read('\ufeffa'), 'a');
    const umlaut = Buffer.from('ä');
    assert.equal(await readValue(PassThrough.from([umlaut.subarray(0, 1), umlaut.subarray(1)])), 'ä');
  });
});
