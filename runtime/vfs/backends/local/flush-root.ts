import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fsync as fsyncCallback, openSync } from 'node:fs';
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

/** One syncfs of the root's file system; where `sync` does not know `-f` (small systems), a sync of all. */
export async function syncFileSystem(program: string, root: RootHandle): Promise<void> {
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
