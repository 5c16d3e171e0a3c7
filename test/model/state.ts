/** The model's own picture of trees: path → node, every directory spelled out. Nothing here is shared with the engine. */
export type ModelNode = ModelFile | { readonly kind: 'directory' };
export interface ModelFile {
  readonly kind: 'file';
  readonly content: string;
  /** undefined: it came from a root that shows none, so that it is when it was written; `play` looks it up. */
  readonly time: number | undefined;
  /** Every writing of a file gives a new one; a move keeps it. Stands for "the back end's own revision". */
  readonly version: number;
}
export type ModelTree = Map<string, ModelNode>;

/** What a root had at a path at the end of the last successful action there: a file's version, 0 for a directory. */
export interface ModelRow {
  readonly kind: 'file' | 'directory';
  readonly at: ReadonlyMap<number, number>;
}
/** In the row of a directory that stays on some roots: this root gave it up. */
export const GONE = -1;
export interface ModelDatabase {
  readonly rows: Map<string, ModelRow>;
  readonly joined: Set<number>;
}

/** What a root shows of its files. */
export interface Sight {
  readonly times: boolean;
  readonly sizes: boolean;
}

export interface ModelOptions {
  /** By root. */
  readonly targetOnly: readonly boolean[];
  /** By root. */
  readonly sight: readonly Sight[];
  readonly syncDb: boolean;
  readonly syncRemove: boolean;
  readonly mirror: boolean;
  readonly onCollision: 'report' | 'newest';
  readonly compare: 'time' | 'size' | 'content';
  readonly evenTime: boolean;
  readonly lazyMkdir: boolean;
  readonly newerThan: number | undefined;
  /** Suffix of files that are out of scope, such as `.tmp`. */
  readonly excludeSuffix: string | undefined;
  /** Suffix of files removed everywhere. */
  readonly killSuffix: string | undefined;
}

export interface ModelOutcome {
  /** Paths of unresolved collisions, sorted. */
  readonly collisions: readonly string[];
  /** `path@root` where a target-only root keeps something newer, sorted. */
  readonly kept: readonly string[];
  readonly guarded: boolean;
}

let versions = 0;

export function newVersion(): number {
  return ++versions;
}

export function parentPath(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

export function childrenOf(tree: ReadonlyMap<string, unknown>, path: string): string[] {
  return [...tree.keys()].filter((each) => parentPath(each) === path);
}

export function removeBelow(tree: Map<string, unknown>, path: string): void {
  for (const each of [...tree.keys()]) if (each.startsWith(`${path}/`)) tree.delete(each);
}

export function makeParents(tree: ModelTree, path: string): void {
  for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
    if (!tree.has(parent)) tree.set(parent, { kind: 'directory' });
  }
}
