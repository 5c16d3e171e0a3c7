import { statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { realPathOf } from '../real-path.ts';
import type { RelPath } from '../vfs/path.ts';
import { OptionError } from './option-error.ts';
import type { CheckedRoot } from './options.ts';

/** Where a root really is. */
export interface RootPlace {
  /** Absolute, links resolved; what does not exist yet hangs below its nearest existing folder. */
  readonly realPath: string;
  /** Of each shadow, likewise. */
  readonly shadows: readonly string[];
  /** Directories, relative to this root, that are other roots or shadows of the run and so no part of this root's tree. */
  readonly innerRoots: readonly RelPath[];
}

interface Folder {
  readonly option: string;
  readonly realPath: string;
  /** Device and inode, which unmask the same folder under two names (bind mounts); undefined where it does not exist. */
  readonly identity: string | undefined;
  readonly root: number;
  readonly shadow: boolean;
}

/** Places by real path, in the order of the roots. Throws OptionError where two are the same folder, or a shadow would write into a root. */
export function placeRoots(roots: readonly CheckedRoot[]): readonly RootPlace[] {
  const folders = roots.flatMap((root, index) => [
    folderOf(`roots[${index}]`, root.path, index, false),
    ...root.shadows.map((path, at) => folderOf(`roots[${index}].shadow[${at}]`, path, index, true)),
  ]);
  folders.forEach((folder, at) => {
    for (const other of folders.slice(0, at)) refuseSame(other, folder);
    if (folder.shadow) refuseShadowAround(folder, folders);
  });
  return roots.map((_, index) => placeOf(index, folders));
}

function folderOf(option: string, path: string, root: number, shadow: boolean): Folder {
  const realPath = realPathOf(path);
  const stat = statSync(realPath, { bigint: true, throwIfNoEntry: false });
  return { option, realPath, identity: stat === undefined || stat.ino === 0n ? undefined : `${stat.dev}:${stat.ino}`, root, shadow };
}

function refuseSame(one: Folder, other: Folder): void {
  if (one.realPath !== other.realPath && (one.identity === undefined || one.identity !== other.identity)) return;
  throw new OptionError(other.option, `option "${other.option}" is the same folder as "${one.option}": ${other.realPath}`);
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

function placeOf(index: number, folders: readonly Folder[]): RootPlace {
  const own = folders.filter((folder) => folder.root === index);
  const realPath = own.find((folder) => !folder.shadow)?.realPath ?? '';
  const inner = folders.map((folder) => pathBelow(realPath, folder.realPath)).filter((path) => path !== undefined);
  return { realPath, shadows: own.filter((folder) => folder.shadow).map((folder) => folder.realPath), innerRoots: inner.sort() };
}

/** `path` relative to `folder` when it lies below it; undefined for the folder itself and everything else. */
function pathBelow(folder: string, path: string): RelPath | undefined {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  return path !== folder && path.startsWith(start) ? relative(folder, path).split(sep).join('/') : undefined;
}
