import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { openZip } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { type VersionedOptions, versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { describeVfsContract } from './contract.ts';

const ENC = saltedEncoder();
const OTHER = saltedEncoder({ name: 'other', extension: '.other' });
const GZ = { extension: '.gz' };
const VERSIONS: VersionedOptions = {
  prefix: 'uxvs:',
  folder: 'XVS',
  place: 'beside',
  max: 10_000,
  isExcluded: () => false,
  now: Date.now,
  keep: undefined,
};

function memory(traits: Partial<Traits> = {}): Vfs {
  return new MemoryVfs({ traits });
}

describeVfsContract('ienc over memory', async () => ({
  vfs: encoded(memory(), ENC),
  aborted: encoded(new MemoryVfs({ signal: AbortSignal.abort() }), ENC),
  oddNames: false,
}));
describeVfsContract('ienc over memory without links, modes, case and fine times', async () => ({
  vfs: encoded(memory({ timePrecisionMs: 2000, caseSensitive: false, links: false, modes: false }), OTHER),
  oddNames: false,
}));
describeVfsContract('ienc over memory without times', async () => ({ vfs: encoded(memory({ timePrecisionMs: undefined }), ENC), oddNames: false }));
describeVfsContract('ienc over memory that renames by copying', async () => ({ vfs: encoded(withCopyingRename(memory()), ENC), oddNames: false }));
describeVfsContract('ienc over igz', async () => ({ vfs: encoded(gzipped(memory(), GZ), ENC), oddNames: false }));
describeVfsContract('igz over ienc', async () => ({ vfs: gzipped(encoded(memory(), ENC), GZ), oddNames: false }));
describeVfsContract('ienc over ienc', async () => ({ vfs: encoded(encoded(memory(), OTHER), ENC), oddNames: false }));
describeVfsContract('ienc over uxvs', async () => ({ vfs: encoded(versioned(memory(), VERSIONS), ENC), oddNames: false }));
describeVfsContract('uxvs over ienc', async () => ({ vfs: versioned(encoded(memory(), ENC), VERSIONS), oddNames: false }));
describeVfsContract('igz over ienc over a zip archive in memory', async () => {
  const { signal } = new AbortController();
  const zip = await openZip({ vfs: new MemoryVfs(), path: 'a.zip' }, { access: 'write', makeMissing: true, inner: '', signal });
  return { vfs: gzipped(encoded(zip, ENC), GZ), oddNames: false };
});
describeVfsContract('ienc with a shadow of ienc', async () => ({
  vfs: shadowed(encoded(memory(), ENC), [encoded(memory(), OTHER), memory()]),
  oddNames: false,
}));

describeVfsContract('ienc over a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sxrun-ienc-'));
  const local = { followLinks: false, flushEachFile: false };
  const inner = await openLocal(folder, { ...local, signal: new AbortController().signal });
  const ended = await openLocal(folder, { ...local, signal: AbortSignal.abort() });
  return {
    vfs: encoded(inner, ENC),
    aborted: encoded(ended, ENC),
    oddNames: false,
    async close() {
      await ended.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
