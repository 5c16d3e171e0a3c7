import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { FunctionMethod, HostMethods, SyncErrorCode } from '../../../sdk/protocol.ts';
import { callFunction } from '../../../runtime/project/host/call-function.ts';
import type { GrantFlags } from '../../../runtime/project/run-request.ts';
import { ScriptCallError } from '../../../runtime/sandbox/script-host.ts';
import { walkByListing } from '../../../runtime/vfs/walk-listing.ts';
import { MemoryVfs } from '../../kit/memory-vfs.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { hostContext, type TestHost } from './host-context.ts';

/** A project in `p` of a fresh folder, what it may do, and a way to call. */
async function script(t: TestContext, options: { readonly grants?: Partial<GrantFlags>; readonly simulation?: boolean } = {}) {
  const base = await realpath(await temporaryFolder(t));
  const folder = join(base, 'p');
  await mkdir(folder);
  const host = await hostContext(t, { folder, ...options });
  return { base, folder, host, call: callsOf(host) };
}

function callsOf(host: TestHost) {
  return <Method extends FunctionMethod>(method: Method, request: unknown): Promise<HostMethods[Method]['reply']> =>
    callFunction({ kind: 'function', method, request: request as never, place: () => undefined, placeOf: () => undefined, size: 0 }, host) as never;
}

