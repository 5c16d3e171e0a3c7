import { isWithin, joinPath, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, Vfs } from '../../vfs.ts';
import { movedPath, superseding } from './catalogue.ts';
import type { ClearingOptions, Clearing } from './clearing.ts';
import { type Change, type Kept, mediaOf } from './kept.ts';
import { expectedOn } from './placed.ts';
import type { Placing } from './placing.ts';

export interface Renaming extends ClearingOptions {
  readonly clearing: Clearing;
  readonly placing: Placing;
}

/**
 * A rename within each medium that has what is at `from`. Rejects with VfsError `cross-device` when none of its media can be changed, and for a folder when one of them cannot. A folder on several
 * media is renamed on one after the other: a kill between leaves some of what is in it under the old name.
 */
export async function renameOnMedia({ from, to, kept }: { from: RelPath; to: RelPath; kept: Kept }, parts: Renaming): Promise<void> {
  const { catalogue, media, commit, placing, clearing } = parts;
  const below = kept.kind === 'directory' ? catalogue.below(from) : [];
  const holders = [...new Set([kept, ...below.map((one) => one.kept)].flatMap(mediaOf))];
  const mounted = holders.map((medium) => media.at(medium)).filter((one) => one !== undefined && !one.isReadOnly);
  if (mounted.length < (kept.kind === 'directory' ? holders.length : 1))
    throw new VfsError('cross-device', from, 'it is on a medium that is not in reach, or can only be read; it cannot be renamed there, only copied');
  await clearing.clear(from);
  const renamed = new Map<number, ReadonlyMap<RelPath, Entry>>();
  for (const each of mounted) {
    if (each === undefined) continue;
    if (catalogue.supersededOn(each.medium).some(({ path }) => isWithin(path, from)))
      throw new VfsError('cross-device', from, `something in it on medium ${each.medium} cannot be removed; it cannot be renamed, only copied`);
    await placing.makeParents(each, to);
    await clearing.makeWay(each, to);
    const entry = await media.use(each, (vfs) => vfs.rename(from, to, expectedOn(each.medium, kept)));
    renamed.set(each.medium, await listedFrom(each.vfs, to, entry));
  }
  const changes: Change[] = [...superseding(from, kept, [...renamed.keys()])];
  for (const one of [...below].reverse()) changes.push({ what: 'path', path: one.path, kept: null });
  changes.push({ what: 'path', path: from, kept: null });
  for (const one of [{ path: from, kept }, ...below]) {
    const path = movedPath(one.path, from, to);
    changes.push({ what: 'path', path, kept: renamedKept(one.kept, path, renamed) });
  }
  commit(changes);
}

function renamedKept(kept: Kept, path: RelPath, renamed: ReadonlyMap<number, ReadonlyMap<RelPath, Entry>>): Kept {
  if (kept.kind !== 'file') return kept.kind === 'directory' ? kept : { ...kept, media: mediaOf(kept).filter((medium) => renamed.has(medium)) };
  const copies = kept.copies.flatMap(({ medium, revision }) => {
    const entry = renamed.get(medium)?.get(path);
    return renamed.has(medium) ? [{ medium, revision: entry?.kind === 'file' ? entry.revision : revision }] : [];
  });
  return { ...kept, copies };
}

/** What is at a path and below, by path. */
async function listedFrom(vfs: Vfs, path: RelPath, entry: Entry): Promise<ReadonlyMap<RelPath, Entry>> {
  const found = new Map<RelPath, Entry>([[path, entry]]);
  const open = entry.kind === 'directory' ? [path] : [];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const child of await vfs.list(at)) {
      found.set(joinPath(at, child.name), child);
      if (child.kind === 'directory') open.push(joinPath(at, child.name));
    }
  }
  return found;
}
