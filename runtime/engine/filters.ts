import type { FilterEntry, FilterVerdict } from '../../sdk/project.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import { compileScope } from '../vfs/scope.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_LINK, type Walk } from '../vfs/walk.ts';
import { createWalkFilter } from '../vfs/walk-filter.ts';
import type { View } from './march.ts';
import type { Held } from './row.ts';
import { eachName, heldAt } from './rows.ts';
import { sightingOf } from './sighting.ts';
import type { FilterBatch, Rules } from './sync-run.ts';

/** A view with the callbacks' verdicts: names that are out although the walk listed them. */
export interface JudgedView extends View {
  readonly filesOut: ReadonlySet<string> | undefined;
  readonly directoriesOut: ReadonlySet<string> | undefined;
}

/** Neither the patterns nor a callback took the entry out. One to be killed is in scope. */
export function isInScope(view: JudgedView, root: number, index: number): boolean {
  const listing = view.listings[root];
  switch (listing?.kind(index)) {
    case ENTRY_HIDDEN:
      return false;
    case ENTRY_FILE:
    case ENTRY_LINK:
      return view.filesOut?.has(listing.names()[index] ?? '') !== true;
    case ENTRY_DIRECTORY:
      return view.directoriesOut?.has(listing.names()[index] ?? '') !== true;
    default:
      return true;
  }
}

/** What a callback took out of scope is an obstacle like any other hidden thing: `at` and `kinds` (by root) then say so. */
export function hideFilteredOut(at: (Held | undefined)[], kinds: (number | undefined)[], view: JudgedView, name: string): void {
  for (const [root, held] of at.entries()) {
    if (held === undefined || held.kind === 'other' || kinds[root] === ENTRY_KILLED) continue;
    const out = held.kind === 'directory' ? view.directoriesOut?.has(name) : view.filesOut?.has(name);
    if (!out) continue;
    at[root] = { kind: 'other', reason: 'out of scope' };
    kinds[root] = ENTRY_HIDDEN;
  }
}

/** About so many entries are put to a callback at once: crossing the wall costs more than the question. */
const BATCH_ENTRIES = 2000;

/**
 * Puts every path to the callbacks, once per path and kind and never for what lies in an excluded directory. A callback that does not decide
 * leaves it to the patterns of its kind, which the walks were therefore not given (see `scopeForWalks`).
 */
export async function* judge(views: AsyncIterable<View>, walks: readonly Walk[], rules: Rules): AsyncGenerator<JudgedView, void, undefined> {
  if (rules.isExclude === undefined && rules.isExcludeDir === undefined) {
    for await (const view of views) yield { ...view, filesOut: undefined, directoriesOut: undefined };
    return;
  }
  const court = new Court(walks, rules);
  let batch: View[] = [];
  let entries = 0;
  for await (const view of views) {
    batch.push(view);
    for (const listing of view.listings) entries += listing?.count ?? 0;
    if (entries < BATCH_ENTRIES) continue;
    yield* await court.judge(batch);
    batch = [];
    entries = 0;
  }
  yield* await court.judge(batch);
}

/** The patterns that the walks may apply themselves: those of a kind for which no callback goes first. */
export function scopeForWalks(rules: Rules): Rules['scope'] {
  const { scope } = rules;
  return {
    ...scope,
    ...(rules.isExclude === undefined ? {} : { excludeFiles: [], includeFiles: [] }),
    ...(rules.isExcludeDir === undefined ? {} : { excludeDirs: [], includeDirs: [] }),
  };
}

class Court {
  readonly #walks: readonly Walk[];
  readonly #rules: Rules;
  readonly #patterns: ReturnType<typeof compileScope>;
  readonly #excluded = new Set<RelPath>();

  constructor(walks: readonly Walk[], rules: Rules) {
    this.#walks = walks;
    this.#rules = rules;
    this.#patterns = compileScope(rules.scope);
  }

