import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { isBelow } from '../../permissions/path-match.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { joinPath, type RelPath } from '../../vfs/path.ts';
import { expectedOf } from '../../vfs/expected.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Entry } from '../../vfs/vfs.ts';
import { fileFailureOf } from '../sync-failure.ts';
import type { HostContext } from './host-function.ts';
import { aboutUrl, type FilePlace, urlBelow } from './xfile-places.ts';

/** One thing in a tree, by its path below the tree's top (`''`: the top itself). */
export interface TreeItem {
  readonly below: RelPath;
  readonly entry: Entry;
}

/** What is at a place; error `not-found` where nothing is. */
export async function entryAt(place: FilePlace): Promise<Entry> {
  const entry = await place.vfs.stat(place.path);
  if (entry === undefined) throw new VfsError('not-found', place.path, 'there is nothing at this path');
  return entry;
}

/** A tree from its top down, each folder before what is in it. An error names what cannot be copied, moved or removed: then nothing is to be done at all. */
export async function readTree(place: FilePlace, top: Entry, context: HostContext): Promise<readonly TreeItem[]> {
  const items: TreeItem[] = [];
  const open: TreeItem[] = [{ below: '', entry: top }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    requireRunning(context);
    items.push(item);
    const { below, entry } = item;
    if (entry.kind === 'other') throw failure('wrong-kind', place, below, `it is neither file, folder nor link: ${entry.reason}`);
    if (entry.kind !== 'directory') continue;
    const entries = await aboutUrl(urlBelow(place.url, below), () => place.vfs.list(joined(place.path, below)));
    for (const inner of entries.toReversed()) open.push({ below: joined(below, inner.name), entry: inner });
  }
  return items;
}

/** Removes what `readTree` found, from below; `changed` where it is not the same any more. */
export async function removeTree(place: FilePlace, items: readonly TreeItem[], context: HostContext): Promise<void> {
  for (const { below, entry } of items.toReversed()) {
    requireRunning(context);
    const path = joined(place.path, below);
    await aboutUrl(urlBelow(place.url, below), () =>
      entry.kind === 'directory' ? place.vfs.removeDirectory(path) : place.vfs.removeFile(path, expectedOf(entry, path)),
    );
  }
}

/** Ends a call that takes its time at the first Ctrl-C. */
export function requireRunning({ signal }: HostContext): void {
  if (signal.aborted) throw new ScriptCallError({ code: 'interrupted', message: 'interrupted' });
}

/** An error `file` for folders that no script removes or moves away, and for those that hold what is out of reach whatever is granted. */
export async function requireRemovable(place: FilePlace, verb: 'removed' | 'moved', context: HostContext): Promise<void> {
  const { localPath } = place;
  if (place.path === '' && localPath === undefined) throw failure('file', place, '', `it is a whole root, which is never ${verb}`);
  if (localPath === undefined) return;
  const folders = [
    { path: realPathOf(context.directory), what: 'the folder of the project' },
    { path: realPathOf(homedir()), what: 'the home folder' },
  ];
  if (dirname(localPath) === localPath) throw failure('file', place, '', `it is the root of a file system, which is never ${verb}`);
  const kept = folders.find(({ path }) => isBelow(path, localPath));
  if (kept !== undefined) {
    const which = kept.path === localPath ? `it is ${kept.what}` : `${kept.what} is in it`;
    throw failure('file', place, '', `${which}, which is never ${verb} by a script`);
  }
  await requireNoStores(place, context);
}

/** Folders of sxrun's own, which nothing may be done with. */
export async function requireNoStores(place: FilePlace, context: HostContext): Promise<void> {
  const inside = await storesBelow(place, context);
  for (const below of inside) {
    if ((await place.vfs.stat(joined(place.path, below))) === undefined) continue;
    throw storeFailure(place, below);
  }
}

export function storeFailure(place: FilePlace, below: RelPath): ScriptCallError {
  return failure('denied', place, below, "it belongs to sxrun's own settings or to the system, and is out of reach whatever is granted");
}

export async function storesBelow({ localPath }: FilePlace, { command }: HostContext): Promise<readonly RelPath[]> {
  return localPath === undefined ? [] : command.pathRules.refusedBelow(localPath);
}

export function joined(directory: RelPath, below: RelPath): RelPath {
  return below === '' ? directory : joinPath(directory, below);
}

/** An error of what is at `below` a place. */
export function failure(code: VfsError['code'] | 'file', place: FilePlace, below: RelPath, message: string): ScriptCallError {
  return new ScriptCallError(fileFailureOf(new VfsError(code === 'file' ? 'failed' : code, below, message), urlBelow(place.url, below)));
}
