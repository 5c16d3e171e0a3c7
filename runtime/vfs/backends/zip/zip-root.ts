import { requireBelow } from '../../below.ts';
import { isWithin, joinPath, nameOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import {
  type Below,
  type Content,
  type Entry,
  type Expected,
  type FileNode,
  type LinkNode,
  type NewFilesEnd,
  NOTHING,
  type Replacement,
  type Stamp,
  type Traits,
  type Vfs,
  type WriteAs,
} from '../../vfs.ts';
import type { OwnWalk, Walk, WalkOptions } from '../../walk.ts';
import type { Archive, NewFile, PackedTaker } from './archive.ts';
import { entriesOf, entryOf, newDirectory, type ZipDirectory, type ZipFile, type ZipNode } from './entry-tree.ts';
import { changedMeanwhile, InnerTree, isSame } from './inner-tree.ts';
import { ManyNewFiles, type RootInside } from './many-new-files.ts';
import { MEND_MISSING } from './missing-archive.ts';
import { walkArchive } from './walk-archive.ts';

export interface ZipRootOptions {
  readonly label: string;
  readonly inner: RelPath;
  readonly level: number;
  readonly signal: AbortSignal;
}

/** Of every root in an archive. */
export const ZIP_TRAITS: Traits = { timePrecisionMs: 1000, caseSensitive: true, concurrency: 8, links: false, modes: true };

/** Stands for all of them: they are beside the archive, and have no path in it. */
const LEFTOVERS = '.sxrun-zip.part';
const DEFAULT_MODE = 0o644;

/** A folder of an open archive. Everything is checked and done on the tree in memory in one go, so that there is no window between a check and the act. */
export class ZipRoot implements Vfs, OwnWalk {
  readonly label: string;
  readonly traits = ZIP_TRAITS;
  readonly newFiles?: NewFilesEnd;
  readonly #archive: Archive;
  readonly #tree: InnerTree;
  readonly #level: number;
  readonly #signal: AbortSignal;
  #isClosed = false;

  constructor(archive: Archive, options: ZipRootOptions) {
    this.#archive = archive;
    this.label = options.label;
    this.#tree = new InnerTree(archive, options.inner);
    this.#level = options.level;
    this.#signal = options.signal;
    if (archive.packed !== undefined) this.newFiles = new ManyNewFiles(this.#forNewFiles(archive.packed));
  }

  /** Throws when the inner folder is something else. */
  requireUsable(): void {
    this.#tree.requireUsable();
  }

  /** `unreachable` when the inner folder is missing. */
  requireThere(): void {
    if (this.#tree.find('') !== undefined) return;
    throw new VfsError('unreachable', '', `the folder "${this.#tree.inner}" does not exist in the archive (${this.label}); ${MEND_MISSING}`);
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    this.#requireRunning(directory);
    if (directory === '' && this.#tree.find('') === undefined) return [];
    return entriesOf(this.#tree.directoryAt(directory));
  }

  walk(options: WalkOptions): Walk {
    const top = this.#tree.find('');
    const requireRunning = (path: RelPath) => this.#requireRunning(path);
    return walkArchive({ top: top?.kind === 'directory' ? top : undefined, leftovers: this.#leftovers(), requireRunning }, options);
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    this.#requireRunning(path);
    if (path === '') return { name: '', kind: 'directory' };
    const node = this.#tree.find(path);
    return node === undefined ? undefined : entryOf(node);
  }

  content(path: RelPath, revision?: string): Content {
    const node = this.#tree.find(path);
    const open = (from = 0) => this.#read(path, revision, from);
    return node?.kind === 'file' ? { size: node.record.size, open } : { open };
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    await this.#begin(path);
    if (as.expected.kind === 'directory') {
      this.#tree.requireExpected(path, as.expected);
      throw new VfsError('wrong-kind', path, 'a folder is not overwritten by a file; it is replaced');
    }
    return this.#archive.pace.changing(() => this.#putFile(path, content, as, undefined));
  }

  /** `''`: an empty archive, where there is none. */
  async makeDirectory(path: RelPath): Promise<void> {
    await this.#begin(path);
    if (path === '' && this.#tree.find('') !== undefined) {
      if (this.#archive.isThere) throw new VfsError('exists', path, 'the archive is there already');
      this.#archive.changed();
      return;
    }
    this.#tree.requirePlace(path);
    if (this.#tree.find(path) !== undefined) throw new VfsError('exists', path, 'something is there already');
    this.#tree.put(path, newDirectory(nameOf(path)));
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#begin(path);
    const node = this.#tree.requireExpected(path, expected);
    if (node?.kind !== 'file') throw new VfsError('wrong-kind', path, 'there is no file to remove');
    this.#tree.take(path);
    await this.#forget(node);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#begin(path);
    if (path === '') throw new VfsError('denied', path, 'the root itself is not removed');
    if (this.#tree.directoryAt(path).children.size > 0) throw new VfsError('not-empty', path, 'the folder is not empty');
    this.#tree.take(path);
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    await this.#begin(from);
    this.#tree.requirePlace(to);
    const node = this.#tree.requireExpected(from, expected);
    if (node === undefined || node.kind === 'other') throw new VfsError('not-found', from, 'there is nothing to be renamed');
    if (isWithin(to, from)) throw new VfsError('failed', from, 'a folder is not moved into itself');
    if (this.#tree.find(to) !== undefined) throw new VfsError('exists', to, 'something is there already');
    const moved = await this.#retaken(node, to);
    try {
      this.#requireRunning(from);
      this.#tree.requirePlace(to);
      if (this.#tree.find(from) !== node || !isSame(node, moved)) throw changedMeanwhile(from);
      if (this.#tree.find(to) !== undefined) throw new VfsError('exists', to, 'something is there already');
    } catch (error) {
      await this.#forget(moved);
      throw error;
    }
    this.#tree.take(from);
    this.#tree.put(to, moved);
    await this.#forget(node);
    return entryOf(moved);
  }

  async link(path: RelPath): Promise<LinkNode> {
    this.#requireRunning(path);
    throw new VfsError('unsupported', path, 'an archive holds no links here');
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    await this.#begin(path);
    const node = this.#tree.requireExpected(path, expected);
    if (node?.kind !== 'file') throw new VfsError('wrong-kind', path, 'only files have a time here');
    const touched = await this.#withPath(path, () => this.#archive.retake(node, { ...this.#newFile(path, node.node), modifiedMs }));
    return this.#exchange(path, node, touched);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    await this.#begin(path);
    if (replacement.kind === 'link') return this.link(path).then(() => undefined);
    if (replacement.kind === 'file') {
      return this.#archive.pace.changing(() => this.#putFile(path, replacement.content, replacement.as, replacement.below));
    }
    this.#tree.requirePlace(path);
    const node = this.#tree.requireExpected(path, replacement.expected);
    this.#tree.put(path, newDirectory(nameOf(path)));
    await this.#forget(node);
    return undefined;
  }

  async leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    this.#requireRunning(directory);
    return directory === '' ? this.#leftovers() : [];
  }

  /** What dead runs left beside the archive goes, or is undone. */
  async recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    this.#requireRunning('');
    if (leftovers.length > 0) await this.#withPath('', () => this.#archive.begin());
    return { returned: 0 };
  }

  async flush(): Promise<void> {
    const { pace, commitBytes } = this.#archive;
    await pace.due(commitBytes);
    await this.#withPath('', () => this.#archive.commit());
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#withPath('', () => this.#archive.close());
  }

  #leftovers(): RelPath[] {
    return this.#archive.hasLeftovers() ? [LEFTOVERS] : [];
  }

  #forNewFiles(taker: PackedTaker): RootInside {
    return {
      taker,
      level: this.#level,
      changing: async (act) => {
        await this.#begin('');
        return this.#archive.pace.changing(act);
      },
      requireRunning: (path) => this.#requireRunning(path),
      requireFree: (path) => {
        this.#tree.requirePlace(path);
        this.#tree.requireExpected(path, NOTHING);
      },
      newFile: (path, node) => this.#newFile(path, node),
      put: (path, file) => this.#tree.put(path, file),
      forget: (file) => this.#forget(file),
      write: (path, content, { modifiedMs, mode }) =>
        this.write(path, content, {
          expected: NOTHING,
          ...(modifiedMs === undefined ? {} : { modifiedMs }),
          ...(mode === undefined ? {} : { mode }),
        }),
    };
  }

  async #putFile(path: RelPath, content: Content, as: WriteAs, below: Below | undefined): Promise<Stamp> {
    this.#tree.requirePlace(path);
    const before = this.#tree.requireExpected(path, as.expected);
    const mode = as.mode ?? (before?.kind === 'file' ? before.node.mode : undefined) ?? DEFAULT_MODE;
    const file = { path: this.#tree.at(path), modifiedMs: as.modifiedMs ?? Date.now(), mode };
    const options = { level: this.#level, requireRunning: () => this.#requireRunning(path) };
    const taken = await this.#withPath(path, () => this.#archive.take(content, file, options));
    let node: ZipNode | undefined;
    try {
      this.#requireRunning(path);
      this.#tree.requirePlace(path);
      node = this.#tree.requireExpected(path, as.expected);
      if (below !== undefined && node?.kind === 'directory') requireBelow(this.#tree.foundBelow(node, path), below, path);
    } catch (error) {
      await this.#forget(taken);
      throw error;
    }
    this.#tree.put(path, taken);
    await this.#forget(node);
    return taken.node;
  }

  /** Puts a file in the place of another, if that is still there. */
  async #exchange(path: RelPath, old: ZipFile, file: ZipFile): Promise<Stamp> {
    if (this.#tree.find(path) !== old || this.#signal.aborted) {
      await this.#forget(file);
      this.#requireRunning(path);
      throw changedMeanwhile(path);
    }
    this.#tree.put(path, file);
    await this.#forget(old);
    return file.node;
  }

  /** The same thing for another path, with all that is below it. */
  async #retaken(node: ZipFile | ZipDirectory, to: RelPath): Promise<ZipFile | ZipDirectory> {
    this.#tree.requireName(to);
    if (node.kind === 'file') return this.#withPath(to, () => this.#archive.retake(node, this.#newFile(to, node.node)));
    const moved = newDirectory(nameOf(to));
    for (const child of node.children.values()) {
      this.#requireRunning(to);
      if (child.kind === 'other') throw new VfsError('unsupported', to, `"${child.name}" is ${child.reason}; a folder that holds it is not moved`);
      moved.children.set(child.name, await this.#retaken(child, joinPath(to, child.name)));
    }
    return moved;
  }

  #newFile(path: RelPath, node: FileNode): NewFile {
    return { path: this.#tree.at(path), modifiedMs: node.modifiedMs ?? Date.now(), mode: node.mode ?? DEFAULT_MODE };
  }

  async *#read(path: RelPath, revision: string | undefined, from: number): AsyncGenerator<Uint8Array> {
    this.#requireRunning(path);
    const file = this.#tree.requireReadable(path, revision);
    try {
      for await (const chunk of this.#archive.read(file, from)) {
        this.#requireRunning(path);
        yield chunk;
        this.#requireRunning(path);
      }
    } catch (error) {
      throw withPath(error, path);
    }
    if (revision !== undefined) this.#tree.requireReadable(path, revision);
  }

  /** Before every change: the run goes on, the archive is ours, and the inner folder is there. */
  async #begin(path: RelPath): Promise<void> {
    this.#requireRunning(path);
    await this.#withPath(path, () => this.#archive.begin());
    this.#requireRunning(path);
    this.requireUsable();
    this.#tree.makeThere();
  }

  /** What is no longer in the tree, with all below it. */
  async #forget(node: ZipNode | undefined): Promise<void> {
    if (node?.kind === 'file') await this.#archive.forget(node);
    else if (node?.kind === 'directory') for (const child of node.children.values()) await this.#forget(child);
  }

  #requireRunning(path: RelPath): void {
    if (this.#signal.aborted) throw new VfsError('aborted', path, 'the run was ended');
    if (this.#isClosed) throw new VfsError('failed', path, 'the archive is closed already');
  }

  async #withPath<T>(path: RelPath, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw withPath(error, path);
    }
  }
}

/** What the archive says has no path yet; what a content says keeps its own. */
function withPath(error: unknown, path: RelPath): unknown {
  if (!(error instanceof VfsError) || error.path !== '' || path === '' || error.inContent) return error;
  return new VfsError(error.code, path, error.message, { cause: error.cause });
}
