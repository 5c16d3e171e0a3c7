import { statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { realPathOf } from '../../machine/real-path.ts';
import type { RelPath } from '../../vfs/path.ts';
import { extensionOf, localFolderOf, placesOf, type RootAddress, withPlaces } from '../../vfs/root-address.ts';
import { errnoOf } from '../../vfs/system-error.ts';
import type { MediaFolder } from './media-folders.ts';
import { OptionError } from '../options/option-error.ts';
import type { CheckedRoot } from '../options/options.ts';

/** Where a root really is. */
export interface RootPlace {
  /** Its paths are absolute, links resolved; what does not exist yet hangs below its nearest existing folder. */
  readonly address: RootAddress;
  /** Of each shadow, likewise. */
  readonly shadows: readonly RootAddress[];
  /** Directories, or archive files, relative to this root, that are other roots or shadows of the run and so no part of this root's tree. */
  readonly innerRoots: readonly RelPath[];
}

interface Folder {
  readonly option: string;
  readonly address: RootAddress;
  /** The folder, or the archive, that the root lives in. */
  readonly realPath: string;
  /** Device and inode, which unmask the same folder under two names (bind mounts); undefined where it does not exist. */
  readonly identity: string | undefined;
  readonly shadow: boolean;
}

/**
 * Places by real path, in the order of the roots. `media`: folders of media, which are no part of a root's tree either. Throws OptionError where two are the same folder, or a shadow
 * would write into a root.
 */
export function placeRoots(roots: readonly CheckedRoot[], media: readonly MediaFolder[] = []): readonly RootPlace[] {
  const placed = roots.map((root) => ({ address: atRealPaths(root.address), shadows: root.shadows.map(atRealPaths) }));
  const folders = placed.flatMap((root, index) => [
    ...foldersOf(`roots[${index}]`, root.address, false),
    ...root.shadows.flatMap((shadow, at) => foldersOf(`roots[${index}].shadow[${at}]`, shadow, true)),
  ]);
  folders.forEach((folder, at) => {
    for (const other of folders.slice(0, at)) refuseSame(other, folder);
    if (folder.shadow) refuseShadowAround(folder, folders);
  });
  for (const medium of media) refuseMediumAround(medium, folders);
  const realPaths = [...folders.map(({ realPath }) => realPath), ...media.map(({ path }) => path)];
  return placed.map((root) => ({ ...root, innerRoots: innerRootsOf(root.address, realPaths) }));
}

function atRealPaths(address: RootAddress): RootAddress {
  return withPlaces(
    address,
    placesOf(address).map(({ path }) => realPathOf(path)),
  );
}

/** None for a root that is not on this machine. */
function foldersOf(option: string, address: RootAddress, shadow: boolean): Folder[] {
  const own = new Set(placesOf(address).map((place) => realPathOf(place.own)));
  return [...own].map((realPath) => {
    return { option, address, realPath, identity: identityOf(realPath), shadow };
  });
}

function identityOf(realPath: string): string | undefined {
  try {
    const { dev, ino } = statSync(realPath, { bigint: true });
    return ino === 0n ? undefined : `${dev}:${ino}`;
  } catch (error) {
    // What the system does not let us look at is said when the root is opened.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function refuseSame(one: Folder, other: Folder): void {
  if (one.realPath !== other.realPath && (one.identity === undefined || one.identity !== other.identity)) return;
  const what = localFolderOf(other.address) === undefined ? 'archive' : 'folder';
  throw new OptionError(
    other.option,
    `option "${other.option}" is the same ${what} as "${one.option}": ${other.realPath}. Name another one, or leave it out`,
  );
}

/** What is done on a root at `a/b` is done on its shadow first; with a root below the shadow that could be the root's own file. */
function refuseShadowAround(shadow: Folder, folders: readonly Folder[]): void {
  const inside = folders.find((folder) => folder !== shadow && pathBelow(shadow.realPath, folder.realPath) !== undefined);
  if (inside === undefined) return;
  throw new OptionError(
    shadow.option,
    `option "${shadow.option}" is a folder around "${inside.option}"; a shadow cannot hold another root or shadow`,
  );
}

/** All that is on a medium is part of the set, so that a root in it would be copied into itself. */
function refuseMediumAround({ option, path }: MediaFolder, folders: readonly Folder[]): void {
  const inside = folders.find(({ realPath }) => realPath === path || pathBelow(path, realPath) !== undefined);
  if (inside === undefined) return;
  throw new OptionError(option, `option "${option}" has a medium at ${path}, which holds "${inside.option}"; a medium cannot hold another root`);
}

/** An archive in the root has the name there that the root's layers show it by. */
function innerRootsOf(address: RootAddress, realPaths: readonly string[]): RelPath[] {
  const folder = localFolderOf(address);
  if (folder === undefined) return [];
  const extension = extensionOf(address.layers);
  return realPaths
    .map((realPath) => pathBelow(folder, realPath))
    .filter((path) => path !== undefined)
    .flatMap((path) => (extension !== '' && path.endsWith(extension) ? [path, path.slice(0, -extension.length)] : [path]))
    .sort();
}

/** `path` relative to `folder` when it lies below it; undefined for the folder itself and everything else. */
function pathBelow(folder: string, path: string): RelPath | undefined {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  return path !== folder && path.startsWith(start) ? relative(folder, path).split(sep).join('/') : undefined;
}