function failsWith(code: SyncErrorCode, words = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ScriptCallError, String(error));
    assert.equal(error.error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

/** The same host functions over a root in memory: every local path is in it. */
async function memoryScript(t: TestContext) {
  const made = await script(t, { grants: { all: true } });
  const vfs = new MemoryVfs();
  Object.assign(made.host, { openRoot: async () => ({ vfs, walk: (options: never) => walkByListing(vfs, options) }) });
  return { ...made, vfs };
}

for (const [where, make, at] of [
  ['on disk', (t: TestContext) => script(t), ''],
  ['in memory', memoryScript, '/no-such-folder-of-this-machine/'],
] as const) {
  test(`what has changed since it was looked at is not removed ${where}`, async (t) => {
    const { call } = await make(t);
    const url = (name: string) => `${at}${name}`;
    await call('xfile.mkdir', { url: url('d'), options: { parents: true } });
    await call('xfile.writeText', { url: url('d/f'), text: 'one' });
    const [listed] = await call('xfile.list', { url: url('d') });
    const { entries } = await call('xfile.walk', { url: url('d'), options: {} });
    assert.ok(listed?.revision);
    assert.equal(entries[0]?.revision, listed.revision);
    const ifUnchanged = { kind: 'file', revision: listed.revision } as const;
    const stays = failsWith('changed', /it has changed since it was looked at, and stays/);
    await call('xfile.writeText', { url: url('d/f'), text: 'another' });
    await assert.rejects(call('xfile.remove', { url: url('d/f'), options: { ifUnchanged } }), stays);
    await assert.rejects(call('xfile.remove', { url: url('d/f'), options: { ifUnchanged: { ...ifUnchanged, kind: 'link' } } }), stays);
    const wrong = { ifUnchanged: { kind: 'file', revision: undefined as never } } as const;
    await assert.rejects(call('xfile.remove', { url: url('d/f'), options: wrong }), failsWith('options', /what xfile\.stat, list or walk gave/));
    assert.equal(await call('xfile.readText', { url: url('d/f') }), 'another');
    const found = await call('xfile.stat', { url: url('d/f') });
    await call('xfile.remove', { url: url('d/f'), options: { ifUnchanged: { kind: 'file', revision: found?.revision ?? '' } } });
    assert.equal(await call('xfile.exists', { url: url('d/f') }), false);
  });

  test(`what is written is read, listed, appended to, copied, moved and removed ${where}`, async (t) => {
    const { call } = await make(t);
    const url = (name: string) => `${at}${name}`;
    if (at !== '') await call('xfile.mkdir', { url: url('.'), options: { parents: true } });
    await call('xfile.mkdir', { url: url('a/b'), options: { parents: true } });
    await call('xfile.mkdir', { url: url('a/b'), options: { parents: true } });
    await assert.rejects(call('xfile.mkdir', { url: url('a'), options: {} }), failsWith('exists'));
    await assert.rejects(call('xfile.mkdir', { url: url('x/y'), options: {} }), failsWith('not-found', /parents/));
    await assert.rejects(call('xfile.writeText', { url: url('x/y'), text: '' }), failsWith('not-found', /its folder does not exist/));
    await call('xfile.writeText', { url: url('a/t'), text: 'eins' });
    await call('xfile.writeText', { url: url('a/t'), text: 'zwei' });
    await Promise.all(['\n3', '\n4', '\n5'].map((text) => call('xfile.appendText', { url: url('a/t'), text })));
    assert.equal(await call('xfile.readText', { url: url('a/t') }), 'zwei\n3\n4\n5');
    const bytes = randomBytes(300_001);
    await call('xfile.writeBytes', { url: url('a/b/bytes'), bytes });
    assert.deepEqual(Buffer.from(await call('xfile.readBytes', { url: url('a/b/bytes') })), bytes);
    await call('xfile.touch', { url: url('a/t'), date: 1e12 });
    await call('xfile.touch', { url: url('a/new'), date: null });
    const info = await call('xfile.stat', { url: url('a/t') });
    assert.ok(info?.revision);
    assert.deepEqual(info, { url: url('a/t'), name: 't', kind: 'file', size: 10, modified: 1e12, revision: info.revision });
    assert.equal(await call('xfile.stat', { url: url('a/none') }), null);
    assert.deepEqual(
      (await call('xfile.list', { url: url('a') })).map(({ name, kind }) => `${name} ${kind}`),
      ['b directory', 'new file', 't file'],
    );

    await call('xfile.copy', { from: url('a'), to: url('c'), options: {} });
    assert.equal((await call('xfile.stat', { url: url('c/t') }))?.modified, 1e12);
    await assert.rejects(call('xfile.copy', { from: url('a/t'), to: url('c/t'), options: {} }), failsWith('exists', /overwrite/));
    await assert.rejects(call('xfile.copy', { from: url('a'), to: url('a/b/a'), options: {} }), failsWith('options', /lies in/));
    await assert.rejects(
      call('xfile.copy', { from: url('a/t'), to: url('c/b'), options: { overwrite: true } }),
      failsWith('wrong-kind', /folder is in the way/),
    );
    await call('xfile.writeText', { url: url('a/t'), text: 'neu' });
    await call('xfile.copy', { from: url('a'), to: url('c'), options: { overwrite: true } });
    assert.equal(await call('xfile.readText', { url: url('c/t') }), 'neu');
    await call('xfile.move', { from: url('a/t'), to: url('a/b/moved'), options: {} });
    assert.equal(await call('xfile.exists', { url: url('a/t') }), false);
    await assert.rejects(call('xfile.move', { from: url('a/b/moved'), to: url('c/t'), options: {} }), failsWith('exists'));
    await call('xfile.move', { from: url('a/b/moved'), to: url('c/t'), options: { overwrite: true } });
    await call('xfile.move', { from: url('c'), to: url('d'), options: {} });
    await assert.rejects(call('xfile.remove', { url: url('d') }), failsWith('wrong-kind', /rmdir/));
    await assert.rejects(call('xfile.rmdir', { url: url('d') }), failsWith('not-empty'));
    await assert.rejects(call('xfile.removeRecursive', { url: url('d'), options: {} }), failsWith('no-answer', /3 files and 2 folders/));
    await call('xfile.removeRecursive', { url: url('d'), options: { keepRoot: true, confirm: false } });
    assert.deepEqual(await call('xfile.list', { url: url('d') }), []);
    await call('xfile.rmdir', { url: url('d') });
    await call('xfile.remove', { url: url('a/new') });
    await assert.rejects(call('xfile.remove', { url: url('a/new') }), failsWith('not-found'));
    await call('xfile.removeRecursive', { url: url('a'), options: { confirm: false } });
    for (const name of ['a', 'c', 'd']) assert.equal(await call('xfile.exists', { url: url(name) }), false);
  });

  test(`a walk gives what matches, folders first, and stops at what is excluded ${where}`, async (t) => {
    const { call } = await make(t);
    for (const folder of ['w/x/y', 'w/tmp/deep', 'w/.dot']) await call('xfile.mkdir', { url: `${at}${folder}`, options: { parents: true } });
    for (const name of ['a.jpg', 'b.txt', 'x/c.jpg', 'x/y/d.JPG', 'tmp/deep/e.jpg', '.dot/f.jpg', 'x/[1].jpg'])
      await call('xfile.writeText', { url: `${at}w/${name}`, text: '' });
    const walked = async (options: unknown) => (await call('xfile.walk', { url: `${at}w`, options })).entries.map(({ path }) => path);
    assert.deepEqual(await walked({}), ['.dot/f.jpg', 'a.jpg', 'b.txt', 'tmp/deep/e.jpg', 'x/[1].jpg', 'x/c.jpg', 'x/y/d.JPG']);
    assert.deepEqual(await walked({ files: '*.jpg' }), ['a.jpg']);
    assert.deepEqual(await walked({ files: ['**/*.jpg', '!tmp/**'] }), ['.dot/f.jpg', 'a.jpg', 'x/[1].jpg', 'x/c.jpg']);
    assert.deepEqual(await walked({ files: '!**/*.jpg' }), ['b.txt', 'x/y/d.JPG']);
    assert.deepEqual(await walked({ files: '**/*.{jpg,JPG}', exclude: ['tmp', '**/y'] }), ['.dot/f.jpg', 'a.jpg', 'x/[1].jpg', 'x/c.jpg']);
    assert.deepEqual(await walked({ files: false, dirs: true, depth: 1 }), ['.dot', 'tmp', 'x']);
    assert.deepEqual(await walked({ files: 'x/?[a-z].jpg', dirs: 'x/*' }), ['x/y']);
    assert.deepEqual(await walked({ files: 'x/\\[1\\].jpg' }), ['x/[1].jpg']);
    await assert.rejects(call('xfile.walk', { url: `${at}w/a.jpg`, options: {} }), failsWith('wrong-kind'));
    await assert.rejects(call('xfile.walk', { url: `${at}none`, options: {} }), failsWith('not-found'));
    for (const files of ['', '/x', '../x', 'x'.repeat(3000), '{a,b}'.repeat(20)]) {
      await assert.rejects(call('xfile.walk', { url: `${at}w`, options: { files } }), failsWith('options', /options\.files has /));
    }
  });
}

test('a long walk comes in pieces, and can be left', async (t) => {
  const { call, folder } = await script(t);
  await mkdir(join(folder, 'many'));
  for (let index = 0; index < 1200; index++) await writeFile(join(folder, 'many', `${index}`.padStart(4, '0')), '');
  let batch = await call('xfile.walk', { url: 'many', options: {} });
  let count = batch.entries.length;
  for (; batch.walk !== null; count += batch.entries.length) batch = await call('xfile.walkMore', { walk: batch.walk });
  assert.equal(count, 1200);
  const other = await call('xfile.walk', { url: 'many', options: {} });
  await call('xfile.walkEnd', { walk: other.walk });
  await assert.rejects(call('xfile.walkMore', { walk: other.walk }), failsWith('options', /is over/));
});

test('a folder that was removed and made again is the new one', async (t) => {
  const { call, base } = await script(t, { grants: { all: true } });
  const url = `${base}/out/sub`;
  for (let round = 0; round < 3; round++) {
    await call('xfile.mkdir', { url, options: { parents: true } });
    await call('xfile.writeText', { url: `${url}/a`, text: `${round}` });
    assert.equal(await call('xfile.readText', { url: `${url}/a` }), `${round}`);
    await call('xfile.removeRecursive', { url: `${base}/out`, options: { confirm: false } });
  }
});

test('text is UTF-8 without its mark, and what is too large or no text is an error that says so', async (t) => {
  const { call, folder, host } = await script(t);
  await writeFile(join(folder, 'bom'), '\ufeffä');
  assert.equal(await call('xfile.readText', { url: 'bom' }), 'ä');
  await writeFile(join(folder, 'latin'), Buffer.from([0xe4, 0x20]));
  await assert.rejects(call('xfile.readText', { url: 'latin' }), failsWith('file', /no UTF-8 text; xfile\.readBytes/));
  Object.assign(host.command.request, { scriptMemoryBytes: 800 });
  await writeFile(join(folder, 'large'), 'x'.repeat(101));
  await assert.rejects(call('xfile.readText', { url: 'large' }), failsWith('too-large', /100 B.*--script-memory/));
  await writeFile(join(folder, 'large'), 'x'.repeat(201));
  await assert.rejects(call('xfile.readBytes', { url: 'large' }), failsWith('too-large', /200 B/));
  await assert.rejects(call('xfile.readText', { url: '.' }), failsWith('wrong-kind', /a folder/));
});

test('in a simulation nothing changes, each step is told, reads go on, permissions are asked for', async (t) => {
  const { call, folder, host, base } = await script(t, { simulation: true });
  await mkdir(join(folder, 'd'));
  await writeFile(join(folder, 'd', 'a'), 'x');
  await call('xfile.writeText', { url: 'd/a', text: 'abc' });
  await call('xfile.writeBytes', { url: 'b', bytes: new Uint8Array(3) });
  await call('xfile.appendText', { url: 'd/a', text: 'y' });
  await call('xfile.copy', { from: 'd', to: 'e', options: {} });
  await call('xfile.move', { from: 'd', to: 'f', options: {} });
  await call('xfile.remove', { url: 'd/a' });
  await call('xfile.touch', { url: 'd/a', date: 1 });
  await call('xfile.mkdir', { url: 'g', options: {} });
  await call('xfile.rmdir', { url: 'd' });
  await call('xfile.removeRecursive', { url: 'd', options: {} });
  assert.equal(host.suppressed.length, 10);
  assert.ok(host.suppressed.includes('write d/a (3 B)'));
  assert.equal(await call('xfile.readText', { url: 'd/a' }), 'x');
  assert.deepEqual(await readdir(folder), ['d']);
  await assert.rejects(call('xfile.writeText', { url: `${base}/x`, text: '' }), failsWith('permission'));
});

const posix = { skip: process.platform === 'win32' };

test('links: content goes through where that is granted, names mean the link, trees never follow', posix, async (t) => {
  const { call, folder, base } = await script(t);
  await mkdir(join(base, 'out'));
  await writeFile(join(base, 'out', 'secret'), 's');
  await writeFile(join(folder, 'real'), 'r');
  await symlink('real', join(folder, 'near'));
  await symlink('../out', join(folder, 'far'));
  assert.equal(await call('xfile.readText', { url: 'near' }), 'r');
  await call('xfile.writeText', { url: 'near', text: 'w' });
  assert.equal(await readlink(join(folder, 'near')), 'real');
  assert.equal(await readFile(join(folder, 'real'), 'utf8'), 'w');
  assert.equal((await call('xfile.stat', { url: 'far' }))?.kind, 'link');
  for (const [method, request] of [
    ['xfile.readText', { url: 'far/secret' }],
    ['xfile.stat', { url: 'far/secret' }],
    ['xfile.list', { url: 'far' }],
    ['xfile.walk', { url: 'far', options: {} }],
    ['xfile.writeText', { url: 'far/new', text: '' }],
    ['xfile.remove', { url: 'far/secret' }],
    ['xfile.copy', { from: 'far', to: 'copy', options: {} }],
    ['xfile.move', { from: 'far/secret', to: 'x', options: {} }],
    ['xfile.mkdir', { url: 'far/new', options: {} }],
    ['xfile.removeRecursive', { url: 'far/.', options: { confirm: false } }],
  ] as const) {
    if (method === 'xfile.removeRecursive') await assert.rejects(call(method, request), failsWith('wrong-kind'));
    else await assert.rejects(call(method, request), failsWith('permission'), method);
  }
  await call('xfile.mkdir', { url: 'tree', options: {} });
  await call('xfile.move', { from: 'far', to: 'tree/far', options: {} });
  assert.equal(await readlink(join(folder, 'tree/far')), '../out');
  const { entries } = await call('xfile.walk', { url: 'tree', options: { links: true, dirs: true } });
  assert.deepEqual(
    entries.map(({ path, kind }) => `${path} ${kind}`),
    ['far link'],
  );
  await call('xfile.copy', { from: 'tree', to: 'tree2', options: {} });
  assert.equal(await readlink(join(folder, 'tree2/far')), '../out');
  await call('xfile.removeRecursive', { url: 'tree', options: { confirm: false } });
  assert.deepEqual(await readdir(join(base, 'out')), ['secret']);
});

test('hostile names are refused', posix, async (t) => {
  const { call, base } = await script(t);
  await writeFile(join(base, 'outside'), '');
  for (const url of ['../outside', `${base}/outside`, 'x/../../outside', '~/x', '/etc/passwd', `${base}/p2/x`, '//etc/passwd']) {
    await assert.rejects(call('xfile.readText', { url }), failsWith('permission'), url);
    await assert.rejects(call('xfile.writeText', { url, text: '' }), failsWith('permission'), url);
  }
  for (const url of ['/proc/self/environ', '/proc/self/mem', '/proc/1/root/etc', '/proc/thread-self/fd/0', '/dev/fd/0', '/dev/mem', '.own/secrets']) {
    await assert.rejects(call('xfile.readText', { url }), failsWith('permission', /whatever is granted/), url);
  }
  for (const url of ['a\0b', 'nosuch:x', 'C:/x', 'zipp:a']) await assert.rejects(call('xfile.exists', { url }), failsWith('options'), url);
  await assert.rejects(
    call('xfile.exists', { url: 'wrong://me:secret@host/x' }),
    (error) => error instanceof ScriptCallError && !error.message.includes('secret'),
  );
});

test('what a script may do everything with is still not sxrun’s own, nor the way to other processes', posix, async (t) => {
  const { call, folder } = await script(t, { grants: { all: true } });
  await mkdir(join(folder, 'd/x'), { recursive: true });
  await mkdir(join(folder, '.own'));
  await writeFile(join(folder, '.own', 'secret'), '');
  await writeFile(join(folder, 'd/x/f'), '');
  for (const url of ['/proc/self/environ', '.own/secret'])
    await assert.rejects(call('xfile.readText', { url }), failsWith('permission', /whatever is granted/));
  const { entries } = await call('xfile.walk', { url: '.', options: { dirs: true } });
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['d', 'd/x', 'd/x/f'],
  );
  await assert.rejects(call('xfile.copy', { from: '.', to: '../copy', options: {} }), failsWith('denied', /own settings/));
  // Where it does not exist yet, too: it would be what the script has made of it.
  await rm(join(folder, '.own'), { recursive: true });
  await mkdir(join(folder, '../made/.OWN'), { recursive: true });
  for (const method of ['xfile.copy', 'xfile.move'] as const)
    await assert.rejects(call(method, { from: '../made', to: '.', options: { overwrite: true } }), failsWith('denied', /own settings/), method);
  assert.deepEqual(await readdir(folder), ['d']);
});

