import { joinPath, nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import { compileScope } from '../vfs/scope.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_LINK, type Walk } from '../vfs/walk.ts';
import { createWalkFilter } from '../vfs/walk-filter.ts';
import { judgeNames, judgePath, MOST_QUESTIONS, type PatternVerdict } from './docket.ts';
import type { View } from './march.ts';
import type { Held } from './row.ts';
import type { Rules } from './sync-run.ts';

/** A view with the callbacks' verdicts: names that are out although the walk listed them; undefined: none. */
export interface JudgedView extends View {
  readonly filesOut: ReadonlySet<string> | undefined;
  readonly directoriesOut: ReadonlySet<string> | undefined;
}

/** Written out: views of different makes would cost every function that looks at them its fast code. */
function judgedView({ path, listings, known }: View, filesOut: JudgedView['filesOut'], directoriesOut: JudgedView['directoriesOut']): JudgedView {
  return { path, listings, known, filesOut, directoriesOut };
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

/** Groups that are with the callback while the march goes on. */
const MOST_UNDER_WAY = 3;

/**
 * Puts every path to the callbacks, once per path and kind and never for what lies in an excluded directory. A callback that does not decide
 * leaves it to the patterns of its kind, which the walks were therefore not given (see `scopeForWalks`).
 */
export function judge(views: AsyncIterable<View>, walks: readonly Walk[], rules: Rules): AsyncGenerator<JudgedView, void, undefined> {
  return rules.isExclude === undefined && rules.isExcludeDir === undefined ? asListed(views) : inOrder(judgedGroups(views, new Court(walks, rules)));
}

async function* asListed(views: AsyncIterable<View>): AsyncGenerator<JudgedView, void, undefined> {
  for await (const view of views) yield judgedView(view, undefined, undefined);
}

async function* inOrder(groups: AsyncIterable<readonly JudgedView[]>): AsyncGenerator<JudgedView, void, undefined> {
  for await (const group of groups) for (const view of group) yield view;
}

async function* judgedGroups(views: AsyncIterable<View>, court: Court): AsyncGenerator<readonly JudgedView[], void, undefined> {
  const underWay: Promise<readonly JudgedView[]>[] = [];
  for await (const group of inGroups(views)) {
    // What is in an excluded directory is asked nothing, so that directories are judged before the march goes on.
    const directoriesOut = await court.judgeDirectories(group);
    const judged = court.judgeFiles(group, directoriesOut);
    // Told when its turn comes: an earlier group may have failed, and then nobody waits for this one any more.
    judged.catch(() => undefined);
    underWay.push(judged);
    if (underWay.length > MOST_UNDER_WAY) yield (await underWay.shift()) ?? [];
  }
  for (const judged of underWay) yield await judged;
}

/** As many views as fill one crossing. */
async function* inGroups(views: AsyncIterable<View>): AsyncGenerator<readonly View[], void, undefined> {
  let group: View[] = [];
  let names = 0;
  for await (const view of views) {
    const here = mostNames(view);
    if (names > 0 && names + here > MOST_QUESTIONS) {
      yield group;
      group = [];
      names = 0;
    }
    group.push(view);
    names += here;
  }
  if (group.length > 0) yield group;
}

function mostNames({ listings }: View): number {
  let most = 0;
  for (const listing of listings) if (listing !== undefined && listing.count > most) most = listing.count;
  return most;
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

type OutByView = ReadonlyMap<View, ReadonlySet<string>>;
const NOTHING_OUT: OutByView = new Map();

class Court {
  readonly #walks: readonly Walk[];
  readonly #rules: Rules;
  readonly #isFileOut: PatternVerdict;
  readonly #isDirectoryOut: PatternVerdict;
  readonly #excluded = new Set<RelPath>();

  constructor(walks: readonly Walk[], rules: Rules) {
    this.#walks = walks;
    this.#rules = rules;
    this.#isFileOut = filePatterns(rules);
    const patterns = compileScope(rules.scope);
    this.#isDirectoryOut = rules.scope.excludeDirs.length === 0 ? undefined : (path) => patterns.directoryVerdict(path) === 'out';
  }

  /** Names of directories that are out. Level by level, so that nothing below an excluded directory is asked about. */
  async judgeDirectories(views: readonly View[]): Promise<OutByView> {
    const ask = this.#rules.isExcludeDir;
    if (ask === undefined) return NOTHING_OUT;
    const out = new Map<View, ReadonlySet<string>>();
    for (const level of byDepth(views)) {
      const inScope = level.filter((view) => !this.#isExcluded(view.path));
      for (const [view, names] of await judgeNames(inScope, 'directories', ask, this.#isDirectoryOut)) {
        out.set(view, names);
        for (const name of names) this.#exclude(joinPath(view.path, name));
      }
    }
    return out;
  }

  /** Asks at once; later groups may be asked meanwhile. */
  async judgeFiles(views: readonly View[], directoriesOut: OutByView): Promise<readonly JudgedView[]> {
    const inScope = views.filter((view) => !this.#isExcluded(view.path));
    const ask = this.#rules.isExclude;
    const filesOut = ask === undefined ? NOTHING_OUT : await judgeNames(inScope, 'files', ask, this.#isFileOut);
    return views.flatMap((view) => {
      if (!this.#isExcluded(view.path)) return [judgedView(view, filesOut.get(view), directoriesOut.get(view))];
      // What the database knows below is to be forgotten.
      return view.known === undefined ? [] : [judgedView({ ...view, listings: view.listings.map(() => undefined) }, undefined, undefined)];
    });
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

/** Whether a file or link would be in scope under a name that it has nowhere yet; `at` as if it had. One that would be killed is out. */
export type FileFilter = (path: RelPath, at: readonly (Held | undefined)[]) => Promise<boolean>;

export function fileFilter(rules: Rules): FileFilter {
  const { judge: judgeByData } = createWalkFilter({ scope: scopeForWalks(rules), innerRoots: [] });
  const isOutByPattern = filePatterns(rules);
  return async (path, at) => {
    const kind = at.some((held) => held?.kind === 'link') ? ENTRY_LINK : ENTRY_FILE;
    if (judgeByData(parentOf(path), nameOf(path), kind) !== kind) return false;
    return rules.isExclude === undefined || !(await judgePath(path, at, rules.isExclude, isOutByPattern));
  };
}

function filePatterns({ scope }: Rules): PatternVerdict {
  if (scope.excludeFiles.length === 0) return undefined;
  const patterns = compileScope(scope);
  return (path) => patterns.fileVerdict(path) === 'out';
}
