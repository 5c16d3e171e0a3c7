import type { VfsErrorCode } from '../../vfs-error.ts';
import type { LinkNode, OtherNode } from '../../vfs.ts';
import type { RelPath } from '../../path.ts';

/** Some directories in walking order, packed so that they cross threads without an object per file. Columns are indexed by entry, `per directory` by directory. */
export interface PackedChunk {
  /** With NUL between them. */
  readonly paths: string;
  /** With `/` between them. */
  readonly names: string;
  /** FIELDS numbers per directory, see the constants below. */
  readonly directories: Int32Array;
  readonly kinds: Uint8Array;
  readonly sizes: Float64Array;
  readonly modifiedNs: BigInt64Array;
  /** Times that 64 bits do not hold (before 1677, after 2262), by entry. */
  readonly farTimesNs: ReadonlyMap<number, bigint>;
  readonly devices: BigUint64Array;
  readonly inodes: BigUint64Array;
  readonly modes: Uint16Array;
  /** Links, others, and hidden entries whose reason is not the usual one; by entry. */
  readonly notes: ReadonlyMap<number, LinkNode | OtherNode>;
  /** Per directory. */
  readonly digests: readonly (string | undefined)[];
  readonly problems: ReadonlyMap<number, PackedProblem>;
  readonly leftovers: ReadonlyMap<number, readonly RelPath[]>;
}
export interface PackedProblem {
  readonly code: VfsErrorCode;
  readonly message: string;
}

export const FIELDS = 6;
export const FIRST_ENTRY = 0;
export const ENTRIES = 1;
export const FILES = 2;
/** Bits: HAS_HIDDEN, HAS_KILLED. */
export const FLAGS = 3;
export const NAMES_START = 4;
export const NAMES_END = 5;
export const HAS_HIDDEN = 1;
export const HAS_KILLED = 2;

/** The buffers that move instead of being copied. */
export function transfersOf(chunk: PackedChunk): ArrayBuffer[] {
  const columns = [chunk.directories, chunk.kinds, chunk.sizes, chunk.modifiedNs, chunk.devices, chunk.inodes, chunk.modes];
  return columns.map((column) => column.buffer as ArrayBuffer);
}
