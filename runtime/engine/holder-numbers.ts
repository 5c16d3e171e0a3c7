import type { HolderKinds, HolderNumbers } from '../../sdk/filter-protocol.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_KILLED, ENTRY_LINK } from '../vfs/walk.ts';
import type { Held } from './row.ts';

/** How many numbers tell what one root has. */
export const HOLDER_NUMBERS: HolderNumbers = 3;
const KINDS: HolderKinds = { nothing: 0, file: 1, directory: 2, link: 3, other: 4 };

/** Writes what a root lists, read from the packed listing: an object for each file of a large tree would cost more than the question. */
export function writeListed(numbers: Float64Array, at: number, listing: DirectoryListing, index: number): void {
  switch (listing.kind(index)) {
    case ENTRY_FILE:
    case ENTRY_KILLED:
      write(numbers, at, KINDS.file, listing.size(index), listing.modifiedMs(index));
      break;
    case ENTRY_DIRECTORY:
      write(numbers, at, KINDS.directory, Number.NaN, Number.NaN);
      break;
    case ENTRY_LINK:
      writeHeld(numbers, at, listing.entry(index));
      break;
    default:
      write(numbers, at, KINDS.other, Number.NaN, Number.NaN);
  }
}

export function writeHeld(numbers: Float64Array, at: number, held: Held): void {
  const size = held.kind === 'file' ? held.size : undefined;
  const modifiedMs = held.kind === 'file' || held.kind === 'link' ? held.modifiedMs : undefined;
  write(numbers, at, KINDS[held.kind], size ?? Number.NaN, modifiedMs ?? Number.NaN);
}

/** Writes what the newest holder has before what the roots have, whose numbers end at `end`. Without times the newest is the first of those that have something. */
export function writeNewest(numbers: Float64Array, at: number, end: number): void {
  let newest = at;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (let from = at + HOLDER_NUMBERS; from < end; from += HOLDER_NUMBERS) {
    if (numbers[from] === KINDS.nothing) continue;
    const ms = numbers[from + 2] as number;
    if (newest > at && !(ms > newestMs)) continue;
    newest = from;
    newestMs = Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
  }
  if (newest === at) write(numbers, at, KINDS.nothing, Number.NaN, Number.NaN);
  else write(numbers, at, numbers[newest] as number, numbers[newest + 1] as number, numbers[newest + 2] as number);
}

function write(numbers: Float64Array, at: number, kind: number, size: number, modifiedMs: number): void {
  numbers[at] = kind;
  numbers[at + 1] = size;
  numbers[at + 2] = modifiedMs;
}
