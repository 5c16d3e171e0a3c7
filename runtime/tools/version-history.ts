import { listBelow } from '../vfs/below.ts';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { compileScope } from '../vfs/scope.ts';
import { findVersions, type StoredVersion } from '../vfs/stored-versions.ts';
import type { Entry, Vfs } from '../vfs/vfs.ts';

/** All that is known of one path. */
export interface History {
  readonly path: RelPath;
  /** The one that was set aside first comes first. */
  readonly versions: readonly StoredVersion[];
  /** What is there now; undefined: nothing. */
  readonly present: Entry | undefined;
}

export interface HistoryQuery {
  /** As for `excludeFiles`, or a folder for all below it; empty: all. */
  readonly patterns: readonly string[];
  /** Name of the folders of versions, where it is a special one. */
  readonly folder: string | undefined;
  /** Also the paths that have no old version; absent: false. */
  readonly withPresentOnes?: boolean;
}

/** The histories of the paths that are wanted, sorted by path. `bare` shows the folders of versions, `keeping` does not. */
export async function readHistories(
  { bare, keeping }: { readonly bare: Vfs; readonly keeping: Vfs },
  query: HistoryQuery,
): Promise<readonly History[]> {
  const isWanted = compileWanted(query.patterns, bare.traits.caseSensitive);
  const byPath = new Map<RelPath, StoredVersion[]>();
  for (const version of await findVersions(bare, query.folder)) {
    if (!isWanted(version.path)) continue;
    const known = byPath.get(version.path);
    if (known === undefined) byPath.set(version.path, [version]);
    else known.push(version);
  }
  if (query.withPresentOnes === true) {
    for (const [path, version] of await listBelow(keeping, '')) if (version !== '' && isWanted(path) && !byPath.has(path)) byPath.set(path, []);
  }
  const histories: History[] = [];
  for (const [path, versions] of byPath) histories.push({ path, versions, present: await keeping.stat(path) });
  return histories.sort((a, b) => comparePaths(a.path, b.path));
}

/** Whether a path is one of those that patterns name. */
export function compileWanted(patterns: readonly string[], caseSensitive: boolean): (path: RelPath) => boolean {
  if (patterns.length === 0) return () => true;
  const bare = patterns.map((pattern) => pattern.replace(/(?<=.)\/+$/, ''));
  const { fileVerdict } = compileScope({
    excludeFiles: bare.flatMap((pattern) => [pattern, `${pattern}/*`]),
    includeFiles: [],
    excludeDirs: [],
    includeDirs: [],
    killFiles: [],
    ignoreCase: !caseSensitive,
    links: 'copy',
  });
  return (path) => fileVerdict(path) === 'out';
}
