import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Content, Vfs } from '../../runtime/vfs/vfs.ts';

/** A file system without random access: what it has can be read from its start only, and how much it is, is known when it has been read. */
export function withoutOffsets(inner: Vfs): Vfs {
  const content: Vfs['content'] = (path, revision) => {
    const whole = inner.content(path, revision);
    return {
      open(from = 0) {
        if (from > 0) throw new VfsError('unsupported', path, 'files can only be read from the start');
        return whole.open();
      },
    } satisfies Content;
  };
  return new Proxy(inner, {
    get(target, key) {
      if (key === 'content') return content;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
