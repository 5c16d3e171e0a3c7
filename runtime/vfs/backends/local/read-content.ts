import { close as closeCallback, read as readCallback } from 'node:fs';
import { promisify } from 'node:util';
import type { RelPath } from '../../path.ts';
import type { Content, LocalContent } from '../../vfs.ts';
import { openSource, requireUnchanged } from './copy-file.ts';
import { sizeOfRevision } from './file-facts.ts';
import { localError } from './local-error.ts';
import { OpenedDirectories } from './opened-directories.ts';
import { requireRunning, type RootHandle } from './root-handle.ts';
import { BUFFER_BYTES } from './task-context.ts';

const read = promisify(readCallback);
const close = promisify(closeCallback);

export function contentOf(root: RootHandle, path: RelPath, revision: string | undefined): Content {
  return new LocalFile(root, path, revision);
}

class LocalFile implements Content {
  declare readonly size?: number;
  readonly local: LocalContent;
  readonly #root: RootHandle;

  constructor(root: RootHandle, path: RelPath, revision: string | undefined) {
    this.#root = root;
    const { path: rootPath, followLinks } = root;
    this.local = revision === undefined ? { rootPath, path, followLinks } : { rootPath, path, followLinks, revision };
    const size = revision === undefined ? undefined : sizeOfRevision(revision);
    if (size !== undefined) this.size = size;
  }

  open(from = 0): AsyncIterable<Uint8Array> {
    return readFile(this.#root, this.local, from, this.size);
  }
}

/** `size`: what the file must have, as its revision says. Buffers are no larger than that: many small files would keep the garbage collector busy. */
async function* readFile(root: RootHandle, { path, revision }: LocalContent, from: number, size: number | undefined): AsyncGenerator<Uint8Array> {
  const directories = new OpenedDirectories(root);
  try {
    requireRunning(root, path);
    const source = openSource(directories.target(path), revision);
    try {
      for (let position = from; position !== size; ) {
        requireRunning(root, path);
        const buffer = Buffer.allocUnsafeSlow(size === undefined ? BUFFER_BYTES : Math.min(BUFFER_BYTES, Math.max(1, size - position)));
        const { bytesRead } = await read(source.fd, buffer, 0, buffer.length, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      requireUnchanged(source);
    } finally {
      await close(source.fd);
    }
  } catch (error) {
    throw localError(error, path);
  } finally {
    directories.close();
  }
}
