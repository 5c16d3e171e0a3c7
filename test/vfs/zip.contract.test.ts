import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArchivePlace, openZip, type ZipOptions } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { MemoryVfs } from '../kit/memory-vfs.ts';
import { type ContractCase, describeVfsContract } from './contract.ts';

async function contractCase(place: ArchivePlace, inner: string, view: ArchivePlace | undefined, end: () => void): Promise<ContractCase> {
  const options: ZipOptions = { access: 'write', makeMissing: true, inner, signal: new AbortController().signal };
  const vfs = await openZip(place, options);
  const aborted = view === undefined ? undefined : await openZip(view, { ...options, signal: AbortSignal.abort() });
  return {
    vfs,
    ...(aborted === undefined ? {} : { aborted }),
    oddNames: false,
    async close() {
      await aborted?.close();
      end();
    },
  };
}

for (const inner of ['', 'in/side']) {
  describeVfsContract(inner === '' ? 'zip' : 'zip, a folder inside', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sxrun-zip-'));
    const place = { path: join(folder, 'a.zip') };
    return contractCase(place, inner, place, () => rmSync(folder, { recursive: true }));
  });
  describeVfsContract(inner === '' ? 'zip in another root' : 'zip in another root, a folder inside', () =>
    contractCase({ vfs: new MemoryVfs(), path: 'a.zip' }, inner, undefined, () => undefined),
  );
}
