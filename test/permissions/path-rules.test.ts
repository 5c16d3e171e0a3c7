import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isBelow } from '../../runtime/permissions/path-match.ts';
import { createPathRules, windowsSpelling } from '../../runtime/permissions/path-rules.ts';
import { PermissionError } from '../../runtime/permissions/permission-error.ts';
import { tempTree } from './temp-tree.ts';

const posix = { skip: process.platform === 'win32' };
const linux = { skip: process.platform !== 'linux' };

function refused(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof PermissionError && error.code === 'refused' && words.test(error.message);
}

test('whole components count', posix, () => {
  const rows: [string, string, boolean][] = [
    ['/home/me/texts', '/home/me/texts', true],
    ['/home/me/texts/a/b', '/home/me/texts', true],
    ['/home/me/texts2', '/home/me/texts', false],
    ['/home/me/text', '/home/me/texts', false],
    ['/home/me', '/home/me/texts', false],
    ['/home/me/texts ', '/home/me/texts', false],
    ['/home/me/texts\\a', '/home/me/texts', false],
    ['/etc', '/', true],
    ['/', '/', true],
    ['/', '/etc', false],
  ];
  for (const [path, folder, below] of rows) assert.equal(isBelow(path, folder, false), below, `${path} below ${folder}`);
});

test('case and composition count where the file system lets them', posix, () => {
  assert.equal(isBelow('/Home/ME/a', '/home/me', false), false);
  assert.equal(isBelow('/Home/ME/a', '/home/me', true), true);
  assert.equal(isBelow('/u\u0308/a', '/\u00fc', true), true);
  assert.equal(isBelow('/u\u0308/a', '/\u00fc', false), false);
  assert.equal(isBelow('/home/me2', '/HOME/ME', true), false);
});

test('paths lead where the system would go', posix, async (t) => {
  const base = await tempTree(t, {
    'texts/sub': null,
    'secret/deep/dir': null,
    'secret/file': 'x',
    'texts/out': '-> ../secret',
    'texts/deep': '-> ../secret/deep/dir',
    'texts/file': '-> ../secret/file',
    'texts/dangling': '-> ../secret/not/yet',
    'texts/chain': '-> dangling',
    'texts/through': '-> deep/../new',
    'texts/home': '-> .',
    'texts/up': '-> ..',
    absolute: '-> /',
  });
  const rules = createPathRules([]);
  const rows: [string, string][] = [
    ['texts', 'texts'],
    ['texts/', 'texts'],
    ['texts//./sub///', 'texts/sub'],
    ['texts/../secret', 'secret'],
    ['texts/sub/../../secret/file', 'secret/file'],
    ['texts/none/x', 'texts/none/x'],
    ['texts/none/../../secret', 'secret'],
    ['texts/out', 'secret'],
    ['texts/out/new', 'secret/new'],
    ['texts/file', 'secret/file'],
    ['texts/deep/..', 'secret/deep'],
    ['texts/deep/../../file', 'secret/file'],
    ['texts/dangling', 'secret/not/yet'],
    ['texts/dangling/more', 'secret/not/yet/more'],
    ['texts/chain', 'secret/not/yet'],
    ['texts/through', 'secret/deep/new'],
    ['texts/home/home/home/sub', 'texts/sub'],
    ['texts/up/texts/up/secret', 'secret'],
    ['texts/up/..', '..'],
    ['texts/sub\\..\\..\\secret', 'texts/sub\\..\\..\\secret'],
    ['texts/file/below', 'secret/file/below'],
  ];
  for (const [path, real] of rows) assert.equal(await rules.resolve(`${base}/${path}`), join(base, real), path);
  assert.equal(await rules.resolve(`${base}/absolute${base}/texts`), join(base, 'texts'));
  assert.equal(await rules.resolve(`${base}/absolute/../../..`), '/');
});

