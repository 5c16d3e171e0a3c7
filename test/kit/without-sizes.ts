import type { Vfs } from '../../runtime/vfs/vfs.ts';

/** A file system that does not know how large its files are, as one that keeps them in another form. */
export function withoutSizes(inner: Vfs): Vfs {
  return new Proxy(inner, {
    get(target, key) {
      if (key === 'list') return async (path: string) => (await target.list(path)).map(withoutSize);
      if (key === 'content') {
        return (...args: Parameters<Vfs['content']>) => {
          const content = target.content(...args);
          return { open: (from?: number) => content.open(from) };
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const gives = key === 'stat' || key === 'write' || key === 'setModified' || key === 'replace' || key === 'rename';
      return gives ? async (...args: unknown[]) => withoutSize(await value.apply(target, args)) : value.bind(target);
    },
  });
}

function withoutSize<T>(entry: T): T {
  if (typeof entry !== 'object' || entry === null) return entry;
  return Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'size')) as T;
}
