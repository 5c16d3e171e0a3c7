import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../machine/make-folder.ts';
import { hashOf } from './bundle-hash.ts';

/** A bundle as it is kept, with all that it depends on. */
export interface Cached<Bundle> {
  readonly bundle: Bundle;
  /** Absolute path → hash of the content. */
  readonly files: readonly (readonly [path: string, hash: string])[];
  /** Absolute paths that must not exist. */
  readonly absent: readonly string[];
  /** Sources outside the project's folder: they need the caller's leave each time. */
  readonly outside: readonly string[];
}

/** The kept bundle of that name if nothing it depends on has changed; undefined for any other state of the cache, a damaged one included. */
export async function loadBundle<Bundle>(folder: string, key: string, mayRead: (realPath: string) => boolean): Promise<Bundle | undefined> {
  try {
    const { digest, record } = splitDigest(await readFile(fileOf(folder, key), 'utf8'));
    if (hashOf(record) !== digest) return undefined;
    const cached = JSON.parse(record) as Cached<Bundle>;
    if (!cached.outside.every(mayRead) || cached.absent.some((path) => existsSync(path))) return undefined;
    const unchanged = await Promise.all(cached.files.map(async ([path, hash]) => hashOf(await readFile(path)) === hash));
    return unchanged.every(Boolean) ? cached.bundle : undefined;
  } catch (error) {
    if (error instanceof Error && ('code' in error || error instanceof SyntaxError || error instanceof TypeError)) return undefined;
    throw error;
  }
}

/** Keeps a bundle; readers see the old or the new one. A cache that cannot be written is no error: the next run bundles again. */
export async function storeBundle(folder: string, key: string, cached: Cached<unknown>): Promise<void> {
  const record = JSON.stringify(cached);
  const temporary = join(folder, `${key}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await makeFolder(folder, 0o700);
    await writeFile(temporary, `${hashOf(record)}\n${record}`, { mode: 0o600, flag: 'wx' });
    await rename(temporary, fileOf(folder, key));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function fileOf(folder: string, key: string): string {
  return join(folder, `${key}.bundle`);
}

/** The first line tells a record that was torn by a crash. */
function splitDigest(text: string): { readonly digest: string; readonly record: string } {
  const end = text.indexOf('\n');
  return { digest: text.slice(0, end), record: text.slice(end + 1) };
}
