import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import JSZip from 'jszip';
import { ScriptCallError } from '../../../runtime/sandbox/script-host.ts';
import { openRoot } from '../../../runtime/vfs/open-root.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { callHost, hostContext } from './host-context.ts';

/** A project in a fresh folder, and what another program finds in its archives. */
async function script(t: TestContext) {
  const folder = await realpath(await temporaryFolder(t));
  const host = await hostContext(t, { folder });
  const call: (...args: [Parameters<typeof callHost>[1], never]) => Promise<unknown> = (method, request) => callHost(host, method, request);
  const zip = async (name: string) => JSZip.loadAsync(await readFile(join(folder, name)));
  const held = async (name: string) => Object.keys((await zip(name)).files).sort();
  return { folder, host, call: call as (method: string, request: object) => Promise<never>, zip, held };
}

function notFound(error: unknown): boolean {
  return error instanceof ScriptCallError && error.error.code === 'not-found';
}

test('what a script has written into an archive is in it when the call is over, not only when the script is', async (t) => {
  const { folder, call, held, zip } = await script(t);
  await call('xfile.writeText', { url: 'zip:a.zip//f', text: 'one' });
  assert.deepEqual(await held('a.zip'), ['f']);
  await Promise.all([1, 2, 3, 4].map((n) => call('xfile.writeText', { url: `zip:a.zip//n${n}`, text: String(n) })));
  assert.deepEqual(await held('a.zip'), ['f', 'n1', 'n2', 'n3', 'n4']);
  await call('xfile.remove', { url: 'zip:a.zip//n1' });
  await call('xfile.appendText', { url: 'zip:a.zip//f', text: ' two' });
  assert.equal(await (await zip('a.zip')).file('f')?.async('string'), 'one two');
  assert.equal((await zip('a.zip')).file('n1'), null);
  assert.deepEqual(await readdir(folder), ['a.zip'], 'nothing holds the archive');
});

test('a file that is moved into an archive is in it before the original goes', async (t) => {
  const { folder, host, call, held } = await script(t);
  await writeFile(join(folder, 'only'), 'precious');
  let whenRemoved: string[] | undefined;
  Object.assign(host, {
    openRoot: async (...args: Parameters<typeof openRoot>) => {
      const opened = await openRoot(...args);
      const remove = opened.vfs.removeFile.bind(opened.vfs);
      opened.vfs.removeFile = async (...removed) => {
        whenRemoved = await held('a.zip');
        return remove(...removed);
      };
      return opened;
    },
  });
  await call('xfile.move', { from: 'only', to: 'zip:a.zip//only', options: {} });
  assert.deepEqual(whenRemoved, ['only']);
  assert.deepEqual(await readdir(folder), ['a.zip']);
});

test('an archive that is missing is not there for who reads, and is made by who makes a folder of it', async (t) => {
  const { call, held } = await script(t);
  for (const url of ['zip:a.zip', 'zip:a.zip//f', 'zip:no/a.zip', 'zip:zip:a.zip//b.zip//', 'zip:igz:no/a.zip']) {
    assert.equal(await call('xfile.exists', { url }), false, url);
    assert.equal(await call('xfile.stat', { url }), null, url);
    await assert.rejects(call('xfile.list', { url }), notFound, url);
    await assert.rejects(call('xfile.walk', { url, options: {} }), notFound, url);
    await assert.rejects(call('xfile.copy', { from: url, to: 'copied', options: {} }), notFound, url);
  }
  await call('xfile.mkdir', { url: 'zip:a.zip', options: {} });
  assert.deepEqual(await held('a.zip'), []);
  assert.equal(await call('xfile.exists', { url: 'zip:a.zip' }), true);
  assert.deepEqual(await call('xfile.list', { url: 'zip:a.zip' }), []);
  await assert.rejects(
    call('xfile.mkdir', { url: 'zip:a.zip', options: {} }),
    (error) => error instanceof ScriptCallError && error.error.code === 'exists',
  );
  await call('xfile.mkdir', { url: 'zip:a.zip', options: { parents: true } });
  await call('xfile.mkdir', { url: 'zip:zip:a.zip//b.zip//', options: { parents: true } });
  assert.deepEqual(await held('a.zip'), ['b.zip']);
});

test('what another program has put into an archive is seen by the next call', async (t) => {
  const { folder, call, zip } = await script(t);
  await call('xfile.writeText', { url: 'zip:a.zip//f', text: 'one' });
  assert.equal(await call('xfile.readText', { url: 'zip:a.zip//f' }), 'one');
  const changed = await zip('a.zip');
  await writeFile(join(folder, 'a.zip'), await changed.file('g', 'two').generateAsync({ type: 'nodebuffer' }));
  assert.equal(await call('xfile.readText', { url: 'zip:a.zip//g' }), 'two');
});

test('what cannot get into an archive is an error of the call', async (t) => {
  const { folder, call } = await script(t);
  await mkdir(join(folder, 'a.zip'));
  await assert.rejects(call('xfile.writeText', { url: 'zip:a.zip//f', text: 'one' }), ScriptCallError);
});
