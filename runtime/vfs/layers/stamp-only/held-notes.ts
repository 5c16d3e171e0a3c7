import { bytesContent } from '../../bytes-content.ts';
import { isAsExpected, requireExpected } from '../../expected.ts';
import { compareNames, isWithin, nameOf, parentOf, type RelPath } from '../../path.ts';
import { readAll } from '../../read-all.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Content, Entry, Expected, FileNode, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../../vfs.ts';
import { NOTHING } from '../../vfs.ts';

/**
 * Where notes wait: a note or folder that is written, gets another name or goes is so for whoever asks, and on the file system below with the next `flush`. So a note never tells more than a shadow has that is itself
 * saved only by a flush, such as an archive: a run that is killed in between leaves the notes as they were, and does the same again. `close` drops what waits: whoever closes without a
 * flush could not save what the notes tell of. Links, folders that get another name, and what takes the place of another kind do not wait, so flush before them.
 */
export function holdingNotes(inner: Vfs): Vfs {
  return new HoldingNotes(inner);
}

/** What is to become of a path; `expected`: what is there below until then. */
type Held =
  | {
      readonly what: 'written';
      readonly node: FileNode;
      readonly bytes: Uint8Array;
      readonly as: Omit<WriteAs, 'expected'>;
      readonly expected: Expected;
    }
  | { readonly what: 'made'; readonly expected: Expected }
  | { readonly what: 'gone'; readonly expected: Expected };

class HoldingNotes implements Vfs {
  readonly label: string;
  readonly traits: Traits;
  readonly #inner: Vfs;
  /** In the order in which it is to be done. */
  readonly #held = new Map<RelPath, Held>();
  #revisions = 0;
  #flushing: Promise<void> = Promise.resolve();

