import { closeSync, constants, fdatasync, fstatSync, openSync, readSync } from 'node:fs';
import type { RelPath } from '../../path.ts';
import type { Stamp } from '../../vfs.ts';
import { inContent, VfsError } from '../../vfs-error.ts';
import { lstatOf, revisionOf } from './file-facts.ts';
import type { CopyTask } from './file-task.ts';
import { errnoOf, localError } from './local-error.ts';
import type { Place } from './opened-directories.ts';
import { createPart, dropPart, placePart } from './part-file.ts';
import { requireRunning } from './root-handle.ts';
import type { TaskContext } from './task-context.ts';
import { FileWriter } from './file-writer.ts';

/** O_NONBLOCK: a pipe that took the file's place must not keep us waiting. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** From one local root to another, whole or not at all. Owners and extended attributes stay behind. */
export function copyFile(task: CopyTask, context: TaskContext): Stamp {
  const source = context.directories(task.source);
  const target = context.directories(task.root);
  const input = reading(task, () => openSource(source.target(task.from), task.revision));
  try {
    const place = target.target(task.path);
    const part = createPart(place, context.partName(), target.root.modes ? task.mode : undefined);
    try {
      try {
        copyBytes(input, part.fd, task, context);
      } catch (error) {
        closeSync(part.fd);
        throw error;
      }
      return placePart(part, task, target);
    } catch (error) {
      dropPart(part);
      throw error;
    }
  } finally {
    closeSync(input.fd);
  }
}

/** What fails here is about the source. */
function reading<T>({ from }: CopyTask, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw inContent(localError(error, from));
  }
}

export interface Source {
  readonly fd: number;
  readonly revision: string;
  readonly path: RelPath;
  /** It takes less room than it is long: it has holes, or is compressed. */
  readonly isSparse: boolean;
  /** Where it was opened; good as long as its directory is. */
  readonly at: string;
}

/** Small files may lie in their own inode. */
const HOLES_FROM_BYTES = 64n * 1024n;

export function openSource(place: Place, revision: string | undefined): Source {
  const { path } = place;
  let fd: number;
  try {
    fd = openSync(place.at, READ);
  } catch (error) {
    const errno = errnoOf(error);
    if (revision !== undefined && (errno === 'ENOENT' || errno === 'ELOOP' || errno === 'ENXIO')) throw sourceChanged(path);
    throw error;
  }
  try {
    const stats = fstatSync(fd, { bigint: true });
    const found = revisionOf(stats);
    if (revision !== undefined && (!stats.isFile() || revision !== found)) throw sourceChanged(path);
    if (!stats.isFile()) throw new VfsError('wrong-kind', path, 'a file was expected here, but there is something else');
    return { fd, revision: found, path, isSparse: stats.size >= HOLES_FROM_BYTES && stats.blocks * 512n < stats.size, at: place.at };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** `changed` unless its path still holds what was opened: neither written to nor replaced. */
export function requireUnchanged(source: Source): void {
  const stats = lstatOf(source.at);
  if (stats === undefined || revisionOf(stats) !== source.revision) throw sourceChanged(source.path);
}

/** As `requireUnchanged` for what was read in one go: between opening and here a new file at the path cannot be told from one a moment later. */
export function requireUnwritten(source: Source): void {
  if (revisionOf(fstatSync(source.fd, { bigint: true })) !== source.revision) throw sourceChanged(source.path);
}

function copyBytes(input: Source, output: number, task: CopyTask, context: TaskContext): void {
  const { buffer } = context;
  const { root } = context.directories(task.root);
  const writer = new FileWriter(output, input.isSparse);
  for (let unsent = 0; ; ) {
    const count = reading(task, () => readSync(input.fd, buffer, 0, buffer.length, null));
    writer.write(buffer, count);
    if (count < buffer.length && isWhole(input, count)) {
      writer.end();
      reading(task, () => requireUnwritten(input));
      return;
    }
    if (count === 0) break;
    requireRunning(root, task.path);
    unsent += count;
    if (unsent < SENT_BYTES || !root.flushesAtEnd) continue;
    sendToDisk(output);
    unsent = 0;
  }
  writer.end();
  reading(task, () => requireUnchanged(input));
}

/** A large file is sent to the disk in pieces of this size while more of it is written, so that little is left for the flush at the end of the run. */
const SENT_BYTES = 64 * 1024 * 1024;

/** Nobody relies on it: whether it fails, or comes when the file is closed, the flush will tell. */
function sendToDisk(fd: number): void {
  fdatasync(fd, () => undefined);
}

/** A first short read that gave all bytes: no further call is needed to see the end. */
function isWhole(input: Source, count: number): boolean {
  return input.revision.startsWith(`${count}:`);
}

export function sourceChanged(path: RelPath): VfsError {
  return new VfsError('changed', path, 'it is not as it was when the plan was made');
}
