import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { MailRequest } from '../../../sdk/mail-protocol.ts';
import { callFunction } from '../../../runtime/project/host/call-function.ts';
import { parseMailAddresses } from '../../../runtime/project/host/mail-address.ts';
import { parseMailServer } from '../../../runtime/project/host/mail-server.ts';
import { type FunctionCall, ScriptCallError } from '../../../runtime/sandbox/script-host.ts';
import { MAIL_LOGIN, mailServer, rawServer, type TestMailServer } from '../../kit/mail-server.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { hostContext, type TestHost } from './host-context.ts';

/** A script that may connect to the server, in a folder that has the server's certificate. */
async function scriptFor(
  t: TestContext,
  server: { readonly port: number; readonly certificate?: string },
  more: { readonly simulation?: boolean; readonly net?: readonly string[] } = {},
): Promise<{ readonly host: TestHost; readonly folder: string; send(mail?: object): Promise<unknown> }> {
  const folder = await temporaryFolder(t);
  if (server.certificate !== undefined) writeFileSync(join(folder, 'ca.pem'), server.certificate);
  const host = await hostContext(t, { folder, grants: { net: more.net ?? [`127.0.0.1:${server.port}`] }, simulation: more.simulation ?? false });
  const usual = {
    server: `smtp://127.0.0.1:${server.port}`,
    from: 'backup@example.org',
    to: ['me@example.org'],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'a subject',
    attachments: [],
    ...(server.certificate === undefined ? {} : { ca: 'ca.pem' }),
  } satisfies MailRequest;
  const send = (mail: object = {}) => {
    const call = { kind: 'function', method: 'mail.send', request: { ...usual, ...mail }, place: () => undefined } as unknown as FunctionCall;
    return callFunction(call, host);
  };
  return { host, folder, send };
}

function withLogin({ port }: TestMailServer): string {
  return `smtp://${MAIL_LOGIN.user}@127.0.0.1:${port}`;
}

function failed(code: string, words: RegExp) {
  return (error: unknown) =>
    (error instanceof ScriptCallError && error.error.code === code && words.test(error.message)) || assert.fail(String(error));
}

/** The text of a part in quoted-printable or as it is; enough for what the tests send. */
function decoded(source: string): string {
  const joined = source.replace(/=\r\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  ).toString();
}

test('a mail is encrypted by STARTTLS, logs in, and arrives whole at each recipient', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server);
  await send({
    server: withLogin(server),
    password: MAIL_LOGIN.password,
    from: 'Büro <backup@example.org>',
    to: ['Anna <anna@example.org>, bert@example.org', 'carl@example.org'],
    cc: ['"Doe, Jane" <jane@example.org>'],
    bcc: ['hidden@example.org'],
    replyTo: ['answers@example.org'],
    subject: 'Fehler in „Grüße"',
    text: 'Käse\n.\nend',
    html: '<b>Käse</b>',
  });
  const [mail] = server.taken;
  assert.deepEqual([mail?.encrypted, mail?.user, mail?.from], [true, MAIL_LOGIN.user, 'backup@example.org']);
  assert.deepEqual(mail?.to, ['anna@example.org', 'bert@example.org', 'carl@example.org', 'jane@example.org', 'hidden@example.org']);
  const source = mail?.source ?? '';
  assert.match(source, /^Subject: =\?UTF-8\?/m);
  assert.match(source, /^Cc: "Doe, Jane" <jane@example\.org>/m);
  assert.match(source, /^Reply-To: answers@example\.org/m);
  assert.doesNotMatch(source, /hidden@/);
  assert.match(decoded(source), /Käse\r\n\.\r\nend/);
  assert.match(decoded(source), /<b>Käse<\/b>/);
});

test('smtps:// is encrypted from the first byte', async (t) => {
  const server = await mailServer(t, { secure: true });
  const { send } = await scriptFor(t, server);
  await send({ server: `smtps://127.0.0.1:${server.port}` });
  assert.equal(server.taken[0]?.encrypted, true);
  await assert.rejects(send({ timeoutMs: 500 }), failed('mail', /within 500 ms/));
});

