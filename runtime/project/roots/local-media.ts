import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolderAtRealPath } from '../../machine/held-folder.ts';
import { PermissionError } from '../../permissions/permission-error.ts';
import type { PathRules } from '../../permissions/path-rules.ts';
import type { MediaPlaces, MediumRoot } from '../../vfs/backends/volumes/media-places.ts';
import { openRoot, type RootOptions } from '../../vfs/open-root.ts';
import { formatAddress, type RootAddress, withPlaces } from '../../vfs/root-address.ts';
import { errnoOf } from '../../vfs/system-error.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Traits } from '../../vfs/vfs.ts';
import { INDEX } from '../options/volumes.ts';
import { mediaNumbers } from './media-folders.ts';
import { ownFilesBelow, type RunFiles } from './own-files.ts';

export interface LocalMediaOptions {
  /** Its path is the real path that was permitted, `%INDEX%` standing for any number. */
  readonly media: RootAddress;
  readonly pathRules: PathRules;
  readonly ownFiles: RunFiles;
  readonly opening: Omit<RootOptions, 'makeMissing'>;
}

/** Media in folders of this machine. Nothing is done through a link that stands where a number or a folder behind it should be. */
export function localMedia({ media, pathRules, ownFiles, opening }: LocalMediaOptions): MediaPlaces {
  const { path: pattern } = media.base as RootAddress['base'] & { kind: 'local' };
  const isOneSlot = !pattern.includes(INDEX);
  const pathOf = (medium: number) => pattern.replace(INDEX, String(medium));
  const openAt = (path: string) => openRoot(withPlaces(media, [path]), { ...opening, isRealPath: true, makeMissing: false });

  return {
    isOneSlot,
    addressOf: (medium) => formatAddress(withPlaces(media, [pathOf(medium)])),
    inReach: async () => (isOneSlot ? (existsSync(pattern) ? [1] : []) : mediaNumbers(pattern)),
    async open(medium, make): Promise<MediumRoot | undefined> {
      const path = pathOf(medium);
      if (!make && !existsSync(path)) return undefined;
      await requireUsable(path, pathRules);
      if (make) makeFolder(path);
      const own = [...ownFilesBelow(path, ownFiles.sources), ...ownFilesBelow(path, ownFiles.written)];
      return { vfs: (await openAt(path)).vfs, ownFiles: own, freeBytes: () => freeBytes(path) };
    },
    async likelyTraits(): Promise<Traits> {
      let nearest = dirname(pathOf(1));
      while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
      const { vfs } = await openAt(nearest);
      await vfs.close();
      return vfs.traits;
    },
  };
}

async function requireUsable(path: string, pathRules: PathRules): Promise<void> {
  let real: string;
  try {
    real = await pathRules.resolve(path);
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    throw new VfsError('denied', '', error.message, { cause: error });
  }
  if (real !== path) throw new VfsError('outside', '', `a link stands in the path of ${path}; nothing is done through it`);
  if ((await pathRules.refusedBelow(path)).length > 0) throw new VfsError('denied', '', `${path} holds files of sxrun's own; name another folder`);
}

function makeFolder(path: string): void {
  try {
    makeFolderAtRealPath(path);
  } catch (cause) {
    throw new VfsError('unreachable', '', `the folder ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}