test('folders that nobody means to remove are never removed or moved away', posix, async (t) => {
  const { call, base } = await script(t, { grants: { all: true } });
  for (const url of ['/', '.', '..', base, homedir(), join(homedir(), '..'), '~']) {
    await assert.rejects(call('xfile.removeRecursive', { url, options: { confirm: false } }), failsWith('file', /never removed/), url);
    await assert.rejects(
      call('xfile.removeRecursive', { url, options: { confirm: false, keepRoot: true } }),
      failsWith('file', /never removed/),
      url,
    );
  }
  for (const url of ['.', '..']) await assert.rejects(call('xfile.move', { from: url, to: `${base}2/x`, options: {} }), /./, url);
  assert.equal((await lstat(base)).isDirectory(), true);
});

test('a parent that is swapped for a link between check and use gains nothing', posix, async (t) => {
  const { call, folder, base, host } = await script(t);
  await mkdir(join(base, 'out'));
  await writeFile(join(base, 'out', 'f'), 'outside');
  await mkdir(join(folder, 'd'));
  await writeFile(join(folder, 'd', 'f'), 'inside');
  const { broker } = host;
  const swap = async () => {
    await rename(join(folder, 'd'), join(folder, 'd.old'));
    await symlink(join(base, 'out'), join(folder, 'd'));
  };
  Object.assign(host, {
    broker: {
      ...broker,
      require: async (needs: never) => {
        const paths = await broker.require(needs);
        await swap();
        return paths;
      },
    },
  });
  for (const [method, more] of [
    ['xfile.readText', {}],
    ['xfile.stat', {}],
    ['xfile.writeText', { text: 'x' }],
    ['xfile.appendText', { text: 'x' }],
    ['xfile.remove', {}],
    ['xfile.touch', { date: null }],
  ] as const) {
    await assert.rejects(call(method, { url: 'd/f', ...more }), failsWith('file', /a link stands where a folder was/), method);
    await rm(join(folder, 'd'));
    await rename(join(folder, 'd.old'), join(folder, 'd'));
  }
  await assert.rejects(call('xfile.removeRecursive', { url: 'd', options: { confirm: false } }), failsWith('wrong-kind'));
  assert.deepEqual(await readdir(join(base, 'out')), ['f']);
  assert.equal(await readFile(join(base, 'out', 'f'), 'utf8'), 'outside');
});

