import { expectedOf } from '../vfs/expected.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import type { Entry, Vfs } from '../vfs/vfs.ts';
import { VfsError } from '../vfs/vfs-error.ts';
import type { History, HistoryVersion } from './version-history.ts';
import { stateAt } from './version-as-of.ts';

/** Which version of each path is meant. */
export type Choice =
  | { readonly kind: 'newest' }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'asOf'; readonly atMs: number };

/** What is to be done, or why nothing is. */
export type Restoring =
  | { readonly path: RelPath; readonly kind: 'restore'; readonly version: HistoryVersion; readonly replaces: boolean; readonly certain: boolean }
  /** What is there is what is wanted. `isGuess`: its time is later than the time asked for, and nothing says when it came. */
  | { readonly path: RelPath; readonly kind: 'same'; readonly isGuess?: boolean }
  /** Nothing was there then; what is there now stays. */
  | { readonly path: RelPath; readonly kind: 'nothing' }
  | { readonly path: RelPath; readonly kind: 'noSuchNumber' };

/** Decides for one path; changes nothing. */
export function chooseVersion({ path, versions, present }: History, choice: Choice): Restoring {
  const restore = (version: HistoryVersion, certain: boolean): Restoring =>
    isSame(version.entry, present) ? { path, kind: 'same' } : { path, kind: 'restore', version, replaces: present !== undefined, certain };
  switch (choice.kind) {
    case 'newest': {
      const version = versions.at(-1);
      return version === undefined ? { path, kind: 'nothing' } : restore(version, true);
    }
    case 'number': {
      const version = versions.findLast(({ number }) => number === choice.number);
      return version === undefined ? { path, kind: 'noSuchNumber' } : restore(version, true);
    }
    case 'asOf': {
      const state = stateAt({ path, versions, present }, choice.atMs);
      if (state.kind === 'version') return restore(state.version, state.certain);
      if (state.kind === 'nothing') return { path, kind: 'nothing' };
      const modifiedMs = present?.kind === 'file' || present?.kind === 'link' ? present.modifiedMs : undefined;
      return { path, kind: 'same', isGuess: !state.certain && modifiedMs !== undefined && modifiedMs > choice.atMs };
    }
  }
}

/** Where a version is read, and where it is put: a file system that keeps what it overwrites. */
export interface RestoreBetween {
  readonly from: Vfs;
  readonly to: Vfs;
}

/** Puts an old version at its path, with the folders above it. The version stays where it is as well. Rejects with VfsError; then the path is as it was. */
export async function restoreVersion({ from, to }: RestoreBetween, path: RelPath, { readAs, entry }: HistoryVersion): Promise<void> {
  await copyTo({ from, to }, { path, readAs, entry });
}

/** Brings what is present to another place, as part of the state of some time. */
export async function copyPresent({ from, to }: RestoreBetween, path: RelPath, present: Entry): Promise<void> {
  if (present.kind === 'file' || present.kind === 'link') await copyTo({ from, to }, { path, readAs: path, entry: present });
}

async function copyTo({ from, to }: RestoreBetween, { path, readAs, entry }: Pick<HistoryVersion, 'path' | 'readAs' | 'entry'>): Promise<void> {
  await makeFolders(to, parentOf(path));
  const there = await to.stat(path);
  if (isSame(entry, there)) return;
  if (there?.kind === 'directory') throw new VfsError('wrong-kind', path, 'a folder is there now; move it away, or restore to another folder (--to)');
  const expected = expectedOf(there, path);
  const time = entry.modifiedMs === undefined ? {} : { modifiedMs: entry.modifiedMs };
  if (entry.kind === 'link') {
    await to.link(path, entry.target, { expected, ...time });
    return;
  }
  const mode = entry.mode === undefined ? {} : { mode: entry.mode };
  await to.write(path, from.content(readAs, entry.revision), { expected, ...time, ...mode });
}

/** A folder, with those above it, unless it is there. Rejects with VfsError. */
export async function makeFolders(vfs: Vfs, path: RelPath): Promise<void> {
  let at: RelPath = '';
  for (const name of path === '' ? [] : path.split('/')) {
    at = joinPath(at, name);
    const there = await vfs.stat(at);
    if (there === undefined) await vfs.makeDirectory(at);
    else if (there.kind !== 'directory')
      throw new VfsError('wrong-kind', path, `${nameOf(at)} is no folder now; move it away, or restore to another folder (--to)`);
  }
}

/** Equal size, where it is known, and time are taken for the same content, as a run takes them. */
function isSame(version: HistoryVersion['entry'], present: Entry | undefined): boolean {
  if (version.kind === 'link') return present?.kind === 'link' && present.target === version.target;
  return (
    present?.kind === 'file' &&
    (version.size === present.size || version.size === undefined || present.size === undefined) &&
    version.modifiedMs !== undefined &&
    version.modifiedMs === present.modifiedMs
  );
}
