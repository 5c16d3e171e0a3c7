import { joinPath, type RelPath } from './path.ts';
import { VfsError } from './vfs-error.ts';
import type { Below, Entry, Vfs } from './vfs.ts';

/** What was found below a directory; undefined for what is of a kind that is never to be removed. */
export type FoundBelow = ReadonlyMap<RelPath, string | undefined>;

export async function listBelow(vfs: Vfs, directory: RelPath): Promise<FoundBelow> {
  const found = new Map<RelPath, string | undefined>();
  const open = [directory];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await vfs.list(at)) {
      const path = joinPath(at, entry.name);
      found.set(path, versionBelow(entry));
      if (entry.kind === 'directory') open.push(path);
    }
  }
  return found;
}

/** How `Below` knows an entry. */
export function versionBelow(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'file':
      return entry.revision;
    case 'link':
      return entry.target;
    case 'directory':
      return '';
    case 'other':
      return undefined;
  }
}

/** `changed` unless exactly what was expected is below the directory at `path`. */
export function requireBelow(found: FoundBelow, expected: Below, path: RelPath): void {
  const stray =
    [...found].find(([at, version]) => version === undefined || expected.get(at) !== version)?.[0] ??
    [...expected.keys()].find((at) => !found.has(at));
  if (stray !== undefined) throw changedBelow(path, stray);
}

/** Something at `stray` below the directory at `path` is not what it was when the plan was made. */
export function changedBelow(path: RelPath, stray: RelPath): VfsError {
  return new VfsError('changed', path, `"${stray}" is not as it was when the plan was made`);
}
