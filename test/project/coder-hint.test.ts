import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { coderHint } from '../../runtime/project/roots/coder-hint.ts';
import { temporaryKeys } from '../kit/gpg.ts';
import { needing } from '../kit/programs.ts';

/** Exit code and words of a gpg that fails. */
function failing(args: readonly string[], input: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('gpg', [...args], { encoding: 'buffer' }, (error, _, stderr) =>
      resolve(`gpg ended with exit code ${error?.code}: ${stderr}`),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

describe('what may help with the words of GnuPG', needing('gpg'), () => {
  test('is the passphrase only where they may be about one, and else what is really wrong', async (context) => {
    const [keys, others] = [temporaryKeys(), temporaryKeys()];
    context.after(() => Promise.all([keys.close(), others.close()]));
    await keys.make('me@example.org', 'key pass');
    await keys.make('old@example.org', 'key pass', { at: '20200101T000000', goodFor: '1d' });
    const gpg = (folder: string, ...more: string[]) => ['--homedir', folder, '--batch', '--no-auto-key-locate', ...more];
    const output = (args: string[], input: string) =>
      new Promise<Buffer>((resolve) => {
        execFile('gpg', args, { encoding: 'buffer' }, (_, stdout) => resolve(stdout)).stdin?.end(input);
      });
    const forMe = await output(gpg(keys.folder, '--trust-model', 'always', '-e', '-r', 'me@example.org'), 'text');
    const byWord = await output(gpg(keys.folder, '--pinentry-mode', 'loopback', '--passphrase', 'one', '--symmetric'), 'text');
    const decode = (phrase: string) => ['--pinentry-mode', 'loopback', '--passphrase', phrase, '--decrypt'];
    const endAgent = () => new Promise<void>((resolve) => execFile('gpgconf', ['--homedir', keys.folder, '--kill', 'all'], () => resolve()));
    const hintOf = async (args: string[], input: string | Buffer, passphrase: string | null = 'my-key') => {
      await endAgent();
      const hint = coderHint({ said: await failing(args, input), args, passphrase: passphrase ?? undefined });
      return `${hint?.isOfPassphrase === true ? 'STOP ' : ''}${hint?.text ?? 'nothing'}`;
    };
    assert.match(await hintOf(gpg(keys.folder, ...decode('key pass')), 'no such thing'), /^gpg has not made this/);
    assert.match(
      await hintOf(gpg(keys.folder, ...decode('bad')), forMe),
      /^STOP its passphrase is the secret "my-key", .*"sxrun secret set my-key"$/,
    );
    assert.match(
      await hintOf(gpg(keys.folder, '--quiet', ...decode('bad')), forMe),
      /^STOP or, since it is called with --quiet, .*"my-key".* else the key/,
    );
    assert.match(await hintOf(gpg(keys.folder, ...decode('two')), byWord), /^STOP its passphrase is the secret "my-key"/);
    assert.match(await hintOf(gpg(others.folder, ...decode('key pass')), forMe), /^the key for it is not among .*--list-secret-keys/);
    assert.match(await hintOf(gpg(others.folder, '--quiet', '--decrypt'), forMe, null), /^the key for it is not among/);
    assert.match(await hintOf(gpg(keys.folder, '--no-autostart', ...decode('key pass')), forMe), /^gpg opens secret keys by its agent/);
    assert.match(
      await hintOf(gpg(keys.folder, '-e', '-r', 'nobody@example.org'), 'text', null),
      /^the key of who is to read it is not .* gpg --import/,
    );
    assert.match(
      await hintOf(gpg(keys.folder, '--trust-model', 'always', '-e', '-r', 'old@example.org'), 'text', null),
      /^the key of who is to read it .*has expired/,
    );
    const damaged = Buffer.from(byWord);
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
    assert.doesNotMatch(await hintOf(gpg(keys.folder, ...decode('one')), damaged), /STOP|wrong/);
  });
});

test('what is not known is helped by asking for the passphrase, where there is one', () => {
  const said = 'gpg ended with exit code 1: something new';
  assert.equal(coderHint({ said, args: [], passphrase: undefined }), undefined);
  assert.deepEqual(coderHint({ said, args: [], passphrase: 'k' }), {
    text: 'if its passphrase, the secret "k", is the wrong one: "sxrun secret set k"',
    isOfPassphrase: false,
  });
  assert.equal(coderHint({ said: 'x: bad decrypt', args: [], passphrase: 'k' })?.isOfPassphrase, true);
});
