import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import { takeArchiveLock } from './archive-lock.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import { DEFLATED, FLAG_ENCRYPTED, STORED } from './directory-record.ts';
import type { ByteSource } from './end-records.ts';
import { fileSource, syncFolder } from './file-bytes.ts';
import { type OwnFiles, ownFilesOf } from './own-files.ts';
import { readData } from './read-data.ts';
import { readDirectory } from './read-directory.ts';
import { writeAnew } from './write-anew.ts';

export interface Compacted {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/** Runs count their stages from 1. */
const STAGE_NUMBER = 0;

/**
 * Writes the archive anew beside itself with nothing in it but what its directory names, reads every entry of that again, and puts it in the place of the old one. Entries stay packed as they are;
 * comments, extra fields and what stands before the archive are kept. Rejects with VfsError: `locked` when a run writes into the archive, `failed` when an entry is damaged (nothing is changed then).
 */
export async function compactArchive(path: string): Promise<Compacted> {
  try {
    const archive = await realpath(path);
    const files = ownFilesOf(archive);
    const giveBack = takeArchiveLock(files.lock);
    try {
      await clearLeftovers(archive, files);
      return await compactLocked(archive, files);
    } finally {
      giveBack();
    }
  } catch (error) {
    throw systemError(error, '');
  }
}

async function compactLocked(archive: string, files: OwnFiles): Promise<Compacted> {
  const before = await stat(archive);
  const old = await open(archive, 'r');
  const target = files.stage(STAGE_NUMBER);
  try {
    const fresh = await open(target, 'w+', before.mode & 0o777);
    try {
      const afterBytes = await writeCompact(old, before.size, fresh);
      if (afterBytes >= before.size) return { beforeBytes: before.size, afterBytes: before.size };
      await fresh.chmod(before.mode & 0o777);
      await fresh.sync();
      await requireWhole(fileSource(fresh, afterBytes));
    } finally {
      await fresh.close();
    }
    await requireUntouched(archive, before);
    await rename(target, archive);
    await syncFolder(files.folder);
    return { beforeBytes: before.size, afterBytes: (await stat(archive)).size };
  } finally {
    await old.close();
    await rm(target, { force: true });
  }
}

/** Length of the new file. */
async function writeCompact(old: FileHandle, size: number, fresh: FileHandle): Promise<number> {
  const { place, records } = await readDirectory(fileSource(old, size));
  const { end } = await writeAnew({ file: old, place, end: size }, { kept: records, added: [] }, fresh);
  return end;
}

/** Reads the new archive as anybody will: every entry that can be read, with its checksum. */
async function requireWhole(source: ByteSource): Promise<void> {
  const { place, records } = await readDirectory(source);
  for (const record of records) {
    if ((record.flags & FLAG_ENCRYPTED) !== 0 || (record.method !== STORED && record.method !== DEFLATED)) continue;
    let size = 0;
    for await (const chunk of readData(record, { source, position: place.base + record.headerOffset }, 0)) size += chunk.length;
    if (size !== record.size) throw new VfsError('failed', '', 'an entry of the new archive is not whole; the old one stays');
  }
}

async function requireUntouched(archive: string, before: { readonly size: number; readonly mtimeMs: number; readonly ino: number }): Promise<void> {
  const now = await stat(archive);
  if (now.size === before.size && now.mtimeMs === before.mtimeMs && now.ino === before.ino) return;
  throw new VfsError('changed', '', 'another program wrote the archive meanwhile; it stays as it is');
}
