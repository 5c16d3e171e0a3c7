import { madeOnDemand } from '../../runtime/vfs/layers/made-on-demand.ts';
import { shadowed } from '../../runtime/vfs/layers/shadowed.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { describeVfsContract } from './contract.ts';

describeVfsContract('shadowed layer', async () => ({ vfs: shadowed(new MemoryVfs(), [new MemoryVfs(), new MemoryVfs()]) }));

describeVfsContract('shadowed layer without case', async () => {
  const traits = { caseSensitive: false };
  return { vfs: shadowed(new MemoryVfs({ traits }), [new MemoryVfs({ traits })]) };
});

describeVfsContract('root made on demand', async () => {
  const { traits } = new MemoryVfs();
  return { vfs: madeOnDemand({ label: 'made on demand', traits }, async () => new MemoryVfs()) };
});
