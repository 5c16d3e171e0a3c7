import { listBelow } from '../vfs/below.ts';
import type { Vfs } from '../vfs/vfs.ts';
import { compileWanted, type History } from './version-history.ts';

/** A pattern that names no path with an old version. */
export interface Unmatched {
  readonly pattern: string;
  /** False: it names nothing that is there now, either. */
  readonly isPresent: boolean;
}

/** Which of the patterns none of the histories is for. Lists what is there only when there are such patterns. */
export async function unmatchedPatterns(keeping: Vfs, patterns: readonly string[], histories: readonly History[]): Promise<readonly Unmatched[]> {
  const { caseSensitive } = keeping.traits;
  const open = patterns
    .map((pattern) => ({ pattern, isWanted: compileWanted([pattern], caseSensitive) }))
    .filter(({ isWanted }) => !histories.some(({ path }) => isWanted(path)));
  if (open.length === 0) return [];
  const present = [...(await listBelow(keeping, '')).keys()];
  return open.map(({ pattern, isWanted }) => ({ pattern, isPresent: present.some(isWanted) }));
}
