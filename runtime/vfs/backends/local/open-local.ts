import { listBelow, requireBelow } from '../../below.ts';
import type { RelPath } from '../../path.ts';
import { joinPath, nameOf, parentOf } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Content, Entry, Expected, FileNode, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../../vfs.ts';
import { NOTHING } from '../../vfs.ts';
import { requireExpected } from './file-facts.ts';
import { FileCrew } from './file-crew.ts';
import type { FileTask, FoundDirectory, TaskValue } from './file-task.ts';
import { syncDirectories, syncFileSystem, syncProgram } from './flush-root.ts';
import { isLeftover } from './leftover.ts';
import { identitiesAbove, listDirectory, transferNamesIn } from './list-directory.ts';
import { LocalFiles } from './local-files.ts';
import { isAbsence, localError } from './local-error.ts';
import { OpenedDirectories } from './opened-directories.ts';
import { closeRoot, isCaseSensitive, openRoot, requireAt } from './open-root.ts';
import { dropPart } from './part-file.ts';
import { contentOf } from './read-content.ts';
import { ABORTED, requireOpen, requireRunning, RUNNING, type RootHandle } from './root-handle.ts';
import { recoverLeftover, refuseRoot, type Successor, setAside } from './set-aside.ts';
import { partNames, thisProcess } from './transfer-names.ts';
import { writeStream } from './write-stream.ts';

export interface LocalOptions {
  /** Links inside the root are followed (after a check that they stay inside); else they are entries of kind `link`. */
  readonly followLinks: boolean;
  /** No link is followed to these places, into them, or to a folder around them: they have rules of their own, which go by their path. Absent: none. */
  readonly noLinksTo?: readonly RelPath[];
  /** Nothing at these places and below, in whatever case, is read or changed: `denied`. They need not exist. Absent: none. */
  readonly outOfReach?: readonly RelPath[];
  /** Ends every pending call with `aborted` (the second Ctrl-C). */
  readonly signal: AbortSignal;
  /** Every file is flushed to disk before it is put in place. Always so where the system cannot sync a file system as a whole (all but Linux). */
  readonly flushEachFile: boolean;
  /** `flush` is going to be called: what is written is sent to the disk while more is written. Absent: false. */
  readonly flushesAtEnd?: boolean;
  /** The folder is given by the real path that was permitted: `outside` when a link has come into it since. */
  readonly isRealPath?: boolean;
}

const crew = new FileCrew();
/** The open roots by real path and link handling, so that a content's `local` finds the descriptor that belongs to it. */
const openRoots = new Map<string, LocalRoot>();

/**
 * A folder of this machine as a Vfs. `unreachable` when it cannot be opened. What can change between a check and the act after it is said at
 * `placePart`, `performTask` and `OpenedDirectories`. Owners and extended attributes are not kept; holes of sparse files are, between local roots.
 */
export async function openLocal(rootPath: string, options: LocalOptions): Promise<Vfs> {
  return new LocalRoot(rootPath, options);
}

class LocalRoot implements Vfs {
  readonly label: string;
  readonly traits: Traits;
  readonly local: LocalFiles;
  readonly newFiles: LocalFiles;
  readonly handle: RootHandle;
  readonly #key: string;
  readonly #signal: AbortSignal;
  readonly #sync: string | undefined;
  readonly #partName = partNames(thisProcess(), 's');
  /** Work that is more than one task of the crew. */
  readonly #pending = new Set<Promise<unknown>>();
  /** Directories with new or removed names since the last flush; only kept where they are flushed one by one. */
  #touched = new Set<RelPath>();
  #closed = false;

