import { rename, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type HeldFolder, holdFolder } from '../../../machine/held-folder.ts';
import { VfsError } from '../../vfs-error.ts';
import { isHeld } from './archive-lock.ts';
import { type Committed, commitToArchive, type Content, directoryOf, type OldArchive } from './commit.ts';
import type { DirectoryRecord } from './directory-record.ts';
import type { DirectoryPlace } from './end-records.ts';
import { fileSource, syncFolder } from './file-bytes.ts';
import { type HeldFile, heldFile } from './held-file.ts';
import { journalledEnd } from './journal.ts';
import { hasLiveStart, reviveStart, withRoom } from './live-start.ts';
import { type OwnFiles, ownFilesOf } from './own-files.ts';
import { openIfThere, putInPlace } from './place-file.ts';
import { readDirectory } from './read-directory.ts';
import type { Stage } from './stage.ts';
import { writeAnew } from './write-anew.ts';

/** The file as it was read or written last. */
interface Opened {
  readonly held: HeldFile;
  readonly place: DirectoryPlace;
  /** Up to where it counts. */
  readonly end: number;
  /** Tells whether another program wrote it. */
  readonly identity: string;
}

/** Told of records that others take the place of, at the very instant in which the archive changes. */
export type Exchange = (exchanged: ReadonlyMap<DirectoryRecord, DirectoryRecord>) => void;

/** An archive with no more than this in it, or no more than twice what is put into it, is written anew where its start would be dead. */
const MOST_ANEW = 16 * 1024 * 1024;
/** What an entry takes besides its name and data, about. */
const HEADERS = 100;

/** An archive's file on disk: read, made, made longer, or replaced by another. */
export class ArchiveFile {
  readonly files: OwnFiles;
  readonly #folder: HeldFolder;
  readonly #name: string;
  /** For people; `path` need not mean anything to them. */
  readonly #shown: string;
  readonly #mostAnew: number | undefined;
  #opened: Opened | undefined;

  /** `path`: absolute and real. `mostAnew`: instead of `MOST_ANEW` and all else. */
  constructor(path: string, mostAnew?: number) {
    this.#folder = holdFolder(dirname(path));
    this.#name = basename(path);
    this.#shown = path;
    this.#mostAnew = mostAnew;
    this.files = ownFilesOf(this.path);
  }

  /** In its folder as it was opened, whatever has come into its path since. */
  get path(): string {
    return this.#folder.at(this.#name);
  }

  get isThere(): boolean {
    return this.#opened !== undefined;
  }

  get directoryBytes(): number {
    return this.#opened?.place.size ?? 0;
  }

  /** Permission bits for a file beside it. */
  async mode(): Promise<number> {
    return this.#opened === undefined ? 0o666 : (await this.#opened.held.file.stat()).mode & 0o777;
  }

