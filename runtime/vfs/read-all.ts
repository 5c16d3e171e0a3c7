import type { Content } from './vfs.ts';

/** The bytes of a small file. */
export async function readAll(content: Content): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
