import type { FoundBelow } from '../vfs/below.ts';
import { parentOf, type RelPath } from '../vfs/path.ts';
import type { Restoring } from './restore-versions.ts';

/**
 * The folders that are taken for those of a past time: the ones that are there now, since no time of theirs is kept, but those in which all came later, and those in whose
 * place a file was. `restored`: what became of all paths.
 */
export function foldersOfThen(present: FoundBelow, restored: readonly Restoring[]): readonly RelPath[] {
  const files = new Set<RelPath>();
  const alive = new Set<RelPath>();
  const filled = new Set<RelPath>();
  for (const { path, kind } of restored) {
    if (kind !== 'nothing') files.add(path);
    for (const above of foldersAbove(path)) {
      filled.add(above);
      if (kind !== 'nothing') alive.add(above);
    }
  }
  return [...present].flatMap(([path, version]) => {
    const isOfThen = version === '' && (alive.has(path) || !filled.has(path));
    return isOfThen && ![path, ...foldersAbove(path)].some((above) => files.has(above)) ? [path] : [];
  });
}

function foldersAbove(path: RelPath): readonly RelPath[] {
  const above: RelPath[] = [];
  for (let at = parentOf(path); at !== ''; at = parentOf(at)) above.push(at);
  return above;
}
