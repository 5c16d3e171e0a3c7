import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { VfsError } from '../../vfs-error.ts';
import type { Content, PackedFile } from '../../vfs.ts';
import type { Archive, NewFile, PackedTaker, TakeOptions } from './archive.ts';
import { ArchiveFile } from './archive-file.ts';
import { naming, ofArchive } from './archive-errors.ts';
import { isLeftByDead, takeArchiveLock } from './archive-lock.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import { CommitPace } from './commit-pace.ts';
import { compressWhole, gather, isStored } from './compress.ts';
import { DEFLATED, type DirectoryRecord, type EntryFacts, STORED } from './directory-record.ts';
import { EntryTree, ZipFile } from './entry-tree.ts';
import { fileSource } from './file-bytes.ts';
import type { HeldFile } from './held-file.ts';
import { missingArchive } from './missing-archive.ts';
import { exchangeRecords, nextContent, recordNodes } from './next-content.ts';
import { findData, readData } from './read-data.ts';
import { Stage } from './stage.ts';
import { Staging } from './staging.ts';
import { Turnstile } from './turnstile.ts';

export interface LocalArchiveOptions {
  /** `read`: nothing beside the archive is touched either, whatever dead runs left. */
  readonly access: 'read' | 'write';
  /** A missing archive is made by the first change; else it is `unreachable`. */
  readonly makeMissing: boolean;
  /** An archive with more bytes of entries is not written anew. Absent: see `ArchiveFile`. */
  readonly mostAnew?: number;
}

/** Staged bytes are put into an archive when there are so many, so that the file beside it does not grow without end. */
const MOST_STAGED = 1024 * 1024 * 1024;
const FILE_TYPE = 0o100000;

/** An archive that is a file of this machine: read and written at any place, never as a whole. Rejections are VfsErrors with an empty path. */
export class LocalArchive implements Archive, PackedTaker {
  readonly pace = new CommitPace();
  readonly packed = this;
  tree = new EntryTree();
  readonly #path: string;
  readonly #file: ArchiveFile;
  readonly #staging: Staging;
  readonly #commits = new Turnstile();
  #options: LocalArchiveOptions;
  #begun: Promise<void> | undefined;
  #giveBack: (() => void) | undefined;
  #stages = 0;
  #isDirty = false;
  #users = 1;
  #ending: Promise<void> | undefined;
  #ended: Promise<void> | undefined;

  private constructor(path: string, options: LocalArchiveOptions) {
    this.#path = path;
    this.#file = new ArchiveFile(path, options.mostAnew);
    this.#options = options;
    this.#staging = new Staging(() => this.#createStage());
  }

  /** `path`: absolute and real. */
  static async open(path: string, options: LocalArchiveOptions): Promise<LocalArchive> {
    const archive = await naming(path, async () => new LocalArchive(path, options));
    try {
      await archive.#load('r');
      if (!archive.#file.isThere && !options.makeMissing) throw missingArchive(path);
      return archive;
    } catch (error) {
      await archive.#end();
      // Whoever opens it says what it was.
      throw error instanceof VfsError ? error : ofArchive(error, path);
    }
  }

  /** Another root in the same archive. Each closes it. */
  use(options: LocalArchiveOptions): this {
    if (!this.#file.isThere && !options.makeMissing) throw missingArchive(this.#path);
    if (options.access === 'write') this.#options = options;
    this.#users++;
    return this;
  }

  /** The directory is written anew. */
  get commitBytes(): number {
    return this.#file.directoryBytes;
  }

  get isUsed(): boolean {
    return this.#users > 0;
  }

  get isThere(): boolean {
    return this.#file.isThere || this.#isDirty;
  }

  /** Pending while it is given back; undefined before. */
  get ending(): Promise<void> | undefined {
    return this.#ending;
  }

  hasLeftovers(): boolean {
    return this.#options.access === 'write' && isLeftByDead(this.#file.files.lock);
  }

  async begin(): Promise<void> {
    this.#begun ??= this.#prepare().catch((error: unknown) => {
      this.#begun = undefined;
      throw ofArchive(error, this.#path);
    });
    await this.#begun;
    if (this.#file.isThere && this.#staging.length > MOST_STAGED) await this.commit();
  }

  async take(content: Content, file: NewFile, options: TakeOptions): Promise<ZipFile> {
    const gathered = await gather(content, file.path, options.requireRunning);
    return this.#named(async () => {
      const common = commonFacts(file);
      if ('chunks' in gathered) {
        const { level } = options;
        const flow = { ...common, method: isStored(file.path, level) ? STORED : DEFLATED, level, announced: content.size };
        return new ZipFile(nameIn(file), await this.#staging.flow(flow, gathered.chunks));
      }
      const { data, ...packed } = await compressWhole(gathered.whole, file.path, options.level);
      options.requireRunning();
      return new ZipFile(nameIn(file), await this.#staging.put({ ...common, ...packed, compressedSize: data.length }, data));
    });
  }

  takePacked(files: readonly NewFile[], packed: readonly PackedFile[]): Promise<readonly ZipFile[]> {
    return this.#named(async () => {
      const entries = files.map((file, i) => {
        const { isDeflated, crc, size, data } = packed[i] as PackedFile;
        return { facts: { ...commonFacts(file), method: isDeflated ? DEFLATED : STORED, crc, size, compressedSize: data.length }, data };
      });
      const records = await this.#staging.putAll(entries);
      return records.map((record, i) => new ZipFile(nameIn(files[i] as NewFile), record));
    });
  }