  constructor(inner: Vfs) {
    this.label = inner.label;
    this.traits = inner.traits;
    this.#inner = inner;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    const own = this.#held.get(directory);
    if (own?.what === 'gone') throw new VfsError('not-found', directory, 'there is no such folder');
    const entries = new Map((own === undefined ? await this.#inner.list(directory) : []).map((entry) => [entry.name, entry]));
    for (const [path, held] of this.#held) {
      if (parentOf(path) !== directory) continue;
      const entry = entryOf(path, held);
      if (entry === undefined) entries.delete(nameOf(path));
      else entries.set(entry.name, entry);
    }
    return [...entries.values()].sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    const held = this.#held.get(path);
    return held === undefined ? this.#inner.stat(path) : entryOf(path, held);
  }

  content(path: RelPath, revision?: string): Content {
    const held = this.#held.get(path);
    return held?.what === 'written' ? bytesContent(held.bytes) : this.#inner.content(path, revision);
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    if (as.expected.kind === 'link' || as.expected.kind === 'directory') {
      await this.#settle(path);
      return this.#inner.write(path, content, as);
    }
    await this.#requireFolder(parentOf(path));
    requireExpected(await this.stat(path), as.expected, path);
    return this.#hold(path, await readAll(content), as);
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#requireFolder(parentOf(path));
    if ((await this.stat(path)) !== undefined) throw new VfsError('exists', path, 'something is already there');
    const held = this.#held.get(path);
    this.#held.delete(path);
    if (held?.expected.kind !== 'directory') this.#held.set(path, { what: 'made', expected: held?.expected ?? NOTHING });
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    if (expected.kind === 'link') return this.#inner.removeFile(path, expected);
    requireExpected(await this.stat(path), expected, path);
    const held = this.#held.get(path);
    this.#held.delete(path);
    const below = held === undefined ? expected : held.expected;
    if (below.kind !== 'nothing') this.#held.set(path, { what: 'gone', expected: below });
  }

  async removeDirectory(path: RelPath): Promise<void> {
    if ((await this.list(path)).length > 0) throw new VfsError('not-empty', path, 'the folder is not empty');
    const isMade = this.#held.get(path)?.what === 'made';
    this.#held.delete(path);
    if (!isMade) this.#held.set(path, { what: 'gone', expected: { kind: 'directory' } });
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    const source = await this.stat(from);
    if (source?.kind !== 'file') {
      await this.#settle(from);
      await this.#settle(to);
      return this.#inner.rename(from, to, expected);
    }
    requireExpected(source, expected, from);
    await this.#requireFolder(parentOf(to));
    const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
    if (!isOneName && (await this.stat(to)) !== undefined) throw new VfsError('exists', to, 'something is already there');
    const bytes = await readAll(this.content(from, source.revision));
    await this.removeFile(from, expected);
    const { mode, modifiedMs } = source;
    const stamp = this.#hold(to, bytes, { ...(mode === undefined ? {} : { mode }), ...(modifiedMs === undefined ? {} : { modifiedMs }) });
    return { name: nameOf(to), kind: 'file', ...stamp, ...(mode === undefined ? {} : { mode }) };
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    await this.#settle(path);
    return this.#inner.link(path, target, as);
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    await this.#settle(path);
    return this.#inner.setModified(path, modifiedMs, expected);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    await this.#settle(path);
    return this.#inner.replace(path, replacement);
  }

  leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    return this.#inner.leftovers(directory);
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return this.#inner.recover(leftovers);
  }

  /** Whatever comes meanwhile waits for the next one. Rejects with the first error after all others were carried out. */
  flush(): Promise<void> {
    const flush = async () => {
      const failures: unknown[] = [];
      for (const [path, held] of [...this.#held]) {
        if (this.#held.get(path) === held) await this.#carryOut(path, held).catch((error: unknown) => failures.push(error));
      }
      await this.#inner.flush();
      if (failures.length > 0) throw failures[0];
    };
    this.#flushing = this.#flushing.then(flush, flush);
    return this.#flushing;
  }

  async close(): Promise<void> {
    this.#held.clear();
    await this.#inner.close();
  }

  #hold(path: RelPath, bytes: Uint8Array, { mode, modifiedMs, expected = NOTHING }: Partial<WriteAs>): Stamp {
    const before = this.#held.get(path);
    const as = { ...(mode === undefined ? {} : { mode }), ...(modifiedMs === undefined ? {} : { modifiedMs }) };
    const stamp = { revision: `held ${++this.#revisions}`, size: bytes.length, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
    this.#held.delete(path);
    this.#held.set(path, {
      what: 'written',
      node: { kind: 'file', ...stamp, ...(mode === undefined ? {} : { mode }) },
      bytes,
      as,
      expected: before?.expected ?? expected,
    });
    return stamp;
  }

  async #requireFolder(path: RelPath): Promise<void> {
    const folder = await this.stat(path);
    if (folder === undefined) throw new VfsError('not-found', path, 'there is no such folder');
    if (folder.kind !== 'directory') throw new VfsError('wrong-kind', path, 'it is no folder');
  }

  /** For what does not wait: the path, what is below it, and the folders above it. */
  async #settle(path: RelPath): Promise<void> {
    for (const [at, held] of [...this.#held]) if (isWithin(at, path) || isWithin(path, at)) await this.#carryOut(at, held);
  }

  /** What somebody else changed meanwhile, and was to go, stays. */
  async #carryOut(path: RelPath, held: Held): Promise<void> {
    const inner = this.#inner;
    if (held.what === 'written') await inner.write(path, bytesContent(held.bytes), { ...held.as, expected: held.expected });
    else if (held.what === 'made') await inner.makeDirectory(path).catch(unless('exists'));
    else if (held.expected.kind === 'directory') await inner.removeDirectory(path).catch(unless('not-empty', 'not-found'));
    else if (isAsExpected(await inner.stat(path), held.expected)) await inner.removeFile(path, held.expected);
    if (this.#held.get(path) === held) this.#held.delete(path);
  }
}

function entryOf(path: RelPath, held: Held): Entry | undefined {
  const name = nameOf(path);
  if (held.what === 'gone') return undefined;
  return held.what === 'made' ? { name, kind: 'directory' } : { name, ...held.node };
}

function unless(...codes: readonly VfsError['code'][]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof VfsError) || !codes.includes(error.code)) throw error;
  };
}
