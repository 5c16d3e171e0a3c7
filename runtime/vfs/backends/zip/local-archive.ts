import { type FileHandle, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type HeldFolder, holdFolder } from '../../../machine/held-folder.ts';
import { systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Content, PackedFile } from '../../vfs.ts';
import type { Archive, NewFile, PackedTaker, TakeOptions } from './archive.ts';
import { isHeld, isLeftByDead, takeArchiveLock } from './archive-lock.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import { CommitPace } from './commit-pace.ts';
import { type Committed, commitToArchive, directoryOf, type NewEntry } from './commit.ts';
import { compressWhole, gather, isStored } from './compress.ts';
import { DEFLATED, type DirectoryRecord, type EntryFacts, STORED } from './directory-record.ts';
import type { DirectoryPlace } from './end-records.ts';
import { EntryTree, type ZipDirectory, ZipFile } from './entry-tree.ts';
import { fileSource, syncFolder } from './file-bytes.ts';
import { journalledEnd } from './journal.ts';
import { missingArchive } from './missing-archive.ts';
import { type OwnFiles, ownFilesOf } from './own-files.ts';
import { openIfThere, putInPlace } from './place-file.ts';
import { findData, readData } from './read-data.ts';
import { readDirectory } from './read-directory.ts';
import { Stage } from './stage.ts';
import { Staging } from './staging.ts';
import { Turnstile } from './turnstile.ts';

export interface LocalArchiveOptions {
  /** `read`: nothing beside the archive is touched either, whatever dead runs left. */
  readonly access: 'read' | 'write';
  /** A missing archive is made by the first change; else it is `unreachable`. */
  readonly makeMissing: boolean;
}

/** The archive's file as it was read or written last. */
interface Opened {
  readonly file: FileHandle;
  readonly place: DirectoryPlace;
  /** Up to where it counts. */
  readonly end: number;
  /** Tells whether another program wrote it. */
  readonly identity: string;
}

/** Staged bytes are put into an archive when there are so many, so that the file beside it does not grow without end. */
const MOST_STAGED = 1024 * 1024 * 1024;
const DIRECTORY_MODE = 0o040755;
const FILE_TYPE = 0o100000;

/** An archive that is a file of this machine: read and written at any place, never as a whole. Rejections are VfsErrors with an empty path. */
export class LocalArchive implements Archive, PackedTaker {
  readonly pace = new CommitPace();
  readonly packed = this;
  tree = new EntryTree();
  readonly #path: string;
  readonly #folder: HeldFolder;
  readonly #files: OwnFiles;
  readonly #staging: Staging;
  readonly #commits = new Turnstile();
  /** Files to close at the end. */
  readonly #held: { close(): Promise<void> }[] = [];
  #options: LocalArchiveOptions;
  #opened: Opened | undefined;
  #begun: Promise<void> | undefined;
  #giveBack: (() => void) | undefined;
  #stages = 0;
  #isDirty = false;
  #users = 1;
  #ending: Promise<void> | undefined;
  #ended: Promise<void> | undefined;

  private constructor(path: string, options: LocalArchiveOptions) {
    this.#path = path;
    this.#folder = holdFolder(dirname(path));
    this.#options = options;
    this.#files = ownFilesOf(this.#at);
    this.#staging = new Staging(() => this.#createStage());
  }