test('NUL and circles of links are refused', posix, async (t) => {
  const base = await tempTree(t, { a: '-> b', b: '-> a', self: '-> self/x' });
  const rules = createPathRules([]);
  await assert.rejects(rules.resolve(`${base}/x\0/../../etc`), refused(/x\\x00.*NUL/));
  for (const name of ['a', 'b/c', 'self']) await assert.rejects(rules.resolve(join(base, name)), refused(/circle/));
});

test('entries that show processes and memory are refused, however they are reached', linux, async (t) => {
  const base = await tempTree(t, {
    env: '-> /proc/self/environ',
    proc: '-> /proc',
    dots: '-> ../../../../../../../../proc/self',
    cwd: '-> /proc/self/cwd',
  });
  const rules = createPathRules([]);
  // biome-ignore format: a table
  const paths = [
    '/proc', '/proc/', '/proc/self', '/proc/self/environ', '/proc/thread-self/environ', '/proc/1/environ', '/proc/1/mem', '/proc/1/maps', `/proc/${process.pid}/task`,
    '/proc/self/root/etc/passwd', '/proc/self/cwd', '/proc/self/cwd/package.json', `/proc/${process.pid}/cwd/x`, '/proc/self/fd/0', '/proc/1/root', '/proc/kcore', '/proc/mounts',
    '/proc/net', '/proc/../proc/self/environ', '//proc//self/environ', '/proc/999999999/environ', '/dev/mem', '/dev/kmem', '/dev/port', '/dev/fd/0', '/dev/stdin', '/dev/../dev/stderr',
    '/dev/null', `${base}/env`, `${base}/proc/self/environ`, `${base}/proc/1/mem`, `${base}/dots/environ`, `${base}/cwd/package.json`,
  ];
  for (const path of paths) await assert.rejects(rules.resolve(path), refused(/out of reach whatever is granted/), path);
  for (const path of ['/process', '/proc2/self', '/dev/shm', '/proc/loadavg']) assert.equal(await rules.resolve(path), path);
});

