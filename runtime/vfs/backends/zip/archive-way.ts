import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { VfsError } from '../../vfs-error.ts';

/**
 * Throws when an archive would lie in what is an archive, or is named as one and missing: `zip:a.zip/inner` is the archive `inner` in a folder `a.zip`, and most often the folder `inner` in an archive is meant.
 * A folder of such a name that exists is right. `path`: absolute.
 */
export function requireWayToArchive(path: string): void {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const found = look(folder);
    if (found?.isDirectory() === true) return;
    if (found === undefined && !/\.zip$/i.test(folder)) continue;
    const inside = path.slice(folder.length + 1);
    const why = found === undefined ? `there is no folder ${folder}` : `${folder} is no folder`;
    throw new VfsError(
      'unreachable',
      '',
      `${why} that an archive "${inside}" could be in; what is in an archive comes after two slashes, "zip:${folder}//${inside}"`,
    );
  }
}

/** undefined: nothing that can be seen. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
