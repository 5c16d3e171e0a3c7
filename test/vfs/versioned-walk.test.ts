import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { thisProcess } from '../../runtime/vfs/backends/local/transfer-names.ts';
import { openRoot } from '../../runtime/vfs/open-root.ts';
import { DEFAULT_VERSION_RULES } from '../../runtime/vfs/version-rules.ts';
import type { DirectoryListing, Walk, WalkOptions } from '../../runtime/vfs/walk.ts';
import { walkByListing } from '../../runtime/vfs/walk-listing.ts';

const OPTIONS: WalkOptions = {
  scope: { excludeFiles: ['*.bak'], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'copy' },
  innerRoots: [],
  digests: true,
};

function planted(context: TestContext, paths: readonly string[]): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-versioned-walk-')));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  return folder;
}

/** What a process that has ended left unfinished. */
function deadPart(): string {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return `.sxrun-${thisProcess().host}-${pid}-abcdef${'s'}0.part`;
}

async function described(walk: Walk): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (let next = await walk.next(); next !== undefined; next = await walk.next()) seen.push(plain(next));
  await walk.close();
  return seen;
}

function plain(listing: DirectoryListing) {
  const { path, problem, count, fileCount, hasHidden, hasKilled, digest, leftovers } = listing;
  const entries = Array.from({ length: count }, (_, i) => listing.entry(i));
  return { path, problem, fileCount, hasHidden, hasKilled, digest, leftovers: [...leftovers].sort(), entries };
}

for (const [scheme, chosen] of [
  ['xvs', 'mine'],
  ['uxvs', '/versions'],
  ['rcy', 'mine'],
] as const) {
  test(`a local ${scheme}: root with the folder ${chosen} is walked as fast as its folder, and shows what the layer shows`, async (context) => {
    const part = deadPart();
    const folder = planted(context, [
      'a.txt',
      'a.bak',
      'XVS/001.a.txt',
      `XVS/${part}`,
      'd/b.txt',
      'd/.XVS/001.b.txt',
      'd/mine/004.b.txt',
      `d/${part}`,
      'd/e/XVS',
      'd/e/f.txt',
      '.recycle/d/001.b.txt',
      `.recycle/d/${part}`,
      'x.syncdb',
      'versions/c.txt',
      'd/versions/e.txt',
    ]);
    const options = { followLinks: false, flushEachFile: false, signal: new AbortController().signal, makeMissing: false };
    const address = { layers: [{ scheme }], base: { kind: 'local', path: folder } } as const;
    const root = await openRoot(address, { ...options, versions: { ...DEFAULT_VERSION_RULES, folder: chosen } });
    const walk = root.walk(OPTIONS);
    assert.notEqual(walk.constructor.name, walkByListing(root.vfs, OPTIONS).constructor.name);
    const fast = await described(walk);
    const listed = await described(walkByListing(root.vfs, OPTIONS));
    const withoutLeftovers = (seen: readonly unknown[]) => seen.map((listing) => ({ ...(listing as object), leftovers: [] }));
    assert.deepEqual(withoutLeftovers(fast), withoutLeftovers(listed));
    const leftovers = fast.flatMap((listing) => (listing as DirectoryListing).leftovers);
    assert.deepEqual(leftovers, [`XVS/${part}`, `.recycle/d/${part}`, `d/${part}`]);
    await root.vfs.recover(leftovers);
    assert.deepEqual(
      (await described(root.walk(OPTIONS))).flatMap((listing) => (listing as DirectoryListing).leftovers),
      [],
    );
    await root.vfs.close();
  });
}
