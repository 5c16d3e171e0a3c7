import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { describeVfsContract } from './contract.ts';

for (const followLinks of [false, true]) {
  describeVfsContract(followLinks ? 'local, links followed' : 'local', async () => {
    const root = mkdtempSync(join(tmpdir(), 'sxrun-contract-'));
    const options = { followLinks, flushEachFile: false };
    const vfs = await openLocal(root, { ...options, signal: new AbortController().signal });
    const aborted = await openLocal(root, { ...options, signal: AbortSignal.abort() });
    return {
      vfs,
      aborted,
      async close() {
        await aborted.close();
        rmSync(root, { recursive: true });
      },
    };
  });
}
