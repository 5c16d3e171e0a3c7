import { isOfTheDisk } from '../../disk-names.ts';
import { joinPath, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, Expected, Vfs } from '../../vfs.ts';
import { IDENTITY_NAME } from './medium-identity.ts';

/** All that is on a medium, by path, folders before what is in them. What dead runs left is cleared first where `recovers`. */
export async function listMedium(vfs: Vfs, { recovers }: { readonly recovers: boolean }): Promise<Map<RelPath, Entry>> {
  const found = new Map<RelPath, Entry>();
  const open: RelPath[] = [''];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const entry of await listRecovered(vfs, at, recovers)) {
      if (at === '' && (entry.name === IDENTITY_NAME || isOfTheDisk(entry.name))) continue;
      const path = joinPath(at, entry.name);
      found.set(path, entry);
      if (entry.kind === 'directory') open.push(path);
    }
  }
  return found;
}

async function listRecovered(vfs: Vfs, directory: RelPath, recovers: boolean): Promise<readonly Entry[]> {
  const entries = await vfs.list(directory);
  if (!recovers) return entries;
  const leftovers = await vfs.leftovers(directory);
  if (leftovers.length === 0) return entries;
  try {
    const { returned } = await vfs.recover(leftovers);
    return returned > 0 ? await vfs.list(directory) : entries;
  } catch (error) {
    // A medium that cannot be changed keeps them.
    if (error instanceof VfsError && (error.code === 'read-only' || error.code === 'denied')) return entries;
    throw error;
  }
}

/** What stands at the top of a medium besides what every disk has. */
export async function foreignNames(vfs: Vfs): Promise<readonly string[]> {
  const entries = await vfs.list('');
  return entries.map(({ name }) => name).filter((name) => name !== IDENTITY_NAME && !isOfTheDisk(name));
}

/** Removes all that is on a medium but what every disk has. */
export async function emptyMedium(vfs: Vfs): Promise<void> {
  const found = [...(await listMedium(vfs, { recovers: true }))].reverse();
  for (const [path, entry] of found) {
    if (entry.kind === 'directory') await vfs.removeDirectory(path);
    else await vfs.removeFile(path, expectedOf(path, entry));
  }
}

function expectedOf(path: RelPath, entry: Entry): Expected {
  if (entry.kind === 'file') return { kind: 'file', revision: entry.revision };
  if (entry.kind === 'link') return { kind: 'link', target: entry.target };
  throw new VfsError('wrong-kind', path, `the medium cannot be emptied: "${path}" is neither a file nor a folder; remove it by hand`);
}
