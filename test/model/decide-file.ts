import { isEqualByReading, isSameTime, isWithin, newestOf, relate, type SeenFile, youngestOf } from './equal.ts';
import type { ModelOptions, ModelRow } from './state.ts';

/** One path at which every root has a file or nothing. */
export interface FileCase {
  readonly at: readonly (SeenFile | undefined)[];
  /** undefined: no database, or nothing recorded. */
  readonly row: ModelRow | undefined;
  readonly joined: ReadonlySet<number>;
  readonly options: ModelOptions;
}

export type FileVerdict =
  | { readonly verdict: 'collision' }
  /** Left alone on all roots and in the database. */
  | { readonly verdict: 'left-alone' }
  /** `copyTo` get the master's file and time, `kept` keep theirs; the others are in sync already. */
  | { readonly verdict: 'agree'; readonly master: number; readonly copyTo: readonly number[]; readonly kept: readonly number[] }
  | { readonly verdict: 'remove'; readonly from: readonly number[]; readonly kept: readonly number[] };

type State = 'unchanged' | 'modified' | 'created' | 'removed' | 'never' | 'joining';

export function decideFile(one: FileCase): FileVerdict {
  const { options, at } = one;
  const roots = at.map((_, root) => root);
  const sources = roots.filter((root) => options.targetOnly[root] !== true);
  const targets = roots.filter((root) => options.targetOnly[root] === true);
  const holders = sources.filter((root) => at[root] !== undefined);
  if (holders.length > 0 && isTooOld(one, holders)) return { verdict: 'left-alone' };
  if (holders.length === 0) return decideOrphan(one, sources, targets);
  return options.syncDb ? decideWithDatabase(one, sources, targets) : decideBySection2(one, sources, targets, holders);
}

function isTooOld(one: FileCase, holders: readonly number[]): boolean {
  const limit = one.options.newerThan;
  // A file that may be young is not left alone.
  return limit !== undefined && holders.every((root) => (one.at[root]?.time ?? Infinity) < limit);
}

/**
 * No source has the file. With the database a removal on all sources is carried to the target-only roots.
 * Question: may a target-only file that changed since it was recorded be removed, when all sources removed theirs? Chosen: no ("loses nothing newer"),
 * it is shown as kept; with `mirror` it goes.
 */
function decideOrphan(one: FileCase, sources: readonly number[], targets: readonly number[]): FileVerdict {
  const { at, options } = one;
  const present = targets.filter((root) => at[root] !== undefined);
  if (options.mirror) return { verdict: 'remove', from: present, kept: [] };
  const wasRemoved = options.syncRemove && sources.some((root) => stateOf(one, root) === 'removed');
  if (!wasRemoved) return { verdict: 'remove', from: [], kept: [] };
  return removal(one, [], present);
}

function removal(one: FileCase, fromSources: readonly number[], targets: readonly number[]): FileVerdict {
  const present = targets.filter((root) => one.at[root] !== undefined);
  const kept = one.options.mirror ? [] : present.filter((root) => stateOf(one, root) !== 'unchanged');
  return { verdict: 'remove', from: [...fromSources, ...present.filter((root) => !kept.includes(root))], kept };
}

/** Section 2. `holders`: sources that count for the choice of the master. Question: what does `'newest'` make of a tie? Chosen: it stays a collision. */
function decideBySection2(one: FileCase, sources: readonly number[], targets: readonly number[], holders: readonly number[]): FileVerdict {
  const { at, options } = one;
  const master = newestOf(holders, at, options);
  const mastered = at[master] as SeenFile;
  const clashes = holders.some((root) => root !== master && isClash(mastered, at[root] as SeenFile, options));
  if (clashes) return settledByYoungest(one, sources, targets, holders) ?? { verdict: 'collision' };
  const copyTo = sources.filter((root) => root !== master && differs(mastered, at[root], options));
  return withTargets(one, { verdict: 'agree', master, copyTo, kept: [] }, targets);
}

/** Question: what does `'newest'` make of a master that clashes, when it is not the youngest by the clock? Chosen: the youngest wins. */
function settledByYoungest(
  one: FileCase,
  sources: readonly number[],
  targets: readonly number[],
  holders: readonly number[],
): FileVerdict | undefined {
  const { at, options } = one;
  const master = youngestOf(holders, at);
  const mastered = at[master] as SeenFile;
  const files = holders.map((root) => at[root] as SeenFile);
  const isSame = (x: SeenFile, y: SeenFile) => relate(x, y, options) === 'equal';
  if (options.onCollision !== 'newest' || !isSettledByNewest(files, mastered, isSame, options)) return undefined;
  const copyTo = sources.filter((root) => root !== master && differs(mastered, at[root], options));
  return withTargets(one, { verdict: 'agree', master, copyTo, kept: [] }, targets);
}

/**
 * Those that no time shows to be older must be the same, each as each: equal is not transitive, since two that no time and no size compare may both equal
 * a third.
 */
function isSettledByNewest(
  files: readonly SeenFile[],
  newest: SeenFile,
  isSame: (x: SeenFile, y: SeenFile) => boolean,
  options: ModelOptions,
): boolean {
  const isOlder = (file: SeenFile) =>
    file.time !== undefined && newest.time !== undefined && file.time < newest.time && !isSameTime(file, newest, options);
  const notOlder = files.filter((file) => !isOlder(file));
  return notOlder.every((x) => notOlder.every((y) => isSame(x, y)));
}

