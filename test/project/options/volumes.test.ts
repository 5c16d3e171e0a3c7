import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { byteCount } from '../../../runtime/project/options/byte-count.ts';
import { heritageOf } from '../../../runtime/project/options/option-layers.ts';
import { OptionError } from '../../../runtime/project/options/option-error.ts';
import { type CheckContext, checkProject } from '../../../runtime/project/options/options.ts';

const LINUX: CheckContext = {
  projectFile: '/home/me/texts/texts.sync.ts',
  projectDir: '/home/me/texts',
  home: '/home/me',
  platform: 'linux',
  now: Date.UTC(2024, 5, 15, 12),
};
const ROOTS = ['.', { url: 'vol1:', targetOnly: true }];

function volume(options: object, roots: unknown = ROOTS, context = LINUX) {
  return checkProject({ roots, volumes: { 1: { media: '/media/dvd%INDEX%', ...options } } }, context).volumes[0];
}

test('a set of media has its defaults', () => {
  assert.deepEqual(volume({}), {
    character: '1',
    media: { layers: [], base: { kind: 'local', path: '/media/dvd%INDEX%' } },
    catalogue: '/home/me/texts/texts.sync.ts.vol1.syncvol',
    isUsed: true,
    rules: {
      name: 'vol1',
      limitBytes: undefined,
      sectorSize: 2048,
      copies: 1,
      makesMissing: false,
      emptiesNew: false,
      waits: false,
      lost: new Set(),
    },
  });
});

test('and what is said', () => {
  const options = {
    limit: '4.7GB',
    sectorSize: 512,
    copies: 2,
    autoMkdir: true,
    initialRemove: true,
    waitMedia: true,
    lost: [2],
    catalogue: 'x.syncvol',
  };
  const found = volume({ ...options, media: 'igz:media%INDEX%/in' });
  assert.equal(found?.catalogue, '/home/me/texts/x.syncvol');
  assert.deepEqual(found?.media, {
    layers: [{ scheme: 'igz', extension: '.sx.gz' }],
    base: { kind: 'local', path: '/home/me/texts/media%INDEX%/in' },
  });
  assert.deepEqual(found?.rules, {
    name: 'vol1',
    limitBytes: 4_700_000_000,
    sectorSize: 512,
    copies: 2,
    makesMissing: true,
    emptiesNew: true,
    waits: true,
    lost: new Set([2]),
  });
});

test('what roots and shadows are on is known', () => {
  const volumes = { 1: { media: '/a%INDEX%' }, 2: { media: '/b%INDEX%' } };
  const used = (roots: unknown) => checkProject({ roots, volumes }, LINUX).volumes.flatMap(({ character, isUsed }) => (isUsed ? [character] : []));
  assert.deepEqual(used(['.', 'vol2:in/side']), ['2']);
  assert.deepEqual(used(['.', '/x']), []);
  assert.deepEqual(used(['.', { url: '/x', shadow: 'igz:vol1:' }]), ['1']);
  assert.deepEqual(used(['.', 'zip:vol1:x.zip']), ['1']);
});

test('a sub-project gets the same catalogue', () => {
  const raw = { roots: ROOTS, volumes: { 1: { media: 'm%INDEX%' }, 2: { media: 'other%INDEX%' } } };
  const checked = checkProject(raw, LINUX);
  assert.deepEqual(heritageOf(raw, checked)['volumes'], {
    1: { media: '/home/me/texts/m%INDEX%', catalogue: '/home/me/texts/texts.sync.ts.vol1.syncvol' },
    2: { media: '/home/me/texts/other%INDEX%', catalogue: '/home/me/texts/texts.sync.ts.vol2.syncvol' },
  });
});

test('sizes in words', () => {
  const cases: readonly [number | string, number | undefined][] = [
    [1000, 1000],
    ['1000', 1000],
    ['4.7GB', 4_700_000_000],
    ['4.7 gb', 4_700_000_000],
    ['700MiB', 734_003_200],
    ['1.5KiB', 1536],
    ['2TB', 2e12],
    ['', undefined],
    ['GB', undefined],
    ['-1MB', undefined],
    ['1XB', undefined],
    [0, undefined],
    [-5, undefined],
    [Number.NaN, undefined],
  ];
  for (const [size, bytes] of cases) assert.equal(byteCount(size), bytes, String(size));
});

