import { comparePaths, joinPath, nameOf, parentOf, type RelPath } from './path.ts';
import { expectedOf } from './expected.ts';
import { isVersionFolder, parseVersionName, parseVersionNumber, RECYCLE_FOLDER, VERSION_NOTES } from './version-name.ts';
import { changeVersionNotes, readVersionNotes, type SetAsideBy, type VersionNote } from './version-notes.ts';
import { VfsError } from './vfs-error.ts';
import type { Entry, FileNode, LinkNode, Vfs } from './vfs.ts';

/** An old version of a file or link, as found in a folder of versions. */
export interface StoredVersion {
  /** What it is a version of. */
  readonly path: RelPath;
  /** Where it is. */
  readonly stored: RelPath;
  readonly number: number;
  readonly entry: { readonly name: string } & (FileNode | LinkNode);
  /** When and why it was set aside; undefined where nobody noted it (another program, a run that was killed). */
  readonly setAside: { readonly atMs: number; readonly by: SetAsideBy } | undefined;
}

/** A version's time for the rules of keeping, ms since 1970: when it was set aside, else that of its content; undefined: neither is known. */
export function timeOfVersion({ setAside, entry }: StoredVersion): number | undefined {
  return setAside?.atMs ?? entry.modifiedMs;
}

/** Where versions lie, and of what. */
interface Place {
  readonly stored: RelPath;
  /** The directory whose files these are versions of. */
  readonly of: RelPath;
}
/** Whether a path is that of a folder of versions. */
type IsFolder = (path: RelPath) => boolean;
type Found = (version: StoredVersion) => void;

/** All versions in a file system that shows its folders of versions; by path, the oldest number first. `folder`: the name a project chose for them; with a `/` before it, the one at the top. */
export async function findVersions(vfs: Vfs, folder?: string): Promise<readonly StoredVersion[]> {
  const versions: StoredVersion[] = [];
  await new VersionSearch(vfs, folder, (version) => versions.push(version)).live({ stored: '', of: '' });
  return versions.sort((a, b) => comparePaths(a.path, b.path) || (timeOfVersion(a) ?? 0) - (timeOfVersion(b) ?? 0) || a.number - b.number);
}

/** The versions that lie in one folder of versions itself, which belongs to the directory `of`. */
export async function versionsIn(vfs: Vfs, stored: RelPath, of: RelPath): Promise<readonly StoredVersion[]> {
  return (await readFolder(vfs, { stored, of })).versions;
}

interface VersionFolder {
  readonly versions: readonly StoredVersion[];
  readonly entries: readonly Entry[];
  readonly notes: ReadonlyMap<string, VersionNote>;
}

/** Each is read once: the notes may have to be decoded, and the listing may come from far away. */
async function readFolder(vfs: Vfs, { stored, of }: Place): Promise<VersionFolder> {
  const versions: StoredVersion[] = [];
  const notes = await readVersionNotes(vfs, stored);
  const entries = await vfs.list(stored);
  for (const entry of entries) {
    const version = parseVersionName(entry.name);
    const number = parseVersionNumber(entry.name);
    if (version !== undefined) note(entry, { name: entry.name, path: joinPath(of, version.name), number: version.number });
    else if (number !== undefined && entry.kind === 'directory') {
      for (const long of await vfs.list(joinPath(stored, entry.name)))
        note(long, { name: joinPath(entry.name, long.name), path: joinPath(of, long.name), number });
    }
  }
  return { versions: withoutSecondNames(versions), entries, notes };

  function note(entry: Entry, { name, path, number }: { name: string; path: RelPath; number: number }): void {
    if (entry.kind !== 'file' && entry.kind !== 'link') return;
    versions.push({ path, stored: joinPath(stored, name), number, entry, setAside: notes.get(name) });
  }
}

/** A run that was killed while it gave a version to a bin leaves it under two names, `007.name` and `007/name`. */
function withoutSecondNames(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  const idOf = ({ entry }: StoredVersion) => (entry.kind === 'file' ? entry.fileId : undefined);
  const isLong = ({ stored }: StoredVersion) =>
    parseVersionName(nameOf(stored)) === undefined || parseVersionNumber(nameOf(parentOf(stored))) !== undefined;
  const short = new Set(versions.filter((version) => idOf(version) !== undefined && !isLong(version)).map(idOf));
  return versions.filter((version) => !isLong(version) || !short.has(idOf(version)));
}

export interface Removing {
  /** Name of folders of versions that a project chose, if any. */
  readonly folder?: string | undefined;
  /** Told of each one when it is gone. */
  readonly removed?: Found;
}

/**
 * Removes versions as they were found, with what is noted of them, and what is empty then: folders of versions, directories that were versions. Rejects with VfsError
 * `changed` for one that is another now.
 */
export async function removeVersions(vfs: Vfs, versions: readonly StoredVersion[], { folder, removed }: Removing = {}): Promise<void> {
  const isFolder = folderTest(vfs, folder);
  const byFolder = new Map<RelPath, Set<RelPath>>();
  for (const version of versions) {
    const { stored, entry } = version;
    await vfs.removeFile(stored, expectedOf(entry, stored));
    removed?.(version);
    const home = homeOf(stored, isFolder);
    byFolder.set(home, (byFolder.get(home) ?? new Set()).add(stored));
  }
  for (const [home, gone] of [...byFolder].sort(([a], [b]) => comparePaths(b, a))) {
    await forgetNotes(vfs, home, gone);
    for (const stored of gone) await removeEmpty(vfs, parentOf(stored), isFolder);
  }
}