  /** Reads the archive as it is now; `same`: as before. `isLocked`: nobody else changes it meanwhile. */
  async load(flags: 'r' | 'r+', isLocked: boolean): Promise<readonly DirectoryRecord[] | 'same'> {
    const file = await openIfThere(this.path, flags);
    if (file === undefined) {
      await this.#close();
      return [];
    }
    const held = heldFile(file);
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new VfsError('wrong-kind', '', `${this.#shown} is no file; an archive is one`);
      const identity = identityOf(stats);
      if (this.#opened?.identity === identity) {
        const { held: before } = this.#opened;
        this.#opened = { ...this.#opened, held };
        await before.release();
        return 'same';
      }
      const isChanging = !isLocked && isHeld(this.files.lock);
      const end = (isChanging ? undefined : await journalledEnd(this.path, this.files)) ?? Number(stats.size);
      const { place, records } = await readDirectory(fileSource(file, end));
      await this.#close();
      this.#opened = { held, place, end, identity };
      return records;
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /** Where the entry of a record is. */
  placeOf({ headerOffset }: DirectoryRecord): { readonly held: HeldFile; readonly position: number; readonly end: number } {
    const { held, place, end } = this.#opened as Opened;
    return { held, position: place.base + headerOffset, end };
  }

  /** The stage, in which these entries are, becomes the archive, which holds it from then on. */
  async make(stage: Stage, records: readonly DirectoryRecord[]): Promise<void> {
    const { length } = stage;
    const { bytes, place } = directoryOf(records, length);
    try {
      await stage.append(bytes);
      await stage.settle();
      await stage.file.sync();
      await putInPlace(stage.path, this.path);
    } catch (error) {
      await stage.cut(length);
      throw error;
    }
    stage.keepFile();
    this.#opened = { held: stage, place, end: stage.length, identity: await identityNow(stage) };
    await syncFolder(this.files.folder);
  }

  /** Puts a content into the archive that is there. `createStage` makes a file beside it. */
  async put(content: Content, exchange: Exchange, createStage: () => Promise<Stage>): Promise<void> {
    const opened = this.#opened as Opened;
    await this.#requireUntouched(opened);
    const isLive = await hasLiveStart(fileSource(opened.held.file, opened.end), opened.place, content.kept);
    if (!isLive && isSmall(content, this.#mostAnew) && (await this.#replace(opened, content, { exchange, createStage }))) return;
    if (isLive) {
      await this.#extend(opened, content, exchange);
      return;
    }
    // Damaged entries are left where they are.
    const records = await this.#extend(opened, await withRoom(oldArchive(opened), content).catch(() => content), exchange);
    await this.#revive(records, exchange);
  }

  async close(): Promise<void> {
    try {
      await this.#close();
    } finally {
      this.#folder.close();
    }
  }

  async #close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.held.release();
  }

  /** Puts a new archive in the place of this one, in one step for whoever reads it. false: that is not possible here, and nothing was changed. */
  async #replace(opened: Opened, content: Content, by: { readonly exchange: Exchange; createStage(): Promise<Stage> }): Promise<boolean> {
    const stage = await by.createStage();
    try {
      const { keptRecords, records, ...anew } = await writeAnew(oldArchive(opened), content, stage.file);
      await giveOwner(opened.held, stage);
      await stage.file.sync();
      await this.#requireUntouched(opened);
      await rename(stage.path, this.path);
      stage.keepFile();
      const both = [...content.kept, ...content.added.map(({ record }) => record)];
      await this.#become({ ...anew, held: stage }, pairs(both, [...keptRecords, ...records]), by.exchange);
    } catch (error) {
      await stage.release();
      if (error instanceof VfsError && error.code === 'changed') throw error;
      // It is made longer then: that takes less room, leaves damaged entries alone, and does not want a file that others have open (Windows) to be replaced.
      return false;
    }
    await opened.held.release();
    await syncFolder(this.files.folder);
    return true;
  }

  /** All records that it has then. */
  async #extend(opened: Opened, content: Content, exchange: Exchange): Promise<readonly DirectoryRecord[]> {
    let done: Committed;
    try {
      done = await commitToArchive(oldArchive(opened), content, this.files);
    } catch (error) {
      // It was cut to its old length.
      this.#opened = { ...opened, identity: await identityNow(opened.held) };
      throw error;
    }
    const { records, ...grown } = done;
    const added = content.added.map(({ record }) => record);
    await this.#become({ ...grown, held: opened.held }, pairs(added, records), exchange);
    return [...content.kept, ...records];
  }

  async #revive(records: readonly DirectoryRecord[], exchange: Exchange): Promise<void> {
    const opened = this.#opened as Opened;
    try {
      const revived = await reviveStart(oldArchive(opened), records, this.files);
      if (revived === undefined) return;
      const { old, moved, place, end } = revived;
      await this.#become({ held: opened.held, place, end }, new Map([[old, moved]]), exchange);
    } catch {
      // The content is in the archive, which is whole without this; the next commit tries again.
      this.#opened = { ...opened, identity: await identityNow(opened.held) };
    }
  }

  async #become(opened: Omit<Opened, 'identity'>, exchanged: ReadonlyMap<DirectoryRecord, DirectoryRecord>, exchange: Exchange): Promise<void> {
    const identity = await identityNow(opened.held);
    this.#opened = { ...opened, identity };
    exchange(exchanged);
  }

  async #requireUntouched(opened: Opened): Promise<void> {
    const stats = await stat(this.path, { bigint: true });
    if (identityOf(stats) === opened.identity) return;
    throw new VfsError('changed', '', 'another program wrote the archive during the run, so nothing was put into it; the next run decides again');
  }
}

function oldArchive({ held, place, end }: Opened): OldArchive {
  return { file: held.file, place, end };
}

function isSmall({ kept, added }: Content, mostAnew: number | undefined): boolean {
  if (kept.length === 0) return true;
  const addedBytes = added.reduce((sum, { length }) => sum + length, 0);
  const keptBytes = kept.reduce((sum, { compressedSize, rawName }) => sum + compressedSize + rawName.length + HEADERS, 0);
  return keptBytes + addedBytes <= (mostAnew ?? Math.max(MOST_ANEW, 2 * addedBytes));
}

function pairs(from: readonly DirectoryRecord[], to: readonly DirectoryRecord[]): ReadonlyMap<DirectoryRecord, DirectoryRecord> {
  return new Map(from.map((record, index) => [record, to[index] as DirectoryRecord]));
}

/** Owner and permissions. */
async function giveOwner(from: HeldFile, to: HeldFile): Promise<void> {
  const { uid, gid, mode } = await from.file.stat();
  const now = await to.file.stat();
  if (now.uid !== uid || now.gid !== gid) await to.file.chown(uid, gid);
  await to.file.chmod(mode & 0o7777);
}

async function identityNow({ file }: HeldFile): Promise<string> {
  return identityOf(await file.stat({ bigint: true }));
}

function identityOf(stats: { readonly dev: bigint; readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
