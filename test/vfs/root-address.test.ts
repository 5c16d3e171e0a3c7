import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encoderNamesOf,
  formatAddress,
  keyOf,
  placesOf,
  placesOfFile,
  splitAddress,
  unreadableReason,
  withEncoders,
  withPlaces,
} from '../../runtime/vfs/root-address.ts';
import { type LocalPlace, parseAddress, parseRootAddress } from '../../runtime/vfs/root-address-parse.ts';

const LINUX: LocalPlace = { projectDir: '/home/me/texts', home: '/home/me', platform: 'linux' };
const WINDOWS: LocalPlace = { projectDir: 'C:\\texts', home: 'C:\\Users\\me', platform: 'win32' };

function local(path: string) {
  return { kind: 'local', path } as const;
}
function messageOf(url: string, place = LINUX): string {
  try {
    parseRootAddress(url, place);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${url} is taken` });
}

const PARSED: readonly [string, object, LocalPlace?][] = [
  ['.', { layers: [], base: local('/home/me/texts') }],
  ['./zip:odd', { layers: [], base: local('/home/me/texts/zip:odd') }],
  ['~/b', { layers: [], base: local('/home/me/b') }],
  ['igz:~/b', { layers: [{ scheme: 'igz', extension: '.sx.gz' }], base: local('/home/me/b') }],
  ['IGZ(.gz):b', { layers: [{ scheme: 'igz', extension: '.gz' }], base: local('/home/me/texts/b') }],
  ['igz:./igz:b', { layers: [{ scheme: 'igz', extension: '.sx.gz' }], base: local('/home/me/texts/igz:b') }],
  [
    'ienc(gpg):igz:/b',
    {
      layers: [
        { scheme: 'ienc', encoder: 'gpg', extension: undefined },
        { scheme: 'igz', extension: '.sx.gz' },
      ],
      base: local('/b'),
    },
  ],
  ['uxvs:tfs:/b', { layers: [{ scheme: 'uxvs' }, { scheme: 'tfs' }], base: local('/b') }],
  ['null:', { layers: [], base: { kind: 'null' } }],
  ['zip:a.zip', { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('/home/me/texts/a.zip') }, inner: '' } }],
  ['zip:/a.zip//in/ner/', { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('/a.zip') }, inner: 'in/ner' } }],
  [
    'zip:zip:/a.zip//b.zip//c',
    {
      layers: [],
      base: {
        kind: 'zip',
        archive: { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('/a.zip') }, inner: 'b.zip' } },
        inner: 'c',
      },
    },
  ],
  ['zip://server/share/a.zip', { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('/server/share/a.zip') }, inner: '' } }],
  ['volA:x//y', { layers: [], base: { kind: 'volumes', volume: 'a', inner: 'x/y' } }],
  ['igz:c:/web', { layers: [{ scheme: 'igz', extension: '.sx.gz' }], base: local('c:\\web') }, WINDOWS],
  ['tfs:\\\\server\\share\\dir', { layers: [{ scheme: 'tfs' }], base: local('\\\\server\\share\\dir') }, WINDOWS],
  ['zip:c:/web.zip//in', { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('c:\\web.zip') }, inner: 'in' } }, WINDOWS],
  [
    'zip:\\\\server\\share\\a.zip\\\\in\\ner',
    { layers: [], base: { kind: 'zip', archive: { layers: [], base: local('\\\\server\\share\\a.zip') }, inner: 'in/ner' } },
    WINDOWS,
  ],
];

for (const [url, address, place = LINUX] of PARSED) {
  test(`${url} is understood`, () => assert.deepEqual(parseAddress(url, place), address));
}

const REFUSED: readonly [string, RegExp, LocalPlace?][] = [
  ['sftp://me:hunter2@host/dir', /^is a "sftp:" root, which this version cannot open; mount the server/],
  ['igz:davs://me:hunter2@host/dir', /^is a "davs:" root/],
  ['sfpt://host', /^starts with the unknown scheme "sfpt:"; there are .*igz: .*; a folder of that name is written "\.\/sfpt:…"$/],
  ['igz:sfpt:x', /unknown scheme "sfpt:"/],
  ['igz:', /^names nothing after "igz:"/],
  ['igz(gz):x', /no extension/],
  ['igz(.):x', /no extension/],
  ['igz(./x):x', /no extension/],
  ['tfs(x):y', /^gives "tfs:" an argument/],
  ['null:x', /something after "null:"/],
  ['volA:../x', /^has "\." or "\.\."/],
  ['zip:/a.zip//../x', /^has "\." or "\.\."/],
  ['zip://', /./],
  ['zip:zip:/a.zip//b.zip', /^names no archive in the archive; write two double slashes, such as "zip:zip:outer\.zip\/\/inner\.zip\/\/"$/],
  ['igz:a\0b', /NUL/],
  ['igz:C:/web', /Windows path/],
  ['igz:C:web', /the current folder of a drive/, WINDOWS],
];

for (const [url, message, place = LINUX] of REFUSED) {
  test(`${JSON.stringify(url)} is refused in words that finish a sentence and hold no password`, () => {
    assert.match(messageOf(url, place), message);
    assert.doesNotMatch(messageOf(url, place), /hunter2/);
  });
}

test('an address is written so that it is understood again, and the key leaves out what only keeps versions', () => {
  for (const url of [
    '/b',
    'igz(.gz):/b',
    'ienc(gpg):igz:/b',
    'uxvs:tfs:/b',
    'null:',
    'zip:zip:/a.zip//b.zip//c',
    'zip:zip:/a.zip//b.zip//',
    'vola:x',
  ])
    assert.equal(formatAddress(parseAddress(url, LINUX)), url);
  assert.equal(keyOf(parseAddress('rcy:igz:/b', LINUX)), 'igz:/b');
  assert.equal(keyOf(parseAddress('uxvs:/b', LINUX)), keyOf(parseAddress('/b', LINUX)));
});

test('what an address touches here is told, and can be replaced by the real paths', () => {
  const paths = (url: string) => placesOf(parseAddress(url, LINUX)).map(({ path }) => path);
  assert.deepEqual(paths('tfs:igz:/b'), ['/b']);
  assert.deepEqual(paths('null:'), []);
  assert.deepEqual(paths('zip:/a.zip//in'), ['/a.zip']);
  assert.deepEqual(paths('zip:igz:/a.zip//in'), ['/a.zip', '/a.zip.sx.gz']);
  for (const [url, real] of [
    ['tfs:igz:/b', 'tfs:igz:/real'],
    ['zip:/a.zip//in', 'zip:/real//in'],
    ['null:', 'null:'],
  ] as const)
    assert.equal(formatAddress(withPlaces(parseAddress(url, LINUX), paths(url).length === 0 ? [] : ['/real'])), real);
});

test('the address of a file is a root and a path in it', () => {
  const split = (url: string) => {
    const { root, path } = splitAddress(parseAddress(url, LINUX));
    return [formatAddress(root), path];
  };
  assert.deepEqual(split('/a/b.txt'), ['/a', 'b.txt']);
  assert.deepEqual(split('igz:/a/b.txt'), ['igz:/a', 'b.txt']);
  assert.deepEqual(split('zip:/a.zip//x/y'), ['zip:/a.zip', 'x/y']);
  assert.deepEqual(split('/'), ['/', '']);
  assert.deepEqual(
    placesOfFile(parseAddress('igz(.gz):/a/b', LINUX)).map(({ path }) => path),
    ['/a/b', '/a/b.gz'],
  );
  assert.deepEqual(
    placesOfFile(parseAddress('xvs:/a/b', LINUX)).map(({ path }) => path),
    ['/a/b', '/a'],
  );
  assert.deepEqual(
    placesOfFile(parseAddress('tfs:/a/b', LINUX)).map(({ path }) => path),
    ['/a/b', '/a'],
  );
});

test('a layer that keeps versions is refused over a root without content', () => {
  for (const url of ['uxvs:tfs:/b', 'tfs:xvs:/b', 'rcy:null:'])
    assert.throws(() => parseRootAddress(url, LINUX), /there are no old versions to keep/, url);
});

test('encoders are found by name, under archives too', () => {
  const address = parseAddress('ienc:zip:ienc(gpg):/a.zip//in', LINUX);
  assert.deepEqual(encoderNamesOf(address), [undefined, 'gpg']);
  const known = withEncoders(address, (name) => ({ name: name ?? 'only', extension: `.${name ?? 'only'}` }));
  assert.equal(formatAddress(known), 'ienc(only):zip:ienc(gpg):/a.zip//in');
  assert.deepEqual(
    placesOf(known).map(({ path }) => path),
    ['/a.zip', '/a.zip.gpg'],
  );
});

test('what cannot be read from is told', () => {
  assert.equal(unreadableReason(parseAddress('igz:/b', LINUX)), undefined);
  assert.match(unreadableReason(parseAddress('igz:tfs:/b', LINUX)) ?? '', /no content/);
  assert.match(unreadableReason(parseAddress('null:', LINUX)) ?? '', /always empty/);
});
