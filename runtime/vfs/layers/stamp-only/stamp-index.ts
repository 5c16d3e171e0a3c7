import { isWithin, joinPath, nameOf, parentOf, type RelPath } from '../../path.ts';
import { readAll } from '../../read-all.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, FileNode, Vfs } from '../../vfs.ts';
import { nameHashOf, parseStampName } from './stamp-name.ts';

/** A stored file, and what it tells. */
export interface Kept {
  readonly storedName: string;
  readonly inner: FileNode;
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number | undefined;
}
/** The stored files that tell of one file, the one that counts (the oldest) first. More than one only after a crash. */
export type Stored = readonly [Kept, ...Kept[]];

/** Folders whose stored names are remembered. Actions come folder by folder. */
const MOST_FOLDERS = 64;
/** Long names that are remembered, by their hashes. */
const MOST_LONG_NAMES = 10_000;
/** No file system has longer names. */
const MOST_NAME_BYTES = 4096;

/** Finds the stored files of a path without listing its folder each time. */
export class StampIndex {
  readonly #inner: Vfs;
  readonly #folders = new Map<RelPath, Promise<Map<string, Stored>>>();
  readonly #longNames = new Map<string, string>();

  constructor(inner: Vfs) {
    this.#inner = inner;
  }

  /** By the last listing of its folder, and made sure of; that nothing is stored is only known from that listing. */
  async find(path: RelPath): Promise<Stored | undefined> {
    if (path === '') return undefined;
    const stored = await this.#lookUp(path);
    if (stored === undefined) return undefined;
    const now = await this.#inner.stat(joinPath(parentOf(path), stored[0].storedName));
    const [first, ...others] = stored;
    if (now?.kind === 'file' && now.revision === first.inner.revision) return [{ ...first, inner: now }, ...others];
    this.#folders.delete(parentOf(path));
    return this.#lookUp(path);
  }

  /** What is stored for a path now; undefined: nothing. */
  async remember(path: RelPath, stored: Stored | undefined): Promise<void> {
    const folder = await this.#folders.get(parentOf(path));
    if (stored === undefined) folder?.delete(this.#key(nameOf(path)));
    else folder?.set(this.#key(nameOf(path)), stored);
  }

  forgetBelow(directory: RelPath): void {
    for (const known of this.#folders.keys()) if (isWithin(known, directory)) this.#folders.delete(known);
  }

  /** Takes what a new listing of the folder tells for what is there. */
  async learn(directory: RelPath, entries: readonly Entry[]): Promise<ReadonlyMap<string, Stored>> {
    const files = await this.filesIn(directory, entries);
    if (this.#folders.has(directory)) this.#folders.set(directory, Promise.resolve(files));
    return files;
  }

  /** The files that a folder's entries tell of, by name. */
  async filesIn(directory: RelPath, entries: readonly Entry[]): Promise<Map<string, Stored>> {
    const files = new Map<string, Stored>();
    for (const entry of entries) {
      const told = entry.kind === 'file' ? parseStampName(entry.name) : undefined;
      if (entry.kind !== 'file' || told === undefined) continue;
      const name = 'name' in told ? told.name : await this.#longName(told.nameHash, joinPath(directory, entry.name), entry);
      if (name === undefined) continue;
      const { name: storedName, ...inner } = entry;
      const kept: Kept = { storedName, inner, name, size: told.size, modifiedMs: told.modifiedMs };
      const key = this.#key(name);
      const [first = kept, ...others] = [...(files.get(key) ?? []), kept].sort((a, b) => (a.modifiedMs ?? 0) - (b.modifiedMs ?? 0));
      files.set(key, [first, ...others]);
    }
    return files;
  }

  async #lookUp(path: RelPath): Promise<Stored | undefined> {
    return (await this.#folder(parentOf(path))).get(this.#key(nameOf(path)));
  }

  #folder(directory: RelPath): Promise<Map<string, Stored>> {
    const known = this.#folders.get(directory);
    if (known !== undefined) return known;
    const [oldest] = this.#folders.keys();
    if (oldest !== undefined && this.#folders.size >= MOST_FOLDERS) this.#folders.delete(oldest);
    const listed = this.#list(directory);
    this.#folders.set(directory, listed);
    return listed;
  }

  async #list(directory: RelPath): Promise<Map<string, Stored>> {
    try {
      return await this.filesIn(directory, await this.#inner.list(directory));
    } catch (error) {
      this.#folders.delete(directory);
      if (error instanceof VfsError && (error.code === 'not-found' || error.code === 'wrong-kind')) return new Map();
      throw error;
    }
  }

  /** undefined: the note holds no name that the hash is of. Such a one tells of nothing, and is written over when its file comes again. */
  async #longName(hash: string, path: RelPath, { size = 0, revision }: FileNode): Promise<string | undefined> {
    const known = this.#longNames.get(hash);
    if (known !== undefined) return known;
    if (size > MOST_NAME_BYTES) return undefined;
    const name = Buffer.from(await readAll(this.#inner.content(path, revision))).toString();
    if (nameHashOf(name) !== hash) return undefined;
    if (this.#longNames.size >= MOST_LONG_NAMES) this.#longNames.clear();
    this.#longNames.set(hash, name);
    return name;
  }

  #key(name: string): string {
    return this.#inner.traits.caseSensitive ? name : name.toLowerCase();
  }
}
