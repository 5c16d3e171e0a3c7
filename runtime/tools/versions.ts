import { type OpenVersions, openVersions, type VersionedRoot, type VersionsUse } from '../project/roots/open-versions.ts';
import { type FoundBelow, listBelow } from '../vfs/below.ts';
import { removeVersions, type StoredVersion } from '../vfs/stored-versions.ts';
import type { RelPath } from '../vfs/path.ts';
import type { Entry } from '../vfs/vfs.ts';
import { isOfWholeRoot, VfsError } from '../vfs/vfs-error.ts';
import type { KeepRules } from '../vfs/version-rules.ts';
import { foldersOfThen } from './folders-of-then.ts';
import { type Judged, judgeHistory } from './prune-versions.ts';
import { type Choice, chooseVersion, copyPresent, makeFolders, type Restoring, restoreVersion } from './restore-versions.ts';
import { type Unmatched, unmatchedPatterns } from './unmatched-patterns.ts';
import { stateAt } from './version-as-of.ts';
import { compileWanted, type History, readHistories } from './version-history.ts';

export type { KeepRules, StoredVersion };

/** Old versions of which root, and of which of its paths. */
export interface VersionsOrder extends OpenVersions {
  /** Empty: all paths. */
  readonly patterns: readonly string[];
}

/** `failed`: the root cannot be opened or read; `message` needs no prefix. */
export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly message: string };

export interface ListedVersions extends Pick<VersionedRoot, 'mayUseBin'> {
  readonly histories: readonly History[];
  readonly unmatched: readonly Unmatched[];
}

/** Old versions by path; with `asOfMs` (ms since 1970) only the ones that were present then. */
export function listVersions(order: VersionsOrder, asOfMs: number | undefined): Promise<Outcome<ListedVersions>> {
  return withRoot(order, 'look', async (root) => {
    const { mayUseBin } = root;
    const histories = await readHistories(root, order);
    const unmatched = await unmatchedPatterns(root.keeping, order.patterns, histories);
    if (asOfMs === undefined) return { histories, unmatched, mayUseBin };
    const ofThen = histories.flatMap((history) => {
      const state = stateAt(history, asOfMs);
      return state.kind === 'version' ? [{ ...history, versions: [state.version] }] : [];
    });
    return { histories: ofThen, unmatched, mayUseBin };
  });
}

export interface RestoreOrder extends VersionsOrder {
  readonly choice: Choice;
  /** Another root URL or folder, made when missing, with absolute paths; undefined: back to where it was. */
  readonly to: string | undefined;
  readonly simulate: boolean;
}

/** What became of a path; `problem`: why it could not be restored. */
export type Restored = Restoring & { readonly problem?: string };

/** What a restore could not do, beside the problems of single paths. */
export interface RestoreEnd {
  readonly unmatched: readonly Unmatched[];
  /** A time was asked for of which nothing is known: it is before all that was there. */
  readonly isBeforeAll: boolean;
}

/** Each path is told when it is decided and done. What is overwritten is kept as a version, there as well as here. */
export function restoreVersions(order: RestoreOrder, tell: (restored: Restored) => Promise<void>): Promise<Outcome<RestoreEnd>> {
  const { patterns, choice, to: other, simulate } = order;
  return withRoot(order, simulate ? 'look' : other === undefined ? 'change' : 'read', async (root) => {
    const present = other !== undefined && choice.kind === 'asOf' ? await listBelow(root.keeping, '') : undefined;
    const histories = await readHistories(root, { patterns, present });
    const end = {
      unmatched: await unmatchedPatterns(root.keeping, patterns, histories),
      isBeforeAll: choice.kind === 'asOf' && (await isBeforeAll(root, { patterns, histories, atMs: choice.atMs })),
    };
    if (other === undefined) {
      await restoreAll(histories, order, { root, to: root }, tell);
      return end;
    }
    if (end.isBeforeAll) return end;
    const elsewhere = await withRoot({ ...order, url: other, isOfProject: false }, 'fill', async (to) => {
      const restored = await restoreAll(histories, order, { root, to }, tell);
      if (present !== undefined && !simulate) await makeAll(foldersOfThen(present, restored), order, { root, to }, tell);
    });
    if (elsewhere.kind === 'failed') throw new VfsError('unreachable', '', elsewhere.message);
    return end;
  });
}

export interface PruneEnd {
  readonly removed: number;
  readonly kept: number;
  readonly unmatched: readonly Unmatched[];
}