describe('what is wrong is said', () => {
  const wrong: readonly [what: string, options: unknown, option: string, says: RegExp][] = [
    [
      'no media',
      { 1: {} },
      'volumes.1.media',
      /option "volumes\.1\.media" is missing; it wants where the media are, such as "\/media\/backup%INDEX%"/,
    ],
    ['a list', [{ media: '/a%INDEX%' }], 'volumes', /option "volumes" is a list; it wants an object such as \{ 1: \{ media:/],
    ['a typing error', { 1: { media: '/a%INDEX%', limits: 5 } }, 'volumes.1.limits', /is unknown; did you mean "volumes\.1\.limit"\?/],
    ["the original's name", { 1: { media: '/a%INDEX%', auto_mkdir: true } }, 'volumes.1.auto_mkdir', /did you mean "volumes\.1\.autoMkdir"\?/],
    ['a long name', { dvd: { media: '/a%INDEX%' } }, 'volumes', /has the name "dvd"; it wants one digit or small letter, the X of the root "volX:"/],
    ['no number in the path', { 1: { media: '/a' } }, 'volumes.1.media', /is without %INDEX%, .* it wants waitMedia: true, or %INDEX% where/],
    ['the number twice', { 1: { media: '/a%INDEX%/%INDEX%' } }, 'volumes.1.media', /has %INDEX% 2 times; it wants it once/],
    ['media that keep versions', { 1: { media: 'xvs:/a%INDEX%' } }, 'volumes.1.media', /has "xvs:" in it, which goes before the "volX:" of the root/],
    ['media that are encoded', { 1: { media: 'ienc:/a%INDEX%' } }, 'volumes.1.media', /has "ienc:" in it, which goes before the "volX:" of the root/],
    ['media in media', { 1: { media: 'vol2:%INDEX%' } }, 'volumes.1.media', /is no folder of this machine/],
    ['archives as media', { 1: { media: 'zip:/a%INDEX%.zip' } }, 'volumes.1.media', /is no folder of this machine/],
    ['an unknown scheme', { 1: { media: 's3://x%INDEX%' } }, 'volumes.1.media', /starts with the unknown scheme "s3:"/],
    [
      'a limit in words',
      { 1: { media: '/a%INDEX%', limit: 'a DVD' } },
      'volumes.1.limit',
      /is "a DVD"; it wants a number of bytes, or a size such as "4\.7GB"/,
    ],
    ['a limit that is true', { 1: { media: '/a%INDEX%', limit: true } }, 'volumes.1.limit', /is true; it wants a number of bytes or a size/],
    ['no room at all', { 1: { media: '/a%INDEX%', limit: 0 } }, 'volumes.1.limit', /is 0; it wants a number of bytes/],
    [
      'a limit of a few sectors',
      { 1: { media: '/a%INDEX%', limit: 5000 } },
      'volumes.1.limit',
      /is 5000, which is less than four sectors of 2048 bytes/,
    ],
    [
      'a sector of nothing',
      { 1: { media: '/a%INDEX%', sectorSize: 0 } },
      'volumes.1.sectorSize',
      /is 0; it wants a number of bytes, a whole number from 1/,
    ],
    ['no copy', { 1: { media: '/a%INDEX%', copies: 0 } }, 'volumes.1.copies', /is 0; it wants on how many media each file is to be/],
    ['copies in one place', { 1: { media: '/a', waitMedia: true, copies: 2 } }, 'volumes.1.copies', /only one medium can be in at a time/],
    [
      'one place that is made',
      { 1: { media: '/a', waitMedia: true, autoMkdir: true } },
      'volumes.1.autoMkdir',
      /the place where media are put in is not made/,
    ],
    [
      'one lost medium without a list',
      { 1: { media: '/a%INDEX%', lost: 2 } },
      'volumes.1.lost',
      /is 2; it wants a list of numbers of media such as \[2\]/,
    ],
    ['a lost medium 0', { 1: { media: '/a%INDEX%', lost: [0] } }, 'volumes.1.lost[0]', /is 0; it wants a list of numbers/],
    ['a text for a flag', { 1: { media: '/a%INDEX%', waitMedia: 'yes' } }, 'volumes.1.waitMedia', /is "yes"; it wants true or false/],
    [
      'another ending',
      { 1: { media: '/a%INDEX%', catalogue: 'a.json' } },
      'volumes.1.catalogue',
      /is "a\.json"; it wants a name that ends in "\.syncvol"/,
    ],
    ['none for the root', undefined, 'volumes', /"roots\[1\]" is a "vol1:" root, and option "volumes" is missing, which says where/],
    [
      'none of that name',
      { 2: { media: '/a%INDEX%' } },
      'volumes',
      /"roots\[1\]" is a "vol1:" root, and option "volumes" has no "1" \(there is "2"\)/,
    ],
    [
      'one catalogue for two',
      { 1: { media: '/a%INDEX%', catalogue: 'x.syncvol' }, 2: { media: '/b%INDEX%', catalogue: 'x.syncvol' } },
      'volumes.2.catalogue',
      /is that of volumes\.1, too/,
    ],
    [
      'one place for two',
      { 1: { media: '/a%INDEX%' }, 2: { media: '/a%INDEX%' } },
      'volumes.2.media',
      /is that of volumes\.1, too; it wants another place/,
    ],
  ];
  for (const [what, volumes, option, says] of wrong) {
    test(what, () => {
      assert.throws(
        () => checkProject({ roots: ROOTS, volumes }, LINUX),
        (error) => {
          assert.ok(error instanceof OptionError, String(error));
          assert.match(error.message, says);
          assert.equal(error.option, option);
          return true;
        },
      );
    });
  }
  test('two roots on the same media', () => {
    assert.throws(
      () => volume({}, ['vol1:a', 'vol1:b']),
      /"roots\[1\]" is on the media of "vol1:", as "roots\[0\]" is; a run has one root on each set of media/,
    );
    assert.throws(() => volume({}, ['.', { url: 'vol1:', shadow: 'vol1:x' }]), /"roots\[1\]\.shadow" is on the media of "vol1:"/);
  });
});