  constructor(rootPath: string, options: LocalOptions) {
    this.#sync = syncProgram();
    const flushEachFile = options.flushEachFile || this.#sync === undefined;
    const { followLinks, noLinksTo, outOfReach, flushesAtEnd = false } = options;
    this.handle = openRoot(rootPath, { followLinks, noLinksTo, outOfReach, flushEachFile, flushesAtEnd });
    if (options.isRealPath === true) requireAt(this.handle, rootPath);
    this.label = rootPath;
    const onWindows = process.platform === 'win32';
    this.traits = {
      timePrecisionMs: 1,
      caseSensitive: isCaseSensitive(this.handle.path),
      concurrency: 512,
      links: !onWindows && !options.followLinks,
      modes: !onWindows,
    };
    this.#signal = options.signal;
    if (options.signal.aborted) this.#abort();
    else options.signal.addEventListener('abort', this.#abort);
    this.local = new LocalFiles(this.handle, crew, (directory) => this.#touchDirectory(directory));
    this.newFiles = this.local;
    crew.addRoot(this.handle);
    this.#key = keyOf(this.handle.path, options.followLinks);
    openRoots.set(this.#key, this);
  }

  readonly #abort = (): void => {
    Atomics.compareExchange(this.handle.life, 0, RUNNING, ABORTED);
  };

  async list(directory: RelPath): Promise<readonly Entry[]> {
    return this.#look(directory, (directories) => {
      const { path: rootPath, followLinks, noLinksTo, modes } = this.handle;
      const above = followLinks ? identitiesAbove(rootPath, directory) : NOWHERE;
      return listDirectory(directories.enter(directory), { rootPath, followLinks, noLinksTo, modes }, above);
    });
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    if (path === '') return this.#look(path, () => ({ name: '', kind: 'directory' }));
    return crew.submit({ op: 'stat', root: this.handle.id, path }) as Promise<Entry | undefined>;
  }

  content(path: RelPath, revision?: string): Content {
    return contentOf(this.handle, path, revision);
  }

