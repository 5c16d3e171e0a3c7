import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isBelow } from './path-match.ts';

/** Device and inode, by which a file or folder is known under all its names; undefined where there is none. Links are followed. */
export async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && found.ino > 0n ? `${found.dev}:${found.ino}` : undefined;
}

/** The path, its folder, and so on up. */
export function andAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...andAbove(parent)];
}

/**
 * True when a path (a real path that exists) is `folder` or lies in it, under whatever name: case never counts, and bind mounts, shares of this machine and
 * file systems that ignore case lead to the same folder. For what is refused; what is granted goes by `isBelow`.
 */
export async function liesIn(path: string, folder: string): Promise<boolean> {
  if (isBelow(path, folder, true)) return true;
  const holder = await identityOf(folder);
  if (holder === undefined) return false;
  const places = await Promise.all(andAbove(path).map(identityOf));
  return places.includes(holder);
}
