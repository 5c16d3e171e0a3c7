import { decideFile } from './decide-file.ts';
import { decideKind, type SeenNode } from './decide-kind.ts';
import { seen, type SeenFile } from './equal.ts';
import {
  childrenOf,
  GONE,
  makeParents,
  newVersion,
  removeBelow,
  type ModelDatabase,
  type ModelFile,
  type ModelNode,
  type ModelOptions,
  type ModelOutcome,
  type ModelRow,
  type ModelTree,
} from './state.ts';

/**
 * What semantics.md, sections 1 to 4, says a run makes of small trees: path by path, as naively as it can be written.
 * Changes `trees` and `database` to what they are after the run. Files fewer than ten are affected, so of the guard only the emptied root counts.
 */
export function modelRun(trees: ModelTree[], database: ModelDatabase, options: ModelOptions): ModelOutcome {
  const run = new ModelRun(trees, database, options);
  if (run.isGuarded()) return { collisions: [], kept: [], guarded: true };
  run.visitChildren('');
  if (options.syncDb) for (const root of trees.keys()) database.joined.add(root);
  return { collisions: run.collisions.sort(), kept: run.kept.sort(), guarded: false };
}

class ModelRun {
  readonly collisions: string[] = [];
  readonly kept: string[] = [];
  /**
   * What stays on some roots without being needed on the others: old files, collisions, directories that only hold such or something out of scope,
   * with `lazyMkdir` directories without files.
   */
  private readonly lingering = new Set<string>();
  private readonly next: ModelTree[];
  private readonly before: ModelTree[];
  private readonly rowsBefore: ReadonlyMap<string, ModelRow>;
  private readonly rows: Map<string, ModelRow>;
  private readonly joined: ReadonlySet<number>;
  private readonly options: ModelOptions;
  private readonly roots: readonly number[];

  constructor(trees: ModelTree[], database: ModelDatabase, options: ModelOptions) {
    this.next = trees;
    this.before = trees.map((tree) => new Map(tree));
    this.rows = database.rows;
    this.rowsBefore = new Map(database.rows);
    this.joined = new Set(database.joined);
    this.options = options;
    this.roots = trees.map((_, root) => root);
  }

  /** "a known root (database) that had two or more entries in scope now has none" */
  isGuarded(): boolean {
    return (
      this.options.syncDb &&
      this.roots.some((root) => {
        const had = [...this.rowsBefore.values()].filter((row) => (row.at.get(root) ?? GONE) !== GONE).length;
        const has = [...(this.before[root] ?? [])].filter(([path, node]) => this.isInScope(path, node)).length;
        return had >= 2 && has === 0;
      })
    );
  }

  visitChildren(directory: string): void {
    this.kill(directory);
    const paths = new Set([...this.before.flatMap((tree) => childrenOf(tree, directory)), ...childrenOf(this.rowsBefore, directory)]);
    for (const path of [...paths].sort()) this.visit(path);
  }

  private visit(path: string): void {
    const at = this.before.map((tree, root) => this.seen(path, root, tree.get(path)));
    const kinds = new Set(at.flatMap((node) => (node === undefined ? [] : [node.kind])));
    if (kinds.size > 1) this.visitMixed(path, at);
    else if (kinds.has('directory')) this.visitDirectory(path, at);
    else this.visitFile(path, at as (SeenFile | undefined)[]);
  }

  /** "Files removed in every root at each run". Question: below a collision too? Chosen: no, nothing happens there. */
  private kill(directory: string): void {
    for (const tree of [...this.next, ...this.before]) {
      for (const path of childrenOf(tree, directory)) if (this.isKilled(path) && tree.get(path)?.kind === 'file') tree.delete(path);
    }
  }

  private seen(path: string, root: number, node: ModelNode | undefined): SeenNode | undefined {
    const there = this.visible(path, node);
    return there?.kind === 'file' ? seen(there, this.options.sight[root] ?? { times: true, sizes: true }) : there;
  }

  /** Out of scope is as if it were not there. */
  private visible(path: string, node: ModelNode | undefined): ModelNode | undefined {
    return node !== undefined && this.isInScope(path, node) ? node : undefined;
  }

  private isInScope(path: string, node: ModelNode): boolean {
    const suffix = this.options.excludeSuffix;
    return !(node.kind === 'file' && ((suffix !== undefined && path.endsWith(suffix)) || this.isKilled(path)));
  }

  private isKilled(path: string): boolean {
    return this.options.killSuffix !== undefined && path.endsWith(this.options.killSuffix);
  }

