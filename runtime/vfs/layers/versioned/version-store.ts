import { joinPath, nameOf, parentOf, isWithin, type RelPath } from '../../path.ts';
import { isOfWholeRoot, VfsError } from '../../vfs-error.ts';
import { expectedOf } from '../../expected.ts';
import { formatVersionName, formatVersionNumber, HIGHEST_NUMBER } from '../../version-name.ts';
import type { TellVersion } from '../../version-change.ts';
import { changeVersionNotes, readVersionNotes, type SetAsideBy, type VersionNote } from '../../version-notes.ts';
import type { Entry, FileNode, LinkNode, Vfs } from '../../vfs.ts';
import { NOTHING } from '../../vfs.ts';
import { type Grown, grow } from './prune-grown.ts';
import { isOneFile, isSameVersion, mayBeSame } from './same-version.ts';
import { VersionNumbers } from './version-numbers.ts';

export interface StoreOptions {
  /** The folder of versions for what is in a directory. */
  readonly folderOf: (directory: RelPath) => RelPath;
  /** Versions of one name. */
  readonly max: number;
  /** ms since 1970. */
  readonly now: () => number;
  /** Told of each version that is settled. */
  readonly tell: TellVersion;
  /** Takes over each version that is settled: then nothing is noted of it here. */
  readonly settled?: (version: Settled) => void;
}

/** A version of which it is known now what ended it. */
export interface Settled {
  readonly path: RelPath;
  /** The folder of versions that it is in, and where in that. */
  readonly folder: RelPath;
  readonly stored: string;
  readonly atMs: number;
  readonly by: SetAsideBy;
}

/** A version that was made. */
export interface Kept {
  readonly path: RelPath;
  /** What it was made for is done: from now on it is an old version, of which will be noted when and why. */
  settle(): void;
  /** What it was made for was not done: it goes again, as far as it can be removed. */
  undo(): Promise<void>;
}

/** Puts old versions away, in the same file system. Notes about them are written by `saveNotes`. */
export class VersionStore {
  readonly #vfs: Vfs;
  readonly #options: StoreOptions;
  readonly #numbers: VersionNumbers;
  /** Not yet written, by folder of versions. */
  #notes = new Map<RelPath, VersionNote[]>();
  /** Being made, so that two actions do not make one folder twice. */
  readonly #making = new Map<RelPath, Promise<void>>();
  /** Names that got a version, by folder of versions. */
  readonly grown = new Map<RelPath, Grown>();

  constructor(vfs: Vfs, options: StoreOptions) {
    this.#vfs = vfs;
    this.#options = options;
    this.#numbers = new VersionNumbers(vfs);
  }

  /** The present version is kept a second time, and stays where it is. `alone`: the version shares nothing with what stays at the path. */
  async keep(path: RelPath, entry: FileNode | LinkNode, how: { readonly by: SetAsideBy; readonly alone: boolean }): Promise<Kept> {
    const again = await this.#keptBefore(path, entry, how.by);
    if (again !== undefined && !(how.alone && again.isOneFile)) return again;
    return this.#put(path, how.by, (to) => this.repeat(path, to, entry, how));
  }

  /** What is at `path` as a second thing at `to`. `alone`: they share nothing. */
  async repeat(path: RelPath, to: RelPath, entry: FileNode | LinkNode, { alone }: { readonly alone: boolean }): Promise<void> {
    if (entry.kind === 'link') await this.#vfs.link(to, entry.target, { expected: NOTHING, ...timeOf(entry) });
    else if (alone || !(await this.#addName(path, to, entry))) await this.#copy(path, to, entry);
  }

  /** The thing itself goes away, and the version is still to be settled. */
  async moveAway(path: RelPath, entry: Entry, by: SetAsideBy): Promise<Kept> {
    const again = entry.kind === 'file' || entry.kind === 'link' ? await this.#keptBefore(path, entry, by) : undefined;
    if (again !== undefined) {
      await this.#vfs.removeFile(path, expectedOf(entry, path));
      return again;
    }
    const kept = await this.#put(path, by, async (to) => {
      try {
        await this.#vfs.rename(path, to, expectedOf(entry, path));
      } catch (error) {
        if (entry.kind !== 'file' || !(error instanceof VfsError) || error.code !== 'cross-device') throw error;
        await this.#copy(path, to, entry);
        await this.#vfs.removeFile(path, expectedOf(entry, path));
      }
    });
    if (entry.kind === 'directory') this.moved(path, kept.path);
    return kept;
  }

