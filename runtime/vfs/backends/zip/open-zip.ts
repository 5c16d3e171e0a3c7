import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RelPath } from '../../path.ts';
import { errnoOf, systemError } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Vfs } from '../../vfs.ts';
import { requireWayToArchive } from './archive-way.ts';
import { LocalArchive, type LocalArchiveOptions } from './local-archive.ts';
import { ZIP_TRAITS, ZipRoot } from './zip-root.ts';

/** Where an archive is: a file of this machine (absolute path), or a file in another root, which is closed with the archive. */
export type ArchivePlace = { readonly path: string } | { readonly vfs: Vfs; readonly path: RelPath };

export { requireWayToArchive, ZIP_TRAITS };

export interface ZipOptions extends LocalArchiveOptions {
  /** The folder in the archive that is the root; `''`: all of it. When it is missing it is made by the first change, or `unreachable` without `makeMissing`. */
  readonly inner: RelPath;
  /** Of an archive in another root: the folders there that it is to lie in are made with it. Absent: no. */
  readonly makeFolders?: boolean;
  /** 0 (stored) to 9. */
  readonly level?: number;
  /** The path is the real path that was permitted: `outside` when a link has come into it since. Absent: false. */
  readonly isRealPath?: boolean;
  /** Ends every pending call with `aborted`. */
  readonly signal: AbortSignal;
}

const DEFAULT_LEVEL = 6;
const opened = new Map<string, Promise<LocalArchive>>();

/**
 * A folder in a ZIP archive as a Vfs. What is written is in the archive when `flush` or `close` resolves, and durable then; until then the archive is as it was, and after kill -9 it
 * is either. `unreachable` when the archive is missing (see `makeMissing`), `locked` when another run writes into it, `failed` when it is damaged.
 */
export async function openZip(place: ArchivePlace, options: ZipOptions): Promise<Vfs> {
  const label = `zip:${outerLabel(place)}${place.path}${options.inner === '' ? '' : `//${options.inner}`}`;
  const archive = 'vfs' in place ? await openElsewhere(place, options) : await openShared(place.path, options);
  const root = new ZipRoot(archive, { label, inner: options.inner, level: options.level ?? DEFAULT_LEVEL, signal: options.signal });
  try {
    root.requireUsable();
    if (!options.makeMissing) root.requireThere();
    return root;
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** In an archive a double slash comes before the path, as in a root URL. */
function outerLabel(place: ArchivePlace): string {
  return 'vfs' in place ? `${place.vfs.label}${place.vfs.label.startsWith('zip:') ? '//' : '/'}` : '';
}

async function openElsewhere(place: { readonly vfs: Vfs; readonly path: RelPath }, options: ZipOptions) {
  const { openMemoryArchive } = await import('./memory-archive.ts');
  return openMemoryArchive(place.vfs, place.path, options);
}

/** One process never has two views of an archive: roots in it share it. */
async function openShared(path: string, options: ZipOptions): Promise<LocalArchive> {
  const key = await realArchivePath(path);
  if (options.isRealPath === true && key !== path)
    throw new VfsError('outside', '', `a link has come into the path of ${path} after it was permitted; nothing is done through it`);
  const found = await opened.get(key)?.catch(() => undefined);
  if (found?.isUsed === true) return found.use(options);
  // Whoever closes it hears of what goes wrong.
  await found?.ending?.catch(() => undefined);
  if (found !== undefined && (await opened.get(key)) !== found) return openShared(path, options);
  const opening = LocalArchive.open(key, options);
  opened.set(key, opening);
  try {
    return await opening;
  } catch (error) {
    if (opened.get(key) === opening) opened.delete(key);
    throw error;
  }
}

/** So that an archive has one lock under all its names. */
async function realArchivePath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw systemError(error, '');
  }
  try {
    return join(await realpath(dirname(path)), basename(path));
  } catch (error) {
    throw new VfsError('unreachable', '', `the folder of the archive ${path} cannot be opened; make it first`, { cause: error });
  }
}
