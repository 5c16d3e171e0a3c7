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

async function haveEqualBytes(one: Content, other: Content): Promise<boolean> {
  const [left, right] = [blocks(one), blocks(other)];
  try {
    for (;;) {
      const [a, b] = [await left.next(), await right.next()];
      if (a.done === true || b.done === true) return a.done === b.done;
      if (Buffer.compare(a.value, b.value) !== 0) return false;
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

const BLOCK_BYTES = 64 * 1024;

/** Equal content in equal pieces, however it arrives. */
async function* blocks(content: Content): AsyncGenerator<Uint8Array, undefined, undefined> {
  let rest = new Uint8Array(0);
  for await (const chunk of content.open()) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; bytes.length >= BLOCK_BYTES; bytes = bytes.subarray(BLOCK_BYTES)) yield bytes.subarray(0, BLOCK_BYTES);
    rest = Uint8Array.from(bytes);
  }
  if (rest.length > 0) yield rest;
  return undefined;
}
