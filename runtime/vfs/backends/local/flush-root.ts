import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, fsync as fsyncCallback, openSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { localError } from './local-error.ts';
import { OpenedDirectories } from './opened-directories.ts';
import type { RootHandle } from './root-handle.ts';

const fsync = promisify(fsyncCallback);
const SYNC_PROGRAMS = ['/usr/bin/sync', '/bin/sync'];

/** The program that makes a whole file system durable at once (`sync -f`, coreutils); undefined: files are flushed one by one. */
export function syncProgram(): string | undefined {
  return process.platform === 'linux' ? SYNC_PROGRAMS.find((program) => existsSync(program)) : undefined;
}

/** By device: the sync that was asked for and has not begun. */
const waiting = new Map<bigint, Promise<void>>();

/** Roots of one file system that are flushed together share one sync: whoever asks before it begins is served by it. */
export function syncFileSystem(program: string, root: RootHandle): Promise<void> {
  const { dev } = root.fd === undefined ? statSync(root.path, { bigint: true }) : fstatSync(root.fd, { bigint: true });
  const known = waiting.get(dev);
  if (known !== undefined) return known;
  const sync = new Promise<void>((begin) => {
    setImmediate(begin);
  }).then(() => {
    waiting.delete(dev);
    return syncNow(program, root);
  });
  waiting.set(dev, sync);
  return sync;
}

/** One syncfs of the root's file system; where `sync` does not know `-f` (small systems), a sync of all. */
async function syncNow(program: string, root: RootHandle): Promise<void> {
  try {
    if (!(await succeeds(program, ['-f', root.path])) && !(await succeeds(program, []))) {
      throw new VfsError('failed', '', `the file system could not be made durable: ${program} failed`);
    }
  } catch (error) {
    throw localError(error, '');
  }
}

/** In a group of its own: Ctrl-C, which the terminal sends to all of ours, must not keep finished work from being saved. */
async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  const [code] = await once(spawn(program, args, { stdio: 'ignore', detached: true }), 'exit');
  return code === 0;
}

/** Names become durable with their directory; the files were flushed one by one. Windows has no such call, and NTFS journals names in order. */
export async function syncDirectories(root: RootHandle, touched: Iterable<RelPath>): Promise<void> {
  if (process.platform === 'win32') return;
  for (const path of touched) {
    const directories = new OpenedDirectories(root);
    let fd: number | undefined;
    try {
      fd = openSync(directories.enter(path), 'r');
      await fsync(fd);
    } catch (error) {
      const translated = localError(error, path);
      // A directory that was removed meanwhile has no names to keep.
      if (translated.code !== 'not-found') throw translated;
    } finally {
      if (fd !== undefined) closeSync(fd);
      directories.close();
    }
  }
}
