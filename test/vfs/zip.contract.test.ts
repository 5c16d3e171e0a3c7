import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openZip, type ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { describeVfsContract } from './contract.ts';

for (const inner of ['', 'in/side']) {
  describeVfsContract(inner === '' ? 'zip' : 'zip, a folder inside', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sxrun-zip-'));
    const place = { path: join(folder, 'a.zip') };
    const options: ZipOptions = { access: 'write', makeMissing: true, inner, signal: new AbortController().signal };
    const vfs = await openZip(place, options);
    const aborted = await openZip(place, { ...options, signal: AbortSignal.abort() });
    return {
      vfs,
      aborted,
      oddNames: false,
      async close() {
        await aborted.close();
        rmSync(folder, { recursive: true });
      },
    };
  });
}
