import type { FilterQuestions, FilterVerdicts } from '../../sdk/filter-protocol.ts';
import { joinPath, type RelPath } from '../vfs/path.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_LINK } from '../vfs/walk.ts';
import { HOLDER_NUMBERS, writeHeld, writeListed, writeNewest } from './holder-numbers.ts';
import type { View } from './march.ts';
import type { Held } from './row.ts';
import { eachListedName } from './rows.ts';
import type { FilterBatch } from './sync-run.ts';

/** So many questions cross the wall together: a crossing costs as much as a hundred of them, and the script's time limit is for one crossing. */
export const MOST_QUESTIONS = 2000;

/** What is asked about; links are files. */
export type Asked = 'files' | 'directories';

/** Whether a path that the callback does not decide about is out; undefined: none is. */
export type PatternVerdict = ((path: RelPath) => boolean) | undefined;

/** Asks about every name in the views that some root holds as what is asked about; resolves to those that are out. A view without any is not in the map. */
export async function judgeNames(
  views: readonly View[],
  asked: Asked,
  ask: FilterBatch,
  isOutByPattern: PatternVerdict,
): Promise<ReadonlyMap<View, Set<string>>> {
  const dockets = docketsOn(views, asked);
  const verdicts = await Promise.all(dockets.map((one) => ask(one.questions())));
  const out = new Map<View, Set<string>>();
  for (const [at, one] of dockets.entries()) {
    one.eachOut(verdicts[at] ?? '', isOutByPattern, (view, name) => {
      const names = out.get(view);
      if (names === undefined) out.set(view, new Set([name]));
      else names.add(name);
    });
  }
  return out;
}

function docketsOn(views: readonly View[], asked: Asked): readonly Docket[] {
  const dockets = new Dockets();
  for (const view of views) {
    const shared = sharedListing(view.listings);
    if (shared === undefined || !addList(dockets, view, shared, asked)) addNames(dockets, view, asked);
  }
  return dockets.all;
}

/** Asks about one path that may be in no listing. */
export async function judgePath(
  path: RelPath,
  at: readonly (Held | undefined)[],
  ask: FilterBatch,
  isOutByPattern: PatternVerdict,
): Promise<boolean> {
  const holders = new Float64Array(numbersFor(at.length));
  for (const [root, held] of at.entries()) if (held !== undefined) writeHeld(holders, numbersFor(root), held);
  writeNewest(holders, 0, holders.length);
  const slash = path.lastIndexOf('/');
  const directory = slash < 0 ? '' : path.slice(0, slash);
  const verdict = await ask({ directories: [directory], counts: [1], names: path.slice(slash + 1), unasked: [], holders });
  return isOut(verdict, path, isOutByPattern);
}

function isOut(letter: string | undefined, path: RelPath, isOutByPattern: PatternVerdict): boolean {
  if (letter === '-') return isOutByPattern?.(path) === true;
  return letter === 'x';
}

/** How many numbers a question has that is about so many roots; also where those of the root with that index are. */
function numbersFor(roots: number): number {
  return HOLDER_NUMBERS * (roots + 1);
}

/** One of those that hold something here, if all of them have the same names; else undefined. */
function sharedListing(listings: View['listings']): DirectoryListing | undefined {
  let shared: DirectoryListing | undefined;
  for (const listing of listings) {
    if (listing === undefined || listing.count === 0) continue;
    if (shared === undefined) shared = listing;
    else if (listing.count !== shared.count || listing.joinedNames() !== shared.joinedNames()) return undefined;
  }
  return shared;
}

/** Gives on the list of a directory as it is: what costs most of all here is a text for each name. False where it has too many names, or too many that nothing is asked about. */
function addList(dockets: Dockets, view: View, shared: DirectoryListing, asked: Asked): boolean {
  const { count } = shared;
  if (count > MOST_QUESTIONS) return false;
  const unasked: number[] = [];
  if (asked === 'directories' || !holdsOnlyFiles(view.listings, count)) {
    for (let index = 0; index < count; index++) if (!isAskedSomewhere(view.listings, index, asked)) unasked.push(index);
    if (unasked.length > count / 2) return false;
  }
  dockets.withRoom(count).addList(view, shared, unasked);
  return true;
}

/** Whether a root has nothing but files here. */
function holdsOnlyFiles(listings: View['listings'], count: number): boolean {
  for (const listing of listings) if (listing?.fileCount === count) return true;
  return false;
}

function isAskedSomewhere(listings: View['listings'], index: number, asked: Asked): boolean {
  for (const listing of listings) if (listing !== undefined && index < listing.count && isAsked(listing.kind(index), asked)) return true;
  return false;
}

