import type { Problem } from '../../sdk/project.ts';
import { expectedOf } from '../vfs/expected.ts';
import type { RelPath } from '../vfs/path.ts';
import { type Frame, holdersOf, type Intent, type RootSet, rootSet } from './ancestry.ts';
import { decide } from './decide.ts';
import type { Decision, Kept } from './decision.ts';
import type { Findings } from './findings.ts';
import { mapLimited } from './limited.ts';
import { agreedRow, isSameRow } from './record.ts';
import type { DecideRules, Row } from './row.ts';
import { collisionOf } from './sighting.ts';
import { isOwnFile, spare, sparingOwnFiles } from './spare-own-files.ts';

/** Hashes a row's content on some roots; a problem when that fails. */
export type ReadContent = (row: Row, roots: readonly number[]) => Promise<{ readonly row: Row } | { readonly problem: Problem }>;

interface Unread {
  readonly row: Row;
  readonly roots: readonly number[];
  readonly frame: Frame;
}
const READS_AT_ONCE = 8;

/** Turns the decision about each path into findings. What is decided about a directory waits as an intent until all below it is decided. */
export class RowSettler {
  readonly #findings: Findings;
  readonly #rules: DecideRules;
  readonly #intents = new Map<RelPath, Intent>();
  #unread: Unread[] = [];

  constructor(findings: Findings, rules: DecideRules) {
    this.#findings = findings;
    this.#rules = rules;
  }

  /** The march has come to the directory. */
  takeIntent(path: RelPath): Intent | undefined {
    const intent = this.#intents.get(path);
    this.#intents.delete(path);
    return intent;
  }

  /** By the decision about it alone: what is below may still keep it. */
  isFolderGoing(path: RelPath): boolean {
    const intent = this.#intents.get(path);
    if (intent?.decision.kind !== 'remove-directory') return false;
    const { on } = intent.decision;
    return intent.row.at.every((held, root) => held === undefined || on.includes(root));
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** Decides what could not be decided without content. */
  async readOn(readContent: ReadContent, signal: AbortSignal): Promise<void> {
    const unread = this.#unread;
    this.#unread = [];
    const read = await mapLimited(unread, READS_AT_ONCE, async ({ row, roots }) => {
      signal.throwIfAborted();
      return readContent(row, roots);
    });
    for (const [index, outcome] of read.entries()) {
      const pending = unread[index] as Unread;
      if ('row' in outcome) this.settle(outcome.row, pending.frame);
      else this.#giveUp(pending, outcome.problem);
    }
  }

  #giveUp({ row, frame }: Unread, problem: Problem): void {
    this.#findings.problems.push(problem);
    frame.remains = rootSet(row.at.keys());
    this.#leaveAlone(row);
  }

  /** Decides one path and notes what comes of it; `frame` is the directory that it is in. */
  settle(row: Row, frame: Frame): void {
    const decision = sparingOwnFiles(decide(row, this.#rules), row, this.#rules);
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
        this.#findings.gone.push(row.path);
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
        this.#findings.collisions.push({ row, decision });
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
    const steps = decision.to.map(({ root, reason, op }) => ({ op, to: root, reason, expected: expectedOf(row.at[root], row.path) }));
    const kind = row.at[decision.from]?.kind === 'link' ? 'link' : 'file';
    this.#findings.changes.push({ path: row.path, kind, row, from: decision.from, sourcePath: row.path, steps, kept: rootsOf(decision.kept) });
    let targets = 0;
    for (const { root } of decision.to) targets |= 1 << root;
    frame.needed |= targets;
    frame.remains |= holders | targets;
    this.#keep(row.path, decision.kept);
    if (decision.resolved !== undefined) {
      this.#findings.resolved.push({ ...collisionOf(row, decision.resolved), resolved: `use root ${decision.from}` });
    }
  }

  #remove(row: Row, decision: Extract<Decision, { kind: 'remove' }>, frame: Frame, holders: RootSet): void {
    const steps = decision.on.map(({ root, reason }) => ({ op: 'remove' as const, to: root, reason, expected: expectedOf(row.at[root], row.path) }));
    const kind = row.at.some((held) => held?.kind === 'link') ? 'link' : 'file';
    this.#findings.changes.push({ path: row.path, kind, row, from: undefined, sourcePath: row.path, steps, kept: rootsOf(decision.kept) });
    frame.remains |= holders & ~rootSet(decision.on.map(({ root }) => root));
    this.#keep(row.path, decision.kept);
  }

  /** A file that `killFiles` names, on these roots. */
  kill(row: Row, named: readonly number[], frame: Frame): void {
    const roots = named.filter((root) => !isOwnFile(root, row.path, this.#rules));
    this.#keep(
      row.path,
      named.filter((root) => !roots.includes(root)).map((root) => spare(root, 'killFiles')),
    );
    if (roots.length === 0) {
      frame.remains |= holdersOf(row.at);
      this.#leaveAlone(row);
      return;
    }
    const steps = roots.map((root) => ({ op: 'remove' as const, to: root, reason: 'killFiles', expected: expectedOf(row.at[root], row.path) }));
    this.#findings.changes.push({ path: row.path, kind: 'file', row, from: undefined, sourcePath: row.path, steps, kept: [] });
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
    if (next !== undefined && !isSameRow(row.baseline, next)) this.#findings.agreements.push({ path: row.path, row: next });
  }

  #keep(path: RelPath, kept: readonly Kept[]): void {
    for (const one of kept) this.#findings.kept.push({ path, ...one });
  }
}

function rootsOf(kept: readonly Kept[]): number[] {
  return kept.map(({ root }) => root);
}

function isDirectoryRow(row: Row): boolean {
  return row.at.some((held) => held?.kind === 'directory');
}