test('a folder elsewhere that is swapped before it is opened is noticed', posix, async (t) => {
  const { call, base, host } = await script(t, { grants: { all: true } });
  await mkdir(join(base, 'q/d'), { recursive: true });
  await mkdir(join(base, 'r/d'), { recursive: true });
  await writeFile(join(base, 'r/d', 'f'), 'other');
  const { openRoot } = host;
  Object.assign(host, {
    openRoot: async (...args: Parameters<typeof openRoot>) => {
      if ((await lstat(join(base, 'q'))).isDirectory()) {
        await rename(join(base, 'q'), join(base, 'q.old'));
        await symlink('r', join(base, 'q'));
      }
      return openRoot(...args);
    },
  });
  await assert.rejects(call('xfile.readText', { url: join(base, 'q/d/f') }), failsWith('file', /replaced by a link/));
});

test('times and modes go along, a move over a mount or between roots of two kinds is verified', posix, async (t) => {
  const { call, folder } = await script(t);
  await mkdir(join(folder, 'd'));
  await writeFile(join(folder, 'd', 'run'), '#!', { mode: 0o755 });
  await utimes(join(folder, 'd', 'run'), 1e9, 1e9);
  await call('xfile.copy', { from: 'd', to: 'e', options: {} });
  const copied = await lstat(join(folder, 'e', 'run'));
  assert.deepEqual([copied.mode & 0o777, copied.mtimeMs], [0o755, 1e12]);
  await call('xfile.copy', { from: 'd', to: 'igz:z', options: {} });
  assert.deepEqual(await readdir(join(folder, 'z')), ['run.sx.gz']);
  assert.equal(await call('xfile.readText', { url: 'igz:z/run' }), '#!');
  await call('xfile.move', { from: 'igz:z', to: 'back', options: {} });
  assert.equal(await readFile(join(folder, 'back', 'run'), 'utf8'), '#!');
  assert.equal((await lstat(join(folder, 'back', 'run'))).mtimeMs, 1e12);
  await assert.rejects(lstat(join(folder, 'z')), { code: 'ENOENT' });
  await assert.rejects(call('xfile.move', { from: 'd', to: 'null:', options: { overwrite: true } }), ScriptCallError);
  assert.deepEqual(await readdir(join(folder, 'd')), ['run']);
});

