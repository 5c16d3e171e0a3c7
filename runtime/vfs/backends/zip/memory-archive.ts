import { crc32 } from 'node:zlib';
import { nameOf, parentOf, type RelPath } from '../../path.ts';
import { inContent, VfsError } from '../../vfs-error.ts';
import { type Content, type Expected, NOTHING, type Vfs } from '../../vfs.ts';
import type { Archive, NewFile, TakeOptions } from './archive.ts';
import { namingWithin } from './archive-errors.ts';
import { buildRecord, type DirectoryRecord, STORED } from './directory-record.ts';
import { CommitPace } from './commit-pace.ts';
import { directoryOf } from './commit.ts';
import type { ByteSource, DirectoryPlace } from './end-records.ts';
import { copyOf, type EntryCopy } from './entry-copy.ts';
import { EntryTree, ZipFile, type ZipNode } from './entry-tree.ts';
import { missingArchive } from './missing-archive.ts';
import { type FreshEntry, packFresh } from './pack-fresh.ts';
import { readData } from './read-data.ts';
import { readDirectory } from './read-directory.ts';

export interface MemoryArchiveOptions {
  readonly access: 'read' | 'write';
  /** A missing archive is made by the first commit; else it is `unreachable`. */
  readonly makeMissing: boolean;
  /** So are the folders that it is to lie in. Absent: no. */
  readonly makeFolders?: boolean;
  /** 0 (stored) to 9. */
  readonly level?: number;
  /** More than so many bytes, in the archive and not yet in it, are `too-large`. */
  readonly mostBytes?: number;
}

/** 512 MB: an archive that is no file of this machine is held in memory as a whole. */
export const MOST_BYTES = 512 * 1024 * 1024;
const DEFAULT_LEVEL = 6;
const FILE_TYPE = 0o100000;
const DIRECTORY_MODE = 0o040755;

/**
 * An archive that is a file in another root. It is read as a whole when it is opened, and written as a whole by every commit: by one `write` that expects the archive
 * as it was read, so that nothing of another program is lost. What was taken since is in memory only. The root is closed with the archive. A program before the archive is not kept.
 */
export async function openMemoryArchive(vfs: Vfs, path: RelPath, options: MemoryArchiveOptions): Promise<Archive> {
  try {
    const found = await vfs.stat(path);
    if (found === undefined) {
      if (!options.makeMissing) throw missingArchive(`${path} in ${vfs.label}`);
      return new MemoryArchive(vfs, path, options);
    }
    if (found.kind !== 'file') throw new VfsError('wrong-kind', '', `${path} in ${vfs.label} is no file; an archive is one`);
    const bytes = await readWhole(vfs.content(path, found.revision), limitOf(options), path);
    const { place, records } = await readDirectory(bufferSource(bytes));
    return new MemoryArchive(vfs, path, options, { bytes, place, revision: found.revision, tree: EntryTree.of(records) });
  } catch (error) {
    await vfs.close();
    throw error;
  }
}

interface Loaded {
  readonly bytes: Buffer;
  readonly place: DirectoryPlace;
  /** Of the archive in its root. */
  readonly revision: string;
  readonly tree: EntryTree;
}

class MemoryArchive implements Archive {
  readonly pace = new CommitPace();
  readonly tree: EntryTree;
  readonly #vfs: Vfs;
  readonly #path: RelPath;
  readonly #options: MemoryArchiveOptions;
  /** What is not in the archive yet. */
  readonly #fresh = new Map<DirectoryRecord, Buffer>();
  readonly #comment: Buffer;
  #bytes: Buffer;
  #base: number;
  #expected: Expected;
  #freshBytes = 0;
  #isDirty = false;
  #committing: Promise<void> = Promise.resolve();

