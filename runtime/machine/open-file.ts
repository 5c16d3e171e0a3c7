import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Windows does not have it. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;

/**
 * `openSync` for regular files: whoever has put a named pipe in the place of one does not make us wait for its other end, which no signal could end. Throws the system's errors: EISDIR
 * for a folder, EFTYPE (as BSD systems name it) for what is no file either.
 */
export function openFile(path: string, flags: number, mode?: number): number {
  let fd: number;
  try {
    fd = openSync(path, flags | NON_BLOCKING, mode);
  } catch (error) {
    throw withoutReader(error, path);
  }
  const refused = refusedFor(fstatSync(fd), path);
  if (refused === undefined) return fd;
  closeSync(fd);
  throw refused;
}

/** The same without waiting. */
export async function openFileHandle(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | NON_BLOCKING).catch((error: unknown) => {
    throw withoutReader(error, path);
  });
  const refused = refusedFor(await file.stat(), path);
  if (refused === undefined) return file;
  await file.close();
  throw refused;
}

/** A pipe that nobody reads, or a socket. */
function withoutReader(error: unknown, path: string): unknown {
  return (error as NodeJS.ErrnoException).code === 'ENXIO' ? refusal('EFTYPE', path) : error;
}

function refusedFor(found: Stats, path: string): Error | undefined {
  return found.isFile() ? undefined : refusal(found.isDirectory() ? 'EISDIR' : 'EFTYPE', path);
}

function refusal(code: 'EISDIR' | 'EFTYPE', path: string): Error {
  return Object.assign(new Error(`${code}: no regular file, open '${path}'`), { code, syscall: 'open', path });
}
