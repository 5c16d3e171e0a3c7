import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { resultsOf, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

/** A project with notes of what its shadows on a disk got, after its first run; the disk can be taken out. */
async function uploaded(context: Parameters<typeof temporaryFolder>[0], root: string) {
  const folder = await temporaryFolder(context);
  const [disk, away] = [join(folder, 'mnt'), join(folder, 'away')];
  for (const name of ['texts', 'mnt']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'texts/a.txt'), 'alpha');
  await writeFile(join(folder, 'p.sync.ts'), `export default { roots: ['texts', ${root}], mirror: true };`);
  const run = (...args: string[]) => runBuilt(['-p', '--json', ...args, 'p.sync.ts'], { currentDir: folder, home: join(folder, 'home') });
  assert.equal((await run()).code, 0);
  await writeFile(join(folder, 'texts/new.txt'), 'new');
  return {
    run,
    disk,
    unmount: async () => {
      await rename(disk, away);
      await mkdir(disk);
    },
    mount: async () => {
      await rm(disk, { recursive: true });
      await rename(away, disk);
    },
  };
}

const SHADOWS = {
  'a folder that autoMkdir would make, and an archive beside it': `{ url: 'tfs:notes', targetOnly: true, autoMkdir: true, shadow: ['mnt/copy', 'zip:mnt/a.zip//in'] }`,
  'the mount point itself, with layers above it': `{ url: 'tfs:notes', targetOnly: true, autoMkdir: true, shadow: 'xvs:igz:mnt' }`,
};
for (const [what, root] of Object.entries(SHADOWS)) {
  test(`notes of a disk that is not mounted stop the run, exit code 3, and nothing is put into the mount point: ${what}`, async (context) => {
    const told = await uploaded(context, root);
    await told.unmount();
    const stopped = await told.run();
    assert.equal(stopped.code, 3);
    assert.match(
      stopped.stdout,
      /root 1 \(tfs:[^)]*notes\) tells of 1 entry on its shadow [^,]*mnt[^,]*, where nothing of that is to be seen\. Mount the disk/,
    );
    assert.equal((await told.run('-s')).code, 3);
    assert.deepEqual(await readdir(told.disk), []);
    await told.mount();
    assert.equal(resultsOf(await told.run())[0]?.copied, 1);
    assert.equal(resultsOf(await told.run())[0]?.copied, 0);
  });
}

test('neither "null:" with a shadow nor notes with "null:" as shadow has anything to compare: both go on', async (context) => {
  for (const root of [
    `{ url: 'null:', targetOnly: true, autoMkdir: true, shadow: 'mnt/copy' }`,
    `{ url: 'tfs:notes', targetOnly: true, autoMkdir: true, shadow: 'null:' }`,
  ]) {
    const told = await uploaded(context, root);
    await told.unmount();
    assert.equal((await told.run()).code, 0);
    assert.equal(existsSync(join(told.disk, 'copy')), root.includes('mnt/copy'));
  }
});
