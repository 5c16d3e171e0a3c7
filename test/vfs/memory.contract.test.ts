import { Clock } from '../kit/clock.ts';
import { withCopyingRename } from '../kit/copying-rename.ts';
import { World, faultyVfs } from '../kit/faulty-vfs.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { withoutOffsets } from '../kit/without-offsets.ts';
import { describeVfsContract } from './contract.ts';

const aborted = new MemoryVfs({ signal: AbortSignal.abort() });

describeVfsContract('memory', async () => ({ vfs: new MemoryVfs({ now: new Clock().now }), aborted }));

describeVfsContract('memory without links, modes, case and fine times', async () => ({
  vfs: new MemoryVfs({ traits: { timePrecisionMs: 2000, caseSensitive: false, links: false, modes: false } }),
}));

describeVfsContract('memory without times', async () => ({ vfs: new MemoryVfs({ traits: { timePrecisionMs: undefined } }) }));

describeVfsContract('memory that renames by copying', async () => ({ vfs: withCopyingRename(new MemoryVfs()) }));

describeVfsContract('memory without random access', async () => ({ vfs: withoutOffsets(new MemoryVfs()), offsets: false }));

describeVfsContract('faulty layer without faults', async () => ({ vfs: faultyVfs(new MemoryVfs(), new World()) }));
