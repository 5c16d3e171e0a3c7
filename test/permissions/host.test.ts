import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../../runtime/permissions/granted.ts';
import { parseGrant } from '../../runtime/permissions/grant.ts';
import { normalHost, parseHostPlace, socketHost } from '../../runtime/permissions/host.ts';

test('every spelling of a host comes to the one that is compared', () => {
  const rows: readonly [string, readonly string[]][] = [
    [
      '127.0.0.1',
      // biome-ignore format: a table
      [
        '127.0.0.1', '127.0.0.1.', '127.1', '127.0.1', '0177.0.0.1', '0x7f.1', '0x7f.0x0.0x0.0x1', '0x7f000001', '0X7F000001', '2130706433', '017700000001', '127.000.000.001',
        '[::ffff:127.0.0.1]', '[::FFFF:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[0000::0000:ffff:7F00:0001]', '::ffff:127.0.0.1', '①②⑦.0.0.1', '１２７.0.0.1', '127。0。0。1',
      ],
    ],
    ['[::1]', ['[::1]', '::1', '[0:0:0:0:0:0:0:1]', '[::0001]', '0::1', '[::0.0.0.1]']],
    [
      'nas.local',
      ['nas.local', 'NAS.LOCAL', 'Nas.Local.', 'ｎａｓ.local', 'nas。local', 'nas．local', '\u212eas.local'.replace('\u212e', 'n'), 'na\u017f.local'],
    ],
    ['xn--bcher-kva.example', ['bücher.example', 'BÜCHER.example', 'bu\u0308cher.example', 'xn--bcher-kva.example', 'XN--BCHER-KVA.EXAMPLE.']],
    ['0.0.0.0', ['0', '0.0', '0x0', '[::ffff:0:0]']],
    ['xn--fa-hia.de', ['faß.de']],
  ];
  for (const [host, spellings] of rows) for (const spelling of spellings) assert.equal(normalHost(spelling), host, spelling);
});

test('what is no host is none', () => {
  // biome-ignore format: a table
  const wrong = [
    '', ' ', '.', '..', '.nas', 'nas..local', 'nas.local..', 'me@nas.local', 'nas.local@evil.example', 'nas.local:22', 'nas.local/x', 'nas.local\\x', 'nas.local?x', 'nas.local#x', '*.local', '%6eas.local',
    'nas.local%00', 'nas.local\0', 'nas\n.local', 'nas\t.local', ' nas.local', 'nas.local ', '[::1', '::1]', '[fe80::1%eth0]', 'fe80::1%25eth0', '[::1]x', '[]', '256.1.1.1', '1.2.3.4.5', '0x100000000',
    '1.2.3.08', 'nas\u00ad.local', 'nas.0x7f', 'xn--a', 'nas|local', 'nas<local', 'a^b', '\u202enas.local', '//nas.local', 'http://nas.local', 'nas\u200b.local', '[::ffff:1.2.3.4.5]', '[v1.x]',
  ];
  for (const spelling of wrong) assert.equal(normalHost(spelling), undefined, JSON.stringify(spelling));
});

test('a port is a number from 1 to 65535', () => {
  assert.deepEqual(parseHostPlace('nas:22'), { host: 'nas', port: 22 });
  assert.deepEqual(parseHostPlace('[::1]:22'), { host: '[::1]', port: 22 });
  assert.deepEqual(parseHostPlace('nas'), { host: 'nas', port: undefined });
  for (const text of [
    'nas:',
    'nas:0',
    'nas:65536',
    'nas:022x',
    'nas:-1',
    'nas:2 2',
    'nas:22:22',
    '::1:22',
    'nas:１',
    'nas:+1',
    'nas:0x16',
    'nas:1e3',
  ]) {
    assert.equal(parseHostPlace(text), undefined, text);
  }
  assert.equal(socketHost('[::1]'), '::1');
  assert.equal(socketHost('nas'), 'nas');
});

test('a host covers all its ports, no other host and no subdomain', () => {
  const rows: readonly [string, string, boolean][] = [
    ['nas.local', 'nas.local:22', true],
    ['nas.local', 'nas.local:65535', true],
    ['nas.local:22', 'nas.local:22', true],
    ['nas.local:22', 'nas.local:2', false],
    ['nas.local:22', 'nas.local:222', false],
    ['nas.local:22', 'nas.local:80', false],
    ['nas.local', 'a.nas.local:22', false],
    ['nas.local', 'nas.local.evil.example:22', false],
    ['nas.local', 'xnas.local:22', false],
    ['nas.local', 'local:22', false],
    ['nas', 'nas.local:22', false],
    ['NAS.local.', 'nas.local:22', true],
    ['0x7f.1', '127.0.0.1:80', true],
    ['127.0.0.1', '[::1]:80', false],
    ['127.0.0.1', 'localhost:80', false],
    ['127.0.0.1', '0.0.0.0:80', false],
    ['127.0.0.1', '127.0.0.2:80', false],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1:80', true],
    ['[::1]', '[::1]:443', true],
    ['[::1]:443', '[::1]:80', false],
    ['bücher.example', 'xn--bcher-kva.example:80', true],
  ];
  for (const [granted, wanted, covered] of rows) {
    assert.equal(covers(parseGrant(`net:${granted}`, '/'), { kind: 'net', value: wanted }), covered, `${granted} covers ${wanted}`);
  }
  assert.equal(covers({ kind: 'read', value: '/nas.local:22' }, { kind: 'net', value: 'nas.local:22' }), false);
});
