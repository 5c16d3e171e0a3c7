import { type JudgedVersion, judgeVersions } from '../../judge-versions.ts';
import { joinPath, nameOf, type RelPath } from '../../path.ts';
import { removeVersions, type StoredVersion, timeOfVersion, versionsIn } from '../../stored-versions.ts';
import type { TellVersion } from '../../version-change.ts';
import type { KeepRules } from '../../version-rules.ts';
import type { Vfs } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';

/** Names that got versions, all of one directory. */
export interface Grown {
  readonly directory: RelPath;
  /** With how many they are going to get. */
  readonly names: Map<string, number>;
}

/** One name more, by folder of versions. */
export function grow(
  grown: Map<RelPath, Grown>,
  { folder, directory, name }: { readonly folder: RelPath; readonly directory: RelPath; readonly name: string },
): void {
  const known = grown.get(folder) ?? { directory, names: new Map<string, number>() };
  grown.set(folder, known);
  known.names.set(name, (known.names.get(name) ?? 0) + 1);
}

export interface Pruning {
  readonly keep: KeepRules;
  /** Name of folders of versions. */
  readonly folder: string;
  readonly tell: TellVersion;
}

/** Removes the versions that no rule keeps of the names that got one. `grown`: by folder of versions. What cannot be removed stays, and is told. */
export async function pruneGrown(vfs: Vfs, grown: ReadonlyMap<RelPath, Grown>, { keep, folder, tell }: Pruning): Promise<void> {
  for (const [stored, { directory, names }] of grown) {
    const pathOf = (path: RelPath) => joinPath(directory, nameOf(path));
    try {
      const gone = (await judged(vfs, stored, names)).flatMap((versions) => withoutReason(versions, keep));
      await removeVersions(vfs, gone, {
        folder,
        removed: (version) => tell({ op: 'remove', path: pathOf(version.path), stored: version.stored, reason: NO_RULE }),
      });
    } catch (error) {
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      tell({ op: 'stays', path: error.path, stored, reason: `old versions that no rule of "versions.keep" keeps are still there: ${error.message}` });
    }
  }
}

/** Tells what `pruneGrown` would remove once the names have got their versions, at the time `nowMs`. */
export async function foretellPruning(
  vfs: Vfs,
  growing: ReadonlyMap<RelPath, Grown>,
  { keep, tell, nowMs }: Omit<Pruning, 'folder'> & { readonly nowMs: number },
): Promise<void> {
  for (const [stored, { directory, names }] of growing) {
    try {
      const gone = (await judged(vfs, stored, names)).flatMap((versions) => withoutReason(versions, keep, comingAfter(versions, names, nowMs)));
      for (const { path, stored: at } of gone) tell({ op: 'remove', path: joinPath(directory, path), stored: at, reason: NO_RULE });
    } catch (error) {
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      tell({ op: 'stays', path: error.path, stored, reason: `its old versions cannot be looked through: ${error.message}` });
    }
  }
}

function comingAfter(versions: readonly StoredVersion[], names: ReadonlyMap<string, number>, timeMs: number): JudgedVersion[] {
  const highest = Math.max(...versions.map(({ number }) => number));
  const [first] = versions;
  return Array.from({ length: (first && names.get(first.path)) ?? 0 }, (_, i) => ({ number: highest + 1 + i, timeMs }));
}

const NO_RULE = 'no rule keeps it';

/** The versions of the names, by name. Their paths are names. */
async function judged(vfs: Vfs, stored: RelPath, names: ReadonlyMap<string, number>): Promise<readonly (readonly StoredVersion[])[]> {
  const byName = new Map<string, StoredVersion[]>();
  for (const version of await versionsIn(vfs, stored, '').catch(noneYet)) {
    if (names.has(version.path)) byName.set(version.path, [...(byName.get(version.path) ?? []), version]);
  }
  return [...byName.values()];
}

function withoutReason(versions: readonly StoredVersion[], keep: KeepRules, coming: readonly JudgedVersion[] = []): readonly StoredVersion[] {
  const verdicts = judgeVersions([...versions.map((version) => ({ number: version.number, timeMs: timeOfVersion(version) })), ...coming], keep);
  return versions.filter((_, at) => verdicts[at]?.length === 0);
}

function noneYet(error: unknown): readonly StoredVersion[] {
  if (error instanceof VfsError && error.code === 'not-found') return [];
  throw error;
}