  retake({ record }: ZipFile, file: NewFile): Promise<ZipFile> {
    const { method, crc, size, compressedSize } = record;
    const facts = { ...commonFacts(file), method, crc, size, compressedSize };
    return this.#named(() =>
      this.#reading(record, async (from, position, end) => {
        const dataAt = await findData(record, { source: fileSource(from, end), position });
        return new ZipFile(nameIn(file), await this.#staging.copy(facts, from, dataAt));
      }),
    );
  }

  async forget({ record }: ZipFile): Promise<void> {
    await this.#named(() => this.#staging.forget(record));
  }

  changed(): void {
    this.#isDirty = true;
  }

  async *read(opening: ZipFile, from: number): AsyncGenerator<Uint8Array> {
    // Only now: the record and its place change together.
    const { record } = opening;
    const { held, isStaged, ...place } = this.#placeOf(record);
    held.hold();
    try {
      if (isStaged) await this.#staging.settled(async () => undefined);
      yield* readData(record, { source: fileSource(held.file, place.end), position: place.position }, from);
    } finally {
      await held.release();
    }
  }

  commit(): Promise<void> {
    return this.#named(() => this.#commits.pass(() => this.#commit()));
  }

  close(): Promise<void> {
    this.#users--;
    const closing = this.#close();
    if (!this.isUsed) this.#ending = closing;
    return closing;
  }

  async #close(): Promise<void> {
    try {
      await this.commit();
    } finally {
      // Of several that close it at once, one ends it.
      if (!this.isUsed) this.#ended ??= this.#named(() => this.#end());
      await this.#ended;
    }
  }

  async #end(): Promise<void> {
    try {
      await this.#staging.abandon();
      this.#giveBack?.();
      this.#giveBack = undefined;
    } finally {
      await this.#file.close();
    }
  }

  /** Reads the archive as it is now; its content is unknown before. */
  async #load(flags: 'r' | 'r+'): Promise<void> {
    const records = await this.#file.load(flags, this.#giveBack !== undefined);
    if (records !== 'same') this.tree = EntryTree.of(records);
  }

  /** Takes the lock, and looks again at what is there. */
  async #prepare(): Promise<void> {
    if (this.#options.access === 'read') throw new VfsError('read-only', '', 'the archive was opened for reading only');
    const { path, files } = this.#file;
    const giveBack = takeArchiveLock(files.lock);
    this.#giveBack = giveBack;
    try {
      await clearLeftovers(path, files);
      await this.#load('r+');
    } catch (error) {
      this.#giveBack = undefined;
      giveBack();
      throw error;
    }
  }

  async #createStage(): Promise<Stage> {
    this.#stages++;
    return Stage.create(this.#file.files.stage(this.#stages), await this.#file.mode());
  }

  async #commit(): Promise<void> {
    if (!this.#isDirty) return;
    await this.begin();
    try {
      if (this.#file.isThere) await this.#change();
      else await this.#staging.settled(() => this.#make());
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }

  /** The stage becomes the archive. */
  async #make(): Promise<void> {
    this.#isDirty = false;
    const nodes = await recordNodes(this.tree, this.#staging);
    await this.#staging.settleHere();
    // An archive begins with something that is in it (see `hasLiveStart`): not with what was changed since.
    const isLive = this.#staging.beginsWith(nodes.map(({ record }) => record));
    const passed = isLive ? undefined : this.#staging.retire();
    try {
      for (const node of nodes) node.record = await this.#staging.gatherHere(node.record);
    } finally {
      await passed?.release();
    }
    const records = nodes.map(({ record }) => record);
    await this.#file.make(await this.#staging.current(), records);
    this.#staging.retire();
    for (const record of records) await this.#staging.forget(record);
  }

  async #change(): Promise<void> {
    const next = await this.#staging.settled(() => {
      this.#isDirty = false;
      return nextContent(this.tree, this.#staging);
    });
    try {
      await this.#file.put(
        next,
        (exchanged) => exchangeRecords(next, exchanged),
        () => this.#createStage(),
      );
    } finally {
      await next.stage?.release();
    }
    for (const { record } of next.added) await this.#staging.forget(record);
  }

  #named<T>(act: () => Promise<T>): Promise<T> {
    return naming(this.#path, act);
  }

  async #reading<T>(record: DirectoryRecord, act: (file: FileHandle, position: number, end: number) => Promise<T>): Promise<T> {
    const { held, isStaged, position, end } = this.#placeOf(record);
    held.hold();
    try {
      if (isStaged) await this.#staging.settled(async () => undefined);
      return await act(held.file, position, end);
    } finally {
      await held.release();
    }
  }

  #placeOf(record: DirectoryRecord): { readonly held: HeldFile; readonly position: number; readonly end: number; readonly isStaged: boolean } {
    const staged = this.#staging.placeOf(record);
    if (staged === undefined) return { ...this.#file.placeOf(record), isStaged: false };
    return { held: staged.stage, position: record.headerOffset, end: record.headerOffset + staged.length, isStaged: true };
  }
}

function commonFacts({ path, modifiedMs, mode }: NewFile): Pick<EntryFacts, 'rawName' | 'modifiedMs' | 'unixMode'> {
  return { rawName: Buffer.from(path), modifiedMs, unixMode: FILE_TYPE | (mode & 0o777) };
}

function nameIn({ path }: NewFile): string {
  return basename(path);
}