  async judge(views: readonly View[]): Promise<JudgedView[]> {
    const directoriesOut = await this.#judgeDirectories(views);
    const inScope = views.filter((view) => !this.#isExcluded(view.path));
    const isOut = (path: RelPath) => this.#patterns.fileVerdict(path) === 'out';
    const filesOut = this.#rules.isExclude && (await judgeNames(inScope, [ENTRY_FILE, ENTRY_LINK], this.#rules.isExclude, isOut));
    return views.flatMap((view) => {
      if (!this.#isExcluded(view.path)) return [{ ...view, filesOut: filesOut?.get(view), directoriesOut: directoriesOut.get(view) }];
      // What the database knows below is to be forgotten.
      return view.known === undefined
        ? []
        : [{ ...view, listings: view.listings.map(() => undefined), filesOut: undefined, directoriesOut: undefined }];
    });
  }

  /** Level by level, so that nothing below an excluded directory is asked about. */
  async #judgeDirectories(views: readonly View[]): Promise<Map<View, Set<string>>> {
    const out = new Map<View, Set<string>>();
    const ask = this.#rules.isExcludeDir;
    if (ask === undefined) return out;
    for (const level of byDepth(views)) {
      const inScope = level.filter((view) => !this.#isExcluded(view.path));
      const isOut = (path: RelPath) => this.#patterns.directoryVerdict(path) === 'out';
      for (const [view, names] of await judgeNames(inScope, [ENTRY_DIRECTORY], ask, isOut)) {
        out.set(view, names);
        for (const name of names) this.#exclude(joinPath(view.path, name));
      }
    }
    return out;
  }

  #exclude(path: RelPath): void {
    this.#excluded.add(path);
    for (const walk of this.#walks) walk.prune(path);
  }

  #isExcluded(path: RelPath): boolean {
    if (this.#excluded.size === 0) return false;
    for (let at = path; at !== ''; at = parentOf(at)) if (this.#excluded.has(at)) return true;
    return false;
  }
}

function byDepth(views: readonly View[]): View[][] {
  const levels: View[][] = [];
  for (const view of views) {
    const depth = view.path === '' ? 0 : view.path.split('/').length;
    levels[depth] ??= [];
    levels[depth].push(view);
  }
  return levels.filter((level) => level !== undefined);
}

/** The names in each view that are out. */
async function judgeNames(
  views: readonly View[],
  kinds: readonly number[],
  ask: FilterBatch,
  isOutByPattern: (path: RelPath) => boolean,
): Promise<Map<View, Set<string>>> {
  const questions: { view: View; name: string; path: RelPath; entry: FilterEntry }[] = [];
  for (const view of views) {
    eachName(view, (name, indices) => {
      if (!indices.some((index, root) => index >= 0 && kinds.includes(view.listings[root]?.kind(index) ?? -1))) return;
      questions.push({ view, name, path: joinPath(view.path, name), entry: { name, ...sightingOf(heldAt(view.listings, indices)) } });
    });
  }
  const out = new Map<View, Set<string>>(views.map((view) => [view, new Set<string>()]));
  if (questions.length === 0) return out;
  const verdicts = await ask(questions);
  for (const [i, { view, name, path }] of questions.entries()) {
    if (isOut(verdicts[i], path, isOutByPattern)) out.get(view)?.add(name);
  }
  return out;
}

/** Whether a file or link would be in scope under a name that it has nowhere yet; `at` as if it had. One that would be killed is out. */
export type FileFilter = (path: RelPath, at: readonly (Held | undefined)[]) => Promise<boolean>;

export function fileFilter(rules: Rules): FileFilter {
  const { judge: judgeByData } = createWalkFilter({ scope: scopeForWalks(rules), innerRoots: [] });
  const patterns = compileScope(rules.scope);
  const isOutByPattern = (path: RelPath) => patterns.fileVerdict(path) === 'out';
  return async (path, at) => {
    const name = nameOf(path);
    const kind = at.some((held) => held?.kind === 'link') ? ENTRY_LINK : ENTRY_FILE;
    if (judgeByData(parentOf(path), name, kind) !== kind) return false;
    if (rules.isExclude === undefined) return true;
    const [verdict] = await rules.isExclude([{ path, entry: { name, ...sightingOf(at) } }]);
    return !isOut(verdict, path, isOutByPattern);
  };
}

function isOut(verdict: FilterVerdict, path: RelPath, isOutByPattern: (path: RelPath) => boolean): boolean {
  if (verdict === true || verdict === 'exclude') return true;
  return verdict === 'include' ? false : isOutByPattern(path);
}