test('a server that does not encrypt gets neither mail nor login, unless the project says so', async (t) => {
  const server = await mailServer(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  const { send } = await scriptFor(t, server);
  const login = { server: withLogin(server), password: MAIL_LOGIN.password };
  await assert.rejects(send(login), failed('mail', /does not encrypt \(STARTTLS.*\); nothing was sent\..*smtps:\/\/.*allowClearText: true/));
  await assert.rejects(send({}), failed('mail', /does not encrypt/));
  await assert.rejects(
    send({ server: `smtps://127.0.0.1:${server.port}` }),
    failed('mail', /does not speak TLS from the first byte; nothing was sent\. For STARTTLS write smtp:\/\//),
  );
  assert.equal(server.taken.length, 0);
  await send({ ...login, allowClearText: true });
  assert.deepEqual([server.taken[0]?.encrypted, server.taken[0]?.user], [false, MAIL_LOGIN.user]);
});

test('with allowClearText a server that encrypts is still held to it, and to its certificate', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server);
  await send({ allowClearText: true });
  assert.equal(server.taken[0]?.encrypted, true);
  await assert.rejects(send({ allowClearText: true, ca: undefined }), failed('mail', /certificate/));
});

test('a certificate that nobody vouches for, or of another host, gets nothing', async (t) => {
  const unknown = await mailServer(t);
  const other = await mailServer(t, { certificateFor: 'mail.example' });
  const unknownScript = await scriptFor(t, unknown);
  await assert.rejects(
    unknownScript.send({ ca: undefined, server: withLogin(unknown), password: 'pw-to-nobody' }),
    failed(
      'mail',
      /the certificate of smtp:\/\/127\.0\.0\.1:\d+ is not to be trusted \(self.signed certificate\); nothing was sent.*ca: 'server\.pem'/,
    ),
  );
  const otherScript = await scriptFor(t, other);
  await assert.rejects(otherScript.send(), failed('mail', /the certificate of .* is not for 127\.0\.0\.1 \(.*by a name that its certificate has/i));
  writeFileSync(join(unknownScript.folder, 'no.pem'), 'no certificate');
  await assert.rejects(unknownScript.send({ ca: 'no.pem' }), failed('options', /ca no\.pem has no certificate/));
  assert.deepEqual([unknown.taken, other.taken], [[], []]);
});

test('a refused recipient is an error that names it; the others get the mail', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server);
  await assert.rejects(
    send({ to: ['me@example.org', 'nobody@example.org'], bcc: ['nobody-else@example.org'] }),
    failed(
      'mail',
      /refuses the recipient nobody@example\.org \(550 5\.1\.1 .* unknown\), nobody-else@example\.org \(550 .*\); the other recipients got the mail/,
    ),
  );
  assert.deepEqual(server.taken[0]?.to, ['me@example.org']);
  await assert.rejects(
    send({ to: ['nobody@example.org'] }),
    failed('mail', /refuses the recipient nobody@example\.org \(550 5\.1\.1 nobody@example\.org is unknown\)$/),
  );
  assert.equal(server.taken.length, 1);
});

test('a refused sender, mail or size is an error with what the server said', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server);
  await assert.rejects(send({ from: 'spam@example.org' }), failed('mail', /refuses the sender spam@example\.org: 550 no spam/));
  await assert.rejects(send({ text: 'REFUSE ME' }), failed('mail', /refuses the mail: 554 it looks like spam/));
  await assert.rejects(send({ text: 'x'.repeat(1_200_000) }), failed('mail', /refuses/));
  assert.equal(server.taken.length, 0);
});

test('a refused login tells what the server said, without the password', async (t) => {
  const server = await mailServer(t);
  const { send, host } = await scriptFor(t, server);
  const error = await send({ server: withLogin(server), password: 'guess-42' }).catch((thrown: unknown) => thrown);
  assert.ok(failed('mail', /refuses the login of backup: 535 5\.7\.8 not with \*\*\*/)(error));
  assert.doesNotMatch(String(error), /guess-42/);
  assert.equal(host.command.secrets.redact('guess-42'), '***');
  await assert.rejects(send({ server: `smtp://backup:in-the-url@127.0.0.1:${server.port}` }), failed('mail', /not with \*\*\*/));
});

