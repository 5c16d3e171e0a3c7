import type { BaselineRow, FileMark } from '../engine/baseline.ts';
import { compareNames, nameOf, parentOf, type RelPath } from '../vfs/path.ts';
import type { JournalStep } from './overlay.ts';
import { encodeFiles, encodeRows } from './row-columns.ts';

/** What was recorded since the last commit. The last record of a path counts. */
export class PendingGroup {
  readonly #columnCount: number;
  readonly #sealed: JournalStep[] = [];
  #open = new Map<RelPath, Map<string, BaselineRow | undefined>>();
  #lastDirectory: RelPath | undefined;
  #lastRows = new Map<string, BaselineRow | undefined>();

  /** `columnCount`: how many roots the run has. */
  constructor(columnCount: number) {
    this.#columnCount = columnCount;
  }

  /** Nothing but `markJoined` since the last commit, and that. */
  get onlyJoins(): boolean {
    return this.#open.size === 0 && this.#sealed.length > 0 && this.#sealed.every(({ step }) => step === 'joined');
  }

  record(path: RelPath, row: BaselineRow | undefined): void {
    const directory = parentOf(path);
    if (directory !== this.#lastDirectory) this.#enter(directory);
    this.#lastRows.set(nameOf(path), row);
  }

  /** Rows of the same directory that are recorded one by one are about other names: the order does not matter. */
  recordFiles(directory: RelPath, names: readonly string[], at: readonly (readonly FileMark[])[]): void {
    this.#sealed.push({ step: 'rows', directory, rowsText: encodeFiles(names, at) });
  }

  forget(path: RelPath): void {
    this.#seal();
    this.#sealed.push({ step: 'forget', path });
  }

  markJoined(): void {
    this.#seal();
    this.#sealed.push({ step: 'joined' });
  }

  steps(): readonly JournalStep[] {
    this.#seal();
    return this.#sealed;
  }

  #enter(directory: RelPath): void {
    const rows = this.#open.get(directory) ?? new Map<string, BaselineRow | undefined>();
    this.#open.set(directory, rows);
    this.#lastDirectory = directory;
    this.#lastRows = rows;
  }

  #seal(): void {
    for (const [directory, rows] of this.#open) {
      const names = [...rows.keys()].sort(compareNames);
      const changes = names.map((name) => rows.get(name));
      this.#sealed.push({ step: 'rows', directory, rowsText: encodeRows(names, changes, this.#columnCount) });
    }
    this.#open = new Map();
    this.#lastDirectory = undefined;
  }
}
