import type { FoundBin } from '../bin.ts';
import { requireExpected } from '../expected.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../path.ts';
import type { TellVersion } from '../version-change.ts';
import { isVersionFolder } from '../version-name.ts';
import type { SetAsideBy } from '../version-notes.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Entry, Expected, LinkNode, LocalEnd, NewFilesEnd, Replacement, Stamp, Traits, Vfs, WriteAs } from '../vfs.ts';
import type { KeepRules } from '../version-rules.ts';
import { BinQueue } from './versioned/bin-queue.ts';
import { keepTree, type TreeKeeping } from './versioned/keep-tree.ts';
import { foretellPruning, type Grown, grow, pruneGrown } from './versioned/prune-grown.ts';
import { type Kept, type Settled, VersionStore } from './versioned/version-store.ts';

export interface VersionedOptions {
  /** Put before the label of the file system below: `xvs:`. */
  readonly prefix: string;
  /** Name of the folder that old versions go to. */
  readonly folder: string;
  /** `beside`: each directory has its own. `top`: there is one, at the top, with the paths kept below it. */
  readonly place: 'beside' | 'top';
  /** Versions that a file may have; one more is refused, and the file stays as it is. */
  readonly max: number;
  /** Files and links of which nothing is kept. */
  readonly isExcluded: (path: RelPath) => boolean;
  /** ms since 1970. */
  readonly now: () => number;
  /** Which versions stay of files that got some, decided when the file system is closed; undefined: all. */
  readonly keep: KeepRules | undefined;
  /** The recycle bin that versions go to; absent: they stay in the folder. */
  readonly openBin?: () => Promise<FoundBin>;
  /** Told of what becomes of versions. */
  readonly tell?: TellVersion;
}

/** A file system that keeps old versions. */
export interface VersionKeeper extends Vfs {
  /** For a simulation: what is at `path`, a file or link, would be put aside. */
  foresee(path: RelPath, by: SetAsideBy): void;
  /** Tells what would go at the end, once all that was foreseen had been done. */
  foretell(): Promise<void>;
}

/**
 * Before a file or link is overwritten or removed, or moves away, what was there is kept as `XVS/007.name` (manual, "XVS File System"). What is overwritten gets a
 * second name where the file system below has hard links, else a copy; what is removed is renamed. So the path holds the old or the new at every instant, and the
 * old version is kept before anything is done to it. When the action fails, its version goes again; a crash between leaves one version that equals
 * the present, and the next run takes it for its own.
 * A directory that is removed while it has versions becomes a version itself, with them in it.
 * Folders of versions, whoever made them, are not shown, and nothing is done to a path in one.
 */
export function versioned(inner: Vfs, options: VersionedOptions): VersionKeeper {
  return new Versioned(inner, options);
}

class Versioned implements VersionKeeper {
  readonly label: string;
  readonly local?: LocalEnd;
  readonly newFiles?: NewFilesEnd;
  readonly #inner: Vfs;
  readonly #options: VersionedOptions;
  readonly #store: VersionStore;
  readonly #keeping: TreeKeeping;
  readonly #bin: BinQueue | undefined;
  /** What a simulation foresees. */
  readonly #growing = new Map<RelPath, Grown>();
  /** Directories that were listed and have a folder of versions; of the one at the top, which has folders for all directories, those that are known to be there. */
  readonly #withVersions = new Set<RelPath>();

