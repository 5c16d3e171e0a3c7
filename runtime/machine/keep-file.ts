import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { digestOf, isOnlyOurs } from './kept-file.ts';
import { makeFolder } from './make-folder.ts';

/** Of the files that have the same extension as the one that is kept. */
export interface KeptLimits {
  readonly files: number;
  readonly bytes: number;
}

const UNFINISHED = '.tmp';
/** Nobody takes so long to write one. */
const UNFINISHED_MS = 3_600_000;

/**
 * Keeps a file that can be made again at any time; readers (`keptFile`) see the old or the new content. Those that were not used for the longest time go when there are more than `limits`
 * says. Where nothing can be kept nothing is: that is no error.
 */
export async function keepFile(folder: string, name: string, content: Uint8Array, limits: KeptLimits): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
    if (!isOnlyOurs(statSync(folder))) return;
    write(join(folder, name), Buffer.concat([digestOf(content), content]));
    removeOldest(folder, name, limits);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function write(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${UNFINISHED}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function removeOldest(folder: string, newest: string, limits: KeptLimits): void {
  const all = readdirSync(folder).map((name) => ({ name, status: statSync(join(folder, name), { throwIfNoEntry: false }) }));
  let room = { files: limits.files, bytes: limits.bytes };
  const kept = all.filter(({ name }) => extname(name) === extname(newest));
  const age = ({ name, status }: (typeof all)[number]) => (name === newest ? Number.NEGATIVE_INFINITY : Date.now() - (status?.mtimeMs ?? 0));
  for (const { name, status } of kept.sort((a, b) => age(a) - age(b))) {
    room = { files: room.files - 1, bytes: room.bytes - (status?.size ?? 0) };
    if (name !== newest && (room.files < 0 || room.bytes < 0)) rmSync(join(folder, name), { force: true });
  }
  for (const one of all) if (extname(one.name) === UNFINISHED && age(one) > UNFINISHED_MS) rmSync(join(folder, one.name), { force: true });
}
