import { type BigIntStats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isBelow } from './path-match.ts';

/**
 * Device and inode, by which a file or folder is known under all its names; undefined where there is none. Links are followed. Waits for the disk: to be asked
 * about paths that were just looked at.
 */
export function identityOf(path: string): string | undefined {
  const found = statOf(path);
  return found && found.ino > 0n ? `${found.dev}:${found.ino}` : undefined;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Whatever the reason: what cannot be looked at has no identity to be known by.
    return undefined;
  }
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
export function liesIn(path: string, folder: string): boolean {
  if (isBelow(path, folder, true)) return true;
  const holder = identityOf(folder);
  return holder !== undefined && andAbove(path).some((place) => identityOf(place) === holder);
}
