import { joinPath, nameOf, type RelPath } from '../../runtime/vfs/path.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import { type Entry, type Expected, NOTHING, type Stamp, type Vfs } from '../../runtime/vfs/vfs.ts';

/**
 * A file system like some servers: a rename copies under the new name and then removes the old one, in steps that a crash can come between, and no identity
 * survives it.
 */
export function withCopyingRename(inner: Vfs): Vfs {
  const rename = async (from: RelPath, to: RelPath, expected: Expected): Promise<Entry> => {
    const source = await inner.stat(from);
    if (source === undefined || expected.kind === 'nothing') throw new VfsError('changed', from, 'nothing is there');
    if (to.startsWith(`${from}/`)) throw new VfsError('failed', to, 'a directory cannot be moved into itself');
    if ((await inner.stat(to)) !== undefined && !isOneName(inner, from, to)) throw new VfsError('exists', to, 'something is there already');
    if (isOneName(inner, from, to)) return inner.rename(from, to, expected);
    await copy(inner, source, from, to, expected);
    const placed = (await inner.stat(to)) as Entry;
    return without({ ...placed, name: nameOf(to) });
  };
  return new Proxy(inner, {
    get(target, key) {
      if (key === 'rename') return rename;
      if (key === 'list') return async (path: RelPath) => (await target.list(path)).map(without);
      if (key === 'stat') return async (path: RelPath) => without(await target.stat(path));
      if (key === 'write') return async (...args: Parameters<Vfs['write']>) => withoutIdentity(await target.write(...args));
      if (key === 'setModified') return async (...args: Parameters<Vfs['setModified']>) => withoutIdentity(await target.setModified(...args));
      if (key === 'replace') return async (...args: Parameters<Vfs['replace']>) => withoutIdentity(await target.replace(...args));
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function copy(inner: Vfs, source: Entry, from: RelPath, to: RelPath, expected: Expected): Promise<void> {
  switch (source.kind) {
    case 'file': {
      if (expected.kind !== 'file' || expected.revision !== source.revision) throw new VfsError('changed', from, 'it changed');
      const { modifiedMs, mode } = source;
      const as = { expected: NOTHING, ...(modifiedMs === undefined ? {} : { modifiedMs }), ...(mode === undefined ? {} : { mode }) };
      await inner.write(to, inner.content(from, source.revision), as).catch(asExists);
      return inner.removeFile(from, expected);
    }
    case 'link':
      if (expected.kind !== 'link' || expected.target !== source.target) throw new VfsError('changed', from, 'it changed');
      await inner.link(to, source.target, { expected: NOTHING });
      return inner.removeFile(from, expected);
    case 'directory':
      if (expected.kind !== 'directory') throw new VfsError('changed', from, 'it is a directory');
      await inner.makeDirectory(to);
      for (const entry of await inner.list(from)) await copy(inner, entry, joinPath(from, entry.name), joinPath(to, entry.name), expectedOf(entry));
      return inner.removeDirectory(from);
    case 'other':
      throw new VfsError('unsupported', from, 'it cannot be copied');
  }
}

function expectedOf(entry: Entry): Expected {
  if (entry.kind === 'file') return { kind: 'file', revision: entry.revision };
  return entry.kind === 'link' ? { kind: 'link', target: entry.target } : { kind: 'directory' };
}

function asExists(error: unknown): never {
  throw error instanceof VfsError && error.code === 'changed' ? new VfsError('exists', error.path, 'something is there already') : error;
}

function isOneName(vfs: Vfs, from: RelPath, to: RelPath): boolean {
  return !vfs.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
}

function without<T extends Entry | undefined>(entry: T): T {
  return entry?.kind === 'file' ? (withoutIdentity(entry) as T) : entry;
}

function withoutIdentity<T extends Stamp | undefined>(stamp: T): T {
  const facts = stamp && Object.entries(stamp).filter(([key]) => key !== 'fileId');
  return (facts && Object.fromEntries(facts)) as T;
}
