import { closeSync, readSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { joinPath, type RelPath } from '../../path.ts';
import { inContent } from '../../vfs-error.ts';
import { openSource, requireUnchanged, requireUnwritten, type Source, sourceChanged } from './copy-file.ts';
import { sizeOfRevision } from './file-facts.ts';
import type { PackedColumns, PackTask, TaskError } from './file-task.ts';
import { localError } from './local-error.ts';
import { noteFailure, requireMayBegin } from './root-handle.ts';
import type { TaskContext } from './task-context.ts';

interface FileToPack {
  readonly path: RelPath;
  readonly revision: string;
  readonly level: number;
}
interface Packed {
  readonly crc: number;
  readonly size: number;
  readonly isDeflated: boolean;
  readonly data: Uint8Array;
}

/** What deflate makes no shorter. */
const LEAST_TO_DEFLATE = 32;
const NOTHING: Packed = { crc: 0, size: 0, isDeflated: false, data: new Uint8Array() };

/** Reads and deflates one file after the other. Never throws. */
export function packFiles(task: PackTask, context: TaskContext): PackedColumns {
  const packed: Packed[] = [];
  const errors: [number, TaskError][] = [];
  for (const { directory, names, revisions, levels } of task.batch) {
    const all = revisions.split('|');
    for (const [i, name] of names.split('/').entries()) {
      const file = { path: joinPath(directory, name), revision: all[i] as string, level: levels[i] as number };
      try {
        packed.push(packFile(file, task.root, context));
      } catch (error) {
        noteFailure(context.directories(task.root).root);
        const { code, path, message } = inContent(localError(error, file.path));
        errors.push([packed.length, { code, path, message, inContent: true }]);
        packed.push(NOTHING);
      }
    }
  }
  return {
    crcs: packed.map(({ crc }) => crc),
    sizes: packed.map(({ size }) => size),
    areDeflated: packed.map(({ isDeflated }) => isDeflated),
    lengths: packed.map(({ data }) => data.length),
    errors,
    data: joined(packed),
  };
}

function packFile({ path, revision, level }: FileToPack, root: number, context: TaskContext): Packed {
  const directories = context.directories(root);
  directories.refresh();
  requireMayBegin(directories.root, path);
  const source = openSource(directories.target(path), revision);
  try {
    const plain = readWhole(source, sizeOfRevision(revision) ?? 0, context);
    return { crc: crc32(plain), size: plain.length, ...deflated(plain, level) };
  } finally {
    closeSync(source.fd);
  }
}

/** In the thread's buffer where it fits: good until the next file is read. */
function readWhole(source: Source, size: number, { buffer }: TaskContext): Uint8Array {
  const plain = size <= buffer.length ? buffer.subarray(0, size) : Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for (let count = -1; filled < size && count !== 0; filled += count) count = readSync(source.fd, plain, filled, size - filled, null);
  if (filled < size) throw sourceChanged(source.path);
  if (size <= buffer.length) requireUnwritten(source);
  else requireUnchanged(source);
  return plain;
}

/** What does not get smaller stays as it is. */
function deflated(plain: Uint8Array, level: number): Pick<Packed, 'isDeflated' | 'data'> {
  if (level > 0 && plain.length >= LEAST_TO_DEFLATE) {
    const data = deflateRawSync(plain, { level, chunkSize: Math.max(64, plain.length) });
    if (data.length < plain.length) return { isDeflated: true, data };
  }
  return { isDeflated: false, data: Uint8Array.from(plain) };
}

/** In memory of its own, so that it can be handed to another thread. */
function joined(packed: readonly Packed[]): Uint8Array {
  const all = new Uint8Array(packed.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of packed) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}
