import { requireBelow, versionBelow } from '../../runtime/vfs/below.ts';
import { compareNames, joinPath, nameOf, parentOf, type RelPath } from '../../runtime/vfs/path.ts';
import { VfsError } from '../../runtime/vfs/vfs-error.ts';
import type { Below, Content, Entry, Expected, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../../runtime/vfs/vfs.ts';

export interface MemoryVfsOptions {
  readonly label?: string;
  readonly traits?: Partial<Traits>;
  /** The time of a file that is written without one. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

interface FileItem {
  readonly kind: 'file';
  name: string;
  bytes: Uint8Array;
  modifiedMs: number;
  mode: number;
  revision: string;
  readonly fileId: string;
}
interface DirectoryItem {
  readonly kind: 'directory';
  name: string;
  readonly items: Map<string, Item>;
}
interface LinkItem {
  readonly kind: 'link';
  name: string;
  readonly target: string;
  readonly modifiedMs: number;
}
interface OtherItem {
  readonly kind: 'other';
  name: string;
  readonly reason: string;
}
type Item = FileItem | DirectoryItem | LinkItem | OtherItem;

const CHUNK = 64 * 1024;
const DEFAULT_TRAITS: Traits = { timePrecisionMs: 1, caseSensitive: true, concurrency: 4, links: true, modes: true };

/**
 * A complete file system in memory. Revisions are a counter: every change of content or time gives a new one, a rename keeps it.
 * Every mutating call is atomic, so there are never leftovers. Symbolic links are kept as text and never followed.
 */
export class MemoryVfs implements Vfs {
  readonly label: string;
  readonly traits: Traits;
  private readonly root: DirectoryItem = { kind: 'directory', name: '', items: new Map() };
  private readonly clock: () => number;
  private readonly signal: AbortSignal | undefined;
  private counter = 0;

  constructor(options: MemoryVfsOptions = {}) {
    this.label = options.label ?? 'memory';
    this.traits = { ...DEFAULT_TRAITS, ...options.traits };
    this.clock = options.now ?? Date.now;
    this.signal = options.signal;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    this.live(directory);
    const found = this.directoryAt(directory);
    return [...found.items.values()].map((item) => this.entryOf(item)).sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    this.live(path);
    const item = this.find(path);
    return item === undefined ? undefined : this.entryOf(item);
  }

  content(path: RelPath, revision?: string): Content {
    const item = this.find(path);
    const open = (from = 0) => this.read(path, revision, from);
    return item?.kind === 'file' ? { size: item.bytes.length, open } : { open };
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    this.live(path);
    this.checkExpected(path, as.expected);
    this.checkPlace(path);
    const bytes = await collect(path, content);
    this.live(path);
    this.checkExpected(path, as.expected);
    if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a file');
    return this.stampOf(this.putFile(path, bytes, as));
  }

  async makeDirectory(path: RelPath): Promise<void> {
    this.live(path);
    if (this.find(path) !== undefined) throw new VfsError('exists', path, 'something is there already');
    this.put(path, { kind: 'directory', name: nameOf(path), items: new Map() });
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    this.live(path);
    this.checkExpected(path, expected);
    if (expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'is a directory');
    this.take(path);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    this.live(path);
    if (this.directoryAt(path).items.size > 0) throw new VfsError('not-empty', path, 'the directory is not empty');
    if (path === '') throw new VfsError('denied', path, 'the root itself is not removed');
    this.take(path);
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    this.live(from);
    const item = this.checkExpected(from, expected);
    if (item === undefined) throw new VfsError('changed', from, 'nothing is there');
    const there = this.find(to);
    if (there !== undefined && there !== item) throw new VfsError('exists', to, 'something is there already');
    if (item.kind === 'directory' && to.startsWith(`${from}/`)) throw new VfsError('failed', to, 'a directory cannot be moved into itself');
    this.checkPlace(to);
    this.take(from);
    item.name = nameOf(to);
    this.put(to, item);
    return this.entryOf(item);
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    this.live(path);
    this.checkLinks(path);
    this.checkExpected(path, as.expected);
    if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a link');
    return linkNode(this.putLink(path, target, as.modifiedMs));
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    this.live(path);
    const item = this.checkExpected(path, expected);
    if (this.traits.timePrecisionMs === undefined) throw new VfsError('unsupported', path, 'this root keeps no times');
    if (item?.kind !== 'file') throw new VfsError('wrong-kind', path, 'only files have times here');
    item.modifiedMs = this.rounded(modifiedMs);
    item.revision = this.next('r');
    return this.stampOf(item);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    this.live(path);
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    this.checkExpected(path, expected);
    if (replacement.kind === 'file') {
      const bytes = await collect(path, replacement.content);
      this.live(path);
      this.checkExpected(path, expected);
      this.checkBelow(path, replacement.below);
      return this.stampOf(this.putFile(path, bytes, replacement.as));
    }
    if (replacement.kind === 'link') {
      this.checkLinks(path);
      this.checkBelow(path, replacement.below);
      this.putLink(path, replacement.target, replacement.modifiedMs);
    } else {
      this.put(path, { kind: 'directory', name: nameOf(path), items: new Map() });
    }
    return undefined;
  }

  async leftovers(): Promise<readonly RelPath[]> {
    this.live('');
    return [];
  }

  async recover(): Promise<{ readonly returned: number }> {
    this.live('');
    return { returned: 0 };
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  /** Test only: an entry of kind `other`. */
  putOther(path: RelPath, reason: string): void {
    this.put(path, { kind: 'other', name: nameOf(path), reason });
  }

  /** Test only: changes a file in place as a program of the user does: same file identity, new revision. */
  editInPlace(path: RelPath, bytes: Uint8Array, modifiedMs: number | undefined): void {
    const item = this.find(path);
    if (item?.kind !== 'file') throw new VfsError('not-found', path, 'no file to edit');
    item.bytes = bytes;
    item.modifiedMs = this.rounded(modifiedMs ?? this.clock());
    item.revision = this.next('r');
  }

  /** Test only: changes permission bits, which is no change of content. */
  chmod(path: RelPath, mode: number): void {
    const item = this.find(path);
    if (item?.kind !== 'file') throw new VfsError('not-found', path, 'no file there');
    item.mode = mode;
  }

  private async *read(path: RelPath, revision: string | undefined, from: number): AsyncIterable<Uint8Array> {
    this.live(path);
    const item = this.find(path);
    this.checkReading(path, item, revision);
    const bytes = (item as FileItem).bytes;
    for (let at = from; at < bytes.length; at += CHUNK) {
      yield bytes.subarray(at, at + CHUNK);
      this.live(path);
    }
    if (revision !== undefined) this.checkReading(path, this.find(path), revision);
  }

  private checkReading(path: RelPath, item: Item | undefined, revision: string | undefined): void {
    if (item?.kind === 'file' && (revision === undefined || item.revision === revision)) return;
    if (revision !== undefined) throw new VfsError('changed', path, 'the file changed since it was listed');
    if (item === undefined) throw new VfsError('not-found', path, 'nothing is there');
    throw new VfsError('wrong-kind', path, `is a ${item.kind}, not a file`);
  }

  private live(path: RelPath): void {
    if (this.signal?.aborted) throw new VfsError('aborted', path, 'the run was ended');
  }

  private next(prefix: string): string {
    this.counter++;
    return `${prefix}${this.counter}`;
  }

  private rounded(ms: number): number {
    const step = this.traits.timePrecisionMs ?? 1;
    return Math.floor(ms / step) * step;
  }

  private key(name: string): string {
    return this.traits.caseSensitive ? name : name.toLowerCase();
  }

  private find(path: RelPath): Item | undefined {
    let item: Item | undefined = this.root;
    for (const name of path === '' ? [] : path.split('/')) {
      if (item?.kind !== 'directory') return undefined;
      item = item.items.get(this.key(name));
    }
    return item;
  }

  private directoryAt(path: RelPath): DirectoryItem {
    const item = this.find(path);
    if (item === undefined) throw new VfsError('not-found', path, 'no such directory');
    if (item.kind !== 'directory') throw new VfsError('wrong-kind', path, `is a ${item.kind}, not a directory`);
    return item;
  }

  private checkPlace(path: RelPath): void {
    if (path === '') throw new VfsError('wrong-kind', path, 'is the root itself');
    this.directoryAt(parentOf(path));
    const name = nameOf(path);
    const refused = name === '' || name === '.' || name === '..' || name.includes('\0') || Buffer.byteLength(name) > 255;
    if (refused) throw new VfsError('name-refused', path, 'the name cannot be used here');
  }

  private checkLinks(path: RelPath): void {
    if (!this.traits.links) throw new VfsError('unsupported', path, 'this root has no links');
  }

  private checkExpected(path: RelPath, expected: Expected): Item | undefined {
    const item = this.find(path);
    if (!isAsExpected(item, expected)) throw new VfsError('changed', path, `expected ${expected.kind}, found ${item?.kind ?? 'nothing'}`);
    return item;
  }

  private checkBelow(path: RelPath, below: Below | undefined): void {
    const item = this.find(path);
    if (below === undefined || item?.kind !== 'directory') return;
    const found = new Map<RelPath, string | undefined>();
    const visit = (directory: DirectoryItem, at: RelPath): void => {
      for (const child of directory.items.values()) {
        const childPath = joinPath(at, child.name);
        found.set(childPath, versionBelow(this.entryOf(child)));
        if (child.kind === 'directory') visit(child, childPath);
      }
    };
    visit(item, path);
    requireBelow(found, below, path);
  }

  private put(path: RelPath, item: Item): void {
    this.checkPlace(path);
    this.directoryAt(parentOf(path)).items.set(this.key(item.name), item);
  }

  private take(path: RelPath): void {
    this.directoryAt(parentOf(path)).items.delete(this.key(nameOf(path)));
  }

  private putFile(path: RelPath, bytes: Uint8Array, as: WriteAs): FileItem {
    const modifiedMs = this.rounded(as.modifiedMs ?? this.clock());
    const mode = as.mode ?? 0o644;
    const item: FileItem = { kind: 'file', name: nameOf(path), bytes, modifiedMs, mode, revision: this.next('r'), fileId: this.next('i') };
    this.put(path, item);
    return item;
  }

  private putLink(path: RelPath, target: string, modifiedMs: number | undefined): LinkItem {
    const item: LinkItem = { kind: 'link', name: nameOf(path), target, modifiedMs: this.rounded(modifiedMs ?? this.clock()) };
    this.put(path, item);
    return item;
  }

  private stampOf(item: FileItem): Stamp {
    const stamp = { revision: item.revision, size: item.bytes.length, fileId: item.fileId };
    return this.traits.timePrecisionMs === undefined ? stamp : { ...stamp, modifiedMs: item.modifiedMs };
  }

  private entryOf(item: Item): Entry {
    const name = item.name;
    if (item.kind === 'directory') return { name, kind: 'directory' };
    if (item.kind === 'link') return { name, ...linkNode(item) };
    if (item.kind === 'other') return { name, kind: 'other', reason: item.reason };
    const node = { name, kind: 'file' as const, ...this.stampOf(item) };
    return this.traits.modes ? { ...node, mode: item.mode } : node;
  }
}

function linkNode(item: LinkItem): LinkNode {
  return { kind: 'link', target: item.target, modifiedMs: item.modifiedMs };
}

function isAsExpected(item: Item | undefined, expected: Expected): boolean {
  if (expected.kind === 'nothing') return item === undefined;
  if (expected.kind === 'file') return item?.kind === 'file' && item.revision === expected.revision;
  if (expected.kind === 'link') return item?.kind === 'link' && item.target === expected.target;
  return item?.kind === 'directory';
}

async function collect(path: RelPath, content: Content): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of content.open()) chunks.push(Uint8Array.from(chunk));
  } catch (error) {
    throw error instanceof VfsError ? error : new VfsError('failed', path, 'the content could not be read', { cause: error });
  }
  return Buffer.concat(chunks);
}