  constructor(inner: Vfs, options: VersionedOptions) {
    this.label = options.prefix + inner.label;
    if (inner.local !== undefined) this.local = inner.local;
    if (inner.newFiles !== undefined) this.newFiles = inner.newFiles;
    this.#inner = inner;
    this.#options = options;
    const { folder, max, now, openBin, tell = nobody } = options;
    const bin = openBin && new BinQueue(inner, { folder, open: openBin, keep: (version) => this.#store.note(version), tell });
    this.#bin = bin;
    const settled = bin && { settled: (version: Settled) => bin.add(version) };
    this.#store = new VersionStore(inner, { folderOf: (directory) => this.#folderOf(directory), max, now, tell, ...settled });
    this.#keeping = {
      inner,
      shown: this,
      store: this.#store,
      isExcluded: options.isExcluded,
      isOwnName: (directory, name) => this.#isOwnName(directory, name),
    };
  }

  get traits(): Traits {
    return this.#inner.traits;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    if (this.#isOwn(directory)) throw new VfsError('not-found', directory, 'folders of old versions are not shown');
    const entries = await this.#inner.list(directory);
    const shown = entries.filter(({ name }) => !this.#isOwnName(directory, name));
    if (shown.length < entries.length && (directory === '' || this.#options.place === 'beside')) this.#withVersions.add(directory);
    return shown;
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    return this.#isOwn(path) ? undefined : this.#inner.stat(path);
  }

  content(path: RelPath, revision?: string): Content {
    this.#refuseOwn(path);
    return this.#inner.content(path, revision);
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    return this.#keepFirst(path, as.expected, 'overwritten', () => this.#inner.write(path, content, as));
  }

  async makeDirectory(path: RelPath): Promise<void> {
    this.#refuseOwn(path);
    await this.#inner.makeDirectory(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    this.#refuseOwn(path);
    const found = await this.#inner.stat(path);
    requireExpected(found, expected, path);
    if ((found?.kind === 'file' || found?.kind === 'link') && !this.#options.isExcluded(path))
      await this.#finish(await this.#store.moveAway(path, found, 'removed'));
    else await this.#inner.removeFile(path, expected);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    this.#refuseOwn(path);
    const entries = path === '' ? [] : await this.#inner.list(path);
    if (entries.length === 0) return this.#inner.removeDirectory(path);
    if (entries.some(({ name }) => !this.#isOwnName(path, name))) throw notEmpty(path);
    const kept = await this.#store.moveAway(path, { name: nameOf(path), kind: 'directory' }, 'removed');
    const late = (await this.#inner.list(kept.path)).some(({ name }) => !this.#isOwnName(path, name));
    if (!late) return this.#finish(kept);
    // Something was put into it meanwhile.
    await this.#inner.rename(kept.path, path, { kind: 'directory' });
    this.#store.moved(kept.path, path);
    throw notEmpty(path);
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    this.#refuseOwn(to);
    const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
    if (expected.kind === 'file' || expected.kind === 'link') {
      if (isOneName) return this.#inner.rename(from, to, expected);
      if ((await this.#inner.stat(to)) !== undefined) await this.#requireFree(from, to, expected);
      return this.#keepFirst(from, expected, 'moved', () => this.#inner.rename(from, to, expected));
    }
    this.#refuseOwn(from);
    const entry = await this.#inner.rename(from, to, expected);
    this.#store.moved(from, to);
    return entry;
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    return this.#keepFirst(path, as.expected, 'overwritten', () => this.#inner.link(path, target, as));
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    this.#refuseOwn(path);
    return this.#inner.setModified(path, modifiedMs, expected);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    if (expected.kind !== 'directory') return this.#keepFirst(path, expected, 'replaced', () => this.#inner.replace(path, replacement));
    this.#refuseOwn(path);
    requireExpected(await this.#inner.stat(path), expected, path);
    if (replacement.kind === 'directory') return this.#inner.replace(path, replacement);
    const { below, ...kept } = await keepTree(path, replacement.below, this.#keeping);
    return this.#settling(kept, () => this.#inner.replace(path, { ...replacement, below }));
  }

  async leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    const here = await this.#inner.leftovers(directory);
    if (!this.#withVersions.delete(directory)) return here;
    const folder = this.#folderOf(directory);
    if (this.#options.place === 'beside') return [...here, ...(await this.#inner.leftovers(folder))];
    if ((await this.#inner.stat(folder))?.kind !== 'directory') return here;
    for (const { kind, name } of await this.#inner.list(folder)) if (kind === 'directory') this.#withVersions.add(joinPath(directory, name));
    return [...here, ...(await this.#inner.leftovers(folder))];
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return this.#inner.recover(leftovers);
  }

  async flush(): Promise<void> {
    await this.#saveVersions().catch(unlessAborted);
    await this.#inner.flush();
  }

  async close(): Promise<void> {
    try {
      const { keep, folder, tell = nobody } = this.#options;
      for (const [stored, { message }] of await this.#saveVersions())
        tell({ op: 'stays', path: stored, stored, reason: `when and why its versions were set aside could not be noted: ${message}` });
      await this.#bin?.close();
      if (keep !== undefined) await pruneGrown(this.#inner, this.#store.grown, { keep, folder, tell });
    } catch (error) {
      unlessAborted(error);
    } finally {
      await this.#inner.close();
    }
  }

  foresee(path: RelPath, by: SetAsideBy): void {
    if (this.#options.isExcluded(path)) return;
    this.#options.tell?.({ op: 'aside', path, stored: undefined, reason: by });
    const directory = parentOf(path);
    grow(this.#growing, { folder: this.#folderOf(directory), directory, name: nameOf(path) });
  }

  async foretell(): Promise<void> {
    const { keep, tell = nobody, now } = this.#options;
    if (keep !== undefined) await foretellPruning(this.#inner, this.#growing, { keep, tell, nowMs: now() });
  }

  async #saveVersions(): Promise<ReadonlyMap<RelPath, VfsError>> {
    await this.#bin?.empty();
    return this.#store.saveNotes();
  }

  async #settling<T>(kept: Pick<Kept, 'settle' | 'undo'>, act: () => Promise<T>): Promise<T> {
    let done: T;
    try {
      done = await act();
    } catch (error) {
      await kept.undo();
      throw error;
    }
    await this.#finish(kept);
    return done;
  }

  async #finish(kept: Pick<Kept, 'settle'>): Promise<void> {
    kept.settle();
    if (this.#bin?.isFull === true) await this.#bin.empty();
  }

  /** Does what ends the version at `path`, which is kept before. */
  async #keepFirst<T>(path: RelPath, expected: Expected, by: SetAsideBy, act: () => Promise<T>): Promise<T> {
    this.#refuseOwn(path);
    if ((expected.kind !== 'file' && expected.kind !== 'link') || this.#options.isExcluded(path)) return act();
    const found = await this.#inner.stat(path);
    requireExpected(found, expected, path);
    if (found?.kind !== 'file' && found?.kind !== 'link') return act();
    // What moves away may be written to by other programs, and must not share its content with the version.
    return this.#settling(await this.#store.keep(path, found, { by, alone: by === 'moved' }), act);
  }

  async #requireFree(from: RelPath, to: RelPath, expected: Expected): Promise<never> {
    requireExpected(await this.stat(from), expected, from);
    throw new VfsError('exists', to, 'something is already there');
  }

  #folderOf(directory: RelPath): RelPath {
    const { folder, place } = this.#options;
    if (place === 'beside') return joinPath(directory, folder);
    return directory === '' ? folder : `${folder}/${directory}`;
  }

  #isOwnName(directory: RelPath, name: string): boolean {
    const { folder, place } = this.#options;
    return isVersionFolder(name, { folder: place === 'beside' || directory === '' ? folder : undefined, caseSensitive: this.traits.caseSensitive });
  }

  #isOwn(path: RelPath): boolean {
    for (let at = path; at !== ''; at = parentOf(at)) if (this.#isOwnName(parentOf(at), nameOf(at))) return true;
    return false;
  }

  #refuseOwn(path: RelPath): void {
    if (this.#isOwn(path)) throw new VfsError('name-refused', path, `${path} is where old versions are; give it another name`);
  }
}

function notEmpty(path: RelPath): VfsError {
  return new VfsError('not-empty', path, 'the folder is not empty');
}

function nobody(): void {}

/** The run was ended; what is not noted yet is only known less exactly. */
function unlessAborted(error: unknown): void {
  if (!(error instanceof VfsError) || error.code !== 'aborted') throw error;
}
