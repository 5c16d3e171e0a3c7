import { requireBelow, versionBelow } from './below.ts';
import { joinPath, type RelPath } from './path.ts';
import { VfsError } from './vfs-error.ts';
import type { Below, Entry, Vfs } from './vfs.ts';

/*
 * For layers that keep files under other names than they are known by.
 */

/** How an entry of the file system below is seen from above; undefined: it is not ours, and is neither shown nor touched. */
export type Shown = (entry: Entry, directory: RelPath) => Entry | undefined | Promise<Entry | undefined>;

/**
 * Requires that all below a directory that is to go is ours, and what was planned (`below`, in the names from above; absent: anything of ours). Resolves to the same
 * in the names of the file system below. Rejects with VfsError `changed`.
 */
export async function requireStoredBelow(inner: Vfs, path: RelPath, shown: Shown, below: Below | undefined): Promise<Below> {
  const stored = new Map<RelPath, string>();
  const found = new Map<RelPath, string | undefined>();
  const open = [path];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await inner.list(at)) {
      const seen = await shown(entry, at);
      // What is not ours is nothing that may go.
      found.set(joinPath(at, seen?.name ?? entry.name), seen === undefined ? undefined : versionBelow(seen));
      stored.set(joinPath(at, entry.name), versionBelow(entry) ?? '');
      if (entry.kind === 'directory') open.push(joinPath(at, entry.name));
    }
  }
  requireBelow(found, below ?? new Map([...found].map(([at, version]) => [at, version ?? ''])), path);
  return stored;
}

/** A file and something else that have one name seen from above. */
export function twoOfAName(name: string): Entry {
  return { name, kind: 'other', reason: 'a folder or link has the same name as a file here; rename one of them below', missed: true };
}

/** Errors about the file that stands for a path are told about the path. */
export async function aboutPath<T>(path: RelPath, stored: RelPath, act: (stored: RelPath) => Promise<T>): Promise<T> {
  try {
    return await act(stored);
  } catch (error) {
    throw error instanceof VfsError && error.path === stored && !error.inContent
      ? new VfsError(error.code, path, error.message, { cause: error })
      : error;
  }
}
