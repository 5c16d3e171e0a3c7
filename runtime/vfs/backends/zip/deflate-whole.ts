import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';

const OUTPUT_PIECE = 64 * 1024;
const idle = new Map<number, DeflateRaw[]>();

/**
 * Deflates in the thread pool. Compressors are used again: making one for every small file takes a tenth of the time of a run, and memory that is collected late.
 */
export async function deflateWhole(bytes: Uint8Array, level: number): Promise<Buffer> {
  const deflate = idle.get(level)?.pop() ?? createDeflateRaw({ level, chunkSize: OUTPUT_PIECE, flush: constants.Z_FINISH });
  const pieces: Buffer[] = [];
  const collect = (piece: Buffer) => pieces.push(piece);
  deflate.on('data', collect);
  try {
    await finish(deflate, bytes);
  } catch (error) {
    deflate.destroy();
    throw error;
  }
  deflate.off('data', collect);
  deflate.reset();
  idle.set(level, [...(idle.get(level) ?? []), deflate]);
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

function finish(deflate: DeflateRaw, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    deflate.once('error', reject);
    deflate.write(bytes, () => {
      deflate.off('error', reject);
      // Reading tells the listener of what was not told yet.
      while (deflate.readableLength > 0 && deflate.read() !== null);
      resolve();
    });
  });
}
