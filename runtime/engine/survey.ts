import { joinPath, type RelPath } from '../vfs/path.ts';
import { ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_OTHER, type Walk } from '../vfs/walk.ts';
import { Ancestry, type Frame, holdersOf, type RootSet, rootSet } from './ancestry.ts';
import type { BaselineRow } from './baseline.ts';
import { caseClashes } from './case-clashes.ts';
import { countDirectory } from './census.ts';
import { type Findings, noFindings } from './findings.ts';
import { hideFilteredOut, isInScope, type JudgedView, judge, scopeForWalks } from './filters.ts';
import { GivingWayInspector } from './giving-way.ts';
import { LeftOut } from './left-out.ts';
import { namesAtTop } from './lost-shadows.ts';
import { march } from './march.ts';
import { NewFiles } from './new-files.ts';
import { openFrame } from './open-frame.ts';
import { alikeToleranceMs, areAlike, areAsAgreed, eachName, heldAt } from './rows.ts';
import type { DecideRules, Held } from './row.ts';
import { settleDirectory } from './settle-directory.ts';
import { type ReadContent, RowSettler } from './settle-row.ts';
import type { SyncRun } from './sync-run.ts';

/** The march and the decisions: all roots are read, every path is decided. */
export async function survey(run: SyncRun, rules: DecideRules, readContent: ReadContent): Promise<Findings> {
  const walks = openWalks(run, rules);
  const surveyor = new Surveyor(run, rules);
  try {
    for await (const view of judge(march(walks, run.baseline), walks, run.rules)) {
      run.signal.throwIfAborted();
      surveyor.look(view);
      if (surveyor.settler.hasUnread) await surveyor.settler.readOn(readContent, run.signal);
    }
    surveyor.finish();
  } finally {
    await Promise.all(walks.map((walk) => walk.close()));
  }
  return surveyor.findings;
}

function openWalks(run: SyncRun, rules: DecideRules): Walk[] {
  const digests = rules.database && run.rules.compare !== 'content';
  const scope = scopeForWalks(run.rules);
  return run.roots.map((root) => root.walk({ scope, innerRoots: root.innerRoots, digests }));
}

/** Seen so far, for the progress display. */
const SCAN_EVENT_ENTRIES = 5000;

class Surveyor {
  readonly findings: Findings;
  readonly settler: RowSettler;
  readonly #run: SyncRun;
  readonly #rules: DecideRules;
  readonly #ancestry: Ancestry;
  readonly #everyRoot: RootSet;
  /** Defined when names that look alike everywhere need no decision (no database, compared by time). */
  readonly #alikeToleranceMs: number | undefined;
  readonly #ignoresCase: boolean;
  /** By root, in the directory of the moment: entries that no other root has; undefined when they are to be decided one by one. */
  readonly #newHere: readonly (number[] | undefined)[] | undefined;
  readonly #leftOut: LeftOut;
  /** In the directory of the moment: roots that have there just what is recorded, by its digest. */
  #asRecorded: RootSet = 0;
  #entries = 0;
  #announced = 0;

  constructor(run: SyncRun, rules: DecideRules) {
    this.#run = run;
    this.#rules = rules;
    this.#ignoresCase = run.roots.some((root) => !root.vfs.traits.caseSensitive);
    this.#everyRoot = rootSet(run.roots.keys());
    this.#newHere = packsNewFiles(run, rules) ? run.roots.map(({ vfs }) => (vfs.local === undefined ? undefined : [])) : undefined;
    this.#alikeToleranceMs = alikeToleranceMs(rules);
    this.#leftOut = new LeftOut(run.roots.length);
    this.findings = noFindings(run.roots.length);
    this.settler = new RowSettler(this.findings, rules);
    const settling = { findings: this.findings, lazyMkdir: run.rules.lazyMkdir, database: rules.database };
    this.#ancestry = new Ancestry((frame, parent) => settleDirectory({ frame, parent, ...settling }));
  }

