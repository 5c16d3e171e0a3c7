import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { MemoryCatalogue, MemoryMedia, openMemoryVolumes, type VolumeSetup } from '../kit/memory-media.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { saltedEncoder } from '../kit/salted-coder.ts';
import { describeVfsContract } from './contract.ts';

const SX_GZ = { extension: '.sx.gz' };

async function volumes(setup: VolumeSetup = {}, { traits = {}, wrap }: { traits?: Partial<Traits>; wrap?: (vfs: Vfs) => Vfs } = {}): Promise<Vfs> {
  const media = new MemoryMedia({ traits });
  if (wrap !== undefined) media.wrap = wrap;
  return (await openMemoryVolumes(media, new MemoryCatalogue(), setup)).vfs;
}

describeVfsContract('volumes over memory', async () => {
  const media = new MemoryMedia();
  const store = new MemoryCatalogue();
  const aborted = await openMemoryVolumes(media, store, { signal: AbortSignal.abort() });
  return { vfs: (await openMemoryVolumes(media, store)).vfs, aborted: aborted.vfs };
});
describeVfsContract('volumes over memory, a folder inside', async () => ({ vfs: await volumes({ inner: 'in/side' }) }));
describeVfsContract('volumes whose media are full every other time', async () => {
  const media = new MemoryMedia();
  const looks = new Map<number, number>();
  media.free = (medium) => {
    const look = looks.get(medium) ?? 0;
    looks.set(medium, look + 1);
    return look % 2 === 1 ? 0 : undefined;
  };
  return { vfs: (await openMemoryVolumes(media, new MemoryCatalogue(), { waits: true })).vfs };
});
describeVfsContract('volumes of which each file is on two', async () => ({ vfs: await volumes({ copies: 2 }) }));
describeVfsContract('volumes without links, modes, case and fine times', async () => ({
  vfs: await volumes({}, { traits: { timePrecisionMs: 2000, caseSensitive: false, links: false, modes: false } }),
}));
describeVfsContract('volumes without times', async () => ({ vfs: await volumes({}, { traits: { timePrecisionMs: undefined } }) }));
describeVfsContract('volumes that rename by copying', async () => ({ vfs: await volumes({}, { wrap: withCopyingRename }) }));
describeVfsContract('volumes of compressed media', async () => ({ vfs: await volumes({}, { wrap: (vfs) => gzipped(vfs, SX_GZ) }), oddNames: false }));
describeVfsContract('igz over volumes', async () => ({ vfs: gzipped(await volumes(), SX_GZ), oddNames: false }));
describeVfsContract('ienc over igz over volumes', async () => ({ vfs: encoded(gzipped(await volumes(), SX_GZ), saltedEncoder()), oddNames: false }));
describeVfsContract('volumes with a shadow', async () => ({ vfs: shadowed(await volumes(), [new MemoryVfs()]) }));
describeVfsContract('a root with volumes as shadow', async () => ({ vfs: shadowed(new MemoryVfs(), [await volumes({ copies: 2 })]) }));