test('the roots of a script stay open for its calls and are closed at its end', async (t) => {
  const { call, host, folder } = await script(t);
  let opened = 0;
  let closed = 0;
  const { openRoot } = host;
  Object.assign(host, {
    openRoot: async (...args: Parameters<typeof openRoot>) => {
      opened++;
      const root = await openRoot(...args);
      const close = root.vfs.close.bind(root.vfs);
      root.vfs.close = async () => {
        closed++;
        await close();
      };
      return root;
    },
  });
  for (let index = 0; index < 100; index++) {
    await mkdir(join(folder, `d${index}`));
    await call('xfile.writeText', { url: `d${index}/a`, text: '' });
  }
  assert.deepEqual([opened, closed], [1, 0]);
  await host.end();
  assert.deepEqual([opened, closed], [1, 1]);
});

test('Ctrl-C ends a call that goes through many files', async (t) => {
  const { call, host, folder } = await script(t);
  await mkdir(join(folder, 'd'));
  for (let index = 0; index < 5; index++) await writeFile(join(folder, 'd', `${index}`), '');
  host.interrupt();
  await assert.rejects(call('xfile.removeRecursive', { url: 'd', options: { confirm: false } }), failsWith('interrupted'));
  await assert.rejects(call('xfile.walk', { url: 'd', options: {} }), failsWith('interrupted'));
  assert.equal((await readdir(join(folder, 'd'))).length, 5);
});
