import { createHash } from 'node:crypto';
import { closeSync, fstatSync, futimesSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const DIGEST_BYTES = 32;
const DAY_MS = 86_400_000;

/** SHA-256 of the content stands before it: a file that a crash has torn is none. */
export function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

/**
 * The content of a file that `keepFile` has kept in a folder of ours; undefined for one that is not there, is damaged, or could be somebody else's work. What is used is noted once a
 * day, so that it is not taken for old.
 */
export function keptFile(folder: string, name: string): Buffer | undefined {
  let file: number | undefined;
  try {
    if (!isOnlyOurs(statSync(folder))) return undefined;
    file = openSync(join(folder, name), 'r');
    const status = fstatSync(file);
    if (!isOnlyOurs(status)) return undefined;
    const bytes = readFileSync(file);
    const content = bytes.subarray(DIGEST_BYTES);
    if (!digestOf(content).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
    if (Date.now() - status.mtimeMs > DAY_MS) noteUse(file);
    return content;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether nobody but this user can have written it. Where users have no numbers (Windows), a user's own folders are closed to others. */
export function isOnlyOurs({ uid, mode }: Stats): boolean {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
}

/** On a disk that cannot be written it stays as old as it looks. */
function noteUse(file: number): void {
  try {
    futimesSync(file, new Date(), new Date());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