function addNames(dockets: Dockets, view: View, asked: Asked): void {
  const { listings } = view;
  if (asked === 'directories' && listings.every((listing) => listing === undefined || listing.fileCount === listing.count)) return;
  eachListedName(view, (name, indices) => {
    for (let root = 0; root < indices.length; root++) {
      const index = indices[root] as number;
      if (index < 0 || !isAsked((listings[root] as DirectoryListing).kind(index), asked)) continue;
      dockets.withRoom(1).addName(view, name, indices);
      return;
    }
  });
}

function isAsked(kind: number, asked: Asked): boolean {
  return asked === 'directories' ? kind === ENTRY_DIRECTORY : kind === ENTRY_FILE || kind === ENTRY_LINK;
}

class Dockets {
  readonly all: Docket[] = [];

  /** The last one, or a new one. */
  withRoom(names: number): Docket {
    const last = this.all.at(-1);
    if (last !== undefined && last.count + names <= MOST_QUESTIONS) return last;
    const docket = new Docket();
    // Not by push(): optimized, it would take an array that is still empty for one of numbers, and all of this for wrong.
    this.all[this.all.length] = docket;
    return docket;
  }
}

/** Names of one directory: all that a root lists there, or some. */
type Sheet =
  | { readonly view: View; readonly count: number; readonly list: DirectoryListing }
  | { readonly view: View; count: number; readonly some: string[] };

function namesOn(sheet: Sheet): readonly string[] {
  return 'list' in sheet ? sheet.list.names() : sheet.some;
}

/** Questions to one callback that cross the wall together, and whose they are. */
class Docket {
  readonly #sheets: Sheet[] = [];
  readonly #unasked: number[] = [];
  #holders = new Float64Array(0);
  #used = 0;
  /** Names so far. */
  count = 0;

  /** All names of the directory, which `list` has, but for those with these indices. */
  addList(view: View, list: DirectoryListing, unasked: readonly number[]): void {
    for (const index of unasked) this.#unasked.push(this.count + index);
    const numbers = numbersFor(view.listings.length);
    const start = this.#reserve(list.count, numbers);
    const end = start + list.count * numbers;
    for (let root = 0; root < view.listings.length; root++) {
      const listing = view.listings[root];
      if (listing === undefined || listing.count === 0) continue;
      let at = start + numbersFor(root);
      for (let index = 0; index < list.count; index++, at += numbers) writeListed(this.#holders, at, listing, index);
    }
    for (let at = start; at < end; at += numbers) writeNewest(this.#holders, at, at + numbers);
    this.#sheets[this.#sheets.length] = { view, count: list.count, list };
  }

  /** `indices`: of the name in the listing of each root, -1 where it is not. */
  addName(view: View, name: string, indices: readonly number[]): void {
    const start = this.#reserve(1, numbersFor(indices.length));
    for (let root = 0; root < indices.length; root++) {
      const index = indices[root] as number;
      if (index >= 0) writeListed(this.#holders, start + numbersFor(root), view.listings[root] as DirectoryListing, index);
    }
    writeNewest(this.#holders, start, start + numbersFor(indices.length));
    const last = this.#sheets.at(-1);
    if (last === undefined || last.view !== view || 'list' in last) this.#sheets.push({ view, count: 1, some: [name] });
    else last.count = last.some.push(name);
  }

  questions(): FilterQuestions {
    return {
      directories: this.#sheets.map(({ view }) => view.path),
      counts: this.#sheets.map(({ count }) => count),
      names: this.#sheets.map((sheet) => ('list' in sheet ? sheet.list.joinedNames() : sheet.some.join('/'))).join('/'),
      unasked: this.#unasked,
      holders: this.#holders.slice(0, this.#used),
    };
  }

  eachOut(verdicts: FilterVerdicts, isOutByPattern: PatternVerdict, visit: (view: View, name: string) => void): void {
    const unasked = new Set(this.#unasked);
    let index = 0;
    for (const sheet of this.#sheets) {
      const start = index;
      index += sheet.count;
      if (isOutByPattern === undefined && !verdicts.slice(start, index).includes('x')) continue;
      for (const [at, name] of namesOn(sheet).entries()) {
        if (!unasked.has(start + at) && isOut(verdicts[start + at], joinPath(sheet.view.path, name), isOutByPattern)) visit(sheet.view, name);
      }
    }
  }

  /** Makes room for the numbers of so many names: where they start. */
  #reserve(names: number, numbers: number): number {
    if (this.count === 0) this.#holders = new Float64Array(MOST_QUESTIONS * numbers);
    const start = this.count * numbers;
    this.count += names;
    this.#used = this.count * numbers;
    return start;
  }
}
