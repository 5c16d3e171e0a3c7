import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Content, Vfs } from '../../runtime/vfs/vfs.ts';

/** Bytes that can still be written; each file takes what of it was written, also when it then does not fit. */
export interface Room {
  bytes: number;
}

/** A file system that is full in the middle of a file. */
export function fullMedium(inner: Vfs, room: Room): Vfs {
  const limited = (path: string, content: Content): Content => ({
    async *open(from) {
      for await (const chunk of content.open(from)) {
        room.bytes -= chunk.length;
        if (room.bytes < 0) throw new VfsError('no-space', path, 'the medium is full');
        yield chunk;
      }
    },
  });
  const write: Vfs['write'] = (path, content, as) => inner.write(path, limited(path, content), as);
  const replace: Vfs['replace'] = (path, replacement) =>
    inner.replace(path, replacement.kind === 'file' ? { ...replacement, content: limited(path, replacement.content) } : replacement);
  return new Proxy(inner, {
    get(target, key) {
      if (key === 'write') return write;
      if (key === 'replace') return replace;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
