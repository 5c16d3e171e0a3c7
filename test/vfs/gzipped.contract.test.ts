import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { describeVfsContract } from './contract.ts';

const SX_GZ = { extension: '.sx.gz' };
const GZ = { extension: '.gz' };

function memory(traits: Partial<Traits> = {}): Vfs {
  return new MemoryVfs({ traits });
}

describeVfsContract('igz over memory', async () => ({
  vfs: gzipped(memory(), SX_GZ),
  aborted: gzipped(new MemoryVfs({ signal: AbortSignal.abort() }), SX_GZ),
  oddNames: false,
}));
describeVfsContract('igz over memory without links, modes, case and fine times', async () => ({
  vfs: gzipped(memory({ timePrecisionMs: 2000, caseSensitive: false, links: false, modes: false }), SX_GZ),
  oddNames: false,
}));
describeVfsContract('igz over memory without times', async () => ({ vfs: gzipped(memory({ timePrecisionMs: undefined }), GZ), oddNames: false }));
describeVfsContract('igz over memory that renames by copying', async () => ({ vfs: gzipped(withCopyingRename(memory()), SX_GZ), oddNames: false }));
describeVfsContract('igz over igz', async () => ({ vfs: gzipped(gzipped(memory(), GZ), SX_GZ), oddNames: false }));
describeVfsContract('igz with a shadow of igz', async () => ({
  vfs: shadowed(gzipped(memory(), SX_GZ), [gzipped(memory(), GZ), memory()]),
  oddNames: false,
}));

describeVfsContract('igz over a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sxrun-igz-'));
  const local = { followLinks: false, flushEachFile: false };
  const inner = await openLocal(folder, { ...local, signal: new AbortController().signal });
  const ended = await openLocal(folder, { ...local, signal: AbortSignal.abort() });
  return {
    vfs: gzipped(inner, SX_GZ),
    aborted: gzipped(ended, SX_GZ),
    oddNames: false,
    async close() {
      await ended.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
