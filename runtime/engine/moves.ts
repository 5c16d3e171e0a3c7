import type { RelPath } from '../vfs/path.ts';
import type { FileNode } from '../vfs/vfs.ts';
import type { Change, Step } from './plan.ts';
import { relateTimes, type Side } from './relation.ts';
import { isAsRecorded } from './root-state.ts';
import type { DecideRules } from './row.ts';

/** SHA-256 of a file as it was planned, or undefined when it cannot be read. */
export type HashFile = (root: number, path: RelPath, revision: string) => Promise<string | undefined>;

/**
 * Finds what was only moved: a file gone on one root whose content turned up under a new name on the same root. The others then rename theirs
 * instead of receiving a copy and losing the original. The content must provably be the same: the same identity with unchanged revision, or, for
 * files of equal size and time, an equal hash. A root whose file has another time than the new one gets a copy, which has the time as well.
 */
export async function findMoves(changes: readonly Change[], rules: DecideRules, hashFile: HashFile): Promise<void> {
  const removals = changes.filter((change) => change.from === undefined && change.kind === 'file' && change.steps.length > 0);
  if (removals.length === 0) return;
  const hashRemoved = hasherOfRemoved(hashFile);
  const byIdentity = new Map<string, Change>();
  const byLooks = new Map<string, Lookalikes>();
  for (const removal of removals) {
    const looks = looksOf(heldBy(removal.steps[0], removal));
    for (const root of removersOf(removal)) {
      const recorded = removal.row.baseline?.at[root];
      if (recorded?.fileId !== undefined) byIdentity.set(`${root} ${recorded.fileId} ${recorded.revision}`, removal);
      if (looks === undefined) continue;
      const lookalikes = byLooks.get(`${root} ${looks}`) ?? new Lookalikes(hashRemoved);
      byLooks.set(`${root} ${looks}`, lookalikes);
      lookalikes.add(removal);
    }
  }
  const taken = new Set<Change>();
  for (const arrival of changes.filter(isArrival)) {
    const source = sourceOf(arrival);
    const sameFile = byIdentity.get(`${arrival.from} ${source.fileId} ${source.revision}`);
    const lookalikes = byLooks.get(`${arrival.from} ${looksOf(source)}`);
    let removal = sameFile !== undefined && !taken.has(sameFile) ? sameFile : undefined;
    if (removal === undefined && lookalikes !== undefined) {
      const hash = await hashFile(arrival.from, arrival.path, source.revision);
      if (hash !== undefined) removal = await lookalikes.find(hash, taken);
    }
    if (removal !== undefined && join(removal, arrival, removal === sameFile ? undefined : rules)) taken.add(removal);
  }
}

/** A file that is new on one root and missing on others. */
function isArrival(change: Change): change is Change & { from: number } {
  if (change.from === undefined || change.kind !== 'file' || change.sourcePath !== change.path) return false;
  return change.row.baseline === undefined && change.row.at[change.from]?.kind === 'file' && change.steps.some(isCopyToNothing);
}

function isCopyToNothing(step: Step): boolean {
  return step.op === 'copy' && step.expected.kind === 'nothing';
}

function sourceOf(change: Change & { from: number }): FileNode {
  return change.row.at[change.from] as FileNode;
}

function heldBy(step: Step | undefined, change: Change): FileNode | undefined {
  const held = step === undefined ? undefined : change.row.at[step.to];
  return held?.kind === 'file' ? held : undefined;
}

/** Size and time, to the second since roots may keep times differently; `join` compares the times themselves. */
function looksOf(file: FileNode | undefined): string | undefined {
  if (file?.size === undefined || file.modifiedMs === undefined || file.size === 0) return undefined;
  return `${file.size} ${Math.floor(file.modifiedMs / 1000)}`;
}

