import type { RelPath } from '../vfs/path.ts';
import type { FileNode } from '../vfs/vfs.ts';
import type { Change, Step } from './plan.ts';
import { isAsRecorded } from './root-state.ts';

/** SHA-256 of a file as it was planned, or undefined when it cannot be read. */
export type HashFile = (root: number, path: RelPath, revision: string) => Promise<string | undefined>;

/**
 * Finds what was only moved: a file gone on one root whose content turned up under a new name on the same root. The others then rename theirs
 * instead of receiving a copy and losing the original. The content must provably be the same: the same identity with unchanged revision, or, for
 * files of equal size and time, an equal hash.
 */
export async function findMoves(changes: readonly Change[], hashFile: HashFile): Promise<void> {
  const removals = changes.filter((change) => change.from === undefined && change.kind === 'file' && change.steps.length > 0);
  if (removals.length === 0) return;
  const arrivals = changes.filter(isArrival);
  const byIdentity = new Map<string, Change>();
  const byLooks = new Map<string, Change[]>();
  for (const removal of removals) {
    for (const [root, recorded] of removal.row.baseline?.at.entries() ?? []) {
      if (recorded?.fileId !== undefined && removal.row.at[root] === undefined)
        byIdentity.set(`${root} ${recorded.fileId} ${recorded.revision}`, removal);
    }
    const looks = looksOf(heldBy(removal.steps[0], removal));
    if (looks !== undefined) byLooks.set(looks, [...(byLooks.get(looks) ?? []), removal]);
  }
  const taken = new Set<Change>();
  for (const arrival of arrivals) {
    const source = sourceOf(arrival);
    const sameFile = byIdentity.get(`${arrival.from} ${source.fileId} ${source.revision}`);
    const removal =
      sameFile !== undefined && !taken.has(sameFile) && agreed(sameFile, arrival.from)
        ? sameFile
        : await sameContent(arrival, byLooks.get(looksOf(source) ?? '') ?? [], taken, hashFile);
    if (removal !== undefined && join(removal, arrival)) taken.add(removal);
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

/** Size and time, to the second since roots may keep times differently. */
function looksOf(file: FileNode | undefined): string | undefined {
  if (file?.size === undefined || file.modifiedMs === undefined || file.size === 0) return undefined;
  return `${file.size} ${Math.floor(file.modifiedMs / 1000)}`;
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

async function sameContent(
  arrival: Change & { from: number },
  removals: readonly Change[],
  taken: ReadonlySet<Change>,
  hashFile: HashFile,
): Promise<Change | undefined> {
  const source = sourceOf(arrival);
  for (const removal of removals) {
    const step = removal.steps[0];
    const held = heldBy(step, removal);
    const wasThere = removal.row.baseline?.at[arrival.from] !== undefined && removal.row.at[arrival.from] === undefined;
    if (taken.has(removal) || step === undefined || held === undefined || !wasThere || !agreed(removal, arrival.from)) continue;
    const there = await hashFile(step.to, removal.path, held.revision);
    const here = await hashFile(arrival.from, arrival.path, source.revision);
    if (here !== undefined && here === there) return removal;
  }
  return undefined;
}

/** On each root that would remove the one and receive the other, the file is renamed. */
function join(removal: Change, arrival: Change & { from: number }): boolean {
  let joined = false;
  arrival.steps = arrival.steps.map((step) => {
    const gone = removal.steps.find(({ to, movedBy }) => to === step.to && movedBy === undefined);
    if (!isCopyToNothing(step) || gone === undefined) return step;
    joined = true;
    removal.steps = removal.steps.map((one) => (one === gone ? { ...one, movedBy: arrival } : one));
    return { op: 'move', to: step.to, reason: `moved on root ${arrival.from}`, expected: gone.expected, movedFrom: removal.path };
  });
  return joined;
}
