import { close as closeCallback, read as readCallback } from 'node:fs';
import { promisify } from 'node:util';
import type { RelPath } from '../../path.ts';
import type { Content } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';
import { openSource, requireUnchanged } from './copy-file.ts';
import { sizeOfRevision } from './file-facts.ts';
import { localError } from './local-error.ts';
import { OpenedDirectories } from './opened-directories.ts';
import type { RootHandle } from './root-handle.ts';
import { BUFFER_BYTES, isAborted } from './task-context.ts';

const read = promisify(readCallback);
const close = promisify(closeCallback);

export function contentOf(root: RootHandle, path: RelPath, revision: string | undefined): Content {
  const size = revision === undefined ? undefined : sizeOfRevision(revision);
  return {
    ...(size === undefined ? {} : { size }),
    local: { rootPath: root.path, path, followLinks: root.followLinks, ...(revision === undefined ? {} : { revision }) },
    open: (from = 0) => readFile(root, path, revision, from),
  };
}

async function* readFile(root: RootHandle, path: RelPath, revision: string | undefined, from: number): AsyncGenerator<Uint8Array> {
  const directories = new OpenedDirectories(root);
  try {
    const source = openSource(directories.target(path), revision);
    try {
      for (let position = from; ; ) {
        if (isAborted(root)) throw new VfsError('aborted', path, 'the run was interrupted');
        const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
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
