import { readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { digestOf, digestPart } from '../../digest.ts';
import { joinPath, type RelPath } from '../../path.ts';
import { PrunedPaths } from '../../pruned-paths.ts';
import { isTransferName } from '../../scope.ts';
import { isVersionFolder, RECYCLE_FOLDER } from '../../version-name.ts';
import type { LinkNode, OtherNode } from '../../vfs.ts';
import { createWalkFilter, OUT_OF_SCOPE, type WalkFilter } from '../../walk-filter.ts';
import {
  ENTRY_DIRECTORY,
  ENTRY_FILE,
  ENTRY_HIDDEN,
  ENTRY_KILLED,
  ENTRY_LINK,
  ENTRY_OTHER,
  type VersionFolders,
  type WalkOptions,
} from '../../walk.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { lstatOf, modifiedMsOf, otherNodeOf, revisionOf } from './file-facts.ts';
import { followLink, identityOf, NOT_UTF8, readNames } from './list-directory.ts';
import { localError } from './local-error.ts';
import { isLeftover } from './leftover.ts';
import type { NameMaker } from './transfer-names.ts';

/** All that a walk needs to go on in another thread. */
export interface WalkState {
  readonly rootPath: string;
  readonly options: WalkOptions;
  readonly by: NameMaker;
  /** Directories to visit; the next one is last. */
  readonly pending: PendingDirectory[];
  readonly pruned: readonly RelPath[];
  /** Folders at the top that hold the old versions of all directories, each at its path. */
  readonly versionsAtTop: string[];
}
interface PendingDirectory {
  readonly path: RelPath;
  /** Only where links are followed: this directory and those above it. */
  readonly chain: Chain | undefined;
}
interface Chain {
  readonly identity: string;
  readonly above: Chain | undefined;
}

export function startOfWalk(rootPath: string, options: WalkOptions, by: NameMaker): WalkState {
  return { rootPath, options, by, pending: [{ path: '', chain: undefined }], pruned: [], versionsAtTop: [] };
}

/**
 * Reads a tree by synchronous calls, one directory a step, in the order of `comparePaths`. Paths are used as they are, since all that is learned here is a plan;
 * what is done later goes by opened directories (design.md section 5).
 */
export class TreeWalker {
  readonly #state: WalkState;
  readonly #filter: WalkFilter;
  readonly #pruned = new PrunedPaths();
  readonly #allPruned: RelPath[];
  readonly #follows: boolean;

  constructor(state: WalkState) {
    this.#state = { ...state, pending: [...state.pending], versionsAtTop: [...state.versionsAtTop] };
    this.#filter = createWalkFilter(state.options);
    this.#follows = state.options.scope.links === 'follow';
    this.#allPruned = [...state.pruned];
    for (const path of this.#allPruned) this.#pruned.add(path);
  }

  get state(): WalkState {
    return { ...this.#state, pruned: this.#allPruned };
  }

  prune(path: RelPath): void {
    this.#pruned.add(path);
    this.#allPruned.push(path);
  }

  /** Lists the next directory into `builder`; false at the end. */
  step(builder: ChunkBuilder): boolean {
    for (;;) {
      const next = this.#state.pending.pop();
      if (next === undefined) return false;
      if (this.#pruned.covers(next.path)) continue;
      builder.startDirectory();
      try {
        this.#list(next, builder);
      } catch (error) {
        builder.failDirectory(next.path, localError(error, next.path));
      }
      return true;
    }
  }

  #list({ path, chain }: PendingDirectory, builder: ChunkBuilder): void {
    const { rootPath, options } = this.#state;
    const { unseenVersions } = options;
    const prefix = path === '' ? rootPath : `${rootPath}/${path}`;
    const here = this.#follows ? this.#identify(prefix, chain) : undefined;
    const { names, misspelled } = readNames(prefix);
    const below: PendingDirectory[] = [];
    const leftovers: RelPath[] = [];
    let text: string | undefined = options.digests ? '' : undefined;
    for (const name of names) {
      if (isTransferName(name)) {
        if (isLeftover(prefix, path, name, this.#state.by)) leftovers.push(joinPath(path, name));
        continue;
      }
      if (unseenVersions !== undefined && isUnseen(path, name, unseenVersions)) {
        leftovers.push(...this.#leftoversIn(joinPath(path, name)));
        if (path === '' && (name === RECYCLE_FOLDER || `/${name}` === unseenVersions.folder)) this.#state.versionsAtTop.push(name);
        continue;
      }
      const found = misspelled?.has(name) ? NOT_UTF8 : this.#look(prefix, name, here);
      if (found === undefined) continue;
      const kind = this.#add(builder, path, name, found);
      if (kind === ENTRY_DIRECTORY) below.push({ path: joinPath(path, name), chain: here });
      if (kind === ENTRY_KILLED || kind === ENTRY_OTHER) text = undefined;
      else if (text !== undefined && kind !== ENTRY_HIDDEN) text += digestPart(name, kind, revisionFound(kind, found));
    }
    if (path !== '') for (const name of this.#state.versionsAtTop) leftovers.push(...this.#leftoversIn(joinPath(name, path)));
    builder.finishDirectory(path, text === undefined ? undefined : digestOf(text), leftovers);
    for (let i = below.length - 1; i >= 0; i--) this.#state.pending.push(below[i] as PendingDirectory);
  }

  /** Of a folder of old versions, which is not walked. */
  #leftoversIn(path: RelPath): RelPath[] {
    const prefix = `${this.#state.rootPath}/${path}`;
    if (lstatOf(prefix)?.isDirectory() !== true) return [];
    const names = readNames(prefix).names.filter((name) => isTransferName(name) && isLeftover(prefix, path, name, this.#state.by));
    return names.map((name) => joinPath(path, name));
  }

  /** What is at a name: its stats, or for a link and for what cannot be used, a node; undefined: nothing (any more). */
  #look(prefix: string, name: string, chain: Chain | undefined): BigIntStats | LinkNode | OtherNode | undefined {
    const at = `${prefix}/${name}`;
    const stats = lstatOf(at);
    if (stats === undefined) return name.includes('\uFFFD') ? NOT_UTF8 : undefined;
    if (!stats.isSymbolicLink()) return stats;
    if (!this.#follows) return { kind: 'link', target: readlinkSync(at), modifiedMs: modifiedMsOf(stats) };
    const { rootPath, options } = this.#state;
    const { noLinksTo = [] } = options;
    const followed = followLink(at, { rootPath, noLinksTo }, { has: (identity) => isInChain(chain, identity) });
    return 'kind' in followed ? followed : followed.stats;
  }

  #add(builder: ChunkBuilder, path: RelPath, name: string, found: BigIntStats | LinkNode | OtherNode): number {
    const kind = kindOf(found);
    const judged = this.#filter.judge(path, name, kind);
    if (judged === ENTRY_HIDDEN) {
      const reason = this.#filter.hiddenReason(path, name, kind);
      builder.add(name, judged, undefined, reason === OUT_OF_SCOPE ? undefined : { kind: 'other', reason });
    } else if ('kind' in found) builder.add(name, judged, undefined, found);
    else if (kind === ENTRY_OTHER) builder.add(name, judged, undefined, otherNodeOf(found));
    else builder.add(name, judged, kind === ENTRY_FILE ? found : undefined, undefined);
    return judged;
  }

  #identify(prefix: string, chain: Chain | undefined): Chain | undefined {
    const stats = lstatOf(`${prefix}/.`);
    return stats === undefined ? chain : { identity: identityOf(stats), above: chain };
  }
}

function isUnseen(directory: RelPath, name: string, { folder, caseSensitive }: VersionFolders): boolean {
  const here = folder?.startsWith('/') !== true ? folder : directory === '' ? folder.slice(1) : undefined;
  return isVersionFolder(name, { folder: here, caseSensitive });
}

function kindOf(found: BigIntStats | LinkNode | OtherNode): number {
  if ('kind' in found) return found.kind === 'link' ? ENTRY_LINK : ENTRY_OTHER;
  if (found.isFile()) return ENTRY_FILE;
  return found.isDirectory() ? ENTRY_DIRECTORY : ENTRY_OTHER;
}

function revisionFound(kind: number, found: BigIntStats | LinkNode | OtherNode): string {
  if ('kind' in found) return found.kind === 'link' ? found.target : '';
  return kind === ENTRY_FILE ? revisionOf(found) : '';
}

function isInChain(chain: Chain | undefined, identity: string): boolean {
  for (let at = chain; at !== undefined; at = at.above) if (at.identity === identity) return true;
  return false;
}
