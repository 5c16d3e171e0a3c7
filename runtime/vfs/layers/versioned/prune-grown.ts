import { judgeVersions } from '../../judge-versions.ts';
import type { RelPath } from '../../path.ts';
import { removeVersions, type StoredVersion, timeOfVersion, versionsIn } from '../../stored-versions.ts';
import type { KeepRules } from '../../version-rules.ts';
import type { Vfs } from '../../vfs.ts';

/** Removes the versions that no rule keeps of the names that got one, by folder of versions. */
export async function pruneGrown(
  vfs: Vfs,
  grown: ReadonlyMap<RelPath, ReadonlySet<string>>,
  { keep, folder }: { readonly keep: KeepRules | undefined; readonly folder: string },
): Promise<void> {
  if (keep === undefined) return;
  for (const [stored, names] of grown) {
    const byName = new Map<string, StoredVersion[]>();
    // Names stand for paths: the folder is that of one directory.
    for (const version of await versionsIn(vfs, stored, '')) {
      if (names.has(version.path)) byName.set(version.path, [...(byName.get(version.path) ?? []), version]);
    }
    const gone = [...byName.values()].flatMap((versions) => {
      const verdicts = judgeVersions(
        versions.map((version) => ({ number: version.number, timeMs: timeOfVersion(version) })),
        keep,
      );
      return versions.filter((_, at) => verdicts[at]?.length === 0);
    });
    if (gone.length > 0) await removeVersions(vfs, gone, folder);
  }
}