  look(view: JudgedView): void {
    this.#ancestry.leaveTo(view.path);
    countDirectory(view, this.findings.census);
    if (view.path === '' && this.#run.roots.some(({ shadows }) => shadows !== undefined)) this.findings.namesAtTop = namesAtTop(view);
    this.#noteProgress(view);
    this.#leftOut.note(view);
    this.#noteLeftovers(view);
    this.#noteProblems(view);
    const parent = this.#ancestry.current;
    const frame = openFrame(view, this.settler.takeIntent(view.path), parent, this.#rules);
    this.#ancestry.enter(frame);
    if (frame.givingWay !== undefined) new GivingWayInspector(frame.givingWay, this.#rules).look(view);
    if (frame.suspended) {
      frame.remains = this.#everyRoot;
      return;
    }
    if (view.listings.every((listing) => listing === undefined)) {
      this.#noteAbsent(frame, parent);
      return;
    }
    this.#asRecorded = asRecordedIn(view);
    if (this.#asRecorded === this.#everyRoot && this.#mayPassOver(view)) {
      for (const [root, listing] of view.listings.entries()) if (listing !== undefined && listing.count > 0) frame.remains |= 1 << root;
      return;
    }
    const decidedBefore = this.findings.changes.length;
    eachName(view, (name, indices, recorded) => this.#lookAtName(frame, name, indices, recorded));
    this.#noteNewFiles(view);
    if (this.#ignoresCase)
      this.findings.problems.push(...caseClashes(view, this.findings.changes.slice(decidedBefore), (path) => this.settler.isFolderGoing(path)));
  }

  finish(): void {
    this.#ancestry.leaveAll();
    this.#run.emit({ type: 'scan', entries: this.#entries, done: true });
    for (const message of this.#leftOut.sentences()) this.#run.emit({ type: 'detail', message, onlyVerbose: true });
  }

  /** No root has what the database knows: it is hidden, or gone. */
  #forget(path: RelPath, at: readonly (Held | undefined)[]): void {
    if (at.every((held) => held === undefined)) this.findings.gone.push(path);
    else this.findings.outOfScope.push(path);
  }

  /** A directory that only the database knows: out of scope, or gone from all roots. */
  #noteAbsent(frame: Frame, parent: Frame | undefined): void {
    const { path, view } = frame;
    const hidden = parent && !parent.outOfScope ? hiddenOnTheWay(parent.view, path) : undefined;
    frame.outOfScope = hidden !== undefined || parent?.outOfScope === true;
    if (hidden !== undefined) this.findings.outOfScope.push(hidden);
    if (!frame.outOfScope) for (const name of view.known?.rows().keys() ?? []) this.findings.gone.push(joinPath(path, name));
  }

  #noteProgress(view: JudgedView): void {
    for (const listing of view.listings) this.#entries += listing?.count ?? 0;
    if (this.#entries - this.#announced < SCAN_EVENT_ENTRIES) return;
    this.#announced = this.#entries;
    this.#run.emit({ type: 'scan', entries: this.#entries, done: false });
  }

  #noteLeftovers(view: JudgedView): void {
    for (const [root, listing] of view.listings.entries()) this.findings.leftovers[root]?.push(...(listing?.leftovers ?? []));
  }

  #noteProblems(view: JudgedView): void {
    for (const [root, listing] of view.listings.entries()) {
      if (listing?.problem === undefined) continue;
      this.findings.problems.push({ path: view.path, root, code: listing.problem.code, message: listing.problem.message });
    }
  }

  /** Digests are those of the walks, which know nothing of callbacks; and a root that has not joined has agreed to nothing. */
  #mayPassOver(view: JudgedView): boolean {
    return view.filesOut === undefined && view.directoriesOut === undefined && !this.#run.baseline?.joined.includes(false);
  }

  #lookAtName(frame: Frame, name: string, indices: readonly number[], recorded: BaselineRow | undefined): void {
    const { view } = frame;
    const isFilteredOut = view.filesOut?.has(name) || view.directoriesOut?.has(name);
    const isAlike = this.#alikeToleranceMs !== undefined && areAlike(view.listings, indices, this.#alikeToleranceMs);
    const isUnchanged =
      recorded !== undefined && this.#rules.compare !== 'content' && areAsAgreed(view.listings, indices, recorded, this.#asRecorded);
    if ((isAlike || isUnchanged) && !isFilteredOut) {
      frame.remains = this.#everyRoot;
      return;
    }
    if (recorded === undefined && !isFilteredOut && this.#isNewFile(frame, indices)) return;
    const path = joinPath(view.path, name);
    const at = heldAt(view.listings, indices);
    const kinds = indices.map((index, root) => (index < 0 ? undefined : view.listings[root]?.kind(index)));
    if (isFilteredOut) hideFilteredOut(at, kinds, view, name);
    frame.remains |= holdersOf(at, 'other');

    const killedOn = [...kinds.keys()].filter((root) => kinds[root] === ENTRY_KILLED);
    if (killedOn.length > 0) {
      this.settler.kill({ path, at, baseline: undefined }, killedOn, frame);
      return;
    }
    const inScope = at.some((held, root) => held !== undefined && kinds[root] !== ENTRY_HIDDEN);
    if (!inScope) {
      if (recorded !== undefined) this.#forget(path, at);
      return;
    }
    for (const [root, held] of at.entries()) if (kinds[root] === ENTRY_OTHER && held?.kind === 'other') this.#reportOther(path, root, held);
    this.settler.settle({ path, at, baseline: recorded }, frame);
  }

  /** A file that one source root has and nobody else: whatever the rules, `decide` would have it copied to all others. */
  #isNewFile(frame: Frame, indices: readonly number[]): boolean {
    let from = -1;
    for (let root = 0; root < indices.length; root++) {
      if ((indices[root] as number) < 0) continue;
      if (from >= 0) return false;
      from = root;
    }
    const index = indices[from] as number;
    const found = this.#newHere?.[from];
    if (found === undefined || this.#rules.roots[from]?.targetOnly || frame.view.listings[from]?.kind(index) !== ENTRY_FILE) return false;
    found.push(index);
    frame.needed |= this.#everyRoot & ~(1 << from);
    frame.remains = this.#everyRoot;
    return true;
  }

  #noteNewFiles(view: JudgedView): void {
    for (const [from, indices] of this.#newHere?.entries() ?? []) {
      const listing = view.listings[from];
      if (indices === undefined || indices.length === 0 || listing === undefined) continue;
      const files = new NewFiles(listing, [...indices], { from, rootCount: view.listings.length });
      this.findings.arrivals.push({ files, after: this.findings.changes.length });
      indices.length = 0;
    }
  }