test('a login that the server does not know is an error, not a mail without one', async (t) => {
  const server = await mailServer(t, { disabledCommands: ['AUTH'] });
  const { send } = await scriptFor(t, server);
  await assert.rejects(send({ server: withLogin(server), password: MAIL_LOGIN.password }), failed('mail', /refuses the login of backup/));
  assert.equal(server.taken.length, 0);
});

test('the password is the one that is kept for this place, or asked for', async (t) => {
  const server = await mailServer(t);
  const { send, host } = await scriptFor(t, server);
  const asked: object[] = [];
  Object.assign(host.command, {
    passwords: {
      get: async (wanted: object) => {
        asked.push(wanted);
        return MAIL_LOGIN.password;
      },
    },
  });
  await send({ server: withLogin(server) });
  assert.equal(server.taken[0]?.user, MAIL_LOGIN.user);
  assert.deepEqual(asked, [{ name: `password:smtp://backup@127.0.0.1:${server.port}`, question: 'Password of backup@127.0.0.1' }]);
  await assert.rejects(send({ server: withLogin(server), password: { secret: 'mail' } }), failed('permission', /secret:mail/));
});

test('servers that hang, garble or go away are errors within the time', async (t) => {
  const answering = (answers: Readonly<Record<string, string>>, atData: (socket: Socket) => void) => (socket: Socket) => {
    socket.write('220 here\r\n');
    let isData = false;
    socket.on('data', (data) => {
      if (isData) return atData(socket);
      for (const line of String(data).trim().split('\r\n')) {
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'DATA') isData = true;
        socket.write(answers[verb] ?? (verb === 'DATA' ? '354 go on\r\n' : '250 ok\r\n'));
      }
    });
  };
  const rows: readonly [string, (socket: Socket) => void, RegExp][] = [
    ['says nothing', () => undefined, /did not take the mail within 400 ms/],
    ['says something else', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak SMTP as it should: Invalid greeting/],
    ['greets without end', (socket) => void socket.write('220-wait\r\n'), /within 400 ms/],
    ['refuses all', (socket) => void socket.write('554 go away\r\n'), /554 go away/],
    ['goes away at once', (socket) => void socket.end(), /ended before the mail was taken/],
    ['goes away in DATA', answering({}, (socket) => socket.destroy()), /ended before the mail was taken/],
    ['hangs after DATA', answering({}, () => undefined), /within 400 ms/],
    ['closes by 421', answering({ MAIL: '421 too busy\r\n' }, () => undefined), /421 too busy/],
  ];
  for (const [name, speak, words] of rows) {
    const { send } = await scriptFor(t, await rawServer(t, speak));
    const timeoutMs = words.source.includes('400 ms') ? 400 : 30_000;
    await assert.rejects(send({ allowClearText: true, timeoutMs, text: 'x' }), failed('mail', words), name);
  }
  const { send } = await scriptFor(t, { port: 1 });
  await assert.rejects(send(), failed('mail', /smtp:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/));
});

