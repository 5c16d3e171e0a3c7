import { comparePaths, compareNames, type RelPath } from '../vfs/path.ts';
import { type DirectoryRows, encodeDirectory, summarize, summarizeAgreed } from './directory-line.ts';
import type { StoredRow } from './merge-row.ts';
import type { Overlay } from './overlay.ts';
import { type AgreedPart, type AgreedRows, decodeAgreed, decodeRows, encodeAgreed, encodeRows, joinAgreed } from './row-columns.ts';
import type { Snapshot, SnapshotLine } from './snapshot.ts';

/** A directory of the database: untouched since the snapshot, or put together anew, column by column or row by row. `before`: the line it replaces. */
export type MergedDirectory =
  | { readonly path: RelPath; readonly line: SnapshotLine }
  | { readonly path: RelPath; readonly agreed: AgreedRows; readonly before: SnapshotLine | undefined }
  | { readonly path: RelPath; readonly rebuilt: DirectoryRows; readonly before: SnapshotLine | undefined };

/** The snapshot with the overlays laid over it one after the other, in `comparePaths` order. Rebuilt directories may be empty. */
export function* mergeDirectories(snapshot: Snapshot | undefined, overlays: readonly Overlay[]): Generator<MergedDirectory> {
  const patched = [...new Set(overlays.flatMap((overlay) => [...overlay.directories()]))].sort(comparePaths);
  let next = 0;
  for (const line of snapshot?.lines() ?? []) {
    for (let path = patched[next]; path !== undefined && comparePaths(path, line.path) < 0; path = patched[++next])
      yield rebuild(path, undefined, overlays);
    const isPatched = patched[next] === line.path;
    if (isPatched) next++;
    if (isPatched || overlays.some((overlay) => overlay.forgets(line.path))) yield rebuild(line.path, line, overlays);
    else yield { path: line.path, line };
  }
  for (; next < patched.length; next++) yield rebuild(patched[next] ?? '', undefined, overlays);
}

function rebuild(path: RelPath, before: SnapshotLine | undefined, overlays: readonly Overlay[]): MergedDirectory {
  const agreed = agreedRows(path, before, overlays);
  return agreed === undefined ? rebuildByRow(path, before, overlays) : { path, agreed, before };
}

/** Nearly all directories are of this kind. undefined: their rows have to be merged one by one. */
function agreedRows(path: RelPath, before: SnapshotLine | undefined, overlays: readonly Overlay[]): AgreedRows | undefined {
  const columnCount = overlays.at(-1)?.roots.length ?? 0;
  const parts: AgreedPart[] = [];
  for (const overlay of overlays) {
    const texts = overlay.onlyRows(path, columnCount);
    if (texts === undefined) return undefined;
    for (const text of texts) {
      const part = decodeAgreed(text, columnCount);
      if (part === undefined) return undefined;
      parts.push(part);
    }
  }
  const known = before && decodeAgreed(before.rowsText(), columnCount);
  if (before !== undefined && known === undefined) return undefined;
  return joinAgreed(known === undefined ? parts : [known, ...parts], columnCount);
}

function rebuildByRow(path: RelPath, before: SnapshotLine | undefined, overlays: readonly Overlay[]): MergedDirectory {
  const rows = new Map<string, StoredRow>();
  if (before !== undefined) {
    const allColumns = before.summaries.map((_, column) => column);
    const decoded = decodeRows(before.rowsText(), allColumns);
    decoded.names.forEach((name, index) => {
      rows.set(name, decoded.rows[index] as StoredRow);
    });
  }
  for (const overlay of overlays) overlay.patch(path, rows);
  const names = [...rows.keys()].sort(compareNames);
  return { path, rebuilt: { names, rows: names.map((name) => rows.get(name) as StoredRow) }, before };
}

/** The line of a directory that is not as it was; undefined when nothing is left in it. */
export function lineOf(merged: Exclude<MergedDirectory, { line: SnapshotLine }>, columnCount: number): Buffer | undefined {
  const { path } = merged;
  if ('agreed' in merged) {
    const { agreed } = merged;
    return agreed.names.length === 0 ? undefined : encodeDirectory(path, encodeAgreed(agreed), summarizeAgreed(agreed));
  }
  const { names, rows } = merged.rebuilt;
  return rows.length === 0 ? undefined : encodeDirectory(path, encodeRows(names, rows, columnCount), summarize(merged.rebuilt, columnCount));
}
