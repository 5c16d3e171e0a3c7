import { createHash } from 'node:crypto';
import type { RelPath } from '../vfs/path.ts';
import { comparePaths } from '../vfs/path.ts';
import type { Expected } from '../vfs/vfs.ts';
import type { ActionOp } from './events.ts';
import type { Held, Row } from './row.ts';

/** One thing done on one root. */
export interface Step {
  readonly op: ActionOp;
  readonly to: number;
  readonly reason: string;
  /** What must be at the path on that root right before; for a move, at the path it comes from. */
  readonly expected: Expected;
  /** For moves: where it comes from. */
  readonly movedFrom?: RelPath;
  /** For a removal that a move carries out: the change that moves it away. Nothing is left to be done then. */
  readonly movedBy?: Change;
}

/** All that happens at one path. `kind` is what is there afterwards, or what is removed. */
export interface Change {
  readonly path: RelPath;
  readonly kind: 'file' | 'directory' | 'link';
  readonly row: Row;
  /** The root whose version is brought to the others; undefined for removals. */
  readonly from: number | undefined;
  /** Where `from` has it; differs from `path` only for the second name of `keepBoth`. */
  readonly sourcePath: RelPath;
  steps: Step[];
  /** Roots that are left as they are although they differ; the database keeps what it knew of them. */
  readonly kept: readonly number[];
  /** All of them must have succeeded before this is begun. */
  readonly after?: readonly Change[];
  /** For a directory that a leaf replaces: what is known to be below it and goes with it, by path in the order of the march, per root. */
  readonly below?: ReadonlyMap<number, ReadonlyMap<RelPath, Below>>;
}

/** `version`: a file's revision, a link's target, `''` for a directory. */
export interface Below {
  readonly kind: 'file' | 'directory' | 'link';
  readonly version: string;
}

/** What a run is going to do. Leaves and removals are in the order of the march, directory by directory: the same for the same trees. */
export interface Plan {
  /** Parents before children. */
  readonly directories: readonly Change[];
  readonly leaves: readonly Change[];
  readonly removals: readonly Change[];
  /** Children before parents. */
  readonly directoryRemovals: readonly Change[];
}

export function planOf(changes: readonly Change[]): Plan {
  const directories: Change[] = [];
  const leaves: Change[] = [];
  const removals: Change[] = [];
  const directoryRemovals: Change[] = [];
  for (const change of changes) {
    if (change.kind === 'directory') (change.from === undefined ? directoryRemovals : directories).push(change);
    else (change.from === undefined ? removals : leaves).push(change);
  }
  return {
    directories: directories.sort(byPath),
    leaves: inDependencyOrder(leaves),
    removals,
    directoryRemovals: directoryRemovals.sort(byPath).reverse(),
  };
}

export function allChanges(plan: Plan): Change[] {
  return [...plan.directories, ...plan.leaves, ...plan.removals, ...plan.directoryRemovals];
}

function byPath(a: Change, b: Change): number {
  return comparePaths(a.path, b.path);
}

/** What another change waits for comes right before it. */
function inDependencyOrder(changes: readonly Change[]): readonly Change[] {
  if (changes.every((change) => change.after === undefined)) return changes;
  const awaited = new Set(changes.flatMap((change) => change.after ?? []));
  return [...new Set(changes.filter((change) => !awaited.has(change)).flatMap((change) => [...precursors(change), change]))];
}

function precursors(change: Change): readonly Change[] {
  return (change.after ?? []).flatMap((before) => [...precursors(before), before]);
}

/** Names exactly this plan: the same steps on the same versions give the same id, any other plan another. */
export function planIdOf(plan: Plan): string {
  const hash = createHash('sha256');
  for (const { path, from, sourcePath, steps, row, below } of allChanges(plan)) {
    const source = from === undefined ? undefined : versionOf(row.at[from]);
    const gone = [...(below ?? [])].map(([root, entries]) => [root, ...[...entries].map(([at, { version }]) => [at, version])]);
    hash.update(
      JSON.stringify([path, from, sourcePath, source, steps.map(({ op, to, expected, movedFrom }) => [op, to, expected, movedFrom]), gone]),
    );
  }
  return hash.digest('hex').slice(0, 12);
}

/** Bytes that one step of the change writes. */
export function sizeOf(change: Change): number {
  const held = change.from === undefined ? undefined : change.row.at[change.from];
  return held?.kind === 'file' ? (held.size ?? 0) : 0;
}

export function versionOf(held: Held | undefined): string | undefined {
  return held?.kind === 'file' ? held.revision : held?.kind === 'link' ? held.target : held?.kind;
}