test('Ctrl-C ends a mail that hangs', async (t) => {
  const server = await rawServer(t, () => undefined);
  const { send, host } = await scriptFor(t, server);
  const ended = assert.rejects(send(), failed('interrupted', /interrupted/));
  while (server.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  host.interrupt();
  await ended;
});

test('Ctrl-C, or the time, ends a mail in the middle of an encrypted connection', async (t) => {
  let hosts: TestHost[] = [];
  const server = await mailServer(t, {
    onData: () => {
      for (const host of hosts) host.interrupt();
    },
  });
  const slow = await scriptFor(t, server);
  await assert.rejects(slow.send({ timeoutMs: 1500 }), failed('mail', /within 1500 ms/));
  const interrupted = await scriptFor(t, server);
  hosts = [interrupted.host];
  await assert.rejects(interrupted.send(), failed('interrupted', /interrupted/));
});

test('texts come from files, whole or their last lines', async (t) => {
  const server = await mailServer(t);
  const { send, folder } = await scriptFor(t, server);
  writeFileSync(join(folder, 'run.log'), Array.from({ length: 300 }, (_, index) => `line ${index + 1}\n`).join(''));
  await send({ text: { file: 'run.log', last: 2 }, html: { file: 'run.log' } });
  const source = server.taken[0]?.source ?? '';
  assert.match(source, /\r\n\r\nline 299\r\nline 300\r\n/);
  assert.match(source, /\r\n\r\nline 1\r\nline 2\r\n/);
  writeFileSync(join(folder, 'long.log'), `${'x'.repeat(99)}ü\n`.repeat(10_000));
  await send({ text: { file: 'long.log', last: 3 } });
  assert.equal(decoded(server.taken[1]?.source ?? '').match(/x{99}ü\r\n/g)?.length, 3);
  await assert.rejects(send({ text: { file: 'long.log' } }), failed('too-large', /long\.log: it has more than .* last lines/));
  await assert.rejects(send({ text: { file: 'none.log' } }), failed('not-found', /none\.log/));
  await assert.rejects(send({ text: { file: 'run.log', last: 0 } }), failed('options', /text/));
  assert.equal(server.taken.length, 2);
});

test('files and contents are attached, up to their limit', async (t) => {
  const server = await mailServer(t);
  const { send, folder } = await scriptFor(t, server);
  writeFileSync(join(folder, 'a b.txt'), 'from a file');
  const bytes = Buffer.from([0, 255, 10]).toString('base64');
  await send({
    text: 'see',
    attachments: [
      { path: 'a b.txt' },
      { path: './a b.txt', filename: 'renamed.log', contentType: 'text/x-log' },
      { bytes, filename: 'raw\r\nX-Evil: 1.bin' },
    ],
  });
  const source = server.taken[0]?.source ?? '';
  assert.match(source, /filename="a b\.txt"/);
  assert.match(source, /Content-Type: text\/x-log; name=renamed\.log/);
  assert.ok(source.includes(bytes));
  assert.ok(source.includes(Buffer.from('from a file').toString('base64')));
  assert.doesNotMatch(source, /^X-Evil/m);
  writeFileSync(join(folder, 'large'), Buffer.alloc(15_000_000));
  await assert.rejects(
    send({ attachments: [{ path: 'large' }, { path: 'large' }] }),
    failed('too-large', /large: with it the attachments have more than/),
  );
  await assert.rejects(send({ attachments: [{ path: 'none' }] }), failed('not-found', /none/));
});

test('host, files and secret are asked for in one question, and nothing goes out without them', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server, { net: [] });
  const refused = await send({
    server: withLogin(server),
    password: { secret: 'mail' },
    text: { file: '../outside.log' },
    attachments: [{ path: '../outside.txt' }],
  }).catch((error: unknown) => error);
  assert.ok(refused instanceof ScriptCallError);
  assert.equal(refused.error.code, 'permission');
  for (const words of [`net:127.0.0.1:${server.port}`, 'outside.log', 'outside.txt', 'secret:mail'])
    assert.ok(refused.message.includes(words), `${words}\n${refused.message}`);
  assert.equal(server.taken.length, 0);
});

test('a name that leads to this machine takes a grant of the address, too', async (t) => {
  const name = hostname();
  const found = await lookup(name).catch(() => undefined);
  if (found === undefined || !found.address.startsWith('127.')) return t.skip('this machine does not know its own name as a loopback address');
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server, { net: [`${name}:${server.port}`] });
  await assert.rejects(send({ server: `smtp://${name}:${server.port}` }), (error) => String(error).includes(found.address));
});

test('in a simulation a mail is shown and not sent, and what is wrong with it is said', async (t) => {
  const server = await mailServer(t);
  const { send, host } = await scriptFor(t, server, { simulation: true, net: [] });
  assert.equal(await send({ to: ['Me <me@example.org>'], cc: ['b@example.org'], subject: 'it\nworks\u202e' }), null);
  assert.deepEqual(host.suppressed, ['send mail to me@example.org, b@example.org "it works\\u202e"']);
  await assert.rejects(send({ to: ['nonsense'] }), failed('options', /nonsense/));
  assert.equal(server.taken.length, 0);
});

