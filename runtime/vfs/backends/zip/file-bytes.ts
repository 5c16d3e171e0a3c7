import { type FileHandle, open } from 'node:fs/promises';
import { systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import type { ByteSource } from './end-records.ts';

/** Copies go in pieces of this size. */
const PIECE = 4 * 1024 * 1024;

/** Reads all of it or throws: a file that ends early is damaged or was cut by somebody. */
export async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new VfsError('failed', '', 'the archive ends where more should follow; it was cut off or changed by another program');
    filled += bytesRead;
  }
  return buffer;
}

export async function writeExactly(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

export async function copyBytes(from: FileHandle, fromPosition: number, to: FileHandle, toPosition: number, length: number): Promise<void> {
  for (let done = 0; done < length; done += PIECE) {
    const piece = await readExactly(from, fromPosition + done, Math.min(PIECE, length - done));
    await writeExactly(to, piece, toPosition + done);
  }
}

/** A file as a source; `size` is how much of it counts. */
export function fileSource(file: FileHandle, size: number): ByteSource {
  return {
    size,
    async read(position, length) {
      try {
        return await readExactly(file, position, length);
      } catch (error) {
        throw systemError(error, '');
      }
    },
  };
}

/** Names become durable with their folder. Windows has no such call, and NTFS journals names in order. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