  constructor(vfs: Vfs, path: RelPath, options: MemoryArchiveOptions, loaded?: Loaded) {
    this.#vfs = vfs;
    this.#path = path;
    this.#options = options;
    this.#bytes = loaded?.bytes ?? Buffer.alloc(0);
    this.#base = loaded?.place.base ?? 0;
    this.#comment = loaded?.place.comment ?? Buffer.alloc(0);
    this.#expected = loaded === undefined ? NOTHING : { kind: 'file', revision: loaded.revision };
    this.tree = loaded?.tree ?? new EntryTree();
  }

  /** It is written as a whole. */
  get commitBytes(): number {
    return this.#bytes.length;
  }

  get isThere(): boolean {
    return this.#expected.kind === 'file' || this.#isDirty;
  }

  hasLeftovers(): boolean {
    return false;
  }

  async begin(): Promise<void> {
    if (this.#options.access === 'read') throw new VfsError('read-only', '', 'the archive was opened for reading only');
  }

  async take(content: Content, file: NewFile, { requireRunning }: TakeOptions): Promise<ZipFile> {
    const left = limitOf(this.#options) - this.#bytes.length - this.#freshBytes;
    const bytes = await readWhole(checkedWhileRead(content, requireRunning), left, this.#path).catch((error: unknown) => {
      throw error instanceof VfsError && error.code !== 'too-large' ? inContent(error) : error;
    });
    return this.#known(bytes, file);
  }

  async retake(old: ZipFile, file: NewFile): Promise<ZipFile> {
    return this.#known(await readWhole({ open: () => this.read(old, 0) }, old.record.size + 1, this.#path), file);
  }

  async forget({ record }: ZipFile): Promise<void> {
    this.#freshBytes -= this.#fresh.get(record)?.length ?? 0;
    this.#fresh.delete(record);
  }

  changed(): void {
    this.#isDirty = true;
  }

  async *read(file: ZipFile, from: number): AsyncGenerator<Uint8Array> {
    const fresh = this.#fresh.get(file.record);
    if (fresh !== undefined) yield* slices(fresh.subarray(from));
    else yield* readData(file.record, { source: bufferSource(this.#bytes), position: this.#base + file.record.headerOffset }, from);
  }

  commit(): Promise<void> {
    const done = this.#committing.then(() => this.#commit());
    this.#committing = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    try {
      await this.commit();
    } finally {
      await this.#vfs.close();
    }
  }

  async #commit(): Promise<void> {
    if (this.#isDirty) {
      this.#isDirty = false;
      try {
        await this.#writeArchive();
      } catch (error) {
        this.#isDirty = true;
        throw error;
      }
    }
    await this.#vfs.flush();
  }

  async #writeArchive(): Promise<void> {
    const nodes = [...this.tree.nodes()];
    const bytes = await this.#pack(nodes);
    const limit = limitOf(this.#options);
    if (bytes.length > limit) throw tooLarge(this.#path, limit);
    const { place, records } = await readDirectory(bufferSource(bytes));
    const written = EntryTree.of(records);
    const content: Content = { size: bytes.length, open: (from = 0) => slices(bytes.subarray(from)) };
    const stamp = await namingWithin(this.#vfs, this.#path, async () => {
      if (this.#expected.kind === 'nothing') await this.#requireFolder(parentOf(this.#path));
      return this.#vfs.write(this.#path, content, { expected: this.#expected });
    });
    this.#expected = { kind: 'file', revision: stamp.revision };
    this.#bytes = bytes;
    this.#base = place.base;
    for (const [path, node] of nodes) {
      const now = written.find(path);
      if (node.kind === 'file') await this.forget(node);
      if (node.kind !== 'other' && node.kind === now?.kind && now.record !== undefined) node.record = now.record;
      else if (node.kind === 'other' && now?.kind === 'other') node.records = now.records;
    }
  }

  async #requireFolder(folder: RelPath): Promise<void> {
    if (folder === '' || (await this.#vfs.stat(folder)) !== undefined) return;
    if (this.#options.makeFolders !== true) throw new VfsError('unreachable', '', `the folder "${folder}" is missing; make it, or set "autoMkdir"`);
    await this.#requireFolder(parentOf(folder));
    await this.#vfs.makeDirectory(folder);
  }

  /** The archive as it is to be: old entries as they are packed, fresh ones as JSZip packs them. */
  async #pack(nodes: readonly (readonly [RelPath, ZipNode])[]): Promise<Buffer> {
    const parts: Buffer[] = [];
    const records: DirectoryRecord[] = [];
    let offset = 0;
    const add = (copy: EntryCopy, source: Buffer) => {
      records.push(copy.recordAt(offset));
      parts.push(copy.header, source.subarray(copy.from, copy.from + copy.length));
      offset += copy.header.length + copy.length;
    };
    const old = bufferSource(this.#bytes);
    for (const record of nodes.flatMap(([, node]) => keptRecords(node))) {
      if (!this.#fresh.has(record)) add(await copyOf(record, old, this.#base + record.headerOffset), this.#bytes);
    }
    const fresh = nodes.flatMap(([path, node]) => this.#freshEntry(path, node));
    const packed = await packFresh(fresh, this.#options.level ?? DEFAULT_LEVEL);
    for (const entry of packed.entries) add(entry, packed.bytes);
    parts.push(directoryOf(records, offset, { base: 0, comment: this.#comment }).bytes);
    return Buffer.concat(parts);
  }

  #freshEntry(path: RelPath, node: ZipNode): FreshEntry[] {
    const bytes = node.kind === 'file' ? this.#fresh.get(node.record) : undefined;
    if (node.kind === 'file' && bytes !== undefined) {
      return [{ path, modifiedMs: node.node.modifiedMs as number, unixMode: FILE_TYPE | (node.node.mode as number), bytes }];
    }
    const isNew = node.kind === 'directory' && node.record === undefined && (node.isMade || node.children.size === 0);
    return isNew ? [{ path: `${path}/`, modifiedMs: Date.now(), unixMode: DIRECTORY_MODE, bytes: Buffer.alloc(0) }] : [];
  }

  #known(bytes: Buffer, { path, modifiedMs, mode }: NewFile): ZipFile {
    const facts = { rawName: Buffer.from(path), method: STORED, crc: crc32(bytes), size: bytes.length, compressedSize: bytes.length };
    const record = buildRecord({ ...facts, modifiedMs, unixMode: FILE_TYPE | mode }, 0);
    this.#fresh.set(record, bytes);
    this.#freshBytes += bytes.length;
    return new ZipFile(nameOf(path), record);
  }
}

function keptRecords(node: ZipNode): readonly DirectoryRecord[] {
  if (node.kind === 'other') return node.records;
  return node.record === undefined ? [] : [node.record];
}

function limitOf({ mostBytes }: MemoryArchiveOptions): number {
  return mostBytes ?? MOST_BYTES;
}

function tooLarge(path: RelPath, limit: number): VfsError {
  const megabytes = Math.floor(limit / (1024 * 1024));
  return new VfsError(
    'too-large',
    '',
    `the archive ${path} is larger than the ${megabytes} MB that are handled in memory; put it into a folder of this machine`,
  );
}

async function readWhole(content: Content, most: number, archive: RelPath): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content.open()) {
    size += chunk.length;
    if (size > most) throw tooLarge(archive, MOST_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checkedWhileRead(content: Content, requireRunning: () => void): Content {
  return {
    async *open() {
      for await (const chunk of content.open()) {
        requireRunning();
        yield chunk;
      }
    },
  };
}

async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const slice = 64 * 1024;
  for (let at = 0; at < bytes.length; at += slice) yield bytes.subarray(at, at + slice);
}

function bufferSource(bytes: Buffer): ByteSource {
  return { size: bytes.length, read: async (position, length) => bytes.subarray(position, position + length) };
}
