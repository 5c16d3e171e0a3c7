import type { Problem } from '../../sdk/project.ts';
import { isWithin, joinPath, type RelPath } from '../vfs/path.ts';
import { ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_OTHER, type Walk } from '../vfs/walk.ts';
import { Ancestry, type Frame, type Intent, type RootSet, rootSet } from './ancestry.ts';
import type { BaselineRow } from './baseline.ts';
import { caseClashes } from './case-clashes.ts';
import { countDirectory, emptyCensus } from './census.ts';
import { decide } from './decide.ts';
import type { Decision, Kept } from './decision.ts';
import type { Findings } from './findings.ts';
import { type JudgedView, judge, scopeForWalks } from './filters.ts';
import { GivingWayInspector } from './giving-way.ts';
import { openFrame } from './open-frame.ts';
import { mapLimited } from './limited.ts';
import { march } from './march.ts';
import { expectedOf } from './plan.ts';
import { agreedRow, isSameRow } from './record.ts';
import { timeToleranceMs } from './relation.ts';
import { areAlike, eachName, heldAt } from './rows.ts';
import type { DecideRules, Held, Row } from './row.ts';
import { settleDirectory } from './settle-directory.ts';
import { collisionOf } from './sighting.ts';
import type { SyncRun } from './sync-run.ts';

/** Hashes a row's content on some roots; a problem when that fails. */
export type ReadContent = (row: Row, roots: readonly number[]) => Promise<{ readonly row: Row } | { readonly problem: Problem }>;

interface Unread {
  readonly row: Row;
  readonly roots: readonly number[];
  readonly frame: Frame;
}
const READS_AT_ONCE = 8;

/** The march and the decisions: all roots are read, every path is decided. */
export async function survey(run: SyncRun, rules: DecideRules, readContent: ReadContent): Promise<Findings> {
  const walks = openWalks(run, rules);
  const surveyor = new Surveyor(run, rules);
  try {
    for await (const view of judge(march(walks, run.baseline), walks, run.rules)) {
      run.signal.throwIfAborted();
      surveyor.look(view);
      if (surveyor.hasUnread) await surveyor.readOn(readContent);
    }
    surveyor.finish();
  } finally {
    await Promise.all(walks.map((walk) => walk.close()));
  }
  return surveyor.findings;
}

function openWalks(run: SyncRun, rules: DecideRules): Walk[] {
  const digests = rules.database && run.rules.compare !== 'content' && run.rules.isExclude === undefined && run.rules.isExcludeDir === undefined;
  const scope = scopeForWalks(run.rules);
  return run.roots.map((root) => root.walk({ scope, innerRoots: root.innerRoots, digests }));
}

/** Seen so far, for the progress display. */
const SCAN_EVENT_ENTRIES = 5000;

class Surveyor {
  readonly findings: Findings;
  readonly #run: SyncRun;
  readonly #rules: DecideRules;
  readonly #ancestry: Ancestry;
  readonly #intents = new Map<RelPath, Intent>();
  readonly #everyRoot: RootSet;
  /** Defined when names that look alike everywhere need no decision (no database, compared by time). */
  readonly #alikeToleranceMs: number | undefined;
  readonly #ignoresCase: boolean;
  #unread: Unread[] = [];
  #entries = 0;
  #announced = 0;

  constructor(run: SyncRun, rules: DecideRules) {
    this.#run = run;
    this.#rules = rules;
    this.#ignoresCase = run.roots.some((root) => !root.vfs.traits.caseSensitive);
    this.#everyRoot = rootSet(run.roots.keys());
    this.#alikeToleranceMs = rules.database || rules.compare !== 'time' ? undefined : toleranceOfAll(rules);
    this.findings = {
      changes: [],
      agreements: [],
      gone: [],
      outOfScope: [],
      collisions: [],
      resolved: [],
      kept: [],
      problems: [],
      replacedFiles: run.roots.map(() => 0),
      leftovers: run.roots.map(() => []),
      census: run.roots.map(emptyCensus),
    };
    this.#ancestry = new Ancestry((frame, parent) => settleDirectory(frame, parent, this.findings, { lazyMkdir: run.rules.lazyMkdir, rules }));
  }

