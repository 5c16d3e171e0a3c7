import { isWithin, type RelPath } from '../vfs/path.ts';
import type { Decision } from './decision.ts';
import type { JudgedView } from './filters.ts';
import type { Below } from './plan.ts';
import type { Held, Row } from './row.ts';

/** Roots as bits: root 0 is 1, root 1 is 2. At most 30 roots (`MAX_ROOTS`). */
export type RootSet = number;
export const MAX_ROOTS = 30;

export function rootSet(roots: Iterable<number>): RootSet {
  let set = 0;
  for (const root of roots) set |= 1 << root;
  return set;
}

/** Who holds anything there, or something of one kind. */
export function holdersOf(at: readonly (Held | undefined)[], kind?: Held['kind']): RootSet {
  let set = 0;
  for (let root = 0; root < at.length; root++) {
    const held = at[root];
    if (held !== undefined && (kind === undefined || held.kind === kind)) set |= 1 << root;
  }
  return set;
}

export function hasRoot(set: RootSet, root: number): boolean {
  return (set & (1 << root)) !== 0;
}

/** What was decided about a directory when its parent was seen; it is settled when all below it was seen. */
export type Intent = { readonly row: Row; readonly decision: DirectoryDecision };
export type DirectoryDecision =
  | Extract<Decision, { kind: 'make-directory' | 'remove-directory' | 'leaf-becomes-directory' | 'directory-becomes-leaf' }>
  /** Nothing is done to it or below it in this run. */
  | { readonly kind: 'leave-alone' };

/** A directory on the way down from the root to where the march is. */
export interface Frame {
  readonly path: RelPath;
  readonly view: JudgedView;
  readonly holders: RootSet;
  /** undefined: the directory stays as it is wherever it is. */
  readonly intent: Intent | undefined;
  /** No action here or below: something could not be read, or hangs over it. */
  readonly suspended: boolean;
  /** A directory above is to give way to a leaf; what is below must be as recorded. */
  readonly givingWay: GivingWay | undefined;
  /** Roots on which something here or below is going to be put. */
  needed: RootSet;
  /** Roots on which something here or below stays. */
  remains: RootSet;
  /** Only the database knows it, since it was taken out of scope. */
  outOfScope: boolean;
  /** Set when this directory could not be listed on some root. */
  unknown: boolean;
}

/** What is found below a directory that is to be replaced by a file or link. */
export interface GivingWay {
  /** The roots where it is replaced. */
  readonly on: readonly number[];
  /** The source roots that have the file or link now: they gave up what was below, which counts only for what they had. */
  readonly changed: readonly number[];
  /** Why it cannot be replaced; undefined while nothing was found. */
  obstacle: string | undefined;
  /** What will be removed with it, by path, per root. */
  readonly below: ReadonlyMap<number, Map<RelPath, Below>>;
}

/** The stack of open directories. `settle` is called when the march leaves one, children before their parents. */
export class Ancestry {
  readonly #open: Frame[] = [];
  readonly #settle: (frame: Frame, parent: Frame | undefined) => void;

  constructor(settle: (frame: Frame, parent: Frame | undefined) => void) {
    this.#settle = settle;
  }

  get current(): Frame | undefined {
    return this.#open.at(-1);
  }

  /** Leaves what does not lead to `path`. */
  leaveTo(path: RelPath): void {
    for (let frame = this.current; frame !== undefined && !isWithin(path, frame.path); frame = this.current) this.#leave(frame);
  }

  enter(frame: Frame): void {
    this.#open.push(frame);
  }

  leaveAll(): void {
    for (let frame = this.current; frame !== undefined; frame = this.current) this.#leave(frame);
  }

  #leave(frame: Frame): void {
    this.#open.pop();
    this.#settle(frame, this.current);
  }
}
