import { VfsError } from '../vfs/vfs-error.ts';

export type CompactOutcome =
  /** What the archive took before and takes now, in bytes; equal when there was nothing to gain. */
  | { readonly kind: 'compacted'; readonly beforeBytes: number; readonly afterBytes: number }
  /** The archive is as it was. `isTaken`: a run writes into it. */
  | { readonly kind: 'failed'; readonly isTaken: boolean; readonly message: string };

/** Frees what replaced and removed entries still take in a ZIP archive of this machine; it is the old or the new one at every instant. */
export async function compactArchiveFile(path: string): Promise<CompactOutcome> {
  const { compactArchive } = await import('../vfs/backends/zip/compact-archive.ts');
  try {
    return { kind: 'compacted', ...(await compactArchive(path)) };
  } catch (error) {
    if (!(error instanceof VfsError)) throw error;
    return { kind: 'failed', isTaken: error.code === 'locked', message: error.message };
  }
}