  look(view: JudgedView): void {
    this.#ancestry.leaveTo(view.path);
    countDirectory(view, this.findings.census);
    this.#noteProgress(view);
    this.#noteLeftovers(view);
    const parent = this.#ancestry.current;
    const intent = this.#intents.get(view.path);
    this.#intents.delete(view.path);
    this.#noteProblems(view);
    const frame = openFrame(view, intent, parent, this.#rules);
    this.#ancestry.enter(frame);
    if (frame.givingWay !== undefined) new GivingWayInspector(frame.givingWay, this.#rules).look(view);
    if (frame.suspended) {
      frame.remains = this.#everyRoot;
      return;
    }
    if (view.listings.every((listing) => listing === undefined)) {
      this.#noteAbsent(view);
      return;
    }
    if (this.#isAsRecorded(view)) {
      for (const [root, listing] of view.listings.entries()) if (listing !== undefined && listing.count > 0) frame.remains |= 1 << root;
      return;
    }
    const decidedBefore = this.findings.changes.length;
    eachName(view, (name, indices, recorded) => this.#lookAtName(view, frame, name, indices, recorded));
    if (this.#ignoresCase) this.findings.problems.push(...caseClashes(view, this.findings.changes.slice(decidedBefore)));
  }

  /** Decides what could not be decided without content. */
  async readOn(readContent: ReadContent): Promise<void> {
    const unread = this.#unread;
    this.#unread = [];
    const read = await mapLimited(unread, READS_AT_ONCE, async ({ row, roots }) => {
      this.#run.signal.throwIfAborted();
      return readContent(row, roots);
    });
    for (const [index, outcome] of read.entries()) {
      const pending = unread[index] as Unread;
      if ('row' in outcome) this.#decide(outcome.row, pending.frame);
      else this.#giveUp(pending, outcome.problem);
    }
  }

  #giveUp({ row, frame }: Unread, problem: Problem): void {
    this.findings.problems.push(problem);
    frame.remains = this.#everyRoot;
    this.#leaveAlone(row);
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  finish(): void {
    this.#ancestry.leaveAll();
    this.#run.emit({ type: 'scan', entries: this.#entries, done: true });
  }

  /** No root has what the database knows: it is hidden, or gone. */
  #forget(path: RelPath, at: readonly (Held | undefined)[]): void {
    if (at.every((held) => held === undefined)) this.findings.gone.push(path);
    else this.findings.outOfScope.push(path);
  }

  /** A directory that only the database knows. */
  #noteAbsent(view: JudgedView): void {
    const last = this.findings.outOfScope.at(-1);
    if (last !== undefined && isWithin(view.path, last)) return;
    for (const name of view.known?.rows().keys() ?? []) this.findings.gone.push(joinPath(view.path, name));
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

  /** The digests say that every root has here exactly what was recorded, and that all had agreed. */
  #isAsRecorded(view: JudgedView): boolean {
    const digests = view.known?.digests;
    if (digests === undefined || this.#run.baseline?.joined.includes(false)) return false;
    return view.listings.every((listing, root) => listing?.digest !== undefined && listing.digest === digests[root]);
  }

  #lookAtName(view: JudgedView, frame: Frame, name: string, indices: readonly number[], recorded: BaselineRow | undefined): void {
    const isFilteredOut = view.filesOut?.has(name) || view.directoriesOut?.has(name);
    if (this.#alikeToleranceMs !== undefined && !isFilteredOut && areAlike(view.listings, indices, this.#alikeToleranceMs)) {
      frame.remains = this.#everyRoot;
      return;
    }
    const path = joinPath(view.path, name);
    const at = heldAt(view.listings, indices);
    const kinds = indices.map((index, root) => (index < 0 ? undefined : view.listings[root]?.kind(index)));
    if (isFilteredOut) hide(at, view, name, kinds);
    frame.remains |= holdersOf(at, 'other');

    const killedOn = [...kinds.keys()].filter((root) => kinds[root] === ENTRY_KILLED);
    if (killedOn.length > 0) {
      this.#kill({ path, at, baseline: undefined }, killedOn, frame);
      return;
    }
    const inScope = at.some((held, root) => held !== undefined && kinds[root] !== ENTRY_HIDDEN);
    if (!inScope) {
      if (recorded !== undefined) this.#forget(path, at);
      return;
    }
    for (const [root, held] of at.entries()) if (kinds[root] === ENTRY_OTHER && held?.kind === 'other') this.#reportOther(path, root, held);
    this.#decide({ path, at, baseline: recorded }, frame);
  }

  #decide(row: Row, frame: Frame): void {
    const decision = decide(row, this.#rules);
    const holders = holdersOf(row.at);
    switch (decision.kind) {
      case 'nothing':
        frame.remains |= isDirectoryRow(row) ? 0 : holders;
        this.#keep(row.path, decision.kept ?? []);
        return;
      case 'agreed':
        frame.remains |= isDirectoryRow(row) ? 0 : holders;
        this.#keep(row.path, decision.kept);
        if (this.#rules.database) this.#agree(row, rootsOf(decision.kept));
        return;
      case 'gone':
        this.findings.gone.push(row.path);
        return;
      case 'unread':
        this.#unread.push({ row, roots: decision.roots, frame });
        return;
      case 'spread':
        this.#spread(row, decision, frame, holders);
        return;
      case 'remove':
        this.#remove(row, decision, frame, holders);
        return;
      case 'collision':
        frame.remains |= holders;
        this.findings.collisions.push({ row, decision });
        this.#leaveAlone(row);
        return;
      case 'make-directory':
      case 'remove-directory':
      case 'leaf-becomes-directory':
      case 'directory-becomes-leaf':
        this.#intents.set(row.path, { row, decision });
        return;
    }
  }

  #spread(row: Row, decision: Extract<Decision, { kind: 'spread' }>, frame: Frame, holders: RootSet): void {
    const steps = decision.to.map(({ root, reason, op }) => ({ op, to: root, reason, expected: expectedOf(row.at[root]) }));
    const kind = row.at[decision.from]?.kind === 'link' ? 'link' : 'file';
    this.findings.changes.push({ path: row.path, kind, row, from: decision.from, sourcePath: row.path, steps, kept: rootsOf(decision.kept) });
    let targets = 0;
    for (const { root } of decision.to) targets |= 1 << root;
    frame.needed |= targets;
    frame.remains |= holders | targets;
    this.#keep(row.path, decision.kept);
    if (decision.resolved !== undefined) {
      this.findings.resolved.push({ ...collisionOf(row, decision.resolved), resolved: `use root ${decision.from}` });
    }
  }

  #remove(row: Row, decision: Extract<Decision, { kind: 'remove' }>, frame: Frame, holders: RootSet): void {
    const steps = decision.on.map(({ root, reason }) => ({ op: 'remove' as const, to: root, reason, expected: expectedOf(row.at[root]) }));
    const kind = row.at.some((held) => held?.kind === 'link') ? 'link' : 'file';
    this.findings.changes.push({ path: row.path, kind, row, from: undefined, sourcePath: row.path, steps, kept: rootsOf(decision.kept) });
    frame.remains |= holders & ~rootSet(decision.on.map(({ root }) => root));
    this.#keep(row.path, decision.kept);
  }

  #kill(row: Row, roots: readonly number[], frame: Frame): void {
    const steps = roots.map((root) => ({ op: 'remove' as const, to: root, reason: 'killFiles', expected: expectedOf(row.at[root]) }));
    this.findings.changes.push({ path: row.path, kind: 'file', row, from: undefined, sourcePath: row.path, steps, kept: [] });
    frame.remains |= holdersOf(row.at) & ~rootSet(roots);
    // What a directory of that name holds elsewhere has no place before the file is gone, and a copy that fails would keep it from going.
    if (!isDirectoryRow(row)) return;
    this.#leaveAlone(row);
    const reason = 'killFiles takes the file first; a directory of that name comes with the next run';
    this.#keep(
      row.path,
      roots.map((root) => ({ root, reason, counted: false })),
    );
  }

  #leaveAlone(row: Row): void {
    if (isDirectoryRow(row)) this.#intents.set(row.path, { row, decision: { kind: 'leave-alone' } });
  }

  #agree(row: Row, kept: readonly number[]): void {
    const next = agreedRow(row, kept);
    if (next !== undefined && !isSameRow(row.baseline, next)) this.findings.agreements.push({ path: row.path, row: next });
  }

  #keep(path: RelPath, kept: readonly Kept[]): void {
    for (const one of kept) this.findings.kept.push({ path, ...one });
  }

  #reportOther(path: RelPath, root: number, held: Extract<Held, { kind: 'other' }>): void {
    if (held.missed) this.findings.problems.push({ path, root, code: 'missed', message: held.reason });
    else this.findings.kept.push({ path, root, reason: `left alone: ${held.reason}`, counted: false });
  }
}

