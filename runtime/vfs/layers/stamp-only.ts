import { bytesContent } from '../bytes-content.ts';
import { requireExpected } from '../expected.ts';
import { compareNames, joinPath, nameOf, parentOf, type RelPath } from '../path.ts';
import { aboutPath, requireStoredBelow, twoOfAName } from '../stored-names.ts';
import { inContent, VfsError } from '../vfs-error.ts';
import type { Content, Entry, Expected, FileNode, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../vfs.ts';
import { NOTHING } from '../vfs.ts';
import { type Kept, StampIndex, type Stored } from './stamp-only/stamp-index.ts';
import { formatStampName, textOfNote } from './stamp-only/stamp-name.ts';

/**
 * Keeps names, sizes and times of files and nothing else (manual, "Time-Stamp-Only File System"): what a shadow got is known without looking at it. A file is an
 * empty one whose name tells its size and time (docs/tfs-format.md), so that the file system below need not keep times and a listing tells all; only of a name that
 * is too long for that the note holds the name. Other files are not shown and not touched. A content whose size is known is not read.
 *
 * A file that changes gets its new name before the old one goes. A crash in between leaves both, and the older one counts: the file is brought again.
 * That nothing is at a path is known from the last listing of its folder in this run.
 */
export function stampOnly(inner: Vfs): Vfs {
  return new StampOnly(inner);
}

/** What is kept of a file; the time in whole ms. */
type FileStamp = Pick<Kept, 'size' | 'modifiedMs'>;

/** UTF-16 units: what file systems that count bytes take as well, or less. */
const MOST_NAME_LENGTH = 255;

const EMPTY = bytesContent(new Uint8Array());

class StampOnly implements Vfs {
  readonly label: string;
  readonly traits: Traits;
  readonly #inner: Vfs;
  readonly #index: StampIndex;
  /** By path: the last action there. Two at one name are done one after the other. */
  readonly #turns = new Map<RelPath, Promise<unknown>>();

  constructor(inner: Vfs) {
    this.label = `tfs:${inner.label}`;
    this.traits = { ...inner.traits, timePrecisionMs: 1 };
    this.#inner = inner;
    this.#index = new StampIndex(inner);
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    const found = await this.#inner.list(directory).catch((error: unknown) => this.#notADirectory(error, directory));
    const files = [...(await this.#index.learn(directory, found)).values()].map(entryOf);
    const entries = new Map<string, Entry>(files.map((entry) => [entry.name, entry]));
    for (const entry of found) {
      if (entry.kind !== 'file') entries.set(entry.name, entries.has(entry.name) ? twoOfAName(entry.name) : entry);
    }
    return [...entries.values()].sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    const [stored, there] = await Promise.all([this.#index.find(path), this.#inner.stat(path)]);
    const other = there?.kind === 'file' ? undefined : there;
    if (stored === undefined) return other;
    return other === undefined ? { ...entryOf(stored), name: nameOf(path) } : twoOfAName(nameOf(path));
  }

  content(path: RelPath): Content {
    const inner = this.#inner;
    return {
      // biome-ignore lint/correctness/useYield: it ends before there is anything to give
      async *open() {
        await inner.stat(path);
        throw new VfsError('unsupported', path, 'a tfs: root keeps names, sizes and times, but no content');
      },
    };
  }

  write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    return this.#inTurn(path, async () => {
      const before = await this.#require(path, as.expected);
      if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a file');
      const stamp = { size: content.size ?? (await countBytes(content, path)), modifiedMs: wholeMs(as.modifiedMs) };
      const kept = as.expected.kind === 'link' ? await this.#putInPlace(path, stamp, as) : await this.#put(path, stamp, as, before);
      return stampOf(kept);
    });
  }

  async makeDirectory(path: RelPath): Promise<void> {
    if ((await this.#index.find(path)) !== undefined) throw new VfsError('exists', path, 'a file is already there');
    await this.#inner.makeDirectory(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    if (expected.kind === 'link') return this.#inner.removeFile(path, expected);
    await this.#inTurn(path, async () => {
      const stored = await this.#require(path, expected);
      if (expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'it is a directory');
      await this.#removeStored(path, stored ?? []);
    });
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#inner.removeDirectory(path).catch((error: unknown) => this.#notADirectory(error, path));
    this.#index.forgetBelow(path);
  }

  rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    return this.#inTurn(to, async () => {
      const stored = await this.#require(from, expected);
      const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
      if (!isOneName && (await this.stat(to)) !== undefined) throw new VfsError('exists', to, 'something is already there');
      if (stored === undefined) {
        const entry = await this.#inner.rename(from, to, expected);
        this.#index.forgetBelow(from);
        return entry;
      }
      const [first, ...others] = stored;
      const kept = await this.#renameStored(from, to, first);
      await this.#removeStored(from, others);
      return entryOf([kept]);
    });
  }

  link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    return this.#inTurn(path, async () => {
      const stored = await this.#require(path, as.expected);
      if (stored === undefined || !this.traits.links) return this.#inner.link(path, target, as);
      await this.#removeStored(path, stored);
      return this.#inner.link(path, target, { ...as, expected: NOTHING });
    });
  }

  setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    return this.#inTurn(path, async () => {
      const [first, ...others] = (await this.#require(path, expected)) ?? [];
      if (first === undefined) throw new VfsError('wrong-kind', path, 'only files have times here');
      const kept = await this.#renameStored(path, path, { ...first, modifiedMs: wholeMs(modifiedMs) });
      await this.#removeStored(path, others);
      return stampOf(kept);
    });
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    if (replacement.kind === 'file' && expected.kind !== 'directory') return this.write(path, replacement.content, replacement.as);
    if (replacement.kind === 'link' && expected.kind === 'file') {
      await this.link(path, replacement.target, replacement);
      return undefined;
    }
    return this.#inTurn(path, async () => {
      const stored = await this.#require(path, expected);
      if (replacement.kind === 'directory' && stored !== undefined) {
        await this.#removeStored(path, stored);
        await this.#inner.makeDirectory(path);
        return undefined;
      }
      const known = replacement.kind === 'directory' ? undefined : replacement.below;
      const below =
        expected.kind === 'directory' ? { below: await requireStoredBelow(this.#inner, path, (entry, at) => this.#shown(entry, at), known) } : {};
      if (replacement.kind !== 'file') {
        await this.#inner.replace(path, { ...replacement, ...below });
        return undefined;
      }
      const size = replacement.content.size ?? (await countBytes(replacement.content, path));
      await this.#inner.replace(path, { ...replacement, content: EMPTY, ...below });
      return stampOf(await this.#takeItsName(path, { size, modifiedMs: wholeMs(replacement.as.modifiedMs) }));
    });
  }

  leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    return this.#inner.leftovers(directory);
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    this.#index.forgetBelow('');
    return this.#inner.recover(leftovers);
  }

  flush(): Promise<void> {
    return this.#inner.flush();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** The new name first, then the old ones go. */
  async #put(path: RelPath, stamp: FileStamp, as: WriteAs, before: Stored | undefined): Promise<Kept> {
    const storedName = this.#storedName(path, stamp);
    const same = before?.find((kept) => kept.storedName === storedName);
    const kept: Kept = { ...stamp, name: nameOf(path), storedName, inner: await this.#writeNote(path, storedName, as, same) };
    await this.#index.remember(path, [kept]);
    await this.#removeStored(path, before?.filter((one) => one !== same) ?? [], [kept]);
    return kept;
  }

  /** `same`: the note that has this name now. */
  async #writeNote(path: RelPath, storedName: string, as: Omit<WriteAs, 'expected'>, same?: Kept): Promise<FileNode> {
    const text = textOfNote(storedName, nameOf(path));
    return aboutPath(path, joinPath(parentOf(path), storedName), async (stored) => {
      // A note that lost the name it held, as by a power cut, was not shown.
      const lost = same === undefined && text !== '' ? await this.#inner.stat(stored) : undefined;
      const there = same?.inner ?? (lost?.kind === 'file' ? lost : undefined);
      const expected: Expected = there === undefined ? NOTHING : { kind: 'file', revision: there.revision };
      return { kind: 'file', ...(await this.#inner.write(stored, bytesContent(Buffer.from(text)), { ...as, expected })) };
    });
  }

  /** An empty file takes the place of a link or directory as the file system below does it, and then its name. */
  async #putInPlace(path: RelPath, stamp: FileStamp, as: WriteAs): Promise<Kept> {
    await this.#inner.write(path, EMPTY, as);
    return this.#takeItsName(path, stamp);
  }

  async #takeItsName(path: RelPath, stamp: FileStamp): Promise<Kept> {
    const placed = await this.#inner.stat(path);
    if (placed?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
    this.#index.forgetBelow(path);
    return this.#renameStored(path, path, { ...stamp, name: nameOf(path), storedName: nameOf(path), inner: placed });
  }

  async #renameStored(from: RelPath, to: RelPath, kept: Kept): Promise<Kept> {
    const storedName = this.#storedName(to, kept);
    const old = joinPath(parentOf(from), kept.storedName);
    const expected: Expected = { kind: 'file', revision: kept.inner.revision };
    const inner = old === joinPath(parentOf(to), storedName) ? kept.inner : await this.#moveNote(old, to, { ...kept, storedName }, expected);
    const renamed = { ...kept, name: nameOf(to), storedName, inner };
    await this.#index.remember(from, undefined);
    await this.#index.remember(to, [renamed]);
    return renamed;
  }

  /** Gives the note at `old` its new name; one that holds another text is written anew. */
  async #moveNote(old: RelPath, to: RelPath, { name, storedName, inner: { mode } }: Kept, expected: Expected): Promise<FileNode> {
    if (textOfNote(storedName, nameOf(to)) === textOfNote(nameOf(old), name)) {
      const moved = await aboutPath(to, joinPath(parentOf(to), storedName), (stored) => this.#inner.rename(old, stored, expected));
      if (moved.kind !== 'file') throw new VfsError('changed', to, 'it is not as it was when the plan was made');
      return moved;
    }
    const written = await this.#writeNote(to, storedName, mode === undefined ? {} : { mode });
    await aboutPath(to, old, (stored) => this.#inner.removeFile(stored, expected));
    return written;
  }

  async #removeStored(path: RelPath, gone: readonly Kept[], left?: Stored): Promise<void> {
    for (const { storedName, inner } of gone) {
      await aboutPath(path, joinPath(parentOf(path), storedName), (stored) =>
        this.#inner.removeFile(stored, { kind: 'file', revision: inner.revision }),
      );
    }
    if (gone.length > 0) await this.#index.remember(path, left);
  }

  #storedName(path: RelPath, { size, modifiedMs }: FileStamp): string {
    const name = nameOf(path);
    if (/^\.{0,2}$/.test(name)) throw new VfsError('name-refused', path, 'this is no name of a file');
    if (name.length > MOST_NAME_LENGTH) throw new VfsError('name-refused', path, `the name is longer than ${MOST_NAME_LENGTH} characters`);
    return formatStampName({ name, size, ...(modifiedMs === undefined ? {} : { modifiedMs }) });
  }

  async #shown(entry: Entry, directory: RelPath): Promise<Entry | undefined> {
    if (entry.kind !== 'file') return entry;
    const [stored] = (await this.#index.filesIn(directory, [entry])).values();
    return stored && entryOf(stored);
  }

  async #require(path: RelPath, expected: Expected): Promise<Stored | undefined> {
    const [stored, found] = await Promise.all([this.#index.find(path), this.stat(path)]);
    requireExpected(found, expected, path);
    return stored;
  }

  async #inTurn<T>(path: RelPath, act: () => Promise<T>): Promise<T> {
    const key = this.traits.caseSensitive ? path : path.toLowerCase();
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(act);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    }
  }

  /** A file where a directory is wanted is `wrong-kind`. */
  async #notADirectory(error: unknown, path: RelPath): Promise<never> {
    if (!(error instanceof VfsError) || error.code !== 'not-found' || (await this.#index.find(path)) === undefined) throw error;
    throw new VfsError('wrong-kind', path, 'it is a file, not a directory', { cause: error });
  }
}

function entryOf([{ name, size, modifiedMs, storedName, inner }]: Stored): Extract<Entry, { kind: 'file' }> {
  return { name, kind: 'file', ...stampOf({ name, size, modifiedMs, storedName, inner }), ...(inner.mode === undefined ? {} : { mode: inner.mode }) };
}

/** Equal size and time are all that can be known of equal content here. */
function stampOf({ size, modifiedMs, inner }: Kept): Stamp {
  const time = modifiedMs === undefined ? {} : { modifiedMs };
  return { revision: `${size} ${modifiedMs ?? ''}`, size, ...time, ...(inner.fileId === undefined ? {} : { fileId: inner.fileId }) };
}

function wholeMs(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms);
}

async function countBytes(content: Content, path: RelPath): Promise<number> {
  let size = 0;
  try {
    for await (const chunk of content.open()) size += chunk.length;
  } catch (error) {
    throw error instanceof VfsError
      ? inContent(error)
      : new VfsError('failed', path, 'the content could not be read', { cause: error, inContent: true });
  }
  return size;
}
