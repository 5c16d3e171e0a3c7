import type { Content } from '../../runtime/vfs/vfs.ts';

/** Content from bytes or text, in chunks of `chunk` bytes. */
export function bytesContent(data: string | Uint8Array, chunk = 64 * 1024): Content {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return {
    size: bytes.length,
    async *open(from = 0) {
      for (let at = from; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}

/** Reads content whole; `from` as in `Content.open`. */
export async function readContent(content: Content, from?: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.open(from)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}
