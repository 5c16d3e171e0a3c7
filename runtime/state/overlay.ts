import { nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import type { StoredRoot } from './snapshot.ts';
import { isIdentity, mergeRow, type RunColumns, type StoredRow } from './merge-row.ts';
import { decodeRows } from './row-columns.ts';

/** One step of the journal, in the order it was recorded. */
export type JournalStep =
  /** The roots of the run that the following steps belong to. */
  /** `targets`: indices of those that only receive. */
  | { readonly step: 'run'; readonly rootKeys: readonly string[]; readonly targets: readonly number[] }
  /** Rows of one directory in the columns of the run's roots, as `encodeRows` writes them. */
  | { readonly step: 'rows'; readonly directory: RelPath; readonly rowsText: string }
  /** The row of `path` and everything below it, on all roots. */
  | { readonly step: 'forget'; readonly path: RelPath }
  /** The run's roots have been part of a complete run. */
  | { readonly step: 'joined' };

type Patch =
  | { readonly order: number; readonly run: RunColumns; readonly rowsText: string }
  | { readonly order: number; readonly forgottenName: string };

/** Journal steps gathered by directory, to be laid over the snapshot; rows stay text until their directory is asked for. */
export class Overlay {
  /** Those of the snapshot and, behind them, the ones that runs added. */
  readonly roots: StoredRoot[];
  isEmpty = true;
  readonly #patches = new Map<RelPath, Patch[]>();
  readonly #forgotten = new Map<RelPath, number>();
  #run: RunColumns = { columns: [], targets: [] };
  #order = 0;

  constructor(roots: readonly StoredRoot[]) {
    this.roots = [...roots];
  }

  apply(step: JournalStep): void {
    const order = this.#order++;
    this.isEmpty = false;
    switch (step.step) {
      case 'run':
        this.#run = { columns: columnsOf(step.rootKeys, this.roots), targets: step.targets };
        break;
      case 'rows':
        this.#patchesOf(step.directory).push({ order, run: this.#run, rowsText: step.rowsText });
        break;
      case 'forget':
        this.#forgotten.set(step.path, order);
        if (step.path !== '') this.#patchesOf(parentOf(step.path)).push({ order, forgottenName: nameOf(step.path) });
        break;
      case 'joined':
        for (const column of this.#run.columns) this.roots[column] = { key: this.roots[column]?.key ?? '', joined: true };
        break;
    }
  }

  /** Directories with patches, in no order. */
  directories(): Iterable<RelPath> {
    return this.#patches.keys();
  }

  /** Nothing that the snapshot says about the directory's entries counts any more. */
  forgets(directory: RelPath): boolean {
    return this.#forgottenAt(directory) >= 0;
  }

  /**
   * The rows recorded for a directory in their order, as `encodeRows` writes them, when nothing else was recorded for it, and always for the first `columnCount`
   * roots that the database knows. undefined: `patch` has more to do.
   */
  onlyRows(directory: RelPath, columnCount: number): readonly string[] | undefined {
    if (this.#forgottenAt(directory) >= 0) return undefined;
    const texts: string[] = [];
    for (const patch of this.#patches.get(directory) ?? []) {
      if ('forgottenName' in patch || patch.run.columns.length !== columnCount || !isIdentity(patch.run.columns)) return undefined;
      texts.push(patch.rowsText);
    }
    return texts;
  }

  /** Changes `rows` of `directory` to what they are after these steps. */
  patch(directory: RelPath, rows: Map<string, StoredRow>): void {
    const forgottenAt = this.#forgottenAt(directory);
    if (forgottenAt >= 0) rows.clear();
    for (const patch of this.#patches.get(directory) ?? []) {
      if (patch.order < forgottenAt) continue;
      if ('forgottenName' in patch) rows.delete(patch.forgottenName);
      else mergeRows(rows, patch.rowsText, patch.run, this.roots.length);
    }
  }

  #patchesOf(directory: RelPath): Patch[] {
    const known = this.#patches.get(directory);
    if (known !== undefined) return known;
    const fresh: Patch[] = [];
    this.#patches.set(directory, fresh);
    return fresh;
  }

  /** When the directory or one above it was forgotten last; -1: never. */
  #forgottenAt(directory: RelPath): number {
    if (this.#forgotten.size === 0) return -1;
    let latest = this.#forgotten.get('') ?? -1;
    for (let path = directory; path !== ''; path = parentOf(path)) latest = Math.max(latest, this.#forgotten.get(path) ?? -1);
    return latest;
  }
}

function mergeRows(rows: Map<string, StoredRow>, rowsText: string, run: RunColumns, columnCount: number): void {
  const changes = decodeRows(
    rowsText,
    run.columns.map((_, index) => index),
  );
  changes.names.forEach((name, index) => {
    const merged = mergeRow(rows.get(name), changes.rows[index], run, columnCount);
    if (merged === undefined) rows.delete(name);
    else rows.set(name, merged);
  });
}

/** The column of each key in `roots`; unknown ones are added to it. */
export function columnsOf(keys: readonly string[], roots: StoredRoot[]): number[] {
  return keys.map((key) => {
    const known = roots.findIndex((root) => root.key === key);
    return known >= 0 ? known : roots.push({ key, joined: false }) - 1;
  });
}
