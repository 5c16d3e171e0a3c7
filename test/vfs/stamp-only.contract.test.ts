import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { describeVfsContract } from './contract.ts';

const keeps = { oddNames: false, content: false };

function memory(traits: Partial<Traits> = {}): Vfs {
  return new MemoryVfs({ traits });
}

describeVfsContract('tfs over memory', async () => ({
  vfs: stampOnly(memory()),
  aborted: stampOnly(new MemoryVfs({ signal: AbortSignal.abort() })),
  ...keeps,
}));
describeVfsContract('tfs over memory without links, modes, case and times', async () => ({
  vfs: stampOnly(memory({ timePrecisionMs: undefined, caseSensitive: false, links: false, modes: false })),
  ...keeps,
}));
describeVfsContract('tfs over memory with coarse times', async () => ({ vfs: stampOnly(memory({ timePrecisionMs: 60_000 })), ...keeps }));
describeVfsContract('tfs over memory that renames by copying', async () => ({ vfs: stampOnly(withCopyingRename(memory())), ...keeps }));
describeVfsContract('tfs over igz', async () => ({ vfs: stampOnly(gzipped(memory(), { extension: '.gz' })), ...keeps }));
describeVfsContract('tfs with its target as shadow', async () => ({ vfs: shadowed(stampOnly(memory()), [memory()]), ...keeps }));

describeVfsContract('tfs over a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sxrun-tfs-'));
  const inner = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  return { vfs: stampOnly(inner), ...keeps, close: () => rm(folder, { recursive: true, force: true }) };
});
