import { closeSync, write as writeCallback } from 'node:fs';
import { promisify } from 'node:util';
import type { RelPath } from '../../path.ts';
import type { Content, Stamp, WriteAs } from '../../vfs.ts';
import { localError } from './local-error.ts';
import { OpenedDirectories } from './opened-directories.ts';
import { createPart, dropPart, placePart, type PartFile } from './part-file.ts';
import { requireRunning, type RootHandle } from './root-handle.ts';

const write = promisify(writeCallback);

/** Content that comes from elsewhere, into a part beside the target and then in its place. */
export async function writeStream(root: RootHandle, path: RelPath, content: Content, as: WriteAs, partName: string): Promise<Stamp> {
  const directories = new OpenedDirectories(root);
  try {
    requireRunning(root, path);
    const part = createPart(directories.target(path), partName, root.modes ? as.mode : undefined);
    try {
      await fill(part, content, root);
      return placePart(part, { expected: as.expected, modifiedMs: as.modifiedMs, mode: as.mode }, directories);
    } catch (error) {
      dropPart(part);
      throw error;
    }
  } catch (error) {
    throw localError(error, path);
  } finally {
    directories.close();
  }
}

async function fill(part: PartFile, content: Content, root: RootHandle): Promise<void> {
  try {
    for await (const chunk of content.open()) {
      requireRunning(root, part.place.path);
      for (let at = 0; at < chunk.length; ) at += (await write(part.fd, chunk, at, chunk.length - at)).bytesWritten;
    }
  } catch (error) {
    closeSync(part.fd);
    throw error;
  }
}
