import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { type VersionedOptions, versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { describeVfsContract } from './contract.ts';

const BESIDE: VersionedOptions = {
  prefix: 'uxvs:',
  folder: 'XVS',
  place: 'beside',
  max: 10_000,
  isExcluded: () => false,
  now: Date.now,
  keep: undefined,
};
const AT_TOP: VersionedOptions = { ...BESIDE, prefix: 'rcy:', folder: '.recycle', place: 'top' };
const GZ = { extension: '.gz' };

function memory(traits: Partial<Traits> = {}): Vfs {
  return new MemoryVfs({ traits });
}

for (const options of [BESIDE, AT_TOP]) {
  const { prefix } = options;
  describeVfsContract(`${prefix} over memory`, async () => ({
    vfs: versioned(memory(), options),
    aborted: versioned(new MemoryVfs({ signal: AbortSignal.abort() }), options),
  }));
  describeVfsContract(`${prefix} over memory without links, modes, case and fine times`, async () => ({
    vfs: versioned(memory({ timePrecisionMs: 2000, caseSensitive: false, links: false, modes: false }), options),
  }));
  describeVfsContract(`${prefix} over memory without times`, async () => ({ vfs: versioned(memory({ timePrecisionMs: undefined }), options) }));
  describeVfsContract(`${prefix} over memory that renames by copying`, async () => ({ vfs: versioned(withCopyingRename(memory()), options) }));
  describeVfsContract(`${prefix} over igz`, async () => ({ vfs: versioned(gzipped(memory(), GZ), options), oddNames: false }));
  describeVfsContract(`igz over ${prefix}`, async () => ({ vfs: gzipped(versioned(memory(), options), GZ), oddNames: false }));
  describeVfsContract(`${prefix} with a shadow of ${prefix}`, async () => ({
    vfs: shadowed(versioned(memory(), options), [versioned(memory(), options), memory()]),
  }));
  describeVfsContract(`${prefix} over a folder`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sxrun-versioned-'));
    const local = { followLinks: false, flushEachFile: false };
    const inner = await openLocal(folder, { ...local, signal: new AbortController().signal });
    const ended = await openLocal(folder, { ...local, signal: AbortSignal.abort() });
    return {
      vfs: versioned(inner, options),
      aborted: versioned(ended, options),
      async close() {
        await ended.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
}
