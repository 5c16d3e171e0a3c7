import { parentOf, type RelPath } from '../../path.ts';
import type { Entry } from '../../vfs.ts';
import { type Catalogue, superseding, withoutMedium } from './catalogue.ts';
import { type Change, type Kept, type KeptFile, mediaOf, type Superseded } from './kept.ts';

/**
 * Brings the catalogue and a medium together: what is really on it counts. Files that somebody changed, added or removed there are seen like on any root; what a killed run had
 * put there is taken for what it was to become; what is superseded stays so. `take` applies changes as they come. Nothing on the medium is touched.
 */
export function reconcile(
  catalogue: Catalogue,
  medium: number,
  found: ReadonlyMap<RelPath, Entry>,
  take: (changes: readonly Change[]) => void,
): void {
  forgetMissing(catalogue, medium, found, take);
  for (const [path, entry] of found) {
    const kept = catalogue.find(path)?.kept;
    if (kept !== undefined && mediaOf(kept).includes(medium)) {
      endIntent(catalogue, medium, path, take);
      continue;
    }
    const superseded = catalogue.superseded(medium, path);
    const isStillIt = superseded !== undefined && isThing(superseded, entry);
    if (isStillIt && !(superseded.kind === 'directory' && kept?.kind === 'directory')) continue;
    if (superseded !== undefined) take([{ what: 'cleared', medium, path }]);
    takeIn(catalogue, { medium, path, entry, kept }, take);
  }
  for (const [path, media] of catalogue.intents()) {
    if (media.includes(medium)) endIntent(catalogue, medium, path, take);
  }
}

/** What the catalogue has on the medium and is not there any more, or is another version. */
function forgetMissing(catalogue: Catalogue, medium: number, found: ReadonlyMap<RelPath, Entry>, take: (changes: readonly Change[]) => void): void {
  for (const { path, kept } of [...catalogue.below('')].reverse()) {
    if (!mediaOf(kept).includes(medium)) continue;
    const entry = found.get(path);
    if (entry !== undefined && isAsKept(kept, medium, entry)) continue;
    const left = withoutMedium(kept, medium);
    const isNeeded = left === undefined && kept.kind === 'directory' && catalogue.childrenOf(path).length > 0;
    take([{ what: 'path', path, kept: isNeeded ? { kind: 'directory', media: [] } : (left ?? null) }]);
  }
  for (const { path, kind } of catalogue.supersededOn(medium)) {
    if (found.get(path)?.kind !== kind) take([{ what: 'cleared', medium, path }]);
  }
}

interface Arrival {
  readonly medium: number;
  readonly path: RelPath;
  readonly entry: Entry;
  /** What other media have there. */
  readonly kept: Kept | undefined;
}

/** Something on the medium that the catalogue does not have there. */
function takeIn(catalogue: Catalogue, arrival: Arrival, take: (changes: readonly Change[]) => void): void {
  const { medium, path, entry, kept } = arrival;
  requireParents(catalogue, medium, path, take);
  const own = keptOn(medium, entry);
  const isIntended = catalogue.intentAt(path)?.includes(medium) === true;
  if (kept === undefined) {
    take([{ what: 'path', path, kept: own }]);
  } else if (kept.kind === 'directory' && own.kind === 'directory') {
    take([{ what: 'path', path, kept: { kind: 'directory', media: [...kept.media, medium] } }]);
  } else if (kept.kind === 'file' && own.kind === 'file' && isSameContent(kept, own)) {
    take([{ what: 'path', path, kept: { ...kept, copies: [...kept.copies, ...own.copies] } }]);
  } else if (kept.kind === 'link' && own.kind === 'link' && kept.target === own.target) {
    take([{ what: 'path', path, kept: { ...kept, media: [...kept.media, medium] } }]);
  } else if (isIntended || isNewer(own, kept)) {
    const gone = kept.kind === 'directory' ? catalogue.below(path) : [];
    const below = gone.flatMap((one) => [...superseding(one.path, one.kept), { what: 'path', path: one.path, kept: null } as const]);
    take([...below, ...superseding(path, kept), { what: 'path', path, kept: own }]);
  } else if (own.kind === 'file' && kept.kind === 'file') {
    take(superseding(path, own));
  } else {
    const reason = `medium ${medium} has another kind of thing by this name than medium ${mediaOf(kept).join(' and ')}; rename one of them`;
    take([{ what: 'path', path, kept: { kind: 'other', reason, missed: true, media: mediaOf(kept) } }]);
  }
  endIntent(catalogue, medium, path, take);
}

/** A folder that a file lies in is one of the set. */
function requireParents(catalogue: Catalogue, medium: number, path: RelPath, take: (changes: readonly Change[]) => void): void {
  const parent = parentOf(path);
  if (parent === '' || catalogue.find(parent) !== undefined) return;
  requireParents(catalogue, medium, parent, take);
  take([
    { what: 'cleared', medium, path: parent },
    { what: 'path', path: parent, kept: { kind: 'directory', media: [medium] } },
  ]);
}

function endIntent(catalogue: Catalogue, medium: number, path: RelPath, take: (changes: readonly Change[]) => void): void {
  const media = catalogue.intentAt(path);
  if (media?.includes(medium)) take([{ what: 'intent', path, media: media.filter((one) => one !== medium) }]);
}

function keptOn(medium: number, entry: Entry): Kept {
  const { name: _, ...node } = entry;
  switch (node.kind) {
    case 'file': {
      const { fileId: _id, ...file } = node;
      return { ...file, copies: [{ medium, revision: node.revision }] };
    }
    case 'link':
      return { ...node, media: [medium] };
    case 'directory':
      return { kind: 'directory', media: [medium] };
    case 'other':
      return { ...node, media: [medium] };
  }
}

function isAsKept(kept: Kept, medium: number, entry: Entry): boolean {
  switch (kept.kind) {
    case 'file':
      return entry.kind === 'file' && kept.copies.some((copy) => copy.medium === medium && copy.revision === entry.revision);
    case 'link':
      return entry.kind === 'link' && entry.target === kept.target;
    case 'directory':
      return entry.kind === 'directory';
    case 'other':
      return entry.kind === 'other' && entry.reason === kept.reason;
  }
}

function isThing({ kind, version }: Superseded, entry: Entry): boolean {
  if (kind !== entry.kind) return false;
  return entry.kind === 'directory' || (entry.kind === 'file' ? entry.revision === version : entry.kind === 'link' && entry.target === version);
}

/** Two media may keep times in different steps. */
const TIME_STEP_MS = 2000;

function isSameContent(one: KeptFile, other: KeptFile): boolean {
  if (one.size !== other.size) return false;
  if (one.modifiedMs === undefined || other.modifiedMs === undefined) return one.modifiedMs === other.modifiedMs;
  return Math.abs(one.modifiedMs - other.modifiedMs) < TIME_STEP_MS;
}

function isNewer(one: Kept, other: Kept): boolean {
  if (one.kind !== 'file' || other.kind !== 'file') return false;
  return one.modifiedMs !== undefined && (other.modifiedMs === undefined || one.modifiedMs > other.modifiedMs);
}