  /** `path`: absolute and real. */
  static async open(path: string, options: LocalArchiveOptions): Promise<LocalArchive> {
    const archive = await naming(path, async () => new LocalArchive(path, options));
    try {
      await archive.#load('r');
      if (archive.#opened === undefined && !options.makeMissing) throw missingArchive(path);
      return archive;
    } catch (error) {
      await archive.#end();
      throw ofArchive(error, path);
    }
  }

  /** Another root in the same archive. Each closes it. */
  use(options: LocalArchiveOptions): this {
    if (this.#opened === undefined && !options.makeMissing) throw missingArchive(this.#path);
    if (options.access === 'write') this.#options = options;
    this.#users++;
    return this;
  }

  /** In its folder as it was opened, whatever has come into its path since. */
  get #at(): string {
    return this.#folder.at(basename(this.#path));
  }

  /** The directory is written anew. */
  get commitBytes(): number {
    return this.#opened?.place.size ?? 0;
  }

  get isUsed(): boolean {
    return this.#users > 0;
  }

  get isThere(): boolean {
    return this.#opened !== undefined || this.#isDirty;
  }

  /** Pending while it is given back; undefined before. */
  get ending(): Promise<void> | undefined {
    return this.#ending;
  }

  hasLeftovers(): boolean {
    return this.#options.access === 'write' && isLeftByDead(this.#files.lock);
  }

  async begin(): Promise<void> {
    this.#begun ??= this.#prepare().catch((error: unknown) => {
      this.#begun = undefined;
      throw ofArchive(error, this.#path);
    });
    await this.#begun;
    if (this.#opened !== undefined && this.#staging.length > MOST_STAGED) await this.commit();
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
    const staged = this.#staging.placeOf(record);
    if (staged === undefined) {
      const { file, end, place } = this.#opened as Opened;
      yield* readData(record, { source: fileSource(file, end), position: place.base + record.headerOffset }, from);
      return;
    }
    staged.stage.hold();
    try {
      await this.#staging.settled(async () => undefined);
      yield* readData(record, { source: fileSource(staged.stage.file, staged.stage.length), position: record.headerOffset }, from);
    } finally {
      await staged.stage.release();
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
      await this.#closeFiles();
      this.#giveBack?.();
      this.#giveBack = undefined;
    } finally {
      this.#folder.close();
    }
  }

  async #closeFiles(): Promise<void> {
    await this.#staging.abandon();
    for (const file of this.#held.splice(0)) await file.close();
  }

  /** Reads the archive as it is now; its content is unknown before. */
  async #load(flags: 'r' | 'r+'): Promise<void> {
    const file = await openIfThere(this.#at, flags);
    if (file === undefined) {
      this.#opened = undefined;
      this.tree = new EntryTree();
      return;
    }
    this.#held.push(file);
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new VfsError('wrong-kind', '', `${this.#path} is no file; an archive is one`);
    const identity = identityOf(stats);
    if (this.#opened?.identity === identity) {
      this.#opened = { ...this.#opened, file };
      return;
    }
    const end =
      (isHeld(this.#files.lock) && this.#giveBack === undefined ? undefined : await journalledEnd(this.#at, this.#files)) ?? Number(stats.size);
    const { place, records } = await readDirectory(fileSource(file, end));
    this.#opened = { file, place, end, identity };
    this.tree = EntryTree.of(records);
  }

  /** Takes the lock, and looks again at what is there. */
  async #prepare(): Promise<void> {
    if (this.#options.access === 'read') throw new VfsError('read-only', '', 'the archive was opened for reading only');
    const giveBack = takeArchiveLock(this.#files.lock);
    this.#giveBack = giveBack;
    try {
      await clearLeftovers(this.#at, this.#files);
      await this.#load('r+');
    } catch (error) {
      this.#giveBack = undefined;
      giveBack();
      throw error;
    }
  }

  async #createStage(): Promise<Stage> {
    const mode = this.#opened === undefined ? 0o666 : (await this.#opened.file.stat()).mode & 0o777;
    this.#stages++;
    return Stage.create(this.#files.stage(this.#stages), mode);
  }

  async #commit(): Promise<void> {
    if (!this.#isDirty) return;
    await this.begin();
    try {
      if (this.#opened === undefined) await this.#staging.settled(() => this.#createArchive());
      else await this.#extend(this.#opened);
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }

  /** The stage becomes the archive. */
  async #createArchive(): Promise<void> {
    this.#isDirty = false;
    await this.#stageDirectories();
    const nodes = this.#recordNodes();
    for (const node of nodes) node.record = await this.#staging.gatherHere(node.record);
    const stage = await this.#staging.current();
    const length = stage.length;
    const { bytes, place } = directoryOf(
      nodes.map(({ record }) => record),
      length,
    );
    try {
      await stage.append(bytes);
      await stage.settle();
      await stage.file.sync();
      await putInPlace(stage.path, this.#at);
    } catch (error) {
      await stage.cut(length);
      throw error;
    }
    stage.keepFile();
    this.#staging.retire();
    this.#held.push({ close: () => stage.release() });
    this.#opened = { file: stage.file, place, end: stage.length, identity: identityOf(await stage.file.stat({ bigint: true })) };
    for (const { record } of nodes) await this.#staging.forget(record);
    await syncFolder(this.#files.folder);
  }

  async #extend(opened: Opened): Promise<void> {
    await this.#requireUntouched(opened);
    const { nodes, kept, added, stage } = await this.#staging.settled(() => this.#snapshot());
    let done: Committed;
    try {
      done = await commitToArchive(opened, { kept, added }, this.#files);
    } catch (error) {
      // It was cut to its old length.
      this.#opened = { ...opened, identity: identityOf(await opened.file.stat({ bigint: true })) };
      throw error;
    } finally {
      await stage?.release();
    }
    this.#opened = { ...opened, ...done, identity: identityOf(await opened.file.stat({ bigint: true })) };
    for (const [index, node] of nodes.entries()) {
      const { record } = node;
      node.record = done.records[index] as DirectoryRecord;
      await this.#staging.forget(record);
    }
  }

  /** What the archive is to hold. What is changed from here on is for the next commit. */
  async #snapshot() {
    this.#isDirty = false;
    await this.#stageDirectories();
    await this.#staging.settleHere();
    const stage = this.#staging.retire();
    const kept: DirectoryRecord[] = [];
    const nodes: { record: DirectoryRecord }[] = [];
    const added: NewEntry[] = [];
    for (const node of this.#recordNodes()) {
      const staged = this.#staging.placeOf(node.record);
      if (staged === undefined) kept.push(node.record);
      else {
        nodes.push(node);
        added.push({ record: node.record, file: staged.stage.file, position: node.record.headerOffset, length: staged.length });
      }
    }
    for (const [, node] of this.tree.nodes()) if (node.kind === 'other') kept.push(...node.records);
    return { nodes, kept, added, stage };
  }

  /** Empty folders, and those that were made, have an entry of their own. */
  async #stageDirectories(): Promise<void> {
    for (const [path, node] of this.tree.nodes()) {
      if (node.kind !== 'directory' || node.record !== undefined || (!node.isMade && node.children.size > 0)) continue;
      node.record = await this.#staging.putHere(directoryFacts(path), new Uint8Array());
    }
  }

  /** Files and directories that have an entry; all `record`s can be replaced. */
  #recordNodes(): { record: DirectoryRecord }[] {
    const found: { record: DirectoryRecord }[] = [];
    for (const [, node] of this.tree.nodes()) {
      if (node.kind === 'file' || (node.kind === 'directory' && node.record !== undefined))
        found.push(node as ZipFile | (ZipDirectory & { record: DirectoryRecord }));
    }
    return found;
  }

  async #requireUntouched(opened: Opened): Promise<void> {
    const stats = await stat(this.#at, { bigint: true });
    if (identityOf(stats) === opened.identity) return;
    throw new VfsError('changed', '', 'another program wrote the archive during the run, so nothing was put into it; the next run decides again');
  }

  #named<T>(act: () => Promise<T>): Promise<T> {
    return naming(this.#path, act);
  }

  async #reading<T>(record: DirectoryRecord, act: (file: FileHandle, position: number, end: number) => Promise<T>): Promise<T> {
    const staged = this.#staging.placeOf(record);
    if (staged === undefined) {
      const { file, place, end } = this.#opened as Opened;
      return act(file, place.base + record.headerOffset, end);
    }
    staged.stage.hold();
    try {
      await this.#staging.settled(async () => undefined);
      return await act(staged.stage.file, record.headerOffset, staged.stage.length);
    } finally {
      await staged.stage.release();
    }
  }
}

/** `act`, whose errors of the system say which archive they are about. */
async function naming<T>(archive: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw ofArchive(error, archive);
  }
}

/** Nobody else can tell what is full, say, when something is put into an archive. What knows its place already stays as it is. */
function ofArchive(error: unknown, archive: string): VfsError {
  const told = systemError(error, '');
  if (told.path !== '' || told.inContent || told.cause === undefined || told.cause instanceof VfsError) return told;
  return new VfsError(told.code, '', `the archive ${archive}: ${told.message}`, { cause: told });
}

function commonFacts({ path, modifiedMs, mode }: NewFile): Pick<EntryFacts, 'rawName' | 'modifiedMs' | 'unixMode'> {
  return { rawName: Buffer.from(path), modifiedMs, unixMode: FILE_TYPE | (mode & 0o777) };
}

function nameIn({ path }: NewFile): string {
  return basename(path);
}

function directoryFacts(path: string): EntryFacts {
  return { rawName: Buffer.from(`${path}/`), modifiedMs: Date.now(), unixMode: DIRECTORY_MODE, method: 0, crc: 0, size: 0, compressedSize: 0 };
}

function identityOf(stats: { readonly dev: bigint; readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