  /**
   * A folder among the versions, for what is to be kept of the directory at `path`: empty, or one that a killed run began to fill. `mayGoOn` is asked whether that
   * holds nothing else; its `undo` leaves it.
   */
  async makeRoomFor(path: RelPath, by: SetAsideBy, mayGoOn: (begun: RelPath) => Promise<boolean>): Promise<Kept> {
    const begun = await this.#unnoted(path, ({ kind }) => kind === 'directory');
    if (begun !== undefined && (await this.#at(path, () => mayGoOn(begun.path)))) return this.#keptAs(path, begun.stored, by);
    return this.#put(path, by, (to) => this.#vfs.makeDirectory(to));
  }

  async #copy(path: RelPath, to: RelPath, { revision, size, modifiedMs, mode }: FileNode): Promise<void> {
    const content = this.#vfs.content(path, revision);
    const sized = content.size === undefined && size !== undefined ? { ...content, size, open: (from?: number) => content.open(from) } : content;
    await this.#vfs.write(to, sized, { expected: NOTHING, ...timeOf({ modifiedMs }), ...(mode === undefined ? {} : { mode }) });
  }

  /** Versions that were below `from` are below `to` now. */
  moved(from: RelPath, to: RelPath): void {
    const at = (path: RelPath) => (isWithin(path, from) ? to + path.slice(from.length) : path);
    this.#notes = new Map([...this.#notes].map(([folder, notes]) => [at(folder), notes]));
    for (const [folder, names] of [...this.grown]) {
      if (!isWithin(folder, from)) continue;
      this.grown.delete(folder);
      this.grown.set(at(folder), names);
    }
    this.#numbers.forgetAll();
  }

  /**
   * When and why versions were set aside, for all since the last call. What cannot be written waits for the next call: resolves to why, by folder of versions. Rejects when
   * the run was ended, or the whole root cannot be reached.
   */
  async saveNotes(): Promise<ReadonlyMap<RelPath, VfsError>> {
    const pending = [...this.#notes];
    const unsaved = new Map<RelPath, VfsError>();
    this.#notes.clear();
    for (const [at, [folder, added]] of pending.entries()) {
      try {
        await changeVersionNotes(this.#vfs, folder, (notes) => {
          for (const note of added) notes.set(note.stored, note);
        });
      } catch (error) {
        const isOfFolder = error instanceof VfsError && error.code !== 'aborted' && !isOfWholeRoot(error.code);
        for (const [left, notes] of isOfFolder ? [[folder, added] as const] : pending.slice(at))
          this.#notes.set(left, [...notes, ...(this.#notes.get(left) ?? [])]);
        if (!isOfFolder) throw error;
        unsaved.set(folder, error);
      }
    }
    return unsaved;
  }

  /** The newest version of the name when this run came, if nobody noted when it was set aside: a run that was killed. */
  async #unnoted(
    path: RelPath,
    isWanted: (entry: Entry) => boolean,
  ): Promise<{ readonly path: RelPath; readonly stored: string; readonly entry: Entry } | undefined> {
    const folder = this.#options.folderOf(parentOf(path));
    const newest = await this.#at(path, () => this.#numbers.takeNewest(folder, nameOf(path)));
    if (newest === undefined || !isWanted(newest.entry)) return undefined;
    const notes = await this.#at(path, () => readVersionNotes(this.#vfs, folder));
    return notes.has(newest.stored) ? undefined : { ...newest, path: joinPath(folder, newest.stored) };
  }

