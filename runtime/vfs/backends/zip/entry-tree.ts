import { compareNames, joinPath, nameOf, parentOf, type RelPath } from '../../path.ts';
import type { Entry, FileNode } from '../../vfs.ts';
import { DEFLATED, type DirectoryRecord, FLAG_ENCRYPTED, modifiedMsOf, STORED, unixModeOf } from './directory-record.ts';
import { entryNameOf } from './entry-name.ts';
import { overlappingEntries } from './overlapping-entries.ts';

/** A file of the archive. What is said of it is read from its record when it is asked for. */
export class ZipFile {
  readonly kind = 'file';
  readonly name: string;
  /** Another one when the entry got another place; it says the same. */
  record: DirectoryRecord;

  constructor(name: string, record: DirectoryRecord) {
    this.name = name;
    this.record = record;
  }

  /** `CRC-SIZE-TIME`: it stays when the entry is moved within the archive. A DOS time counts by its digits, so that another time zone is no change. */
  get revision(): string {
    const { crc, size, extraTimeMs, dosTime } = this.record;
    return `${crc.toString(16)}-${size}-${extraTimeMs ?? `d${dosTime.date * 0x1_0000 + dosTime.time}`}`;
  }

  get size(): number {
    return this.record.size;
  }

  /** NaN where it is not known. */
  get modifiedMs(): number {
    return modifiedMsOf(this.record) ?? Number.NaN;
  }

  get node(): FileNode {
    const modifiedMs = modifiedMsOf(this.record);
    const mode = unixModeOf(this.record);
    return {
      kind: 'file',
      revision: this.revision,
      size: this.size,
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      ...(mode === undefined ? {} : { mode: mode & 0o777 }),
    };
  }
}
export interface ZipDirectory {
  readonly kind: 'directory';
  readonly name: string;
  readonly children: Map<string, ZipNode>;
  /** Absent for a directory that only the names of what is in it tell of. */
  record: DirectoryRecord | undefined;
  /** It is to have an entry of its own. */
  readonly isMade: boolean;
}
/** What is shown and never touched; its records stay as they are. */
export interface ZipOther {
  readonly kind: 'other';
  readonly name: string;
  readonly reason: string;
  records: readonly DirectoryRecord[];
}
export type ZipNode = ZipFile | ZipDirectory | ZipOther;

const BOTH = 'the archive has both a file and a folder of this name';
const OVERLAPPING = 'its data reaches over another entry, as in archives that are made to fill disks';
const TYPE_BITS = 0o170000;
const METHODS: Readonly<Record<number, string>> = { 9: 'Deflate64', 12: 'bzip2', 14: 'LZMA', 93: 'Zstandard', 95: 'XZ', 98: 'PPMd' };

/** All that an archive holds, as a tree. Of several entries of one name the last counts, as for all unpackers. */
export class EntryTree {
  readonly root: ZipDirectory = { kind: 'directory', name: '', children: new Map(), record: undefined, isMade: false };

  /** The directory that was looked for last: most often the next path is in it too. */
  #last: { readonly path: RelPath; readonly directory: ZipDirectory } | undefined;

  static of(records: readonly DirectoryRecord[]): EntryTree {
    const tree = new EntryTree();
    const overlapping = overlappingEntries(records);
    for (const record of records) tree.#add(record, overlapping.has(record));
    return tree;
  }

  find(path: RelPath): ZipNode | undefined {
    return path === '' ? this.root : this.#directoryAt(parentOf(path))?.children.get(nameOf(path));
  }

  /** The parent must be a directory. */
  put(path: RelPath, node: ZipNode): void {
    const parent = this.#directoryAt(parentOf(path));
    if (parent === undefined) throw new RangeError(`no directory above ${path}`);
    const name = nameOf(path);
    if (parent.children.get(name)?.kind === 'directory') this.#last = undefined;
    parent.children.set(name, node);
  }

  take(path: RelPath): void {
    this.#last = undefined;
    this.#directoryAt(parentOf(path))?.children.delete(nameOf(path));
  }

  /** Every node but the root, with its path; parents first. */
  *nodes(from: ZipDirectory = this.root, at: RelPath = ''): Generator<readonly [RelPath, ZipNode]> {
    const pending: [RelPath, ZipDirectory][] = [[at, from]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [path, directory] = next;
      for (const node of directory.children.values()) {
        const below = joinPath(path, node.name);
        yield [below, node];
        if (node.kind === 'directory') pending.push([below, node]);
      }
    }
  }

