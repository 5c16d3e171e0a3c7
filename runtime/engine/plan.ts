import { createHash } from 'node:crypto';
import type { RelPath } from '../vfs/path.ts';
import { comparePaths, joinPath } from '../vfs/path.ts';
import { type Expected, NOTHING } from '../vfs/vfs.ts';
import type { ActionOp } from './events.ts';
import type { NewFiles } from './new-files.ts';
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
  readonly leaves: readonly (Change | NewFiles)[];
  readonly removals: readonly Change[];
  /** Children before parents. */
  readonly directoryRemovals: readonly Change[];
}

/** `arrivals` stand where so many of `changes` were found before them. */
export function planOf(changes: readonly Change[], arrivals: readonly Arrivals[]): Plan {
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
    leaves: arrivals.length === 0 ? inDependencyOrder(leaves) : withArrivals(changes, leaves, arrivals),
    removals,
    directoryRemovals: directoryRemovals.sort(byPath).reverse(),
  };
}

/** Files that are new, and after how many other changes they were found. */
export interface Arrivals {
  readonly files: NewFiles;
  readonly after: number;
}

/** All of it in order, new files together. */
export function* itemsOf(plan: Plan): Generator<Change | NewFiles> {
  yield* plan.directories;
  yield* plan.leaves;
  yield* plan.removals;
  yield* plan.directoryRemovals;
}

export function* allChanges(plan: Plan): Generator<Change> {
  for (const item of itemsOf(plan)) {
    if (item.kind !== 'new-files') yield item;
    else for (let at = 0; at < item.names.length; at++) yield changeOf(item, at);
  }
}

/** The change that one of the new files is. */
export function changeOf(files: NewFiles, at: number): Change {
  const { from } = files;
  const path = joinPath(files.directory, files.names[at] as string);
  const held = Array.from({ length: files.rootCount }, (_, root) => (root === from ? files.file(at) : undefined));
  const steps = files.to.map((to): Step => ({ op: 'copy', to, reason: NEW_FILE, expected: NOTHING }));
  return { path, kind: 'file', row: { path, at: held, baseline: undefined }, from, sourcePath: path, steps, kept: [] };
}
export const NEW_FILE = 'missing';

/** As if each of the new files had been a change of its own from the start. */
export function unpacked(changes: readonly Change[], arrivals: readonly Arrivals[]): Change[] {
  const all: Change[] = [];
  let next = 0;
  for (const { files, after } of arrivals) {
    while (next < after) all.push(changes[next++] as Change);
    for (let at = 0; at < files.names.length; at++) all.push(changeOf(files, at));
  }
  return [...all, ...changes.slice(next)];
}

/** Only where no leaf waits for another. */
function withArrivals(changes: readonly Change[], leaves: readonly Change[], arrivals: readonly Arrivals[]): (Change | NewFiles)[] {
  const all: (Change | NewFiles)[] = [];
  const isLeaf = new Set(leaves);
  let next = 0;
  for (const { files, after } of arrivals) {
    for (; next < after; next++) if (isLeaf.has(changes[next] as Change)) all.push(changes[next] as Change);
    all.push(files);
  }
  return [...all, ...changes.slice(next).filter((change) => isLeaf.has(change))];
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
  for (const change of allChanges(plan)) hash.update(essenceOf(change));
  return hash.digest('hex').slice(0, 12);
}

/** Names exactly this change, in whatever plan it stands. */
export function changeIdOf(change: Change): string {
  return createHash('sha256').update(essenceOf(change)).digest('hex').slice(0, 24);
}

/** What is done, on which versions. */
function essenceOf({ path, from, sourcePath, steps, row, below }: Change): string {
  const source = from === undefined ? undefined : versionOf(row.at[from]);
  const gone = [...(below ?? [])].map(([root, entries]) => [root, ...[...entries].map(([at, { version }]) => [at, version])]);
  return JSON.stringify([path, from, sourcePath, source, steps.map(({ op, to, expected, movedFrom }) => [op, to, expected, movedFrom]), gone]);
}

/** Bytes that one step of the change writes. */
export function sizeOf(change: Change): number {
  const held = change.from === undefined ? undefined : change.row.at[change.from];
  return held?.kind === 'file' ? (held.size ?? 0) : 0;
}

export function versionOf(held: Held | undefined): string | undefined {
  return held?.kind === 'file' ? held.revision : held?.kind === 'link' ? held.target : held?.kind;
}
