import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Need } from '../../runtime/permissions/need.ts';
import { openEncoders } from '../../runtime/project/roots/open-encoders.ts';
import { type CheckedProject, checkProject, type CheckContext } from '../../runtime/project/options/options.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import type { EncodedOptions } from '../../runtime/vfs/layers/encoded.ts';
import { createCoderTurns } from '../../runtime/vfs/layers/encoded/coder-turns.ts';
import { NOTHING } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';

const LINUX: CheckContext = { projectDir: '/p', home: '/home/me', platform: 'linux', projectFile: '/p/a.sync.ts', now: 0 };

/** An encoder that writes what it is given on its two inputs; it is this Node. */
function project(more: object = {}): CheckedProject {
  const script = "process.stdout.write(require('node:fs').readFileSync(Number(process.argv[1]), 'utf8')); process.stdin.pipe(process.stdout)";
  const encode = [process.execPath, '-e', script, '%PASSPHRASE_FD%'];
  const x = { encode, decode: [process.execPath, '-e', 'process.stdin.pipe(process.stdout)'], passphrase: 'key', verify: 'none' };
  return checkProject({ roots: ['a', 'ienc(x):b', 'ienc(y):c'], encoders: { x, y: x }, ...more }, LINUX);
}

async function opened(checked: CheckedProject, passphrase: string) {
  const asked: string[] = [];
  const passwords = {
    async get({ name, question }: { readonly name: string; readonly question: string }) {
      asked.push(`${name}: ${question}`);
      return passphrase;
    },
  };
  const broker = { couldReplace: () => false, require: async (needs: readonly Need[]) => needs.map((need) => ('path' in need ? need.path : '')) };
  const encoders = await openEncoders(checked, {
    broker,
    passwords,
    turns: createCoderTurns(2),
    directory: process.cwd(),
    signal: new AbortController().signal,
  });
  return { asked, named: (name: string): EncodedOptions => ({ ...(encoders.get(name) ?? assert.fail(`no encoder ${name}`)), layersBelow: 0 }) };
}

test('passphrases are looked up before anything runs, and given to those that take them', async () => {
  const { asked, named } = await opened(project(), 'open sesame');
  assert.deepEqual(asked, ['key: Passphrase of the encoder "x"', 'key: Passphrase of the encoder "y"']);
  const inner = new MemoryVfs();
  const vfs = encoded(inner, named('x'));
  await vfs.write('f', bytesContent('content'), { expected: NOTHING });
  assert.equal(Buffer.from(await readContent(inner.content('f.sx.enc'))).toString(), 'open sesame\ncontent');
  assert.equal(Buffer.from(await readContent(vfs.content('f'))).toString(), 'open sesame\ncontent');
});

const THROUGH = [process.execPath, '-e', 'process.stdin.pipe(process.stdout)'];
const KEYED = [
  process.execPath,
  '-e',
  "process.stdin.on('end', () => process.stdout.write(require('node:fs').readFileSync(3))).pipe(process.stdout, { end: false })",
  '%PASSPHRASE_FD%',
];
const TARGET = { url: 'ienc:b', targetOnly: true };

for (const [title, roots, x, isAsked] of [
  ['is only written and not verified', ['a', TARGET], { encode: THROUGH, decode: KEYED, verify: 'none' }, false],
  ['is verified', ['a', TARGET], { encode: THROUGH, decode: KEYED, verify: 'some' }, true],
  ['is a source', ['a', 'ienc:b'], { encode: THROUGH, decode: KEYED, verify: 'none' }, true],
  ['is the only source', [{ url: 'a', targetOnly: true }, 'ienc:b'], { encode: KEYED, decode: THROUGH, verify: 'none' }, false],
  ['is written with it', ['a', TARGET], { encode: KEYED, decode: THROUGH, verify: 'none' }, true],
  ['is a shadow', [{ url: 'a', shadow: 'ienc:b' }, 'c'], { encode: KEYED, decode: THROUGH, verify: 'none' }, true],
  ['is a shadow that nobody reads', [{ url: 'a', shadow: 'ienc:b' }, 'c'], { encode: THROUGH, decode: KEYED, verify: 'none' }, false],
] as const) {
  test(`of what ${title} the passphrase is ${isAsked ? '' : 'not '}asked for at once`, async () => {
    const { asked } = await opened(checkProject({ roots, encoders: { x: { ...x, passphrase: 'key' } } }, LINUX), 'open sesame');
    assert.deepEqual(asked, isAsked ? ['key: Passphrase of the encoder "x"'] : []);
  });
}

test('a passphrase that was not asked for at once is when a file wants it', async () => {
  const x = { encode: THROUGH, decode: KEYED, verify: 'none', passphrase: 'key' };
  const { asked, named } = await opened(checkProject({ roots: ['a', TARGET], encoders: { x } }, LINUX), 'open sesame');
  const vfs = encoded(new MemoryVfs(), named('x'));
  await vfs.write('f', bytesContent('content, '), { expected: NOTHING });
  assert.deepEqual(asked, []);
  assert.equal(Buffer.from(await readContent(vfs.content('f'))).toString(), 'content, open sesame\n');
  assert.deepEqual(asked, ['key: Passphrase of the encoder "x"']);
});

test('a passphrase of several lines is refused, since only the first would be read', async () => {
  await assert.rejects(opened(project(), 'open\nsesame'), { message: 'the secret "key" has more than one line, and a passphrase is one' });
});

test('a simulation looks up nothing and runs nothing', async () => {
  const { asked, named } = await opened(project({ simulation: true }), 'open sesame');
  assert.deepEqual(asked, []);
  const vfs = encoded(new MemoryVfs(), named('x'));
  await assert.rejects(vfs.write('f', bytesContent('content'), { expected: NOTHING }), {
    code: 'unsupported',
    message: 'the file cannot be encoded: a simulation runs no program',
  });
});

test('an encoder without "decode" says so where something is to be read', async () => {
  const encode = [process.execPath, '-e', 'process.stdin.pipe(process.stdout)'];
  const { named } = await opened(checkProject({ roots: ['a', { url: 'ienc:b', targetOnly: true }], encoders: { x: { encode } } }, LINUX), '');
  const vfs = encoded(new MemoryVfs(), named('x'));
  await vfs.write('f', bytesContent('content'), { expected: NOTHING });
  await assert.rejects(readContent(vfs.content('f')), {
    code: 'unsupported',
    message: 'the file cannot be decoded: the encoder "x" has no "decode"',
  });
});
