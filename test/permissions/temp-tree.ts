import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A fresh folder (its real path) with the given things in it, gone after the test: `null` a folder, `-> TARGET` a link, else a file's text. */
export async function tempTree(t: TestContext, things: Readonly<Record<string, string | null>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sxrun-permissions-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, thing] of Object.entries(things)) {
    const path = join(folder, name);
    await mkdir(thing === null ? path : dirname(path), { recursive: true });
    if (thing?.startsWith('-> ')) await symlink(thing.slice(3), path);
    else if (thing !== null) await writeFile(path, thing);
  }
  return folder;
}