  private visitFile(path: string, at: readonly (SeenFile | undefined)[]): void {
    const row = this.options.syncDb ? this.rowsBefore.get(path) : undefined;
    if (at.every((node) => node === undefined) && row?.kind === 'directory') return this.visitDirectory(path, at);
    const verdict = decideFile({ at, row, joined: this.joined, options: this.options });
    if (verdict.verdict === 'collision') this.collide(path);
    else if (verdict.verdict === 'left-alone') this.lingering.add(path);
    else if (verdict.verdict === 'remove') {
      for (const root of verdict.from) this.tree(root).delete(path);
      this.keep(path, verdict.kept);
      this.forgetWhereGone(path);
    } else if (verdict.verdict === 'agree') {
      for (const root of verdict.copyTo) this.copy(path, verdict.master, root);
      this.keep(path, verdict.kept);
      this.recordFile(path, verdict.kept);
      if (row?.kind === 'directory') this.forgetBelow(path);
    }
  }

  /** Question: does `'newest'` settle it between sources where a directory of a mirror would have to go? Chosen: no, as with any file against a directory. */
  private clashes(at: readonly (SeenFile | undefined)[], row: ModelRow | undefined): boolean {
    return decideFile({ at, row, joined: this.joined, options: { ...this.options, onCollision: 'report' } }).verdict === 'collision';
  }

  private visitMixed(path: string, at: readonly (SeenNode | undefined)[]): void {
    const sources = this.roots.filter((root) => this.options.targetOnly[root] !== true && at[root] !== undefined);
    if (sources.length === 0) return this.visitOrphans(path, at);
    const row = this.options.syncDb ? this.rowsBefore.get(path) : undefined;
    if (this.isTooOld(sources.map((root) => at[root] as SeenNode))) return this.leaveAlone(path, at);
    if (
      this.wasRemoved(
        path,
        sources.map((root) => at[root] as SeenNode),
      )
    )
      return this.removeMixed(path, at);
    const verdict = decideKind({ path, at, row, rows: this.rowsBefore, joined: this.joined, trees: this.before, options: this.options });
    if (verdict === undefined) return this.collide(path);
    const master = at[verdict.master] as SeenNode;
    const now = at.map((node) => (node?.kind === master.kind ? node : undefined));
    if (master.kind === 'file' && this.clashes(now as (SeenFile | undefined)[], row)) return this.collide(path);
    if (this.isTooOld([master])) return this.leaveAlone(path, []);
    for (const root of verdict.replaceOn) {
      removeBelow(this.tree(root), path);
      removeBelow(this.before[root] as ModelTree, path);
      this.tree(root).delete(path);
    }
    if (master.kind === 'file' || row?.kind !== 'directory') this.forgetBelow(path);
    if (master.kind === 'file') {
      this.visitFile(path, now as (SeenFile | undefined)[]);
    } else {
      for (const root of verdict.replaceOn) this.tree(root).set(path, { kind: 'directory' });
      this.visitDirectory(path, now);
    }
  }

  /** Target-only roots hold things of different kinds, and no source has any: `mirror` removes them all. */
  private visitOrphans(path: string, at: readonly (SeenNode | undefined)[]): void {
    if (!this.options.mirror) return this.visitChildren(path);
    for (const root of this.roots) if (at[root]?.kind === 'file') this.tree(root).delete(path);
    this.visitDirectory(
      path,
      at.map((node) => (node?.kind === 'directory' ? node : undefined)),
    );
  }

  /** All sources hold a file, and the newest is older than `newerThan`. */
  private isTooOld(held: readonly SeenNode[]): boolean {
    const limit = this.options.newerThan;
    return limit !== undefined && held.every((node) => node.kind === 'file' && (node.time ?? Infinity) < limit);
  }

  /** The sources agree on the recorded kind, unchanged where they have it, and one of them removed it: only target-only roots hold something else, which `mirror` removes, and beside which a file can go. */
  private wasRemoved(path: string, held: readonly SeenNode[]): boolean {
    const row = this.rowsBefore.get(path);
    const isSource = (root: number) => this.options.targetOnly[root] !== true;
    const isRecorded = (root: number) => (row?.at.get(root) ?? GONE) !== GONE;
    const gone = this.roots.filter((root) => isSource(root) && isRecorded(root) && !this.before[root]?.has(path));
    const isUnchanged = (node: SeenNode) => node.kind === row?.kind && (node.kind === 'directory' || [...row.at.values()].includes(node.version));
    const isLeaf = row?.kind === 'file' || this.options.mirror;
    return this.options.syncRemove && isLeaf && gone.length > 0 && held.every(isUnchanged);
  }

  /** The removal is carried out where the recorded kind is; a target-only root's own thing stays, with `mirror` it is an orphan. */
  private removeMixed(path: string, at: readonly (SeenNode | undefined)[]): void {
    const kind = this.rowsBefore.get(path)?.kind;
    const ofKind = (wanted: string) => at.map((node) => (node?.kind === wanted && (wanted === kind || this.options.mirror) ? node : undefined));
    this.visitFile(path, ofKind('file') as (SeenFile | undefined)[]);
    if (ofKind('directory').some((node) => node !== undefined)) this.visitDirectory(path, ofKind('directory'));
  }

