import type { VersionedRoot } from '../project/roots/open-versions.ts';
import type { FoundBelow } from '../vfs/below.ts';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { compileScope } from '../vfs/scope.ts';
import { findVersions, type StoredVersion } from '../vfs/stored-versions.ts';
import type { Entry } from '../vfs/vfs.ts';

/** `stored` is where it lies below the layer that keeps it. */
export interface HistoryVersion extends StoredVersion {
  /** The same place as the layers above show it. */
  readonly readAs: RelPath;
}

/** All that is known of one path. */
export interface History {
  readonly path: RelPath;
  /** The one that was set aside first comes first. */
  readonly versions: readonly HistoryVersion[];
  /** What is there now; undefined: nothing. */
  readonly present: Entry | undefined;
}

export interface HistoryQuery {
  /** As for `excludeFiles`, or a folder for all below it; empty: all. */
  readonly patterns: readonly string[];
  /** All that is there now, when the paths without an old version are wanted, too. */
  readonly present?: FoundBelow | undefined;
}

/** The histories of the paths that are wanted, sorted by path; by the names that the root shows. */
export async function readHistories(
  { bare, seenPath, keeping, folder }: Pick<VersionedRoot, 'bare' | 'seenPath' | 'keeping' | 'folder'>,
  query: HistoryQuery,
): Promise<readonly History[]> {
  const isWanted = compileWanted(query.patterns, bare.traits.caseSensitive);
  const byPath = new Map<RelPath, HistoryVersion[]>();
  for (const version of await findVersions(bare, folder)) {
    const path = seenPath(version.path, version.entry.kind);
    const readAs = seenPath(version.stored, version.entry.kind);
    if (path === undefined || readAs === undefined || !isWanted(path)) continue;
    const known = byPath.get(path) ?? [];
    byPath.set(path, known);
    known.push({ ...version, path, readAs, entry: path === version.path ? version.entry : decoded(version.entry) });
  }
  for (const [path, version] of query.present ?? []) if (version !== '' && isWanted(path) && !byPath.has(path)) byPath.set(path, []);
  const histories: History[] = [];
  for (const [path, versions] of byPath) histories.push({ path, versions, present: await keeping.stat(path) });
  return histories.sort((a, b) => comparePaths(a.path, b.path));
}

/** How long it is when it is decoded is not known. */
function decoded(entry: StoredVersion['entry']): StoredVersion['entry'] {
  if (entry.kind === 'link') return entry;
  const { size: _, ...rest } = entry;
  return rest;
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
