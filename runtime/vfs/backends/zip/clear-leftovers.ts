import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settleJournal } from './journal.ts';
import { isStageOf, type OwnFiles } from './own-files.ts';
import { isThere } from './place-file.ts';

/** What dead runs left of an archive: it ends where its journal says, and their stages go. Only while the lock is held. */
export async function clearLeftovers(archive: string, files: OwnFiles): Promise<void> {
  if (await isThere(archive)) await settleJournal(archive, files);
  for (const name of await readdir(files.folder)) {
    if (isStageOf(archive, name)) await rm(join(files.folder, name), { force: true });
  }
}