  /** undefined: there is none. */
  #directoryAt(path: RelPath): ZipDirectory | undefined {
    if (this.#last?.path === path) return this.#last.directory;
    let node: ZipNode | undefined = this.root;
    for (const name of path === '' ? [] : path.split('/')) {
      if (node?.kind !== 'directory') return undefined;
      node = node.children.get(name);
    }
    if (node?.kind !== 'directory') return undefined;
    this.#last = { path, directory: node };
    return node;
  }

  #add(record: DirectoryRecord, overlaps: boolean): void {
    const name = entryNameOf(record);
    if ('refused' in name) return this.#addRefused(name.text, name.refused, record);
    if (name.path === '') return;
    const parent = this.#makeDirectory(parentOf(name.path));
    if (parent === undefined) return this.#addRefused(name.path, 'the archive has a file where its path needs a folder', record);
    const own = nameOf(name.path);
    const there = parent.children.get(own);
    const node = overlaps && !name.isDirectory ? otherNode(own, OVERLAPPING, record) : nodeOf(own, record, name.isDirectory);
    if (there?.kind === 'directory' && node.kind === 'directory') there.record = record;
    else if (there !== undefined && (there.kind === 'directory') !== (node.kind === 'directory')) this.#addRefused(name.path, BOTH, record);
    else parent.children.set(own, node);
  }

  /** undefined: something else is on the way. */
  #makeDirectory(path: RelPath): ZipDirectory | undefined {
    if (this.#last?.path === path) return this.#last.directory;
    let node: ZipDirectory = this.root;
    for (const name of path === '' ? [] : path.split('/')) {
      let child = node.children.get(name);
      if (child === undefined) {
        child = { kind: 'directory', name, children: new Map(), record: undefined, isMade: false };
        node.children.set(name, child);
      }
      if (child.kind !== 'directory') return undefined;
      node = child;
    }
    this.#last = { path, directory: node };
    return node;
  }

  /** It has no place in the tree, and is shown at its top under a name that is harmless. */
  #addRefused(text: string, reason: string, record: DirectoryRecord): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
    const harmless = text.replace(/[\u0000-\u001f\u007f]/g, '\u{FFFD}').replace(/[/\\]/g, '\u2215') || '(no name)';
    let name = harmless;
    for (let i = 2; this.root.children.has(name); i++) name = `${harmless} (${i})`;
    this.root.children.set(name, otherNode(name, reason, record));
  }
}

function nodeOf(name: string, record: DirectoryRecord, isDirectory: boolean): ZipNode {
  const mode = unixModeOf(record);
  const type = (mode ?? 0) & TYPE_BITS;
  if (isDirectory || type === 0o040000) return { kind: 'directory', name, children: new Map(), record, isMade: false };
  const reason = unreadable(record, type);
  return reason === undefined ? new ZipFile(name, record) : otherNode(name, reason, record);
}

function otherNode(name: string, reason: string, record: DirectoryRecord): ZipOther {
  return { kind: 'other', name, reason, records: [record] };
}

/** A directory that was made now. */
export function newDirectory(name: string): ZipDirectory {
  return { kind: 'directory', name, children: new Map(), record: undefined, isMade: true };
}

function unreadable({ flags, method, size }: DirectoryRecord, type: number): string | undefined {
  if ((flags & FLAG_ENCRYPTED) !== 0) return 'it is encrypted, which is not read here; unpack it with its password first';
  if (type === 0o120000) return 'a link in an archive, which is not followed and not unpacked';
  // What came through a pipe has its type, and is a file for all unpackers.
  const isPiped = type === 0o010000 && size > 0;
  if (type !== 0 && type !== 0o100000 && !isPiped) return 'neither file nor folder';
  if (method === STORED || method === DEFLATED) return undefined;
  return `compressed by ${METHODS[method] ?? `method ${method}`}, which is not read here; pack it anew with Deflate`;
}

/** What a listing says. */
export function entryOf(node: ZipNode): Entry {
  const { name } = node;
  if (node.kind === 'file') return { name, ...node.node };
  return node.kind === 'directory' ? { name, kind: 'directory' } : { name, kind: 'other', reason: node.reason, missed: true };
}

export function entriesOf(directory: ZipDirectory): Entry[] {
  return [...directory.children.values()].map(entryOf).sort((a, b) => compareNames(a.name, b.name));
}
