import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { NOTHING } from '../../runtime/vfs/vfs.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const MIB = 1024 * 1024;

/** What is copied: the file's bytes at these places, all else a hole. */
async function copied(context: TestContext, size: number, parts: Readonly<Record<number, string>>) {
  const base = await temporaryFolder(context);
  const [from, to] = [join(base, 'from'), join(base, 'to')];
  for (const folder of [from, to]) mkdirSync(folder);
  const fd = openSync(join(from, 'f'), 'w');
  ftruncateSync(fd, size);
  for (const [at, text] of Object.entries(parts)) writeSync(fd, text, Number(at));
  closeSync(fd);
  const options = { followLinks: false, flushEachFile: false, signal: new AbortController().signal };
  const [source, target] = [await openLocal(from, options), await openLocal(to, options)];
  try {
    await target.write('f', source.content('f'), { expected: NOTHING });
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
  assert.ok(readFileSync(join(to, 'f')).equals(readFileSync(join(from, 'f'))));
  return { source: statSync(join(from, 'f')), target: statSync(join(to, 'f')) };
}

for (const [title, size, parts] of [
  ['in its middle', 8 * MIB, { 0: 'start', [8 * MIB - 3]: 'end' }],
  ['at its end', 8 * MIB + 7, { 100: 'start' }],
  ['all over', 3 * MIB, {}],
  ['in less than one read', 200_000, { 150000: 'x' }],
  ['around data that begins and ends between pieces', 4 * MIB, { [MIB + 5]: 'x'.repeat(200_001) }],
] as const) {
  test(`a file with a hole ${title} is copied byte for byte, and takes no more room`, async (context) => {
    const { source, target } = await copied(context, size, parts);
    if (source.blocks * 512 >= size) return context.skip('there are no holes here');
    assert.ok(target.blocks * 512 <= source.blocks * 512 + 2 * 64 * 1024, `${target.blocks} blocks for ${source.blocks}`);
  });
}

test('zeros that take room in the source are copied, too', async (context) => {
  const base = await temporaryFolder(context);
  for (const folder of ['from', 'to']) mkdirSync(join(base, folder));
  writeFileSync(join(base, 'from', 'f'), Buffer.alloc(MIB));
  const options = { followLinks: false, flushEachFile: false, signal: new AbortController().signal };
  const [source, target] = [await openLocal(join(base, 'from'), options), await openLocal(join(base, 'to'), options)];
  await target.write('f', source.content('f'), { expected: NOTHING });
  await Promise.all([source.close(), target.close()]);
  assert.ok(readFileSync(join(base, 'to', 'f')).equals(Buffer.alloc(MIB)));
});