/** What is judged is told, version by version, before any of its path goes. */
export function pruneVersions(
  order: VersionsOrder & { readonly rules: KeepRules; readonly simulate: boolean },
  tell: (judged: Judged) => Promise<void>,
): Promise<Outcome<PruneEnd>> {
  return withRoot(order, order.simulate ? 'look' : 'change', async (root) => {
    let removed = 0;
    let kept = 0;
    const histories = await readHistories(root, order);
    for (const history of histories) {
      if (root.signal.aborted) break;
      const judged = judgeHistory(history, order.rules);
      const gone: StoredVersion[] = [];
      for (const each of judged) {
        await tell(each);
        if (each.reasons.length === 0) gone.push(each.version);
      }
      if (!order.simulate && gone.length > 0) await removeVersions(root.bare, gone, root);
      removed += gone.length;
      kept += judged.length - gone.length;
    }
    return { removed, kept, unmatched: await unmatchedPatterns(root.keeping, order.patterns, histories) };
  });
}

interface Ends {
  readonly root: VersionedRoot;
  /** Where the versions are put: the same or another root. */
  readonly to: VersionedRoot;
}

async function restoreAll(
  histories: readonly History[],
  { choice, simulate }: RestoreOrder,
  { root, to }: Ends,
  tell: (restored: Restored) => Promise<void>,
): Promise<readonly Restored[]> {
  const all: Restored[] = [];
  const isElsewhere = to !== root;
  for (const history of histories) {
    if (root.signal.aborted) break;
    // Elsewhere what is present here is of no account, but for what was present then.
    const chosen = chooseVersion(isElsewhere && choice.kind !== 'asOf' ? { ...history, present: undefined } : history, choice);
    const plan = isElsewhere && chosen.kind === 'restore' ? { ...chosen, replaces: false } : chosen;
    const problem = simulate ? undefined : await attempt(() => carryOut(plan, history, { root, to }));
    const restored = { ...plan, ...(problem === undefined ? {} : { problem }) };
    all.push(restored);
    await tell(restored);
  }
  return all;
}

/** Only folders that cannot be made are told. */
async function makeAll(
  folders: readonly RelPath[],
  { patterns }: VersionsOrder,
  { root, to }: Ends,
  tell: (restored: Restored) => Promise<void>,
): Promise<void> {
  const isWanted = compileWanted(patterns, root.keeping.traits.caseSensitive);
  for (const path of folders.filter(isWanted)) {
    const problem = await attempt(() => makeFolders(to.keeping, path));
    if (problem !== undefined) await tell({ path, kind: 'same', problem });
  }
}

interface PastQuery {
  readonly patterns: readonly string[];
  readonly histories: readonly History[];
  readonly atMs: number;
}

/** Whether nothing was there then; what has no old version is looked at only when nothing else was. */
async function isBeforeAll(root: VersionedRoot, { patterns, histories, atMs }: PastQuery): Promise<boolean> {
  const was = (history: History) => stateAt(history, atMs).kind !== 'nothing';
  if (histories.some(was)) return false;
  const present: FoundBelow = await listBelow(root.keeping, '');
  return !(await readHistories(root, { patterns, present })).some(was);
}

async function carryOut(plan: Restoring, { path, present }: History, { root, to }: Ends): Promise<void> {
  if (plan.kind === 'restore' && to === root && root.asStored !== undefined) await restoreAsStored(plan, present, root);
  else if (plan.kind === 'restore') await restoreVersion({ from: root.seen, to: to.keeping }, path, plan.version);
  else if (plan.kind === 'same' && to !== root && present !== undefined) await copyPresent({ from: root.keeping, to: to.keeping }, path, present);
}

/** A file comes back without being decoded, so that neither a program nor a key is needed for it. */
async function restoreAsStored({ path, version }: Restoring & { readonly kind: 'restore' }, present: Entry | undefined, root: VersionedRoot) {
  const { bare: from, keeping, asStored } = root;
  if (version.entry.kind === 'link' || asStored === undefined) return restoreVersion({ from, to: keeping }, path, version);
  if (present !== undefined && present.kind !== 'file')
    throw new VfsError('wrong-kind', path, `a ${present.kind} is there now; move it away, or restore to another folder (--to)`);
  await restoreVersion({ from, to: asStored.keeping }, asStored.path(path), { ...version, readAs: version.stored });
}

async function attempt(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof VfsError) || isOfWholeRoot(error.code)) throw error;
    return error.message;
  }
}

async function withRoot<T>(order: VersionsOrder, use: VersionsUse, act: (root: VersionedRoot) => Promise<T>): Promise<Outcome<T>> {
  const opened = await openVersions(order, use);
  if (opened.kind === 'failed') return opened;
  try {
    try {
      return { kind: 'done', value: await act(opened.root) };
    } finally {
      await opened.root.close();
    }
  } catch (error) {
    if (!(error instanceof VfsError)) throw error;
    return { kind: 'failed', message: error.path === '' ? error.message : `${error.path}: ${error.message}` };
  }
}
