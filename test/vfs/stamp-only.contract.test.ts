import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { holdingNotes } from '../../runtime/vfs/layers/stamp-only/held-notes.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import { BASES } from '../kit/stacks.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { describeVfsContract } from './contract.ts';
import { describeLayerContract } from './layer-contract.ts';

describeLayerContract('tfs', ['tfs:igz:', 'tfs:ienc:', 'tfs:igz:ienc:']);

describeVfsContract('tfs: with notes that wait for a shadow', async () => {
  const folder = await BASES['a folder']?.();
  const vfs = shadowed(stampOnly(holdingNotes(folder?.vfs ?? new MemoryVfs())), [new MemoryVfs()], { savesLate: true });
  return { vfs, oddNames: false, content: false, close: async () => folder?.remove?.() };
});