function toleranceOfAll(rules: DecideRules): number | undefined {
  // Names are compared with root 0 only, so the strictest tolerance of any pair keeps the shortcut from saying more than decide() would.
  const tolerances = rules.roots.flatMap((_, a) => rules.roots.map((_, b) => (a === b ? Number.POSITIVE_INFINITY : timeToleranceMs(a, b, rules))));
  return tolerances.includes(undefined) ? undefined : Math.min(...(tolerances as number[])) / 2;
}

function rootsOf(kept: readonly Kept[]): number[] {
  return kept.map(({ root }) => root);
}

function holdersOf(at: readonly (Held | undefined)[], kind?: Held['kind']): RootSet {
  let set = 0;
  for (let root = 0; root < at.length; root++) {
    const held = at[root];
    if (held !== undefined && (kind === undefined || held.kind === kind)) set |= 1 << root;
  }
  return set;
}

function isDirectoryRow(row: Row): boolean {
  return row.at.some((held) => held?.kind === 'directory');
}

/** What a callback took out of scope is an obstacle like any other hidden thing. */
function hide(at: (Held | undefined)[], view: JudgedView, name: string, kinds: (number | undefined)[]): void {
  for (const [root, held] of at.entries()) {
    if (held === undefined || held.kind === 'other' || kinds[root] === ENTRY_KILLED) continue;
    const out = held.kind === 'directory' ? view.directoriesOut?.has(name) : view.filesOut?.has(name);
    if (!out) continue;
    at[root] = { kind: 'other', reason: 'out of scope' };
    kinds[root] = ENTRY_HIDDEN;
  }
}