async function forgetNotes(vfs: Vfs, home: RelPath, gone: Iterable<RelPath>): Promise<void> {
  await changeVersionNotes(vfs, home, (notes) => {
    for (const stored of gone) notes.delete(stored.slice(home.length + 1));
  });
}

/** The innermost folder of versions on the way to a version. */
function homeOf(stored: RelPath, isFolder: IsFolder): RelPath {
  let at = parentOf(stored);
  while (at !== '' && !isFolder(at)) at = parentOf(at);
  return at;
}

function isInFolder(path: RelPath, isFolder: IsFolder): boolean {
  for (let at = path; at !== ''; at = parentOf(at)) if (isFolder(at)) return true;
  return false;
}

/** With the folders above it, as far as they belong to versions and hold nothing but notes. */
async function removeEmpty(vfs: Vfs, path: RelPath, isFolder: IsFolder): Promise<void> {
  for (let at = path; isInFolder(at, isFolder); at = parentOf(at)) {
    try {
      const entries = await vfs.list(at);
      if (entries.some(({ name }) => name !== VERSION_NOTES)) return;
      for (const entry of entries) await vfs.removeFile(joinPath(at, entry.name), expectedOf(entry, at));
      await vfs.removeDirectory(at);
      if (!isFolder(at)) await forgetNotes(vfs, homeOf(at, isFolder), [at]);
    } catch (error) {
      // Another run put something there.
      if (error instanceof VfsError && ['not-empty', 'not-found', 'changed'].includes(error.code)) return;
      throw error;
    }
  }
}

function folderTest({ traits: { caseSensitive } }: Vfs, folder: string | undefined): IsFolder {
  return (path) => isVersionFolder(nameOf(path), { folder: chosenAt(path, folder), caseSensitive });
}

/** The name that folders of versions have besides the usual ones: `/NAME` is one at the top only. */
function chosenAt(path: RelPath, folder: string | undefined): string | undefined {
  if (folder?.startsWith('/') !== true) return folder;
  return parentOf(path) === '' ? folder.slice(1) : undefined;
}

class VersionSearch {
  readonly #vfs: Vfs;
  readonly #isFolder: IsFolder;
  /** The same without a chosen name. */
  readonly #isUsual: IsFolder;
  /** One at the top was chosen, which holds versions with their paths, as the recycle folder does. */
  readonly #hasTop: boolean;
  readonly #found: Found;

  constructor(vfs: Vfs, folder: string | undefined, found: Found) {
    this.#vfs = vfs;
    this.#isFolder = folderTest(vfs, folder);
    this.#isUsual = folderTest(vfs, undefined);
    this.#hasTop = folder?.startsWith('/') === true;
    this.#found = found;
  }

  /** What is present, or was: the folders of versions in it are those of its directories. */
  async live({ stored, of }: Place): Promise<void> {
    for (const entry of await this.#vfs.list(stored)) {
      if (entry.kind !== 'directory') continue;
      const at = joinPath(stored, entry.name);
      if (!this.#isFolder(at)) await this.live({ stored: at, of: joinPath(of, entry.name) });
      else if (entry.name === RECYCLE_FOLDER || (this.#hasTop && stored === '' && !this.#isUsual(at))) await this.#recycled({ stored: at, of });
      else await this.#beside({ stored: at, of });
    }
  }

  async #beside(place: Place): Promise<void> {
    const { versions, entries, notes } = await readFolder(this.#vfs, place);
    for (const version of versions) this.#found(version);
    for (const entry of entries) await this.#directoryVersion(entry, place, notes.get(entry.name));
  }

  /** Here directories keep their names, so that one is a version only if it was noted as one. */
  async #recycled(place: Place): Promise<void> {
    const { versions, entries, notes } = await readFolder(this.#vfs, place);
    for (const version of versions) this.#found(version);
    for (const entry of entries) {
      if (entry.kind !== 'directory' || parseVersionNumber(entry.name) !== undefined) continue;
      const note = notes.get(entry.name);
      if (note !== undefined) await this.#directoryVersion(entry, place, note);
      else await this.#recycled({ stored: joinPath(place.stored, entry.name), of: joinPath(place.of, entry.name) });
    }
  }

  async #directoryVersion(entry: Entry, { stored, of }: Place, note: VersionNote | undefined): Promise<void> {
    const version = entry.kind === 'directory' ? parseVersionName(entry.name) : undefined;
    if (version === undefined) return;
    const number = version.number;
    await this.#once({ stored: joinPath(stored, entry.name), of: joinPath(of, version.name) }, { number, note });
  }

  /** A directory that was set aside: its files are versions of that moment. */
  async #once(place: Place, how: { readonly number: number; readonly note: VersionNote | undefined }): Promise<void> {
    for (const entry of await this.#vfs.list(place.stored)) {
      const at: Place = { stored: joinPath(place.stored, entry.name), of: joinPath(place.of, entry.name) };
      if (entry.kind === 'directory') {
        if (this.#isFolder(at.stored)) await this.#beside({ stored: at.stored, of: place.of });
        else await this.#once(at, how);
      } else if (entry.kind !== 'other' && entry.name !== VERSION_NOTES) {
        this.#found({ path: at.of, stored: at.stored, number: how.number, entry, setAside: how.note });
      }
    }
  }
}
