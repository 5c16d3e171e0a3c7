import { listBelow, requireBelow } from '../../below.ts';
import { comparePaths, joinPath, parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Vfs } from '../../vfs.ts';
import { isSameVersion } from './same-version.ts';
import { clearLeftovers } from './version-numbers.ts';
import type { Kept, VersionStore } from './version-store.ts';

export interface TreeKeeping {
  /** The file system below the layer. */
  readonly inner: Vfs;
  /** The same without folders of versions. */
  readonly shown: Vfs;
  readonly store: VersionStore;
  readonly isExcluded: (path: RelPath) => boolean;
  /** A name of folders of versions. */
  readonly isOwnName: (directory: RelPath, name: string) => boolean;
}

/** What was kept of a directory that is to be replaced. */
export interface KeptTree extends Pick<Kept, 'settle' | 'undo'> {
  /** All that the directory holds now. */
  readonly below: Below;
}

/**
 * What a directory holds becomes a version, as second names or copies; its own old versions move there. One that a killed run began is gone on with. `changed`
 * when it does not hold just what `below` says (absent: anything).
 */
export async function keepTree(path: RelPath, below: Below | undefined, keeping: TreeKeeping): Promise<KeptTree> {
  const { inner, shown, store, isExcluded } = keeping;
  const found = await listBelow(shown, path);
  const known = below ?? new Map([...found].map(([at, version]) => [at, version ?? '']));
  requireBelow(found, known, path);
  const directories = [...found].flatMap(([at, version]) => (version === '' ? [at] : []));
  const own = await ownFoldersIn([path, ...directories], path, keeping);
  const content = [...found.keys()].sort(comparePaths);
  if (own.length === 0 && content.every(isExcluded)) return { below: known, settle: () => {}, undo: async () => {} };
  const kept = await store.makeRoomFor(path, 'replaced', (begun) => isBegun({ begun, path, own }, keeping));
  const placeOf = (at: RelPath) => kept.path + at.slice(path.length);
  const moved: RelPath[] = [];
  const undo = async () => {
    for (const at of moved) await inner.rename(placeOf(at), at, { kind: 'directory' }).then(() => store.moved(placeOf(at), at));
    await kept.undo();
  };
  try {
    for (const at of content) await putInto(at, placeOf(at), keeping);
    for (const at of own) {
      await inner.rename(at, placeOf(at), { kind: 'directory' });
      store.moved(at, placeOf(at));
      moved.push(at);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  return { below: known, settle: () => kept.settle(), undo };
}

async function putInto(at: RelPath, to: RelPath, { inner, store, isExcluded }: TreeKeeping): Promise<void> {
  const entry = await inner.stat(at);
  const isThere = (await inner.stat(to)) !== undefined;
  if (isThere || entry === undefined || entry.kind === 'other') return;
  if (entry.kind === 'directory') await inner.makeDirectory(to);
  else if (!isExcluded(at)) await store.repeat(at, to, entry, { alone: false });
}

async function ownFoldersIn(directories: readonly RelPath[], path: RelPath, { inner, isOwnName }: TreeKeeping): Promise<RelPath[]> {
  const own: RelPath[] = [];
  for (const directory of directories) {
    for (const entry of await inner.list(directory)) {
      if (!isOwnName(directory, entry.name)) continue;
      const at = joinPath(directory, entry.name);
      if (entry.kind !== 'directory')
        throw new VfsError('wrong-kind', path, `${at} has the name of a folder of old versions and is none; move it away`);
      own.push(at);
    }
  }
  return own;
}

interface Begun {
  readonly begun: RelPath;
  /** Of the directory that is kept there. */
  readonly path: RelPath;
  /** The folders of versions that are still in that. */
  readonly own: readonly RelPath[];
}

/** Whether a directory among the versions holds nothing but what is in the present one, and what that still has to give finds its place free. */
async function isBegun({ begun, path, own }: Begun, { inner, isOwnName }: TreeKeeping): Promise<boolean> {
  const open = [begun];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    await clearLeftovers(inner, at);
    for (const entry of await inner.list(at)) {
      const stored = joinPath(at, entry.name);
      const present = path + stored.slice(begun.length);
      if (isOwnName(parentOf(present), entry.name)) {
        if (own.includes(present)) return false;
        continue;
      }
      const there = await inner.stat(present);
      if (entry.kind === 'directory' && there?.kind === 'directory') open.push(stored);
      else if (there?.kind !== 'file' && there?.kind !== 'link') return false;
      else if (!(await isSameVersion(inner, present, there, { path: stored, entry }))) return false;
    }
  }
  return true;
}
