import type { Content } from './vfs.ts';

/** Content that is in memory already. */
export function bytesContent(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    async *open(from = 0) {
      if (from < bytes.length) yield bytes.subarray(from);
    },
  };
}
