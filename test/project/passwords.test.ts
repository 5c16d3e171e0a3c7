import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createPasswords, passwordName } from '../../runtime/project/passwords.ts';
import type { SecretQuestion } from '../../runtime/project/run-request.ts';
import { keptSecret, setSecret } from '../../runtime/project/secrets.ts';
import { createRedactor } from '../../runtime/project/redact.ts';
import { secretNameFault } from '../../runtime/secret-name.ts';

const NAS = { name: 'password:sftp://me@nas.local', question: 'Password of me@nas.local' };

describe('the password of a URL', () => {
  const usual = process.env['SXRUN_HOME'];
  let home = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'sxrun-passwords-'));
    process.env['SXRUN_HOME'] = home;
  });
  beforeEach(() => rm(join(home, 'data'), { recursive: true, force: true }));
  after(async () => {
    if (usual === undefined) delete process.env['SXRUN_HOME'];
    else process.env['SXRUN_HOME'] = usual;
    await rm(home, { recursive: true });
  });

  /** Someone who answers every question so. */
  function user(answer: { value: string; keep: boolean } | undefined) {
    const asked: SecretQuestion[] = [];
    return {
      asked,
      secret: async (question: SecretQuestion) => {
        asked.push(question);
        return answer;
      },
    };
  }

  test('that is kept is used, and nobody is asked', async () => {
    await setSecret(NAS.name, 'hunter-22');
    const [redactor, me] = [createRedactor(), user(undefined)];
    assert.equal(await createPasswords(me, redactor).get(NAS), 'hunter-22');
    assert.deepEqual(me.asked, []);
    assert.equal(redactor.redact('530 hunter-22 is wrong'), '530 *** is wrong');
  });

  test('that is not kept is asked for once, however often and by how many it is needed', async () => {
    const [redactor, me] = [createRedactor(), user({ value: 'hunter-22', keep: false })];
    const passwords = createPasswords(me, redactor);
    assert.deepEqual(await Promise.all([passwords.get(NAS), passwords.get(NAS)]), ['hunter-22', 'hunter-22']);
    assert.equal(await passwords.get(NAS), 'hunter-22');
    assert.deepEqual(me.asked, [{ name: NAS.name, text: NAS.question, isTypedTwice: false }]);
    assert.equal(redactor.redact('hunter-22'), '***');
    assert.equal(await keptSecret(NAS.name), undefined);
  });

  test('is kept when the user says so', async () => {
    await createPasswords(user({ value: 'hunter-22', keep: true }), createRedactor()).get(NAS);
    const next = user(undefined);
    assert.equal(await createPasswords(next, createRedactor()).get(NAS), 'hunter-22');
    assert.deepEqual(next.asked, []);
  });

  test('that nobody can be asked for is an error with the line that keeps it', async () => {
    await assert.rejects(createPasswords(undefined, createRedactor()).get(NAS), (error: { error?: unknown }) => {
      assert.deepEqual(error.error, {
        code: 'secret',
        message: 'Password of me@nas.local is needed, and nobody can be asked: keep it with "sxrun secret set password:sftp://me@nas.local"',
      });
      return true;
    });
  });

  test('left open ends the run', async () => {
    await assert.rejects(createPasswords(user(undefined), createRedactor()).get(NAS), ({ error }) => error.code === 'interrupted');
  });
});

test('the name of a URL’s password is a secret’s name, and another one for every user, host and port', () => {
  const places = [
    { scheme: 'sftp', user: 'me', host: 'nas.local' },
    { scheme: 'sftp', user: 'me', host: 'nas.local', port: 2222 },
    { scheme: 'smtp', user: 'me', host: 'nas.local' },
    { scheme: 'sftp', user: 'me@nas.local', host: 'evil' },
    { scheme: 'sftp', user: 'me', host: 'nas.local@evil' },
    { scheme: 'sftp', user: "DOMAIN\\me (it's) *~!", host: '[fe80::1]' },
    { scheme: 'sftp', user: 'größe 100%', host: 'nas.local' },
  ];
  const names = places.map(passwordName);
  assert.deepEqual(names.slice(0, 2), ['password:sftp://me@nas.local', 'password:sftp://me@nas.local:2222']);
  assert.equal(new Set(names).size, places.length);
  for (const name of names) assert.equal(secretNameFault(name), undefined, name);
});
