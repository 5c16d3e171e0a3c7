import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { formatGrant, GrantError, grantOf, parseGrant } from '../../runtime/permissions/grant.ts';

const HERE = resolve('/some/where');

test('grants come back as they were written, paths absolute and hosts in the URL spelling', () => {
  const rows: [string, string][] = [
    ['read:/a/b', `read:${resolve('/a/b')}`],
    ['write:/a/b/../c/', `write:${resolve('/a/c')}`],
    ['read:x', `read:${join(HERE, 'x')}`],
    ['read:..', `read:${resolve(HERE, '..')}`],
    ['write:~', `write:${homedir()}`],
    ['write:~/x', `write:${join(homedir(), 'x')}`],
    ['read:~other', `read:${join(HERE, '~other')}`],
    ['read:a:b, c', `read:${join(HERE, 'a:b, c')}`],
    ['net:NAS.Local', 'net:nas.local'],
    ['net:nas.local:22', 'net:nas.local:22'],
    ['net:host:80', 'net:host:80'],
    ['net:0x7f.1:8080', 'net:127.0.0.1:8080'],
    ['net:[::0001]:443', 'net:[::1]:443'],
    ['net:bücher.example', 'net:xn--bcher-kva.example'],
    ['run:gpg', 'run:gpg'],
    ['run:/usr/bin/a b', 'run:/usr/bin/a b'],
    ['env:HOME', 'env:HOME'],
    ['secret:nas-password', 'secret:nas-password'],
  ];
  for (const [text, formatted] of rows) {
    const grant = parseGrant(text, HERE);
    assert.equal(formatGrant(grant), formatted, text);
    assert.deepEqual(parseGrant(formatGrant(grant), resolve('/elsewhere')), grant, text);
  }
});

test('a grant that cannot be understood says what to write', () => {
  const rows: [string, RegExp][] = [
    ['', /Write read:PATH, write:PATH/],
    ['/home/me', /write read:\/home\/me or write:\/home\/me/],
    ['C:\\data', /write read:C:\\data/],
    ['Read:/x', /is no grant/],
    ['delete:/x', /is no grant/],
    ['__proto__:/x', /is no grant/],
    ['read:', /grants nothing. Write read:\/path/],
    ['read:/a\0b', /NUL.*Write read:/],
    ['net:', /grants nothing. Write net:host/],
    ['net:https://a', /no scheme/],
    ['net:me@host', /is no host/],
    ['net:host:0', /port 1 to 65535/],
    ['net:host:65536', /port 1 to 65535/],
    ['net:host:', /is no host/],
    ['net:host/path', /is no host/],
    ['net:*.example', /is no host/],
    ['net:::1', /is no host/],
    ['net:[zz]', /is no host/],
    ['net:256.1.1.1', /is no host/],
    ['run:', /grants nothing/],
    ['env:A=B', /is no name/],
    ['env:A,B', /one grant a name/],
    ['secret:*', /is no name/],
    ['secret:\u001b[2J', /"secret:\\x1b\[2J" is no name/],
  ];
  for (const [text, message] of rows) {
    assert.throws(
      () => parseGrant(text, HERE),
      (error) => (error instanceof GrantError && message.test(error.message)) || assert.fail(`${text}: ${String(error)}`),
    );
  }
  assert.throws(() => grantOf('write', '', HERE), GrantError);
});
