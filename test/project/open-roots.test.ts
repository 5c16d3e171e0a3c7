import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { closeRoots, openRoots } from '../../runtime/project/roots/open-roots.ts';
import type { RootAddress } from '../../runtime/vfs/root-address.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

function at(path: string): RootAddress {
  return { layers: [], base: { kind: 'local', path } };
}

/** Two folders, the second with a shadow that does not exist, nor the folder that it would lie in. */
async function withMissingShadow(context: TestContext, autoMkdir: boolean) {
  const base = await temporaryFolder(context);
  const [a, b, shadow] = [join(base, 'a'), join(base, 'b'), join(base, 'not', 'there')];
  await mkdir(a);
  await mkdir(b);
  const roots = [
    { address: at(a), shadows: [], targetOnly: false, autoMkdir: false },
    { address: at(b), shadows: [at(shadow)], targetOnly: true, autoMkdir },
  ];
  const options = { signal: new AbortController().signal, flushEachFile: false, pathRules: { refusedBelow: async () => [] } as never };
  return { base, shadow, open: () => openRoots({ symlinks: 'ignore', roots } as never, options) };
}

test('a shadow that is missing is an error that says what to do, and makes nothing', async (context) => {
  const { base, shadow, open } = await withMissingShadow(context, false);
  const message = `the shadow ${shadow} does not exist; create it, or correct its path, or set "autoMkdir" on its root`;
  await assert.rejects(open(), { name: 'VfsError', code: 'unreachable', message });
  assert.equal(existsSync(join(base, 'not')), false);
});

test('a shadow of a root with autoMkdir is made by the first action', async (context) => {
  const { shadow, open } = await withMissingShadow(context, true);
  const roots = await open();
  try {
    assert.equal(existsSync(shadow), false);
    await roots[1]?.vfs.makeDirectory('d');
    assert.equal(existsSync(join(shadow, 'd')), true);
  } finally {
    await closeRoots(roots);
  }
});
