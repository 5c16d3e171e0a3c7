import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNull } from '../../runtime/vfs/backends/null.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { NOTHING } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from '../kit/bytes-content.ts';

function open(signal = new AbortController().signal) {
  return openNull({ signal });
}
function withCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof VfsError && error.code === code;
}

test('null: takes everything and has nothing', async () => {
  const vfs = open();
  await vfs.makeDirectory('d');
  const stamp = await vfs.write('d/f', bytesContent('hello'), { expected: NOTHING, modifiedMs: 5 });
  assert.deepEqual([stamp.size, stamp.modifiedMs], [5, 5]);
  assert.equal((await vfs.link('l', 'x', { expected: NOTHING })).target, 'x');
  assert.equal(await vfs.replace('e', { kind: 'directory', expected: NOTHING }), undefined);
  for (const directory of ['', 'd']) assert.deepEqual(await vfs.list(directory), []);
  assert.equal(await vfs.stat('d/f'), undefined);
  assert.equal((await vfs.stat(''))?.kind, 'directory');
  await vfs.removeDirectory('d');
  await vfs.flush();
  await vfs.close();
});

test('null: reads all it is given, and says what could not be read', async () => {
  let opened = 0;
  const content = {
    async *open() {
      opened++;
      yield new Uint8Array(10);
      throw new VfsError('denied', 'source', 'no access');
    },
  };
  await assert.rejects(open().write('f', content, { expected: NOTHING }), withCode('denied'));
  assert.equal(opened, 1);
});

test('null: has nothing that could be expected, read, renamed or touched', async () => {
  const vfs = open();
  const expected = { kind: 'file', revision: 'r' } as const;
  await assert.rejects(vfs.write('f', bytesContent('x'), { expected }), withCode('changed'));
  await assert.rejects(vfs.removeFile('f', expected), withCode('changed'));
  await assert.rejects(vfs.rename('f', 'g', expected), withCode('changed'));
  await assert.rejects(vfs.setModified('f', 1, expected), withCode('changed'));
  await assert.rejects(readContent(vfs.content('f')), withCode('not-found'));
});

test('after the abort null: takes nothing more', async () => {
  const vfs = open(AbortSignal.abort());
  await assert.rejects(vfs.list(''), withCode('aborted'));
  await assert.rejects(vfs.write('f', bytesContent('x'), { expected: NOTHING }), withCode('aborted'));
  await assert.rejects(vfs.makeDirectory('d'), withCode('aborted'));
});