test('own stores are refused: existing, missing, in other case, through links', posix, async (t) => {
  const base = await tempTree(t, {
    'real/config': null,
    'real/data/secrets': 'x',
    'config-link': '-> real/config',
    'project/link': '-> ../real/config',
    'project/file': '-> ../real/data/secrets',
    'project/dangling': '-> ../real/config/grants.json',
    'project/missing': '-> ../cache/new',
  });
  const rules = createPathRules([join(base, 'config-link'), join(base, 'real/data'), join(base, 'cache')]);
  // biome-ignore format: a table
  const paths = [
    'config-link', 'config-link/grants.json', 'real/config', 'real/config/grants.json', 'real/CONFIG/grants.json', 'real/data/secrets', 'cache', 'cache/bundle/x', 'CACHE/x',
    'project/link', 'project/link/grants.json', 'project/file', 'project/dangling', 'project/missing', 'project/../real/config/x',
  ];
  for (const path of paths) await assert.rejects(rules.resolve(`${base}/${path}`), refused(/sxrun's own/), path);
  for (const path of ['real', 'project', 'config', 'cache2', 'real/data2', '']) assert.equal(await rules.resolve(join(base, path)), join(base, path));
});

test('a folder that holds own stores may be used without them', posix, async (t) => {
  const base = await tempTree(t, { 'home/.config/sxrun': null, 'dotfiles/cache': null, 'home/.cache': '-> ../dotfiles/cache' });
  const rules = createPathRules([join(base, 'home/.config/sxrun'), join(base, 'home/.local/share/sxrun'), join(base, 'home/.cache/sxrun')]);
  assert.deepEqual(await rules.refusedBelow(join(base, 'home')), ['.config/sxrun', '.local/share/sxrun']);
  assert.deepEqual(await rules.refusedBelow(join(base, 'dotfiles')), ['cache/sxrun']);
  assert.deepEqual(await rules.refusedBelow(join(base, 'home/.config/sxrun')), []);
  assert.deepEqual(await rules.refusedBelow(join(base, 'other')), []);
  const below = await rules.refusedBelow('/');
  for (const path of ['proc', 'dev', `${base.slice(1)}/home/.config/sxrun`]) assert.ok(below.includes(path), path);
});

test('a link that appears later is seen', posix, async (t) => {
  const base = await tempTree(t, { secret: null });
  const rules = createPathRules([join(base, 'secret')]);
  const path = join(base, 'project', 'x');
  assert.equal(await rules.resolve(path), path);
  mkdirSync(join(base, 'project'));
  symlinkSync('../secret', path);
  assert.ok(lstatSync(path).isSymbolicLink());
  await assert.rejects(rules.resolve(path), refused(/own/));
});

test('names by which Windows knows a file besides its own are refused', () => {
  const rows: readonly [string, string, string, boolean][] = [
    ['C:\\texts\\a.txt', 'C:\\texts\\a.txt', 'C:\\texts', false],
    ['\\\\nas\\share\\a', '\\\\nas\\share\\a', '\\\\nas\\share', false],
    ['C:\\texts\\a. b', 'C:\\texts\\a. b', 'C:\\texts', false],
    ['C:\\texts\\console.log', 'C:\\texts\\console.log', 'C:\\texts', false],
    ['\\\\?\\C:\\texts', 'C:\\texts', 'C:\\texts', true],
    ['\\\\.\\C:\\texts', 'C:\\texts', 'C:\\texts', true],
    ['//?/C:/texts', 'C:\\texts', 'C:\\texts', true],
    ['/\\.\\PhysicalDrive0', '\\\\.\\PhysicalDrive0', '', true],
    ['\\??\\C:\\texts', 'C:\\texts', 'C:\\texts', true],
    ['\\\\?\\GLOBALROOT\\Device', '\\\\?\\GLOBALROOT\\Device', '', true],
    ['C:\\texts\\a.txt.', 'C:\\texts\\a.txt.', 'C:\\texts', true],
    ['C:\\texts\\a.txt ', 'C:\\texts\\a.txt ', 'C:\\texts', true],
    ['C:\\texts. \\a', 'C:\\texts. \\a', 'C:\\', true],
    ['C:\\texts\\a.txt:stream', 'C:\\texts\\a.txt:stream', 'C:\\texts', true],
    ['C:\\texts\\a.txt::$DATA', 'C:\\texts\\a.txt::$DATA', 'C:\\texts\\a.txt::$DATA', true],
    ['C:\\texts:$I30:$INDEX_ALLOCATION\\a', 'C:\\texts:$I30:$INDEX_ALLOCATION\\a', 'C:\\', true],
    ['C:\\texts\\NUL', 'C:\\texts\\NUL', 'C:\\texts', true],
    ['C:\\texts\\con.txt', 'C:\\texts\\con.txt', 'C:\\texts', true],
    ['C:\\COM1\\a', 'C:\\COM1\\a', 'C:\\', true],
    ['C:\\texts\\lpt¹', 'C:\\texts\\lpt¹', 'C:\\texts', true],
    ['C:\\texts\\CONIN$', 'C:\\texts\\CONIN$', 'C:\\texts', true],
  ];
  for (const [written, path, existing, refused] of rows) assert.equal(windowsSpelling(written, { path, existing }) !== undefined, refused, written);
});

test('a link that is meant itself is not followed, but the way to it is', posix, async (t) => {
  const base = await tempTree(t, { 'texts/out': '-> ../secret', 'secret/file': 'x', near: '-> texts', 'texts/file': 'y', own: null });
  const rules = createPathRules([join(base, 'own')]);
  const itself = (path: string) => rules.resolve(join(base, path), { itself: true });
  assert.equal(await itself('texts/out'), join(base, 'texts/out'));
  assert.equal(await itself('near/out'), join(base, 'texts/out'));
  assert.equal(await itself('texts/file'), join(base, 'texts/file'));
  assert.equal(await itself('texts/out/file'), join(base, 'secret/file'));
  assert.equal(await rules.resolve(`${base}/texts/out/`, { itself: true }), join(base, 'texts/out'));
  await assert.rejects(itself('own/x'), refused(/own settings/));
  await assert.rejects(itself('a\0b'), refused(/NUL/));
});