  /** Question: what of things below, on a target-only root that has a directory there? Chosen: they are paths of their own, orphans. */
  private leaveAlone(path: string, at: readonly (SeenNode | undefined)[]): void {
    this.lingering.add(path);
    if (at.some((node) => node?.kind === 'directory')) this.visitChildren(path);
  }

  private visitDirectory(path: string, at: readonly (SeenNode | undefined)[]): void {
    this.visitChildren(path);
    const sources = this.roots.filter((root) => this.options.targetOnly[root] !== true);
    const row = this.options.syncDb && this.rowsBefore.get(path)?.kind === 'directory' ? this.rowsBefore.get(path) : undefined;
    const isOnSource = sources.some((root) => at[root] !== undefined);
    const isMadeAgain = sources.some((root) => at[root] !== undefined && row !== undefined && (row.at.get(root) ?? GONE) === GONE);
    const isGone = this.options.syncRemove && !isMadeAgain && sources.some((root) => at[root] === undefined && row?.at.get(root) !== undefined);
    const isNeeded = sources.some((root) => this.neededBelow(root, path).length > 0);
    if (isNeeded || (isOnSource && !isGone)) {
      for (const root of this.roots) if (!this.options.lazyMkdir) this.makeDirectory(path, root);
      this.recordDirectory(path);
      if (this.options.lazyMkdir && !isNeeded) this.lingering.add(path);
      return;
    }
    for (const root of this.roots) {
      const isTarget = this.options.targetOnly[root] === true;
      if (isGone || (isTarget && this.options.mirror && !isOnSource)) this.removeIfEmpty(path, root);
    }
    if (isGone && this.roots.some((root) => this.tree(root).has(path))) {
      this.lingering.add(path);
      this.rows.set(path, { kind: 'directory', at: new Map(this.roots.map((root) => [root, this.tree(root).has(path) ? 0 : GONE])) });
      return;
    }
    this.rows.delete(path);
  }

  private removeIfEmpty(path: string, root: number): void {
    if (this.tree(root).get(path)?.kind === 'directory' && childrenOf(this.tree(root), path).length === 0) this.tree(root).delete(path);
  }

  private neededBelow(root: number, path: string): string[] {
    const tree = this.tree(root);
    return childrenOf(tree, path).filter((child) => this.visible(child, tree.get(child)) !== undefined && !this.lingering.has(child));
  }

  private makeDirectory(path: string, root: number): void {
    makeParents(this.tree(root), path);
    if (!this.tree(root).has(path)) this.tree(root).set(path, { kind: 'directory' });
  }

  private copy(path: string, from: number, to: number): void {
    const source = this.before[from]?.get(path) as ModelFile;
    makeParents(this.tree(to), path);
    const time = this.options.sight[from]?.times === false ? undefined : source.time;
    this.tree(to).set(path, { ...source, time, version: newVersion() });
  }

  /** Nothing is done at or below. Question: are rows below forgotten where no root has a directory any more? Chosen: yes, as anywhere else. */
  private collide(path: string): void {
    this.collisions.push(path);
    this.lingering.add(path);
    if (!this.before.some((tree) => tree.get(path)?.kind === 'directory')) this.forgetBelow(path);
  }

  private keep(path: string, roots: readonly number[]): void {
    for (const root of roots) this.kept.push(`${path}@${root}`);
  }

  private recordFile(path: string, kept: readonly number[]): void {
    const at = new Map<number, number>();
    for (const root of this.roots) {
      const node = this.tree(root).get(path);
      const old = this.rowsBefore.get(path)?.at.get(root);
      if (kept.includes(root)) {
        if (old !== undefined) at.set(root, old);
      } else if (node?.kind === 'file') at.set(root, node.version);
    }
    this.rows.set(path, { kind: 'file', at });
  }

  private recordDirectory(path: string): void {
    const holders = this.roots.filter((root) => this.tree(root).get(path)?.kind === 'directory');
    this.rows.set(path, { kind: 'directory', at: new Map(holders.map((root) => [root, 0])) });
  }

  /** "At the end of the last successful action": a root on which the file is gone had none then. */
  private forgetWhereGone(path: string): void {
    const row = this.rows.get(path);
    const holders = [...(row?.at ?? [])].filter(([root]) => this.tree(root).has(path));
    if (row === undefined || holders.length === 0) this.rows.delete(path);
    else this.rows.set(path, { ...row, at: new Map(holders) });
  }

  private forgetBelow(path: string): void {
    for (const each of [...this.rows.keys()]) if (each.startsWith(`${path}/`)) this.rows.delete(each);
  }

  private tree(root: number): ModelTree {
    return this.next[root] as ModelTree;
  }
}
