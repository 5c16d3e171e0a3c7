import { readFile, rm, unlink } from 'node:fs/promises';
import { errnoOf, systemError } from '../../system-error.ts';
import type { ByteSource } from './end-records.ts';
import { fileSource, syncFolder } from './file-bytes.ts';
import type { OwnFiles } from './own-files.ts';
import { createAnew, openItself } from './place-file.ts';

/**
 * What is on disk while an archive is made longer, so that a power cut between can be undone: the archive ended at `oldEnd` and is new when it ends, at `newEnd`, in the bytes
 * `trailer` (at `trailerAt`). `oldTail` are its last bytes at `oldEnd`. Bytes are hexadecimal.
 */
export interface Journal {
  readonly oldEnd: number;
  readonly oldTail: string;
  readonly newEnd: number;
  readonly trailerAt: number;
  readonly trailer: string;
}

export async function writeJournal(files: OwnFiles, journal: Journal): Promise<void> {
  const file = await createAnew(files.journal, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(journal)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(files.folder);
}

export async function removeJournal(files: OwnFiles): Promise<void> {
  await unlink(files.journal);
}

/**
 * Where the archive really ends while a dead run's journal is beside it; undefined: there is no journal, or it says nothing of the archive as it is now (it was not finished, so that
 * the archive was not touched; or another program wrote the archive since).
 */
export async function journalledEnd(archive: string, files: OwnFiles): Promise<number | undefined> {
  const journal = await readJournal(files);
  if (journal === undefined) return undefined;
  const file = await openItself(archive, 'r');
  try {
    const source = fileSource(file, (await file.stat()).size);
    if (await endsIn(source, journal.newEnd, journal.trailerAt, journal.trailer)) return journal.newEnd;
    const oldTailAt = journal.oldEnd - journal.oldTail.length / 2;
    return source.size <= journal.newEnd && (await holds(source, oldTailAt, journal.oldTail)) ? journal.oldEnd : undefined;
  } finally {
    await file.close();
  }
}

/** Makes the archive what `journalledEnd` says. Only while the lock is held. */
export async function settleJournal(archive: string, files: OwnFiles): Promise<void> {
  const end = await journalledEnd(archive, files);
  if (end !== undefined) {
    const file = await openItself(archive, 'r+');
    try {
      if (end !== (await file.stat()).size) await file.truncate(end);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await rm(files.journal, { force: true });
}

async function endsIn(source: ByteSource, end: number, at: number, hex: string): Promise<boolean> {
  return source.size === end && holds(source, at, hex);
}

async function holds(source: ByteSource, at: number, hex: string): Promise<boolean> {
  const bytes = Buffer.from(hex, 'hex');
  return at + bytes.length <= source.size && (await source.read(at, bytes.length)).equals(bytes);
}

async function readJournal(files: OwnFiles): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await readFile(files.journal, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw systemError(error, '');
  }
  try {
    return text.endsWith('}\n') ? (JSON.parse(text) as Journal) : undefined;
  } catch {
    return undefined;
  }
}
