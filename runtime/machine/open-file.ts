import { closeSync, constants, fstatSync, openSync } from 'node:fs';

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
    // A pipe that nobody reads, or a socket.
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? refusal('EFTYPE', path) : error;
  }
  const found = fstatSync(fd);
  if (found.isFile()) return fd;
  closeSync(fd);
  throw refusal(found.isDirectory() ? 'EISDIR' : 'EFTYPE', path);
}

function refusal(code: 'EISDIR' | 'EFTYPE', path: string): Error {
  return Object.assign(new Error(`${code}: no regular file, open '${path}'`), { code, syscall: 'open', path });
}