  write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    const { local } = content;
    const source = local && openRoots.get(keyOf(local.rootPath, local.followLinks));
    this.#touch(path);
    if (local === undefined || source === undefined) return this.#track(writeStream(this.handle, path, content, as, this.#partName()));
    return this.#do<Stamp>({
      op: 'copy',
      root: this.handle.id,
      path,
      source: source.handle.id,
      from: local.path,
      revision: local.revision,
      size: content.size,
      expected: as.expected,
      modifiedMs: as.modifiedMs,
      mode: as.mode,
    });
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#do({ op: 'make', root: this.handle.id, path });
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#do({ op: 'remove', root: this.handle.id, path, expected });
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#do({ op: 'remove-directory', root: this.handle.id, path });
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    this.#touch(to);
    const node = await this.#do<FileNode | LinkNode | FoundDirectory>({ op: 'rename', root: this.handle.id, path: from, to, expected });
    return { name: nameOf(to), ...node };
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    if (!this.traits.links) throw new VfsError('unsupported', path, 'links are not made here');
    return this.#do<LinkNode>({ op: 'link', root: this.handle.id, path, target, expected: as.expected, modifiedMs: as.modifiedMs });
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    return this.#do<Stamp>({ op: 'touch', root: this.handle.id, path, modifiedMs, expected });
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    return this.#track(this.#replace(path, replacement));
  }

  async leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    try {
      return this.#look(directory, (directories) => {
        const prefix = directories.enter(directory);
        const names = transferNamesIn(prefix).filter((name) => isLeftover(prefix, directory, name, thisProcess()));
        return names.map((name) => joinPath(directory, name));
      });
    } catch (error) {
      if (isAbsence(error)) return [];
      throw error;
    }
  }

  async recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    let returned = 0;
    for (const path of leftovers) {
      requireRunning(this.handle, path);
      this.#touch(path);
      returned += this.#translate(path, () => recoverLeftover(this.handle, path, Date.now()));
    }
    return { returned };
  }

  async flush(): Promise<void> {
    requireOpen(this.handle, '');
    const touched = this.#touched;
    this.#touched = new Set();
    if (this.#sync !== undefined) await syncFileSystem(this.#sync, this.handle);
    else await syncDirectories(this.handle, touched);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (openRoots.get(this.#key) === this) openRoots.delete(this.#key);
    await Promise.allSettled([...this.#pending]);
    this.#signal.removeEventListener('abort', this.#abort);
    await crew.removeRoot(this.handle.id);
    closeRoot(this.handle);
  }

  /** A new file is complete under a name of ours before the old thing is moved, so that the place is empty for a moment only. */
  async #replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    refuseRoot(path);
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    const below = replacement.kind === 'directory' || expected.kind !== 'directory' ? undefined : replacement.below;
    this.#look(path, (directories) => requireExpected(directories.place(path).at, expected, path));
    if (below !== undefined) requireBelow(await listBelow(this, path), below, path);
    if (replacement.kind !== 'file') {
      await this.#exchange(path, { expected, below, successor: { kind: replacement.kind } }, () => this.#putInPlace(path, replacement));
      return undefined;
    }
    const ready = joinPath(parentOf(path), this.#partName());
    const stamp = await this.write(ready, replacement.content, { ...replacement.as, expected: NOTHING });
    try {
      const successor = { kind: 'file', fileId: stamp.fileId ?? '' } as const;
      await this.#exchange(path, { expected, below, successor }, () => this.rename(ready, path, { kind: 'file', revision: stamp.revision }));
      return stamp;
    } catch (error) {
      this.#drop(ready);
      throw error;
    }
  }

  async #putInPlace(path: RelPath, replacement: Exclude<Replacement, { kind: 'file' }>): Promise<void> {
    if (replacement.kind === 'directory') await this.makeDirectory(path);
    else await this.link(path, replacement.target, { ...replacement, expected: NOTHING });
  }

  /** What is set aside is looked at where no path leads to it any more, and before anything takes its place. */
  async #exchange(path: RelPath, { expected, below, successor }: Exchange, putInPlace: () => Promise<unknown>): Promise<void> {
    const aside = this.#translate(path, () => setAside(this.handle, path, expected, successor));
    try {
      if (below !== undefined) this.#translate(path, () => aside.requireKnown(below));
      await putInPlace();
    } catch (error) {
      const name = this.#translate(path, () => aside.putBack());
      if (name === nameOf(path)) throw error;
      throw new VfsError('changed', path, `something appeared here; what was here is now called "${name}"`, { cause: error });
    }
    this.#translate(path, () => aside.remove());
  }

  /** Also when the run was interrupted. */
  #drop(part: RelPath): void {
    const directories = new OpenedDirectories(this.handle);
    try {
      dropPart(directories.place(part));
    } catch (error) {
      ignoreGone(error);
    } finally {
      directories.close();
    }
  }

  #do<T extends TaskValue>(task: FileTask): Promise<T> {
    this.#touch(task.path);
    return crew.submit(task) as Promise<T>;
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const done = () => this.#pending.delete(work);
    work.then(done, done);
    return work;
  }

  #look<T>(path: RelPath, act: (directories: OpenedDirectories) => T): T {
    const directories = new OpenedDirectories(this.handle);
    try {
      return this.#translate(path, () => {
        requireRunning(this.handle, path);
        return act(directories);
      });
    } finally {
      directories.close();
    }
  }

  #translate<T>(path: RelPath, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw localError(error, path);
    }
  }

  #touch(path: RelPath): void {
    this.#touchDirectory(parentOf(path));
  }

  #touchDirectory(path: RelPath): void {
    if (this.#sync === undefined) this.#touched.add(path);
  }
}

/** `below`: all that the directory which goes may hold; undefined: anything. */
interface Exchange {
  readonly expected: Expected;
  readonly below: Below | undefined;
  readonly successor: Successor;
}

const NOWHERE = new Set<string>();

function keyOf(rootPath: string, followLinks: boolean): string {
  return `${followLinks ? 'f' : 'n'}${rootPath}`;
}

/** A part that is gone already needs no removal. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof VfsError)) throw error;
}
