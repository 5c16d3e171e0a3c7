import { createHash } from 'node:crypto';
import type { RelPath } from '../../path.ts';
import { isOfWholeRoot, VfsError } from '../../vfs-error.ts';
import type { Content, Entry, FileNode, LinkNode, Vfs } from '../../vfs.ts';

/** A version as it is stored. */
export interface Stored {
  readonly path: RelPath;
  readonly entry: Entry;
}

/** As far as can be told without looking into it. */
export function mayBeSame({ traits }: Vfs, there: FileNode | LinkNode, version: Entry): boolean {
  if (there.kind === 'link') return version.kind === 'link' && version.target === there.target;
  if (version.kind !== 'file') return false;
  if (isOneFile(there, version)) return true;
  if (there.size !== undefined && version.size !== undefined && there.size !== version.size) return false;
  // Times of local files go through doubles; a root that keeps none has those of when it was written to.
  const stepMs = Math.max(1, traits.timePrecisionMs ?? Number.POSITIVE_INFINITY);
  return there.modifiedMs === undefined || version.modifiedMs === undefined || Math.abs(there.modifiedMs - version.modifiedMs) < stepMs;
}

/**
 * Whether a version is just what is at `path`: of files that are not known to be one and the same, size, time and content must agree, as far as they are known. One that
 * cannot be read is not.
 */
export async function isSameVersion(vfs: Vfs, path: RelPath, there: FileNode | LinkNode, { path: stored, entry }: Stored): Promise<boolean> {
  if (!mayBeSame(vfs, there, entry)) return false;
  if (there.kind === 'link' || entry.kind !== 'file' || isOneFile(there, entry)) return true;
  try {
    return await haveEqualBytes(vfs.content(path, there.revision), vfs.content(stored, entry.revision));
  } catch (error) {
    if (!(error instanceof VfsError) || error.code === 'aborted' || isOfWholeRoot(error.code)) throw error;
    return false;
  }
}

/** Two names of one file. */
export function isOneFile(one: FileNode, other: FileNode): boolean {
  return one.fileId !== undefined && one.fileId === other.fileId;
}

/** One after the other: a root may read no more than one file at once (`ienc:` has turns), and whoever held its turn for one would wait for that of the other. */
async function haveEqualBytes(one: Content, other: Content): Promise<boolean> {
  const digest = await sha256Of(one);
  return digest === (await sha256Of(other));
}

async function sha256Of(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content.open()) hash.update(chunk);
  return hash.digest('hex');
}
