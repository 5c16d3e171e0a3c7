import assert from 'node:assert/strict';
import { Clock } from '../kit/clock.ts';
import type { OwnFiles } from '../../runtime/engine/sync-run.ts';
import type { World } from '../kit/faulty-vfs.ts';
import { MemoryDatabase } from '../kit/memory-baseline.ts';
import { MemoryVfs, type MemoryVfsOptions } from '../kit/memory-vfs.ts';
import { syncTrees, type TreeOptions, type TreesEnd, type TreesRun } from '../kit/run.ts';
import { file, type FileLiteral, put, snapshot, type Tree } from '../kit/tree.ts';

export interface StoryOptions extends TreeOptions {
  /** Keep a database. `syncRemove` implies it. */
  readonly syncDb?: boolean;
}
export interface RootSetup {
  readonly tree: Tree;
  readonly targetOnly?: boolean;
  readonly innerRoots?: readonly string[];
  /** What the run lives from. */
  readonly ownFiles?: OwnFiles;
  readonly traits?: MemoryVfsOptions['traits'];
}

/** Marks a root as target-only. */
export function target(tree: Tree, more: Omit<RootSetup, 'tree'> = {}): RootSetup {
  return { ...more, tree: { ...tree }, targetOnly: true };
}

/** 2024-03-DAY, midnight UTC: days apart are never within a tolerance. */
export function day(number: number): string {
  return `2024-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;
}

/** A file with a time. */
export function at(content: string, modified: string): FileLiteral {
  return file(content, { modified });
}

/** Files that never change, so that no guard about shares or emptied roots comes in. */
export const ballast: Tree = { k1: '1', k2: '2', k3: '3' };

/** Trees, a database, a clock, and runs over them. */
export class Story {
  readonly vfs: MemoryVfs[] = [];
  readonly database = new MemoryDatabase();
  readonly clock = new Clock();
  private readonly setups: RootSetup[] = [];
  private readonly options: StoryOptions;

  constructor(options: StoryOptions) {
    this.options = options;
  }

  async addRoot(setup: RootSetup): Promise<MemoryVfs> {
    const vfs = new MemoryVfs({
      label: `root ${this.vfs.length}`,
      now: this.clock.now,
      ...(setup.traits === undefined ? {} : { traits: setup.traits }),
    });
    this.vfs.push(vfs);
    this.setups.push(setup);
    await put(vfs, setup.tree);
    return vfs;
  }

  /** Runs over all roots, or those named by `only`, with the story's options and more. */
  async sync(more: StoryOptions = {}, as: Partial<TreesRun> & { only?: readonly number[]; world?: World } = {}): Promise<TreesEnd> {
    const { only, ...rest } = as;
    const options = { ...this.options, ...more };
    const indices = only ?? this.vfs.map((_, index) => index);
    const roots = indices.map((index) => {
      const setup = this.setups[index] as RootSetup;
      const { targetOnly = false, innerRoots = [], ownFiles = new Map() } = setup;
      return { vfs: this.vfs[index] as MemoryVfs, targetOnly, innerRoots, ownFiles };
    });
    const withDatabase = options.syncDb === true || options.syncRemove === true;
    return syncTrees({ roots, options, ...(withDatabase ? { database: this.database } : {}), ...rest });
  }

  /** Every root holds exactly its tree. */
  async holds(...trees: readonly Tree[]): Promise<void> {
    assert.deepEqual(await Promise.all(this.vfs.map((vfs) => snapshot(vfs))), trees);
  }

  /** All roots hold this tree. */
  async allHold(tree: Tree): Promise<void> {
    await this.holds(...this.vfs.map(() => tree));
  }

  /** A run has nothing to do, nothing to ask and nothing to complain about. */
  async isIdle(more: StoryOptions = {}): Promise<void> {
    const end = await this.sync(more);
    assert.deepEqual(
      { lines: end.lines, collisions: end.collisions, problems: end.problems, end: end.end },
      { lines: [], collisions: [], problems: [], end: 'finished' },
    );
  }
}

/** Puts one tree on each root; a plain tree is a source. */
export async function story(options: StoryOptions, ...roots: readonly (Tree | RootSetup)[]): Promise<Story> {
  const told = new Story(options);
  for (const root of roots) await told.addRoot(isSetup(root) ? root : { tree: root });
  return told;
}

/** The same after one run over it, so that a database knows the trees. */
export async function synced(options: StoryOptions, ...roots: readonly (Tree | RootSetup)[]): Promise<Story> {
  const told = await story(options, ...roots);
  const end = await told.sync();
  assert.equal(end.end, 'finished');
  assert.deepEqual(end.collisions, []);
  return told;
}

/** A clean end: everything done, nothing left to ask. */
export function isClean(end: TreesEnd): void {
  assert.deepEqual({ end: end.end, collisions: end.collisions, problems: end.problems }, { end: 'finished', collisions: [], problems: [] });
}

function isSetup(root: Tree | RootSetup): root is RootSetup {
  return typeof root['tree'] === 'object' && root['tree'] !== null && !('kind' in root['tree']);
}
