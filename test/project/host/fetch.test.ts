import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FetchRequest } from '../../../sdk/fetch-protocol.ts';
import { firstRequest, HttpRequestError, needOf, redirected, shownUrl } from '../../../runtime/project/host/http-request.ts';
import { guardedLookup, isOwnMachine } from '../../../runtime/project/host/own-machine.ts';
import { ScriptCallError } from '../../../runtime/sandbox/script-host.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { callHost, hostContext, type TestHost } from './host-context.ts';

/** A server on a free port of 127.0.0.1; `seen` has each request's line, headers and body. */
async function serve(t: TestContext, answer: RequestListener) {
  const seen: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { seen, port, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

const ok =
  (text = 'ok') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.end(text);
const redirect = (status: number, location: string) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { location }).end('moved');

async function context(t: TestContext, net: readonly string[], simulation = false) {
  return hostContext(t, { folder: await temporaryFolder(t), grants: { net }, simulation });
}

function get(host: TestHost, url: string, request: Partial<FetchRequest> = {}) {
  return callHost(host, 'fetch', { url, method: 'GET', headers: [], ...request });
}

function failed(code: string, words: RegExp) {
  return (error: unknown) =>
    (error instanceof ScriptCallError && error.error.code === code && words.test(error.message)) || assert.fail(String(error));
}

test('a request goes out as it is, and the answer comes back whole', async (t) => {
  const server = await serve(t, (_, response) =>
    response.writeHead(201, 'Made', { 'X-Two': ['a', 'b'], 'content-type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from([0xe4])),
  );
  const host = await context(t, [server.host]);
  const answer = await get(host, `${server.url}/a%20b?q=1#part`, {
    method: 'put',
    headers: [
      ['X-Me', 'ä'],
      ['Content-Type', 'text/x'],
    ],
    body: 'ö',
  });
  assert.deepEqual([answer.status, answer.statusText, answer.body, answer.url], [201, 'Made', 'ä', `${server.url}/a%20b?q=1`]);
  assert.deepEqual(
    answer.headers.filter(([name]) => name === 'x-two'),
    [['x-two', 'a, b']],
  );
  const [seen] = server.seen;
  assert.deepEqual(
    [seen?.line, seen?.body, seen?.headers['x-me'], seen?.headers['content-type'], seen?.headers.host],
    ['PUT /a%20b?q=1', 'ö', 'ä', 'text/x', server.host],
  );
});

test('without a grant for the host and port nothing goes out', async (t) => {
  const server = await serve(t, ok());
  for (const grants of [[], ['localhost'], ['127.0.0.2'], [`127.0.0.1:${server.port + 1}`]]) {
    await assert.rejects(get(await context(t, grants), server.url), failed('permission', /sxrun allow/), grants.join());
  }
  const host = await context(t, [server.host]);
  await assert.rejects(get(host, `http://localhost:${server.port}/`), failed('permission', /sxrun allow/));
  for (const spelling of ['127.1', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '127.0.0.1.']) {
    assert.equal((await get(host, `http://${spelling}:${server.port}/`)).body, 'ok', spelling);
  }
  assert.equal(server.seen.length, 5);
});

test('a redirect is checked like a first request, and takes no login and no header of the script to another origin', async (t) => {
  const end = await serve(t, ok('end'));
  const start = await serve(t, (request, response) => redirect(302, request.url === '/again' ? `${end.url}/end` : '/again')(request, response));
  const headers: FetchRequest['headers'] = [
    ['Authorization', 'Bearer x'],
    ['Cookie', 'c=1'],
    ['X-Api-Key', 'k'],
    ['Accept', 'text/plain'],
  ];
  await assert.rejects(get(await context(t, [start.host]), start.url, { headers }), failed('permission', /sxrun allow/));
  assert.equal(end.seen.length, 0);
  const answer = await get(await context(t, [start.host, end.host]), start.url, { headers });
  assert.deepEqual([answer.body, answer.url], ['end', `${end.url}/end`]);
  assert.equal(start.seen[1]?.headers.authorization, 'Bearer x', 'to the same origin it goes along');
  const got = end.seen[0]?.headers ?? {};
  assert.deepEqual([got.authorization, got.cookie, got['x-api-key'], got.accept], [undefined, undefined, undefined, 'text/plain']);
});

test('redirects can be refused or looked at, and end after twenty', async (t) => {
  const server = await serve(t, redirect(307, '/'));
  const host = await context(t, [server.host]);
  await assert.rejects(get(host, server.url, { redirect: 'error' }), failed('network', /redirects to/));
  assert.equal((await get(host, server.url, { redirect: 'manual' })).status, 307);
  await assert.rejects(get(host, server.url), failed('network', /redirects more than 20 times/));
});

test('what a redirect makes of a request', () => {
  const post = {
    url: new URL('https://a.example/x'),
    method: 'POST',
    headers: [
      ['content-type', 'a'],
      ['x', 'y'],
    ] as const,
    body: 'text',
  };
  const next = (status: number, location: string, request: Parameters<typeof redirected>[0] = post) => redirected(request, status, location);
  assert.deepEqual(next(303, '/y'), { url: new URL('https://a.example/y'), method: 'GET', headers: [['x', 'y']], body: undefined });
  assert.equal(next(302, '/y')?.method, 'GET');
  assert.equal(next(302, '/y', { ...post, method: 'PUT' })?.method, 'PUT');
  assert.deepEqual(next(307, 'y?z'), { ...post, url: new URL('https://a.example/y?z') });
  assert.equal(next(303, '/y', { ...post, method: 'HEAD', body: undefined })?.method, 'HEAD');
  assert.equal(next(200, '/y'), undefined);
  assert.equal(next(304, '/y'), undefined);
  assert.deepEqual(next(302, '//b.example/')?.headers, []);
  assert.equal(next(303, 'https://me:secret@b.example/')?.url.href, 'https://b.example/');
  const refused: readonly [number, string, RegExp][] = [
    [302, 'http://a.example/x', /anybody on the way could read/],
    [307, 'https://b.example/', /fetch https:\/\/b\.example\/ yourself/],
    [308, 'https://a.example:8443/', /yourself/],
    [302, 'file:///etc/passwd', /http: and https: only/],
    [302, 'data:text/plain,x', /http: and https: only/],
    [302, 'ftp://a.example/', /http: and https: only/],
    [302, 'https://', /no URL/],
    [302, 'https://a.example:0/', /no port 0/],
  ];
  for (const [status, location, words] of refused)
    assert.throws(
      () => next(status, location),
      (error) => error instanceof HttpRequestError && words.test(error.message),
      location,
    );
});

test('hostile URLs name the host that is connected to', () => {
  const rows: readonly [string, string, number][] = [
    ['https://good.example@evil.example/', 'evil.example', 443],
    ['https://good.example:443@evil.example:8443/', 'evil.example', 8443],
    ['https://evil.example\\@good.example/', 'evil.example', 443],
    ['https://evil.example#@good.example/', 'evil.example', 443],
    ['https://evil.example?@good.example/', 'evil.example', 443],
    ['https:evil.example', 'evil.example', 443],
    ['https:///evil.example/', 'evil.example', 443],
    ['http://EVIL.example./', 'evil.example', 80],
    ['http://ｅvil.example/', 'evil.example', 80],
    ['http://%65vil.example/', 'evil.example', 80],
    ['ht\ntp://evil.\texample/', 'evil.example', 80],
    [' http://evil.example/ ', 'evil.example', 80],
    ['http://[::ffff:7f00:1]/', '127.0.0.1', 80],
    ['http://0/', '0.0.0.0', 80],
  ];
  for (const [url, host, port] of rows) {
    const request = firstRequest({ url, method: 'get', headers: [], body: undefined });
    assert.deepEqual(needOf(request), { kind: 'net', host, port }, url);
    assert.deepEqual([request.url.username, request.url.password], ['', ''], url);
  }
});

test('requests that could mean another host or server are refused', async (t) => {
  const host = await context(t, []);
  const rows: readonly [object, RegExp][] = [
    [{ url: 'host.example' }, /is no URL/],
    [{ url: 'file:///etc/passwd' }, /http: and https: only/],
    [{ url: 'http://a..b/' }, /no host/],
    [{ url: 'https://me:pass@[zz]/' }, /"https:\/\/…@\[zz\]\/" is no URL/],
    [{ headers: [['Host', 'other.example']] }, /connection's own/],
    [{ headers: [['transfer-encoding', 'chunked']] }, /connection's own/],
    [{ headers: [['Proxy-Authorization', 'x']] }, /connection's own/],
    [{ headers: [['X-HTTP-Method-Override', 'DELETE']] }, /connection's own/],
    [{ headers: [['X A', 'x']] }, /no name of a header/],
    [{ headers: [['X', 'a\r\nHost: b']] }, /on one line/],
    [{ headers: [['X', '\u20ac']] }, /Latin letters/],
    [{ headers: { a: 'b' } }, /headers is an object; it wants header fields/],
    [{ method: 'CONNECT' }, /it wants a method such as GET or POST/],
    [{ method: 'GET /x HTTP/1.1\r\n' }, /it wants a method/],
    [{ body: 'x' }, /GET has no body/],
    [{ redirect: 'other' }, /"follow", "error" or "manual"/],
    [{ maxBytes: 1e12 }, /at most/],
    [{ dispatcher: {} }, /dispatcher is unknown/],
  ];
  for (const [part, words] of rows) {
    const request = { url: 'http://host.example/', method: 'GET', headers: [], ...part };
    await assert.rejects(callHost(host, 'fetch', request as unknown as FetchRequest), failed('options', words), JSON.stringify(part));
  }
});

test('a login in the URL is sent to its origin, and hidden from then on', async (t) => {
  const server = await serve(t, ok());
  const host = await context(t, [server.host]);
  await get(host, `http://me:p%40ss-word@${server.host}/`);
  assert.equal(server.seen[0]?.headers.authorization, `Basic ${Buffer.from('me:p@ss-word').toString('base64')}`);
  assert.equal(host.command.secrets.redact('p@ss-word'), '***');
});

test('an answer that is too large, too slow or missing is an error that says so', async (t) => {
  const large = await serve(t, (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))));
  const slow = await serve(t, (_, response) => void response.write('some'));
  const gone = await serve(t, (request) => void request.socket.destroy());
  const host = await context(t, [large.host, slow.host, gone.host, '127.0.0.1:1', 'host.invalid']);
  await assert.rejects(get(host, large.url, { maxBytes: 1_000_000 }), failed('network', /sends more than 1000000 bytes/));
  assert.equal((await get(host, large.url, { maxBytes: 5_000_000 })).body.length, 5_000_000);
  await assert.rejects(get(host, `${slow.url}/x?token=t`, { timeoutMs: 200 }), failed('network', /\/x\?… did not answer in full within 200 ms/));
  await assert.rejects(get(host, gone.url), failed('network', /cannot be reached: .*(closed|reset|hang up)/i));
  await assert.rejects(get(host, 'http://127.0.0.1:1/'), failed('network', /cannot be reached: .*(ECONNREFUSED|bad port)/));
  await assert.rejects(get(host, 'http://host.invalid/'), failed('network', /cannot be reached: .*(ENOTFOUND|EAI_AGAIN)/));
});

test('Ctrl-C ends a request', async (t) => {
  const server = await serve(t, (_, response) => void response.write('some'));
  const host = await context(t, [server.host]);
  const ended = assert.rejects(get(host, server.url), failed('interrupted', /was interrupted/));
  while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  host.interrupt();
  await ended;
});

test('in a simulation only GET and HEAD go out', async (t) => {
  const server = await serve(t, ok());
  const host = await context(t, [server.host], true);
  assert.equal((await get(host, server.url)).body, 'ok');
  assert.equal((await get(host, server.url, { method: 'HEAD' })).status, 200);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await get(host, `${server.url}/hook?token=secret`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
    assert.deepEqual([answer.status, answer.body], [200, ''], method);
  }
  assert.deepEqual(
    server.seen.map(({ line }) => line),
    ['GET /', 'HEAD /'],
  );
  assert.equal(host.suppressed[0], `send POST ${server.url}/hook?…`);
});

test('a name that leads to this machine takes a grant of the address, whatever the name', async () => {
  const own = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.1.1',
    'fd00:ec2::254',
  ];
  for (const address of own) assert.equal(isOwnMachine(address), true, address);
  for (const address of ['128.0.0.1', '192.168.1.1', '10.0.0.1', '2001:db8::1', '::2', '::ffff:8.8.8.8', 'fd00::1'])
    assert.equal(isOwnMachine(address), false, address);
  const asked: string[] = [];
  const permit = async (address: string) => {
    asked.push(address);
    throw new Error('not permitted');
  };
  const looked = (name: string) =>
    new Promise((resolve) => guardedLookup(permit)(name, { all: true }, (error, addresses) => resolve(error?.message ?? addresses)));
  // Numbers are addresses already: the resolver gives them back without asking anybody.
  assert.equal(await looked('127.0.0.1'), 'not permitted');
  assert.deepEqual(asked, ['127.0.0.1']);
  assert.notEqual(await looked('localhost'), 'not permitted');
});

test('a name of this machine other than localhost is refused without a grant of the address', async (t) => {
  const names = ['ip6-loopback', 'ip6-localhost', hostname()];
  const found = await Promise.all(names.map((name) => lookup(name).catch(() => undefined)));
  const at = found.findIndex((address) => address !== undefined && isOwnMachine(address.address));
  const [name = '', address = ''] = [names[at], found[at]?.address];
  if (name === '') return t.skip('no such name here');
  const refused = get(await context(t, [name]), `http://${name}:9999/`);
  await assert.rejects(refused, failed('permission', new RegExp(`connects to ${name}, which leads to \\[?${address}\\]?:9999`)));
  const permitted = await context(t, [name, address.includes(':') ? `[${address}]` : address]);
  await assert.rejects(get(permitted, `http://${name}:9999/`), failed('network', /cannot be reached/));
});

test('queries are not shown', () => {
  assert.equal(shownUrl(new URL('https://a.example:8443/hook?token=t')), 'https://a.example:8443/hook?…');
});