  /** A version that a killed run made of just this, before it did what it was made for: it is taken for that. */
  async #keptBefore(path: RelPath, there: FileNode | LinkNode, by: SetAsideBy): Promise<(Kept & { readonly isOneFile: boolean }) | undefined> {
    const unnoted = await this.#unnoted(path, (entry) => mayBeSame(this.#vfs, there, entry));
    if (unnoted === undefined || !(await this.#at(path, () => isSameVersion(this.#vfs, path, there, unnoted)))) return undefined;
    const isOne = there.kind === 'file' && unnoted.entry.kind === 'file' && isOneFile(there, unnoted.entry);
    return { ...this.#keptAs(path, unnoted.stored, by), isOneFile: isOne };
  }

  #keptAs(path: RelPath, stored: string, by: SetAsideBy): Kept {
    const folder = this.#options.folderOf(parentOf(path));
    return { path: joinPath(folder, stored), settle: () => this.#settle(path, stored, by), undo: async () => {} };
  }

  async #addName(path: RelPath, to: RelPath, entry: FileNode): Promise<boolean> {
    if (this.#vfs.local === undefined) return false;
    try {
      await this.#vfs.local.addName(path, to, expectedOf({ ...entry }, path));
      return true;
    } catch (error) {
      if (error instanceof VfsError && error.code === 'unsupported') return false;
      throw error;
    }
  }

  /** Finds a free name and does `act` with it. Errors about the version are told about `path`. */
  async #put(path: RelPath, by: SetAsideBy, act: (to: RelPath) => Promise<void>): Promise<Kept> {
    const folder = this.#options.folderOf(parentOf(path));
    const name = nameOf(path);
    for (let attempt = 1; ; attempt++) {
      const number = await this.#at(path, () => this.#numbers.next(folder, name, this.#options.max));
      if (number === 'full') throw this.#fullOf(path);
      if (number === 'exhausted') {
        const highest = joinPath(folder, formatVersionName({ number: HIGHEST_NUMBER, name }));
        throw new VfsError('failed', path, `its old version cannot be numbered: ${highest} has the highest number there is; rename or remove that`);
      }
      const short = formatVersionName({ number, name });
      try {
        await this.#makeFolder(folder);
        const stored = await this.#putAs(path, { folder, short, long: formatVersionNumber(number) }, act);
        return { ...this.#keptAs(path, stored, by), undo: () => this.#undo(folder, stored, name) };
      } catch (error) {
        this.#numbers.giveBack(folder, name);
        if (!isTaken(error, path) || attempt === MOST_ATTEMPTS) throw this.#aboutVersion(path, error);
        this.#numbers.forget(folder);
      }
    }
  }

  async #putAs(path: RelPath, at: { folder: RelPath; short: string; long: string }, act: (to: RelPath) => Promise<void>): Promise<string> {
    try {
      await act(joinPath(at.folder, at.short));
      return at.short;
    } catch (error) {
      if (!(error instanceof VfsError) || error.code !== 'name-refused') throw error;
    }
    const folder = joinPath(at.folder, at.long);
    await this.#makeFolder(folder);
    await act(joinPath(folder, nameOf(path)));
    return joinPath(at.long, nameOf(path));
  }

  #settle(path: RelPath, stored: string, by: SetAsideBy): void {
    const version = { path, folder: this.#options.folderOf(parentOf(path)), stored, atMs: this.#options.now(), by };
    if (this.#options.settled === undefined) this.note(version);
    else this.#options.settled(version);
  }

  /** It stays here, and that is told. */
  note({ path, folder, stored, atMs, by }: Settled): void {
    const notes = this.#notes.get(folder);
    if (notes === undefined) this.#notes.set(folder, [{ stored, atMs, by }]);
    else notes.push({ stored, atMs, by });
    grow(this.grown, { folder, directory: parentOf(path), name: nameOf(path) });
    this.#options.tell({ op: 'aside', path, stored: joinPath(folder, stored), reason: by });
  }

  async #undo(folder: RelPath, stored: string, name: string): Promise<void> {
    const path = joinPath(folder, stored);
    try {
      await removeTree(this.#vfs, path);
      this.#numbers.giveBack(folder, name);
    } catch (error) {
      // One version too many does no harm, and the error that led here is the one to tell.
      if (!(error instanceof VfsError)) throw error;
    }
  }

  async #makeFolder(folder: RelPath): Promise<void> {
    if (folder === '') return;
    const making = this.#making.get(folder) ?? this.#make(folder).finally(() => this.#making.delete(folder));
    this.#making.set(folder, making);
    return making;
  }

  async #make(folder: RelPath): Promise<void> {
    const there = await this.#vfs.stat(folder);
    if (there?.kind === 'directory') return;
    if (there !== undefined) throw new VfsError('wrong-kind', folder, `the folder for old versions, ${folder}, is something else; move that away`);
    await this.#makeFolder(parentOf(folder));
    await this.#vfs.makeDirectory(folder).catch((error: unknown) => {
      if (!(error instanceof VfsError) || error.code !== 'exists') throw error;
    });
  }

  async #at<T>(path: RelPath, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.#aboutVersion(path, error);
    }
  }

  #aboutVersion(path: RelPath, error: unknown): unknown {
    if (!(error instanceof VfsError) || error.code === 'aborted' || isOfWholeRoot(error.code)) return error;
    // The content that could not be read is that of the place itself.
    if (error.path === path) return error.inContent ? new VfsError(error.code, path, error.message, { cause: error.cause }) : error;
    return new VfsError(error.code, path, `its old version cannot be put into ${this.#options.folderOf(parentOf(path))}: ${error.message}`, {
      cause: error,
    });
  }

  #fullOf(path: RelPath): VfsError {
    const { max, folderOf } = this.#options;
    const many = `it has ${max} old versions in ${folderOf(parentOf(path))}, which is the limit (option "versions.max")`;
    return new VfsError('failed', path, `${many}; remove some with "sxrun versions prune", or say with "versions.keep" which ones stay`);
  }
}

const MOST_ATTEMPTS = 8;

/** Something got the name that was meant for the version of `path` meanwhile. */
function isTaken(error: unknown, path: RelPath): boolean {
  return error instanceof VfsError && error.path !== path && (error.code === 'exists' || error.code === 'changed');
}

function timeOf({ modifiedMs }: { readonly modifiedMs?: number | undefined }): { readonly modifiedMs?: number } {
  return modifiedMs === undefined ? {} : { modifiedMs };
}

async function removeTree(vfs: Vfs, path: RelPath): Promise<void> {
  const entry = await vfs.stat(path);
  if (entry === undefined) return;
  if (entry.kind !== 'directory') return vfs.removeFile(path, expectedOf(entry, path));
  for (const { name } of await vfs.list(path)) await removeTree(vfs, joinPath(path, name));
  await vfs.removeDirectory(path);
}
