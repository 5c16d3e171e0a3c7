import { parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Catalogue } from './catalogue.ts';
import { mediaOf } from './kept.ts';
import type { Media } from './media.ts';
import type { MediaPlaces } from './media-places.ts';
import { beyondAll, beyondMedium, noFolder, noRoom } from './refusals.ts';
import { IDENTITY_BYTES, Room } from './room.ts';
import type { VolumeRules } from './volume-rules.ts';

/** Which media a run would use; asked in the order in which it would put things. */
export interface Forecast {
  /** Where a run would put it, or the error with which it would refuse to. `isNew`: there is no such medium yet. */
  place(path: RelPath, size: number | undefined): readonly { readonly medium: number; readonly isNew: boolean }[] | VfsError;
}

export interface ForecastOptions {
  readonly catalogue: Catalogue;
  readonly media: Media;
  readonly places: MediaPlaces;
  readonly rules: VolumeRules;
}

/** What a simulation can say about a set: `Reserving.reserve`, as a run would call it, without touching anything. */
export async function openForecast({ catalogue, media, places, rules }: ForecastOptions): Promise<Forecast> {
  const room = new Room(rules, catalogue);
  const standing = new Set(await places.inReach());
  const free = new Map<number, number>();
  for (const { medium, root } of media.inReach()) free.set(medium, (await root.freeBytes()) ?? Number.POSITIVE_INFINITY);
  const known = Math.max(0, ...catalogue.media, ...rules.lost);
  const isInReach = (medium: number) => free.has(medium);
  /** What a run frees first, and what it has put since. */
  const more = new Map<number, number>();
  for (const medium of free.keys()) more.set(medium, -catalogue.supersededOn(medium).reduce((sum, { size }) => sum + catalogue.costOf(size), 0));
  const put = new Map<RelPath, { media: readonly number[]; cost: number }>();
  let highest = known;

  const holdersOf = (path: RelPath): readonly number[] => {
    const kept = catalogue.find(path)?.kept;
    return put.get(path)?.media ?? (kept === undefined ? [] : mediaOf(kept));
  };
  const costOn = (medium: number, path: RelPath) => (holdersOf(path).includes(medium) ? (put.get(path)?.cost ?? catalogue.costOn(medium, path)) : 0);
  const foldersFor = (medium: number, path: RelPath): readonly RelPath[] => {
    const missing: RelPath[] = [];
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) if (!holdersOf(at).includes(medium)) missing.push(at);
    return missing;
  };
  const needOn = (medium: number, path: RelPath, size: number | undefined) =>
    catalogue.costOf(size) + foldersFor(medium, path).length * catalogue.costOf(0);
  const fits = (medium: number, path: RelPath, size: number | undefined) => {
    const need = needOn(medium, path, size);
    const added = more.get(medium) ?? 0;
    if ((free.get(medium) ?? Number.POSITIVE_INFINITY) - added < need) return false;
    if (rules.limitBytes === undefined) return true;
    return catalogue.usedOf(medium) + added + catalogue.costOf(IDENTITY_BYTES) + need - costOn(medium, path) <= rules.limitBytes;
  };

  function mediumFor(path: RelPath, size: number | undefined, taken: readonly number[]): number | VfsError {
    const there = Array.from({ length: highest }, (_, at) => at + 1).filter(
      (medium) => (isInReach(medium) || medium > known) && !rules.lost.has(medium),
    );
    const inOrder = there.sort((a, b) => Number(costOn(b, path) > 0) - Number(costOn(a, path) > 0) || a - b);
    const found = inOrder.find((medium) => !taken.includes(medium) && fits(medium, path, size));
    if (found !== undefined) return found;
    if (rules.waits && highest === known && known > 0 && !isInReach(known) && !taken.includes(known) && fits(known, path, size)) return known;
    return refusedNew(path, size, taken) ?? ++highest;
  }

  /** As where the next medium is looked for: nobody makes one, or one like it is empty and too small. */
  function refusedNew(path: RelPath, size: number | undefined, taken: readonly number[]): VfsError | undefined {
    const next = highest + 1;
    if (rules.waits || standing.has(next)) return undefined;
    if (!rules.makesMissing) return noRoom(rules, { path, size }, noFolder(next, places));
    const empty = [...free.keys()].find((medium) => !taken.includes(medium) && catalogue.usedOf(medium) + (more.get(medium) ?? 0) === 0);
    return empty === undefined ? undefined : beyondMedium(rules, { path, medium: empty, free: free.get(empty) });
  }

  return {
    place(path, size) {
      const refused = beyondAll(rules, { path, size }, room);
      if (refused !== undefined) return refused;
      const chosen: number[] = [];
      while (chosen.length < rules.copies) {
        const medium = mediumFor(path, size, chosen);
        if (medium instanceof VfsError) return medium;
        chosen.push(medium);
      }
      for (const medium of chosen) {
        const folders = foldersFor(medium, path);
        more.set(medium, (more.get(medium) ?? 0) + needOn(medium, path, size) - costOn(medium, path));
        for (const folder of folders) put.set(folder, { media: [...holdersOf(folder), medium], cost: catalogue.costOf(0) });
      }
      for (const medium of holdersOf(path)) {
        if (!chosen.includes(medium) && (isInReach(medium) || medium > known)) more.set(medium, (more.get(medium) ?? 0) - costOn(medium, path));
      }
      put.set(path, { media: chosen, cost: catalogue.costOf(size) });
      return chosen.map((medium) => ({ medium, isNew: medium > known }));
    },
  };
}