  #reportOther(path: RelPath, root: number, held: Extract<Held, { kind: 'other' }>): void {
    if (held.missed) this.findings.problems.push({ path, root, code: 'missed', message: held.reason });
    else this.findings.kept.push({ path, root, reason: `left alone: ${held.reason}`, counted: false });
  }
}

/** The roots whose digest says that they have here exactly what was recorded, where all had agreed. */
function asRecordedIn({ known, listings }: JudgedView): RootSet {
  const digests = known?.digests;
  if (digests === undefined) return 0;
  let roots = 0;
  for (let root = 0; root < listings.length; root++) {
    const digest = listings[root]?.digest;
    if (digest !== undefined && digest === digests[root]) roots |= 1 << root;
  }
  return roots;
}

/** Where they can be taken so, and nothing but their being new decides. */
function packsNewFiles(run: SyncRun, rules: DecideRules): boolean {
  if (rules.compare === 'content' || rules.newerThanMs !== undefined) return false;
  return run.roots.length > 1 && run.roots.every(({ vfs }) => vfs.newFiles !== undefined && vfs.traits.caseSensitive);
}

/** What some root has in the directory of `view` on the way to `path`, but hidden: that is why nobody listed what is below. */
function hiddenOnTheWay(view: JudgedView, path: RelPath): RelPath | undefined {
  const [name = ''] = path.slice(view.path === '' ? 0 : view.path.length + 1).split('/');
  const isHidden = view.listings.some((listing, root) => {
    const index = listing?.names().indexOf(name) ?? -1;
    return index >= 0 && !isInScope(view, root, index);
  });
  return isHidden ? joinPath(view.path, name) : undefined;
}
