import type { Baseline, BaselineDirectory, BaselineRow, Recorded } from '../../runtime/engine/baseline.ts';
import { mergeRow } from '../../runtime/state/merge-row.ts';
import { digestOf, digestPart } from '../../runtime/vfs/digest.ts';
import { comparePaths, isWithin, joinPath, nameOf, parentOf, type RelPath } from '../../runtime/vfs/path.ts';
import type { World } from './faulty-vfs.ts';

interface Row {
  readonly kind: BaselineRow['kind'];
  /** By the root's key. */
  readonly at: ReadonlyMap<string, Recorded>;
}
type Rows = Map<RelPath, Row>;

const KIND_DIGIT = { file: 0, directory: 1, link: 2 } as const;

/** A sync database in memory. What was committed stays when a run is killed; roots are known by a key that stands for their URL. */
export class MemoryDatabase {
  private committed: Rows = new Map();
  private readonly joined = new Set<string>();
  commits = 0;

  /** The baseline of one run; `world` stops it together with the roots. */
  open(keys: readonly string[], world?: World, targets: readonly number[] = []): Baseline {
    const opened = new Map(this.committed);
    const pending = new Map(this.committed);
    return {
      joined: keys.map((key) => this.joined.has(key)),
      directories: () => directoriesOf(opened, keys),
      record: (path, row) => recordRow(pending, { keys, targets }, path, row),
      recordFiles: (directory, names, at) => {
        for (const [i, name] of names.entries()) {
          const row = { kind: 'file' as const, at: at.map((files) => files[i]) };
          recordRow(pending, { keys, targets }, joinPath(directory, name), row);
        }
      },
      forgetTree: (path) => {
        for (const each of [...pending.keys()]) if (isWithin(each, path)) pending.delete(each);
      },
      commit: async () => {
        const commit = () => {
          this.committed = new Map(pending);
          this.commits++;
        };
        await (world === undefined ? commit() : world.pass(-1, 'commit', '', commit));
      },
      markJoined: () => {
        for (const key of keys) this.joined.add(key);
      },
    };
  }

  /** What is committed, for a look: path → kind and the keys of the roots that have it. */
  contents(): Record<RelPath, string> {
    const lines = [...this.committed].map(([path, row]) => [path, `${row.kind} ${[...row.at.keys()].sort().join(' ')}`]);
    return Object.fromEntries(lines);
  }
}

/** By the table of the real database, since what a left-out root is told is the same wherever rows are kept. */
function recordRow(
  rows: Rows,
  { keys, targets }: { keys: readonly string[]; targets: readonly number[] },
  path: RelPath,
  row: BaselineRow | undefined,
): void {
  const before = rows.get(path);
  const all = [...new Set([...(before?.at.keys() ?? []), ...keys])];
  const prior = before && { kind: before.kind, at: all.map((key) => before.at.get(key)) };
  const merged = mergeRow(prior, row, { columns: keys.map((key) => all.indexOf(key)), targets }, all.length);
  if (merged === undefined) rows.delete(path);
  else rows.set(path, { kind: merged.kind, at: new Map(all.flatMap((key, column) => (merged.at[column] ? [[key, merged.at[column]]] : []))) });
}

function* directoriesOf(rows: Rows, keys: readonly string[]): Iterable<BaselineDirectory> {
  const byDirectory = new Map<RelPath, Map<string, BaselineRow>>();
  for (const path of [...rows.keys()].sort(comparePaths)) {
    const row = rows.get(path);
    if (row === undefined || !keys.some((key) => row.at.has(key))) continue;
    const directory = parentOf(path);
    const siblings = byDirectory.get(directory) ?? new Map<string, BaselineRow>();
    const agreedElsewhere = [...row.at].some(([key, recorded]) => !keys.includes(key) && !recorded.behind);
    siblings.set(nameOf(path), { kind: row.kind, at: keys.map((key) => row.at.get(key)), ...(agreedElsewhere ? { agreedElsewhere } : {}) });
    byDirectory.set(directory, siblings);
  }
  for (const path of [...byDirectory.keys()].sort(comparePaths)) {
    yield baselineDirectory(path, byDirectory.get(path) ?? new Map(), keys.length);
  }
}

function baselineDirectory(path: RelPath, unsorted: ReadonlyMap<string, BaselineRow>, rootCount: number): BaselineDirectory {
  const rows = new Map([...unsorted].sort(([a], [b]) => (a < b ? -1 : 1)));
  const all = [...rows.values()];
  const roots = Array.from({ length: rootCount }, (_, root) => root);
  const isAgreed = all.every((row) => row.at.every((recorded) => recorded !== undefined && recorded.behind !== true));
  const countOf = (root: number, counts: (row: BaselineRow) => boolean) => all.filter((row) => row.at[root] !== undefined && counts(row)).length;
  return {
    path,
    digests: isAgreed ? roots.map((root) => digestOf([...rows].map(([name, row]) => part(name, row, root)).join(''))) : undefined,
    fileCounts: roots.map((root) => countOf(root, (row) => row.kind !== 'directory')),
    entryCounts: roots.map((root) => countOf(root, () => true)),
    rows: () => rows,
  };
}

function part(name: string, row: BaselineRow, root: number): string {
  return digestPart(name, KIND_DIGIT[row.kind], row.kind === 'directory' ? '' : (row.at[root]?.revision ?? ''));
}
