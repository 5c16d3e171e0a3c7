import { existsSync, readFileSync } from 'node:fs';
import { keptFile } from '../../machine/kept-file.ts';
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

/** As many projects as somebody has at hand; of a usual one some 100 kB are kept. */
const LIMITS = { files: 200, bytes: 64_000_000 };

/** The kept bundle of that name if nothing it depends on has changed; undefined for any other state of the cache, a damaged one included. */
export function loadBundle<Bundle>(folder: string, key: string, mayRead: (realPath: string) => boolean): Bundle | undefined {
  const record = keptFile(folder, fileName(key));
  if (record === undefined) return undefined;
  const { bundle, files, absent, outside } = JSON.parse(record.toString()) as Cached<Bundle>;
  return outside.every(mayRead) && !absent.some((path) => existsSync(path)) && files.every(isUnchanged) ? bundle : undefined;
}

/** Keeps a bundle. A cache that cannot be written is no error: the next run bundles again. */
export async function storeBundle(folder: string, key: string, cached: Cached<unknown>): Promise<void> {
  const { keepFile } = await import('../../machine/keep-file.ts');
  await keepFile(folder, fileName(key), Buffer.from(JSON.stringify(cached)), LIMITS);
}

function isUnchanged([path, hash]: Cached<unknown>['files'][number]): boolean {
  try {
    return hashOf(readFileSync(path)) === hash;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function fileName(key: string): string {
  return `${key}.bundle`;
}
