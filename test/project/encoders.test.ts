import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProject, type CheckContext } from '../../runtime/project/options/options.ts';
import { OptionError } from '../../runtime/project/options/option-error.ts';
import { needsOf } from '../../runtime/project/roots/project-needs.ts';
import { formatAddress } from '../../runtime/vfs/root-address.ts';

const LINUX: CheckContext = {
  projectDir: '/home/me/texts',
  home: '/home/me',
  platform: 'linux',
  projectFile: '/home/me/texts/texts.sync.ts',
  now: 0,
};
const GPG = { encode: ['gpg', '-e'], decode: ['gpg', '-d'] };
const BACKUP = ['a', { url: 'ienc:b', targetOnly: true }];

function messageOf(project: unknown): string {
  try {
    checkProject(project, LINUX);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  return assert.fail('the options were accepted');
}

test('"ienc:" is the only encoder, and has its defaults', () => {
  const { roots, encoders } = checkProject({ roots: BACKUP, encoders: { gpg: GPG } }, LINUX);
  assert.equal(formatAddress(roots[1]?.address ?? assert.fail()), 'ienc(gpg):/home/me/texts/b');
  const command = (args: string[]) => ({ program: 'gpg', calledAs: 'gpg', args, takesPassphrase: false });
  const [gpg] = encoders;
  assert.deepEqual(gpg, {
    name: 'gpg',
    extension: '.sx.enc',
    encode: command(['-e']),
    decode: command(['-d']),
    passphrase: undefined,
    passphraseFd: 3,
    timeoutMs: 600_000,
    verify: 'some',
  });
});

test('what is encoded is verified where that can be, unless it is turned off', () => {
  const verifies = (encoder: object) => checkProject({ roots: BACKUP, encoders: { gpg: encoder } }, LINUX).encoders[0]?.verify;
  assert.deepEqual([GPG, { encode: ['gpg'] }, { ...GPG, verify: 'all' }, { ...GPG, verify: 'none' }].map(verifies), ['some', 'none', 'all', 'none']);
});

test('the file descriptor of the passphrase takes the place of its name, in any argument', () => {
  const encode = ['openssl', 'enc', '-pass', 'fd:%PASSPHRASE_FD%'];
  const decode = ['~/bin/open', '%PASSPHRASE_FD%%PASSPHRASE_FD%'];
  const { encoders } = checkProject({ roots: BACKUP, encoders: { x: { encode, decode, passphrase: 'key', passphraseFd: 0 } } }, LINUX);
  assert.deepEqual(encoders[0]?.encode?.args, ['enc', '-pass', 'fd:0']);
  assert.deepEqual(encoders[0]?.decode?.args, ['00']);
  assert.equal(encoders[0]?.decode?.program, '/home/me/bin/open');
});

test('programs and secrets of the encoders that are used are asked for, but not in a simulation', () => {
  const encoders = {
    unused: { encode: ['never'] },
    gpg: { encode: ['gpg', '%PASSPHRASE_FD%'], decode: ['ungpg'], passphrase: 'key' },
    other: { encode: ['xz'] },
  };
  const roots = ['a', { url: 'ienc(gpg):b', targetOnly: true, shadow: 'igz:zip:ienc(other):c.zip' }];
  const needs = (simulation: boolean) =>
    needsOf(checkProject({ roots, encoders, simulation }, LINUX), { logFile: false, sourceList: false })
      .flatMap((placed) => placed.needs)
      .flatMap((need) => (need.kind === 'run' ? [`run:${need.program}`] : need.kind === 'secret' ? [`secret:${need.name}`] : []));
  assert.deepEqual(needs(false), ['run:gpg', 'run:ungpg', 'secret:key', 'run:xz']);
  assert.deepEqual(needs(true), []);
});

test('the real path of a permitted program takes its place', () => {
  const checked = checkProject({ roots: BACKUP, encoders: { gpg: { encode: ['gpg'], decode: ['ungpg'] } } }, LINUX);
  const placed = needsOf(checked, { logFile: false, sourceList: false }).at(-1)?.place(checked, ['/real/gpg', '/real/ungpg']);
  const { encode, decode } = placed?.encoders[0] ?? assert.fail();
  assert.deepEqual([encode?.program, encode?.calledAs, decode?.program, decode?.calledAs], ['/real/gpg', 'gpg', '/real/ungpg', 'ungpg']);
});

const WRONG: readonly [unknown, RegExp | string][] = [
  [{ roots: BACKUP }, 'option "roots[1]" is an "ienc:" root, and option "encoders" is missing, which says what program encodes'],
  [
    { roots: BACKUP, encoders: { a: GPG, b: GPG } },
    'option "roots[1]" says "ienc:", and there are several encoders; it wants one of "ienc(a):", "ienc(b):"',
  ],
  [
    { roots: ['a', 'ienc(gpgg):b'], encoders: { gpg: GPG } },
    'option "roots[1]" names the encoder "gpgg", which option "encoders" does not have; did you mean "gpg"?',
  ],
  [
    { roots: ['a', { url: 'b', shadow: 'ienc(age):c' }], encoders: { gpg: GPG, xz: GPG } },
    'option "roots[1].shadow" names the encoder "age", which option "encoders" does not have; there is "gpg", "xz"',
  ],
  [{ roots: BACKUP, encoders: { gpg: {} } }, 'option "encoders.gpg" names no program; it wants "encode", "decode" or both'],
  [{ roots: BACKUP, encoders: { gpg: { encode: 'gpg -e' } } }, /^option "encoders\.gpg\.encode" is "gpg -e"; it wants a program and its arguments/],
  [{ roots: BACKUP, encoders: { gpg: { encode: [] } } }, /^option "encoders\.gpg\.encode.*it wants a program and its arguments/],
  [{ roots: BACKUP, encoders: { gpg: { encode: ['gpg', 'a\0b'] } } }, /it wants a text without NUL characters$/],
  [
    { roots: BACKUP, encoders: { gpg: { ...GPG, extention: '.x' } } },
    /"encoders\.gpg\.extention" is unknown; did you mean "encoders\.gpg\.extension"\?/,
  ],
  [
    { roots: BACKUP, encoders: { gpg: { ...GPG, extension: 'gpg' } } },
    'option "encoders.gpg.extension" is "gpg"; it wants an extension with its point, such as ".gpg"',
  ],
  [{ roots: BACKUP, encoders: { 'my gpg': GPG } }, /^option "encoders" has the name "my gpg"; it wants letters/],
  [{ roots: BACKUP, encoders: { gpg: { ...GPG, timeout: 'soon' } } }, /^option "encoders\.gpg\.timeout" is "soon"; it wants a time/],
  [{ roots: BACKUP, encoders: { gpg: { ...GPG, timeout: 0 } } }, /^option "encoders\.gpg\.timeout" is 0; it wants a time/],
  [
    { roots: BACKUP, encoders: { gpg: { encode: ['gpg'], verify: 'all' } } },
    'option "encoders.gpg.verify" is "all", and there is no "decode"; it wants a program that decodes what "encode" makes',
  ],
  [{ roots: BACKUP, encoders: { gpg: { ...GPG, verify: true } } }, /^option "encoders\.gpg\.verify" is true; it wants "some", "all" or "none"/],
  [{ roots: BACKUP, encoders: { gpg: { ...GPG, passphraseFd: 1 } } }, /^option "encoders\.gpg\.passphraseFd" is 1; it wants 3 .* or 0/],
  [
    { roots: BACKUP, encoders: { gpg: { ...GPG, passphrase: 'key' } } },
    /^option "encoders\.gpg\.passphrase" is given to neither program; it wants %PASSPHRASE_FD% in the arguments/,
  ],
  [{ roots: BACKUP, encoders: { gpg: { encode: ['gpg', '%PASSPHRASE_FD%'] } } }, /^option "encoders\.gpg\.passphrase" is missing/],
  [
    { roots: ['ienc:a', { url: 'b', targetOnly: true }], encoders: { gpg: { encode: ['gpg'] } } },
    'option "encoders.gpg.decode" is missing, and roots[0] is a source; it wants a program and its arguments',
  ],
  [{ roots: ['a', 'ienc:b'], encoders: { gpg: { decode: ['gpg'] } } }, /"encoders\.gpg\.encode" is missing, and roots\[1\] receives files/],
  [
    { roots: ['a', { url: 'b', shadow: 'ienc:c' }], encoders: { gpg: { decode: ['gpg'] } } },
    /"encoders\.gpg\.encode" is missing, and roots\[1\]\.shadow receives files/,
  ],
];

for (const [project, message] of WRONG) {
  test(`refused: ${JSON.stringify(project)}`, () => {
    if (typeof message === 'string') assert.equal(messageOf(project), message);
    else assert.match(messageOf(project), message);
  });
}

test('what only encodes is enough for a root that only receives, and what only decodes for one that is only read', () => {
  checkProject({ roots: BACKUP, encoders: { gpg: { encode: ['gpg'] } } }, LINUX);
  checkProject({ roots: ['ienc:b', { url: 'a', targetOnly: true }], encoders: { gpg: { decode: ['gpg'] } } }, LINUX);
});
