import { listBelow, requireBelow } from '../below.ts';
import { expectedOf, requireExpected } from '../expected.ts';
import { parentOf, type RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Below, Content, Entry, Expected, LinkNode, Replacement, Stamp, Vfs, WriteAs } from '../vfs.ts';
import { NOTHING } from '../vfs.ts';

/**
 * Looks whether the file system is as an action expects it, repeats the action on the shadows, then does it on the file system itself (semantics.md
 * section 5.2). A shadow that fails leaves the file system untouched, so that the next run repeats the action. A shadow gets what the root gets: its own
 * version of a file is overwritten, missing folders are made, and what is not there need not be removed; but a folder goes only with what the root's has.
 *
 * `savesLate`: a shadow has what is done only after a flush, and the file system below waits for its own flush with what it can (held-notes.ts). So it is flushed after the shadows, and nothing is done on it
 * meanwhile; what cannot wait is done after a flush.
 */
export function shadowed(inner: Vfs, shadows: readonly Vfs[], { savesLate = false } = {}): Vfs {
  return shadows.length === 0 ? inner : new Shadowed(inner, shadows, savesLate);
}

class Shadowed implements Vfs {
  readonly #inner: Vfs;
  readonly #shadows: readonly Shadow[];
  readonly #savesLate: boolean;
  #flushed: Promise<unknown> = Promise.resolve();

  constructor(inner: Vfs, shadows: readonly Vfs[], savesLate: boolean) {
    this.#inner = inner;
    this.#savesLate = savesLate;
    this.#shadows = shadows.map((vfs) => new Shadow(vfs));
  }