/** Equal time and unequal size (with `compare: 'content'`: unequal bytes), or not equal and of unknown age. */
function isClash(master: SeenFile, other: SeenFile, options: ModelOptions): boolean {
  const relation = relate(other, master, options);
  return relation === 'clash' || relation === 'incomparable';
}

/** With `compare: 'content'` equal bytes of unequal times are "repaired": the other gets the master's time, which a copy models. */
function differs(master: SeenFile, other: SeenFile | undefined, options: ModelOptions): boolean {
  if (other === undefined || relate(other, master, options) !== 'equal') return true;
  return options.compare === 'content' && master.time !== undefined && other.time !== undefined && !isSameTime(master, other, options);
}

/** The rows of section 2 for target-only roots, and of section 3 where the root has a record. */
function withTargets(one: FileCase, agreed: FileVerdict & { verdict: 'agree' }, targets: readonly number[]): FileVerdict {
  const { at, options } = one;
  const master = at[agreed.master] as SeenFile;
  const isNews = stateOf(one, agreed.master) !== 'unchanged';
  const copyTo = [...agreed.copyTo];
  const kept: number[] = [];
  for (const root of targets) {
    const there = at[root];
    if (there === undefined) copyTo.push(root);
    else if (options.syncDb && stateOf(one, root) === 'unchanged') {
      if (isNews) copyTo.push(root);
    } else if (isChangedUnseen(one, root, master)) copyTo.push(root);
    else if (!differs(master, there, options)) continue;
    else if (options.mirror) copyTo.push(root);
    else if (relate(there, master, options) === 'clash' && stateOf(one, root) !== 'modified') return { verdict: 'collision' };
    else if (relate(there, master, options) === 'newer') kept.push(root);
    else copyTo.push(root);
  }
  return { ...agreed, copyTo, kept };
}

/** Question: what of a file on a target-only root that was changed there, where only its size can be compared? Chosen: it is set right, since an equal size is no sign that it is what was agreed on. */
function isChangedUnseen(one: FileCase, root: number, master: SeenFile): boolean {
  const there = one.at[root];
  const isBySizeAlone = one.options.compare === 'time' && (there?.time === undefined || master.time === undefined);
  return stateOf(one, root) === 'modified' && isBySizeAlone;
}

function stateOf(one: FileCase, root: number): State {
  const here = one.at[root];
  const recorded = one.row?.kind === 'file' ? one.row.at.get(root) : undefined;
  if (recorded !== undefined) return here === undefined ? 'removed' : here.version === recorded ? 'unchanged' : 'modified';
  if (here === undefined) return 'never';
  return one.joined.has(root) ? 'created' : 'joining';
}

function decideWithDatabase(one: FileCase, sources: readonly number[], targets: readonly number[]): FileVerdict {
  const { at, options } = one;
  const inState = (...states: State[]) => sources.filter((root) => states.includes(stateOf(one, root)));
  const changed = inState('modified', 'created');
  const unchanged = inState('unchanged');
  const joining = inState('joining');
  let isResolved = false;
  // All are read, unless two sizes tell already that they differ.
  const wereRead = new Set(changed.map((root) => at[root]?.size).filter((size) => size !== undefined)).size < 2;
  if (changed.length > 1) {
    const newest = at[youngestOf(changed, at)] as SeenFile;
    const files = changed.map((root) => at[root] as SeenFile);
    const isSame = (x: SeenFile, y: SeenFile) => (wereRead || isWithin(x, y, 1)) && isEqualByReading(x, y, options);
    const agree = files.every((a) => files.every((b) => isEqualByReading(a, b, options)));
    if (!agree && (options.onCollision === 'report' || !isSettledByNewest(files, newest, isSame, options))) return { verdict: 'collision' };
    isResolved = !agree;
  }
  if (joining.length > 0) {
    const known = changed.length > 0 ? changed : unchanged;
    return decideBySection2(
      one,
      sources,
      targets,
      [...known, ...joining].sort((a, b) => a - b),
    );
  }
  if (changed.length === 0) {
    if (options.syncRemove && inState('removed').length > 0) return removal(one, unchanged, targets);
    const copyTo = inState('removed', 'never');
    const timed = unchanged.find((root) => at[root]?.time !== undefined);
    return withTargets(one, { verdict: 'agree', master: timed ?? unchanged[0] ?? -1, copyTo, kept: [] }, targets);
  }
  const master = youngestOf(changed, at);
  const mastered = at[master] as SeenFile;
  // Question: does `'newest'` copy the youngest over equal bytes of another time, too? Chosen: yes, unless all had to be read to find the collision.
  const isSettled = (root: number) => {
    const here = at[root] as SeenFile;
    return changed.includes(root) && (!isResolved || wereRead || isWithin(here, mastered, 1)) && isEqualByReading(mastered, here, options);
  };
  const copyTo = sources.filter((root) => root !== master && !isSettled(root));
  return withTargets(one, { verdict: 'agree', master, copyTo, kept: [] }, targets);
}
