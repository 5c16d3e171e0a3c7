import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { type Content, type Expected, NOTHING } from '../../vfs.ts';
import { type Catalogue, superseding } from './catalogue.ts';
import { type Change, type Kept, mediaOf } from './kept.ts';
import type { Reservation } from './reserving.ts';

/** Something that was put on a medium, as it is there. */
export interface Placed {
  readonly medium: number;
  readonly kept: Kept;
}

/** What the catalogue is told when a path is what was placed, and on no other medium any more. */
export function changesOfPlacing(catalogue: Catalogue, path: RelPath, placed: readonly Placed[]): readonly Change[] {
  const there = catalogue.find(path)?.kept;
  const media = placed.map(({ medium }) => medium);
  const changes: Change[] = [];
  if (there?.kind === 'directory') {
    for (const one of [...catalogue.below(path)].reverse()) {
      changes.push(...superseding(one.path, one.kept, media), { what: 'path', path: one.path, kept: null });
    }
  }
  if (there !== undefined) changes.push(...superseding(path, there, media));
  for (const medium of media) if (catalogue.superseded(medium, path) !== undefined) changes.push({ what: 'cleared', medium, path });
  changes.push({ what: 'path', path, kept: together(placed, there) });
  if (catalogue.intentAt(path) !== undefined) changes.push({ what: 'intent', path, media: [] });
  return changes;
}

/** One thing on several media. */
function together(placed: readonly Placed[], there: Kept | undefined): Kept {
  const [first] = placed;
  if (first === undefined) throw new RangeError('nothing was placed');
  const { kept } = first;
  if (kept.kind !== 'file') return { ...kept, media: placed.map(({ medium }) => medium) };
  const copies = placed.flatMap((one) => (one.kept.kind === 'file' ? one.kept.copies : []));
  // Two media may count their revisions alike, and this is another content.
  const isAlike = there?.kind === 'file' && there.revision === kept.revision && !mediaOf(there).includes(first.medium);
  return { ...kept, copies, revision: isAlike ? `${kept.revision}+` : kept.revision };
}

/** What a medium must have at a path for it to be as the catalogue says. */
export function expectedOn(medium: number, there: Kept | undefined): Expected {
  if (there === undefined || !mediaOf(there).includes(medium)) return NOTHING;
  switch (there.kind) {
    case 'file':
      return { kind: 'file', revision: there.copies.find((copy) => copy.medium === medium)?.revision ?? '' };
    case 'link':
      return { kind: 'link', target: there.target };
    case 'directory':
      return { kind: 'directory' };
    case 'other':
      throw new VfsError('wrong-kind', '', `something else is in the way: ${there.reason}`);
  }
}

/** How much of a content has come. */
export interface Count {
  bytes: number;
  /** It was cut off, since the medium takes no more. */
  isCutOff: boolean;
}

/** Content whose size nobody knew is counted as it comes, and cut off where the medium is full. */
export function counted(content: Content, place: Reservation, count: Count): Content {
  const open = async function* (from = 0): AsyncGenerator<Uint8Array, void, undefined> {
    count.bytes = from;
    for await (const chunk of content.open(from)) {
      count.bytes += chunk.length;
      count.isCutOff = !place.growTo(count.bytes);
      if (count.isCutOff) throw new VfsError('no-space', '', 'the medium is full');
      yield chunk;
    }
  };
  return { ...(content.differsEachTime ? { differsEachTime: true as const } : {}), open };
}