/** The roots that removed the version which the others still have. */
function removersOf(removal: Change): number[] {
  return [...removal.row.at.keys()].filter(
    (root) => removal.row.baseline?.at[root] !== undefined && removal.row.at[root] === undefined && agreed(removal, root),
  );
}

/** What the root removed was the version that the others still have. */
function agreed(removal: Change, root: number): boolean {
  const { baseline, at } = removal.row;
  const hasAgreed = ({ to }: Step) => {
    const [recorded, held] = [baseline?.at[to], at[to]];
    return (
      recorded !== undefined &&
      recorded.behind !== true &&
      held !== undefined &&
      isAsRecorded(held, baseline?.kind, recorded, removal.row.hashes?.[to])
    );
  };
  return baseline?.at[root]?.behind !== true && removal.steps.every(hasAgreed);
}

/** Files of one size and time that one root removed. None is read before something new looks like it, and none twice. */
class Lookalikes {
  readonly #hashOf: HashRemoved;
  readonly #all: Change[] = [];
  readonly #byHash = new Map<string, Change[]>();
  #read = 0;

  constructor(hashOf: HashRemoved) {
    this.#hashOf = hashOf;
  }

  add(removal: Change): void {
    this.#all.push(removal);
  }

  /** The first with that content that no other move has taken. */
  async find(wanted: string, taken: ReadonlySet<Change>): Promise<Change | undefined> {
    const same = this.#byHash.get(wanted) ?? [];
    while (same[0] !== undefined && taken.has(same[0])) same.shift();
    if (same[0] !== undefined) return same[0];
    while (this.#read < this.#all.length) {
      const removal = this.#all[this.#read++] as Change;
      const hash = taken.has(removal) ? undefined : await this.#hashOf(removal);
      if (hash === undefined) continue;
      const others = this.#byHash.get(hash);
      if (others === undefined) this.#byHash.set(hash, [removal]);
      else others.push(removal);
      if (hash === wanted) return removal;
    }
    return undefined;
  }
}

/** The content of a file that is to be removed, as the first root that still has it holds it. */
type HashRemoved = (removal: Change) => Promise<string | undefined>;

/** A file that several roots removed is looked at for each of them, and read once. */
function hasherOfRemoved(hashFile: HashFile): HashRemoved {
  const hashes = new Map<Change, Promise<string | undefined>>();
  return (removal) => {
    const known = hashes.get(removal);
    if (known !== undefined) return known;
    const step = removal.steps[0];
    const held = heldBy(step, removal);
    const hash = step === undefined || held === undefined ? Promise.resolve(undefined) : hashFile(step.to, removal.path, held.revision);
    hashes.set(removal, hash);
    return hash;
  };
}

/**
 * On each root that would remove the one and receive the other, the file is renamed. `rules`: for what is another file of equal content, whose time must be
 * that of the root's; undefined for what is the same file.
 */
function join(removal: Change, arrival: Change & { from: number }, rules: DecideRules | undefined): boolean {
  const source = { root: arrival.from, leaf: sourceOf(arrival) };
  let joined = false;
  arrival.steps = arrival.steps.map((step) => {
    const gone = removal.steps.find(({ to, movedBy }) => to === step.to && movedBy === undefined);
    const held = heldBy(gone, removal);
    if (!isCopyToNothing(step) || gone === undefined || held === undefined) return step;
    if (rules !== undefined && !isOfTime({ root: gone.to, leaf: held }, source, rules)) return step;
    joined = true;
    removal.steps = removal.steps.map((one) => (one === gone ? { ...one, movedBy: arrival } : one));
    return { op: 'move', to: step.to, reason: `moved on root ${arrival.from}`, expected: gone.expected, movedFrom: removal.path };
  });
  return joined;
}

/** Where a root keeps no times, there is none to be wrong. */
function isOfTime(held: Side, source: Side, rules: DecideRules): boolean {
  const relation = relateTimes(held, source, rules);
  return relation === 'equal' || relation === 'unknown';
}