test('nothing that a script sends becomes a header or a command of its own', async (t) => {
  const server = await mailServer(t);
  const { send } = await scriptFor(t, server);
  await send({ subject: 'one\r\nBcc: victim@example.org\r\n\r\ntwo', text: '\r\n.\r\nMAIL FROM:<x@example.org>\r\n' });
  assert.equal(server.taken.length, 1);
  assert.deepEqual(server.taken[0]?.to, ['me@example.org']);
  assert.match(server.taken[0]?.source ?? '', /^Subject: one Bcc: victim@example\.org two\r$/m);
  const rows: readonly [object, RegExp][] = [
    [{ to: ['me@example.org\r\nBcc: victim@example.org'] }, /to "me@example\.org\\r\\n.*" is no mail address/],
    [{ from: 'a@example.org>\r\nRCPT TO:<b@example.org' }, /from .* is no mail address/],
    [{ bcc: ['<a@b@example.org>'] }, /is no mail address/],
    [{ replyTo: ['"x\0y" <a@example.org>'] }, /is no mail address/],
    [{ attachments: [{ bytes: '', filename: 'a', contentType: 'text/plain\r\nX-Evil: 1' }] }, /contentType is .*; it wants a type/],
  ];
  for (const [part, words] of rows) await assert.rejects(send(part), failed('options', words), JSON.stringify(part));
  assert.equal(server.taken.length, 1);
});

test('what is no mail is said with what it wants', async (t) => {
  const { send } = await scriptFor(t, { port: 1 });
  const rows: readonly [object, RegExp][] = [
    [{ server: undefined }, /server is missing; it wants a URL such as smtp:/],
    [{ server: 'mail.example' }, /"mail\.example" is no mail server; write it like smtp:\/\//],
    [{ server: 'http://mail.example' }, /is no mail server/],
    [{ server: 'smtp://me:geheim@' }, /server "smtp:\/\/…@" has no host/],
    [{ server: 'smtp://mail.example:99999' }, /no port 99999/],
    [{ server: 'smtp://mail.example/path' }, /has no host/],
    [{ from: undefined }, /from is missing; it wants a mail address/],
    [{ from: 'a@example.org, b@example.org' }, /from wants one address/],
    [{ to: [] }, /no recipient/],
    [{ to: ['undefined'] }, /to "undefined" is no mail address/],
    [{ to: [3] }, /it wants a mail address/],
    [{ subject: 3 }, /subject is 3; it wants a text/],
    [{ text: { path: 'x' } }, /it wants a text, or \{ file/],
    [{ attachments: [{ path: 'a', bytes: '' }] }, /it wants a path/],
    [{ attachments: [{ bytes: '' }] }, /it wants a path/],
    [{ password: 'x' }, /a password and no user/],
    [{ server: 'smtp://me:x@mail.example', password: 'x' }, /has a password already/],
    [{ password: { secret: 'a b' }, server: 'smtp://me@mail.example' }, /it wants a/],
    [{ login: 'me' }, /login is unknown/],
  ];
  for (const [part, words] of rows) await assert.rejects(send(part), failed('options', words), JSON.stringify(part));
});

test('servers and addresses are read as they are meant', () => {
  const server = (url: string) => {
    const { scheme, host, port, user, password } = parseMailServer(url);
    return [scheme, host, port, user, password];
  };
  assert.deepEqual(server('smtp://mail.example'), ['smtp', 'mail.example', 587, undefined, undefined]);
  assert.deepEqual(server('SMTPS://Me@MAIL.example./'), ['smtps', 'mail.example', 465, 'Me', undefined]);
  assert.deepEqual(server('smtp://me%40example.org:p%3A%40ss@[::1]:25'), ['smtp', '[::1]', 25, 'me@example.org', 'p:@ss']);
  assert.deepEqual(server('smtp://me\\@example.org@127.1'), ['smtp', '127.0.0.1', 587, 'me@example.org', undefined]);
  assert.deepEqual(server('smtp://me@good.example@evil.example'), ['smtp', 'evil.example', 587, 'me@good.example', undefined]);
  const addresses = (...texts: string[]) => parseMailAddresses(texts, 'to').map(({ name, address }) => `${name}|${address}`);
  assert.deepEqual(addresses('a@x.example', '"B, c" <b@x.example>,d@x.example'), ['|a@x.example', 'B, c|b@x.example', '|d@x.example']);
  assert.deepEqual(addresses('Grüße <grüße@münchen.example>'), ['Grüße|grüße@münchen.example']);
});
