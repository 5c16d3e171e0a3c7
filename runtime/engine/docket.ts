import type { FilterQuestions, FilterVerdicts, HolderKinds, HolderNumbers } from '../../sdk/filter-protocol.ts';
import { joinPath, type RelPath } from '../vfs/path.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_KILLED, ENTRY_LINK } from '../vfs/walk.ts';
import type { View } from './march.ts';
import type { Held } from './row.ts';
import { eachListedName } from './rows.ts';
import type { FilterBatch } from './sync-run.ts';

/** So many questions cross the wall together: a crossing costs as much as a hundred of them, and the script's time limit is for one crossing. */
const MOST_QUESTIONS = 2000;

const NUMBERS: HolderNumbers = 3;
const KINDS: HolderKinds = { nothing: 0, file: 1, directory: 2, link: 3, other: 4 };

/** Whether a path that the callback does not decide about is out; undefined: none is. */
export type PatternVerdict = ((path: RelPath) => boolean) | undefined;

/** Asks about every name in the views that some root holds as one of the kinds; resolves to those that are out. A view without any is not in the map. */
export async function judgeNames(
  views: readonly View[],
  kinds: readonly number[],
  ask: FilterBatch,
  isOutByPattern: PatternVerdict,
): Promise<ReadonlyMap<View, Set<string>>> {
  const dockets: Docket[] = [];
  let docket = new Docket();
  for (const view of views) {
    eachListedName(view, (name, indices) => {
      if (!isHeldAs(kinds, view.listings, indices)) return;
      if (docket.count === MOST_QUESTIONS) docket = new Docket();
      if (docket.count === 0) dockets.push(docket);
      docket.add(view, name, indices);
    });
  }
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

/** Asks about one path that may be in no listing. */
export async function judgePath(
  path: RelPath,
  at: readonly (Held | undefined)[],
  ask: FilterBatch,
  isOutByPattern: PatternVerdict,
): Promise<boolean> {
  const holders = new Float64Array(NUMBERS * at.length);
  for (const [root, held] of at.entries()) if (held !== undefined) writeHeld(holders, NUMBERS * root, held);
  const slash = path.lastIndexOf('/');
  const directory = slash < 0 ? '' : path.slice(0, slash);
  const verdict = await ask({ directories: [directory], counts: [1], names: path.slice(slash + 1), holders });
  return isOut(verdict, path, isOutByPattern);
}

function isOut(letter: string | undefined, path: RelPath, isOutByPattern: PatternVerdict): boolean {
  if (letter === '-') return isOutByPattern?.(path) === true;
  return letter === 'x';
}

function isHeldAs(kinds: readonly number[], listings: View['listings'], indices: readonly number[]): boolean {
  for (let root = 0; root < indices.length; root++) {
    const index = indices[root] as number;
    if (index >= 0 && kinds.includes((listings[root] as DirectoryListing).kind(index))) return true;
  }
  return false;
}

/** Questions to one callback that cross the wall together, and whose they are. */
class Docket {
  /** Those with names here, in order, and how many they have. */
  readonly #views: View[] = [];
  readonly #counts: number[] = [];
  readonly #names: string[] = [];
  #holders = new Float64Array(0);

  get count(): number {
    return this.#names.length;
  }

  /** `indices`: of the name in the listing of each root, -1 where it is not. The roots are as many for every question. */
  add(view: View, name: string, indices: readonly number[]): void {
    if (this.#holders.length === 0) this.#holders = new Float64Array(MOST_QUESTIONS * NUMBERS * indices.length);
    if (this.#views.at(-1) !== view) {
      this.#views.push(view);
      this.#counts.push(0);
    }
    this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) as number) + 1;
    const start = this.#names.length * NUMBERS * indices.length;
    this.#names.push(name);
    for (let root = 0; root < indices.length; root++) {
      const index = indices[root] as number;
      if (index >= 0) writeListed(this.#holders, start + NUMBERS * root, view.listings[root] as DirectoryListing, index);
    }
  }

  questions(): FilterQuestions {
    const used = (this.#holders.length / MOST_QUESTIONS) * this.count;
    const holders = used === this.#holders.length ? this.#holders : this.#holders.slice(0, used);
    return { directories: this.#views.map(({ path }) => path), counts: this.#counts, names: this.#names.join('/'), holders };
  }

  eachOut(verdicts: FilterVerdicts, isOutByPattern: PatternVerdict, visit: (view: View, name: string) => void): void {
    if (isOutByPattern === undefined && !verdicts.includes('x')) return;
    let index = 0;
    for (const [place, view] of this.#views.entries()) {
      for (const end = index + (this.#counts[place] as number); index < end; index++) {
        const name = this.#names[index] as string;
        if (isOut(verdicts[index], joinPath(view.path, name), isOutByPattern)) visit(view, name);
      }
    }
  }
}

/** Read from the packed listing: an object for each file of a large tree would cost more than the question. */
function writeListed(holders: Float64Array, at: number, listing: DirectoryListing, index: number): void {
  switch (listing.kind(index)) {
    case ENTRY_FILE:
    case ENTRY_KILLED:
      holders[at] = KINDS.file;
      holders[at + 1] = listing.size(index);
      holders[at + 2] = listing.modifiedMs(index);
      break;
    case ENTRY_DIRECTORY:
      holders[at] = KINDS.directory;
      break;
    case ENTRY_LINK:
      writeHeld(holders, at, listing.entry(index));
      break;
    default:
      holders[at] = KINDS.other;
  }
}

function writeHeld(holders: Float64Array, at: number, held: Held): void {
  holders[at] = KINDS[held.kind];
  holders[at + 1] = held.kind === 'file' ? (held.size ?? Number.NaN) : Number.NaN;
  holders[at + 2] = held.kind === 'file' || held.kind === 'link' ? (held.modifiedMs ?? Number.NaN) : Number.NaN;
}