  get label(): string {
    return this.#inner.label;
  }
  get traits(): Vfs['traits'] {
    return this.#inner.traits;
  }
  list(directory: RelPath): Promise<readonly Entry[]> {
    return this.#inner.list(directory);
  }
  stat(path: RelPath): Promise<Entry | undefined> {
    return this.#inner.stat(path);
  }
  content(path: RelPath, revision?: string): Content {
    return this.#inner.content(path, revision);
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    await this.#requireExpected(path, as.expected);
    await this.#repeat((shadow) => shadow.put(path, { kind: 'file', content, as, below: NO_ENTRIES }));
    await this.#turn(as.expected);
    return this.#inner.write(path, content, as);
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#requireFree(path);
    await this.#repeat((shadow) => shadow.makeFolder(path));
    await this.#turn(NOTHING);
    await this.#inner.makeDirectory(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#requireExpected(path, expected);
    await this.#repeat((shadow) => shadow.removeFile(path));
    await this.#turn(expected);
    await this.#inner.removeFile(path, expected);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    if ((await this.#inner.list(path)).length > 0) throw new VfsError('not-empty', path, 'the folder is not empty');
    await this.#repeat((shadow) => shadow.removeFolder(path));
    await this.#turn(NOTHING);
    await this.#inner.removeDirectory(path);
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    await this.#requireExpected(from, expected);
    if (!isOneName(this.#inner, from, to)) await this.#requireFree(to);
    await this.#repeat(async (shadow) => {
      if (await shadow.rename(from, to)) return;
      await shadow.put(to, await this.#replacementFrom(from)).catch(withoutContent);
      await shadow.removeFile(from);
    });
    await this.#turn(expected);
    return this.#inner.rename(from, to, expected);
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    await this.#requireExpected(path, as.expected);
    await this.#repeat((shadow) => shadow.put(path, { ...as, kind: 'link', target, below: NO_ENTRIES }));
    await this.#turn();
    return this.#inner.link(path, target, as);
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    await this.#requireExpected(path, expected);
    await this.#repeat((shadow) => shadow.setModified(path, modifiedMs));
    await this.#turn(expected);
    return this.#inner.setModified(path, modifiedMs, expected);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    await this.#requireExpected(path, expected);
    if (expected.kind === 'directory' && replacement.kind !== 'directory' && replacement.below !== undefined) {
      requireBelow(await listBelow(this.#inner, path), replacement.below, path);
    }
    await this.#repeat((shadow) => shadow.put(path, replacement));
    await this.#turn();
    return this.#inner.replace(path, replacement);
  }

  leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    return this.#inner.leftovers(directory);
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return this.#inner.recover(leftovers);
  }

  flush(): Promise<void> {
    const flush = async () => {
      await Promise.all(this.#shadows.map(({ vfs }) => vfs.flush()));
      await this.#inner.flush();
    };
    const flushed = flush();
    this.#flushed = flushed.catch(() => undefined);
    return flushed;
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.#shadows.map(({ vfs }) => vfs.close()));
      if (this.#savesLate) await this.#inner.flush();
    } finally {
      await this.#inner.close();
    }
  }

  /** `waiting`: what is there that the file system can wait with changing, until it is flushed; absent: it does not wait with this. */
  async #turn(waiting?: Expected): Promise<void> {
    if (!this.#savesLate) return;
    if (waiting?.kind === 'nothing' || waiting?.kind === 'file') await this.#flushed;
    else await this.flush();
  }

  /** Before the shadows are changed; the file system looks once more itself. */
  async #requireExpected(path: RelPath, expected: Expected): Promise<void> {
    requireExpected(await this.#inner.stat(path), expected, path);
  }

  async #requireFree(path: RelPath): Promise<void> {
    if ((await this.#inner.stat(path)) !== undefined) throw new VfsError('exists', path, 'something is already there');
  }

  async #replacementFrom(path: RelPath): Promise<Replacement> {
    const source = await this.#inner.stat(path);
    if (source?.kind === 'link') return { ...source, expected: NOTHING, below: NO_ENTRIES };
    if (source?.kind !== 'file') throw new VfsError('unsupported', path, 'only files and links are copied to where they cannot be renamed');
    const { modifiedMs, mode, revision } = source;
    const as = { expected: NOTHING, ...(modifiedMs === undefined ? {} : { modifiedMs }), ...(mode === undefined ? {} : { mode }) };
    return { kind: 'file', content: this.#inner.content(path, revision), as, below: NO_ENTRIES };
  }

  async #repeat(action: (shadow: Shadow) => Promise<void>): Promise<void> {
    for (const shadow of this.#shadows) {
      try {
        await action(shadow);
      } catch (error) {
        if (!(error instanceof VfsError) || error.inContent) throw error;
        throw new VfsError(error.code, error.path, `on the shadow ${shadow.vfs.label}: ${error.message}`, { cause: error });
      }
    }
  }
}

/** A root that keeps no content has none for a shadow that lacks the file: whoever wants the rename has to bring it. */
function withoutContent(error: unknown): never {
  if (!(error instanceof VfsError) || error.code !== 'unsupported') throw error;
  throw new VfsError('cross-device', error.path, `it cannot be renamed, only copied: ${error.message}`, { cause: error });
}

/** What is done on one shadow, whatever it has there now. */
class Shadow {
  readonly vfs: Vfs;
  /** Folders that were cleared of what dead runs left: nobody else looks for it here. */
  readonly #cleared = new Map<RelPath, Promise<void>>();

  constructor(vfs: Vfs) {
    this.vfs = vfs;
  }

  /** `below`: what a folder may hold that goes for it, by path alone, since versions are known by each root's own marks. */
  async put(path: RelPath, replacement: Replacement): Promise<void> {
    await this.makeFolder(parentOf(path));
    const there = await this.#look(path);
    const expected = expectedOf(there, path);
    if (replacement.kind === 'directory') {
      if (there === undefined) await this.makeFolder(path);
      else if (there.kind !== 'directory') await this.vfs.replace(path, { kind: 'directory', expected });
    } else if (there?.kind === 'directory') {
      await this.vfs.replace(path, await this.#inPlaceOfFolder(path, replacement));
    } else if (replacement.kind === 'file') {
      await this.vfs.write(path, replacement.content, { ...replacement.as, expected });
    } else {
      await this.vfs.link(path, replacement.target, { ...replacement, expected });
    }
  }

  /** With the folders above it. Several actions may make the same one at once; who comes second finds it made. */
  async makeFolder(path: RelPath): Promise<void> {
    if (path === '' || (await this.vfs.stat(path))?.kind === 'directory') return;
    await this.makeFolder(parentOf(path));
    await this.#clear(parentOf(path));
    await this.vfs.makeDirectory(path).catch(async (error: unknown) => {
      if (!(error instanceof VfsError) || error.code !== 'exists') throw error;
      const there = await this.vfs.stat(path);
      if (there?.kind === 'directory') return;
      const what = there?.kind === 'file' || there?.kind === 'link' ? `a ${there.kind} is` : 'something else is';
      throw new VfsError('wrong-kind', path, `a folder is needed, but ${what} there; move it away`);
    });
  }

  async removeFile(path: RelPath): Promise<void> {
    const there = await this.#look(path);
    if (there?.kind === 'file' || there?.kind === 'link') await this.vfs.removeFile(path, expectedOf(there, path));
  }

  async removeFolder(path: RelPath): Promise<void> {
    const there = await this.#look(path);
    if (there?.kind !== 'directory') return;
    await this.#clear(path);
    await this.vfs.removeDirectory(path).catch(toleratingWhatIsLeft);
  }

  async setModified(path: RelPath, modifiedMs: number): Promise<void> {
    const there = await this.#look(path);
    if (there?.kind === 'file') await this.vfs.setModified(path, modifiedMs, expectedOf(there, path));
  }

  /** False where it is not there, its new name is taken, or a mount point lies between. */
  async rename(from: RelPath, to: RelPath): Promise<boolean> {
    await this.makeFolder(parentOf(to));
    const [there, taken] = [await this.#look(from), await this.#look(to)];
    if (there === undefined || (taken !== undefined && !isOneName(this.vfs, from, to))) return false;
    try {
      await this.vfs.rename(from, to, expectedOf(there, from));
      return true;
    } catch (error) {
      if (error instanceof VfsError && error.code === 'cross-device') return false;
      throw error;
    }
  }

  async #look(path: RelPath): Promise<Entry | undefined> {
    await this.#clear(parentOf(path));
    return this.vfs.stat(path);
  }

  async #inPlaceOfFolder(path: RelPath, replacement: Exclude<Replacement, { kind: 'directory' }>): Promise<Replacement> {
    const expected: Expected = { kind: 'directory' };
    const like = replacement.kind === 'file' ? { ...replacement, as: { ...replacement.as, expected } } : { ...replacement, expected };
    if (replacement.below === undefined) return like;
    const below = new Map<RelPath, string>();
    for (const [at, version] of await listBelow(this.vfs, path)) {
      const known = replacement.below.get(at);
      const isKnown = known !== undefined && version !== undefined && (known === '') === (version === '');
      if (!isKnown) throw new VfsError('exists', path, `the folder holds "${at}", which is not on the root; move it away first`);
      below.set(at, version);
    }
    return { ...like, below };
  }

  /** Once a folder. */
  #clear(directory: RelPath): Promise<void> {
    const cleared = this.#cleared.get(directory) ?? this.#recover(directory);
    this.#cleared.set(directory, cleared);
    return cleared;
  }

  async #recover(directory: RelPath): Promise<void> {
    try {
      const leftovers = await this.vfs.leftovers(directory);
      if (leftovers.length > 0) await this.vfs.recover(leftovers);
    } catch (error) {
      // What cannot be cleared waits for another run; what else is wrong with the folder, the action that wants it finds out.
      if (!(error instanceof VfsError)) throw error;
    }
  }
}

const NO_ENTRIES: Below = new Map();

/** `a` and `A` where case is ignored: a rename finds itself at the new name. */
function isOneName(vfs: Vfs, from: RelPath, to: RelPath): boolean {
  return !vfs.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
}

function toleratingWhatIsLeft(error: unknown): void {
  if (!(error instanceof VfsError) || error.code !== 'not-empty') throw error;
}
