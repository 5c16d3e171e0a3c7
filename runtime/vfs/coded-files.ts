import { requireExpected } from './expected.ts';
import { compareNames, nameOf, type RelPath } from './path.ts';
import { aboutPath, requireStoredBelow, twoOfAName } from './stored-names.ts';
import { VfsError } from './vfs-error.ts';
import type { Content, Entry, Expected, FileNode, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from './vfs.ts';
import { NOTHING } from './vfs.ts';

/** How files are kept: in another form, under their name and an extension. */
export interface FileCoder {
  /** Put before the label of the file system below: `igz:`. */
  readonly prefix: string;
  /** What the names of coded files end in; with its point. */
  readonly extension: string;
  /** The form that is kept, of the file at `path`. Errors of `plain` pass through. */
  encode(plain: Content, path: RelPath): Content;
  /** Rejects with VfsError `failed` for `path` where it is damaged; errors of `coded` pass through. */
  decode(coded: Content, path: RelPath): Content;
}

/**
 * Files are coded one by one; directories and links are as they are below. What does not end in the extension is not ours: it is not shown, not touched, and
 * keeps its directory from being removed. How long a coded file is when it is decoded is not known, so sizes are absent; the revision is that of the coded file.
 *
 * Where a file takes the place of a directory or link, or the reverse, two names change below. The old is given up first, whole, as the file system below does it;
 * a crash right after that leaves nothing at the path (and, from a directory or link, the coded file without its extension).
 */
export function codedFiles(inner: Vfs, coder: FileCoder): Vfs {
  return new CodedFiles(inner, coder);
}

/** What a path is below: both where a directory or link and a coded file have one name. */
interface Held {
  readonly file: FileNode | undefined;
  /** A directory, a link, or what cannot be handled. */
  readonly other: Exclude<Entry, { kind: 'file' }> | undefined;
}

class CodedFiles implements Vfs {
  readonly label: string;
  readonly #inner: Vfs;
  readonly #coder: FileCoder;

  constructor(inner: Vfs, coder: FileCoder) {
    this.label = coder.prefix + inner.label;
    this.#inner = inner;
    this.#coder = coder;
  }

  get traits(): Traits {
    return this.#inner.traits;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    const found = await this.#asDirectory(directory, () => this.#inner.list(directory));
    const entries = new Map<string, Entry>();
    for (const entry of found) {
      const shown = this.#shown(entry);
      if (shown !== undefined) entries.set(shown.name, entries.has(shown.name) ? twoOfAName(shown.name) : shown);
    }
    return [...entries.values()].sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    return entryOf(await this.#look(path), nameOf(path));
  }

  content(path: RelPath, revision?: string): Content {
    const { open } = this.#coder.decode(this.#inner.content(this.#coded(path), revision), path);
    const refusing = (error: unknown) => this.#notAFile(error, path);
    return {
      async *open(from) {
        try {
          yield* open(from);
        } catch (error) {
          throw await refusing(error);
        }
      },
    };
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    const held = await this.#require(path, as.expected);
    if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a file');
    const coded = this.#coder.encode(content, path);
    if (held.other?.kind !== 'link') return plainStamp(await this.#at(path, (stored) => this.#inner.write(stored, coded, as)));
    await this.#inner.write(path, coded, as);
    return this.#takeItsName(path);
  }

  async makeDirectory(path: RelPath): Promise<void> {
    if ((await this.#look(path)).file !== undefined) throw new VfsError('exists', path, 'a file is already there');
    await this.#inner.makeDirectory(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    if (expected.kind === 'link') return this.#inner.removeFile(path, expected);
    await this.#require(path, expected);
    if (expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'it is a directory');
    return this.#at(path, (stored) => this.#inner.removeFile(stored, expected));
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#asDirectory(path, () => this.#inner.removeDirectory(path));
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    const { file } = await this.#require(from, expected);
    const there = await this.#look(to);
    const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
    if (!isOneName && (file === undefined ? there.file : there.other) !== undefined) throw new VfsError('exists', to, 'something is already there');
    if (file === undefined) return this.#inner.rename(from, to, expected);
    const entry = await this.#at(from, (stored) => this.#at(to, (target) => this.#inner.rename(stored, target, expected)));
    return this.#shown(entry) ?? entry;
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    await this.#require(path, as.expected);
    if (as.expected.kind !== 'file' || !this.traits.links) return this.#inner.link(path, target, as);
    await this.#giveUp(path, as.expected);
    return this.#inner.link(path, target, { ...as, expected: NOTHING });
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    await this.#require(path, expected);
    return plainStamp(await this.#at(path, (stored) => this.#inner.setModified(stored, modifiedMs, expected)));
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    await this.#require(path, expected);
    const known = replacement.kind === 'directory' ? undefined : replacement.below;
    const below = expected.kind === 'directory' ? { below: await requireStoredBelow(this.#inner, path, (entry) => this.#shown(entry), known) } : {};
    if (replacement.kind === 'file') {
      if (expected.kind !== 'directory') return this.write(path, replacement.content, replacement.as);
      await this.#inner.replace(path, { ...replacement, content: this.#coder.encode(replacement.content, path), ...below });
      return this.#takeItsName(path);
    }
    if (expected.kind !== 'file') return this.#inner.replace(path, { ...replacement, ...below });
    if (replacement.kind === 'link') {
      await this.link(path, replacement.target, replacement);
      return undefined;
    }
    await this.#giveUp(path, expected);
    await this.#inner.makeDirectory(path);
    return undefined;
  }

  leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    return this.#inner.leftovers(directory);
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return this.#inner.recover(leftovers);
  }

  flush(): Promise<void> {
    return this.#inner.flush();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #coded(path: RelPath): RelPath {
    return path + this.#coder.extension;
  }

  /** The name that a coded file has for whoever looks from above; undefined for what is not ours. */
  #plainName(name: string): string | undefined {
    const { extension } = this.#coder;
    const end = name.slice(-extension.length);
    const isOurs = end === extension || (!this.traits.caseSensitive && end.toLowerCase() === extension.toLowerCase());
    return isOurs && name.length > extension.length ? name.slice(0, -extension.length) : undefined;
  }

  #shown(entry: Entry): Entry | undefined {
    if (entry.kind !== 'file') return entry;
    const name = this.#plainName(entry.name);
    if (name === undefined) return undefined;
    const { size: _, ...rest } = entry;
    return { ...rest, name };
  }

  async #look(path: RelPath): Promise<Held> {
    const [there, coded] = await Promise.all([this.#inner.stat(path), path === '' ? undefined : this.#inner.stat(this.#coded(path))]);
    const shown = coded?.kind === 'file' ? this.#shown(coded) : undefined;
    return { file: shown?.kind === 'file' ? shown : undefined, other: there?.kind === 'file' ? undefined : there };
  }

  async #require(path: RelPath, expected: Expected): Promise<Held> {
    const held = await this.#look(path);
    requireExpected(entryOf(held, nameOf(path)), expected, path);
    return held;
  }

  /** A coded file that stands under the plain name, since it took the place of something there. */
  async #takeItsName(path: RelPath): Promise<Stamp> {
    const placed = await this.#inner.stat(path);
    if (placed?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
    const entry = await this.#at(path, (stored) => this.#inner.rename(path, stored, { kind: 'file', revision: placed.revision }));
    if (entry.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
    return plainStamp(entry);
  }

  /** A coded file goes so that something of another kind can take its place, if the place is free. */
  async #giveUp(path: RelPath, expected: Expected): Promise<void> {
    if ((await this.#inner.stat(path)) !== undefined) {
      throw new VfsError('exists', path, `a file of this name without "${this.#coder.extension}" is in the way`);
    }
    await this.#at(path, (stored) => this.#inner.removeFile(stored, expected));
  }

  /** Errors about the coded file are told about the path. */
  async #at<T>(path: RelPath, act: (stored: RelPath) => Promise<T>): Promise<T> {
    if (/^\.{0,2}$/.test(nameOf(path))) throw new VfsError('name-refused', path, 'this is no name of a file');
    return aboutPath(path, this.#coded(path), act);
  }

  /** A coded file where a directory is wanted is `wrong-kind`. */
  async #asDirectory<T>(path: RelPath, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof VfsError) || error.code !== 'not-found' || (await this.#look(path)).file === undefined) throw error;
      throw new VfsError('wrong-kind', path, 'it is a file, not a directory', { cause: error });
    }
  }

  async #notAFile(error: unknown, path: RelPath): Promise<unknown> {
    if (!(error instanceof VfsError) || error.path !== this.#coded(path)) return error;
    const isDirectory = error.code === 'not-found' && (await this.#inner.stat(path))?.kind === 'directory';
    return isDirectory
      ? new VfsError('wrong-kind', path, 'it is a directory, not a file')
      : new VfsError(error.code, path, error.message, { cause: error });
  }
}

function entryOf({ file, other }: Held, name: string): Entry | undefined {
  if (file !== undefined && other !== undefined) return twoOfAName(name);
  return file === undefined ? other : { name, ...file };
}

function plainStamp({ size: _, ...stamp }: Stamp): Stamp {
  return stamp;
}
