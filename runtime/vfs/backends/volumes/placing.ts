import { parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { NOTHING, type Vfs } from '../../vfs.ts';
import type { Clearing, ClearingOptions } from './clearing.ts';
import { type Change, type Kept, mediaOf, supersededOn } from './kept.ts';
import type { Mounted } from './media.ts';
import { changesOfPlacing, type Placed } from './placed.ts';
import type { Reservation, Reserving } from './reserving.ts';

export interface PlacingOptions extends ClearingOptions {
  readonly reserving: Reserving;
  readonly clearing: Clearing;
  readonly copies: number;
  readonly tell: (message: string) => void;
}

/** A medium that something is put on. */
export interface PlaceToPut {
  readonly medium: number;
  readonly vfs: Vfs;
  /** What the medium has at the path; undefined: nothing. */
  readonly own: Kept | undefined;
  readonly reservation: Reservation;
  /** Another medium that has got it already. */
  readonly first: { readonly placed: Placed; readonly vfs: Vfs } | undefined;
}

/** The medium took less than there was: another one is tried. */
export class MediumFull extends Error {
  override readonly name = 'MediumFull';
}

/** Puts things on media: on as many as are to have them, on others where one fails. */
export class Placing {
  readonly #options: PlacingOptions;

  constructor(options: PlacingOptions) {
    this.#options = options;
  }

  /**
   * Puts something at a path by `put`, and tells the catalogue. It is on all media that it should be on, or on none and all is as it was; unless an older version had been
   * overwritten before a later medium failed. Rejects with VfsError, then too.
   */
  async place(path: RelPath, size: number | undefined, put: (place: PlaceToPut) => Promise<Kept>): Promise<void> {
    const { catalogue, reserving, copies, commit, clearing } = this.#options;
    const there = catalogue.find(path)?.kept;
    const placed: Placed[] = [];
    const failed = new Set<number>();
    while (placed.length < copies) {
      const places: Reservation[] = [];
      let at: Reservation | undefined;
      try {
        const except = new Set([...failed, ...placed.map(({ medium }) => medium)]);
        places.push(...(await reserving.reserve({ path, size, except }, copies - placed.length)));
        this.#intend(path, there, [...placed.map(({ medium }) => medium), ...places.map(({ mounted }) => mounted.medium)]);
        for (at of places) placed.push({ medium: at.mounted.medium, kept: await this.#putOn(at, { path, there, first: placed[0] }, put) });
      } catch (error) {
        if (at === undefined || !(await this.#isMediumsFault(error, at))) {
          await this.#undo(path, there, placed);
          throw error;
        }
        const { medium } = at.mounted;
        if (reserving.holdsNothingBeside(medium, path)) {
          await this.#undo(path, there, placed);
          throw new VfsError('too-large', path, `it is larger than an empty medium (${medium}); leave it out by "excludeFiles", or use larger media`);
        }
        failed.add(medium);
      } finally {
        for (const place of places) place.release();
      }
    }
    commit(changesOfPlacing(catalogue, path, placed));
    await clearing.clear(path);
  }

  /** Folders on the way to a path, on one medium. */
  async makeParents(mounted: Mounted, path: RelPath): Promise<void> {
    const { catalogue, commit, clearing } = this.#options;
    const { medium, vfs } = mounted;
    const parent = parentOf(path);
    const kept = catalogue.find(parent)?.kept;
    if (parent === '' || kept?.kind !== 'directory' || kept.media.includes(medium)) return;
    await this.makeParents(mounted, parent);
    const superseded = catalogue.superseded(medium, parent);
    if (superseded !== undefined && superseded.kind !== 'directory') await clearing.makeWay(mounted, parent);
    await vfs.makeDirectory(parent).catch((error: unknown) => tolerateDirectory(vfs, parent, error));
    const now = catalogue.find(parent)?.kept;
    if (now?.kind !== 'directory') throw new VfsError('changed', path, 'its folder was removed meanwhile');
    if (now.media.includes(medium)) return;
    const made: Change = { what: 'path', path: parent, kept: { ...now, media: [...now.media, medium] } };
    commit(superseded === undefined ? [made] : [{ what: 'cleared', medium, path: parent }, made]);
  }

  /** Brings files that are on too few media to more, as far as that needs nobody. `inTurn`: nothing else is done at the path meanwhile. */
  async complete(inTurn: (path: RelPath, act: () => Promise<void>) => Promise<void>): Promise<void> {
    const { catalogue, media, reserving, copies, tell } = this.#options;
    let left = 0;
    for (const { path, kept } of copies === 1 ? [] : catalogue.below('')) {
      if (kept.kind !== 'file' || kept.copies.length >= copies) continue;
      const from = kept.copies.map(({ medium }) => media.at(medium)).find((one) => one !== undefined);
      const place = from && (await reserving.reserveQuietly({ path, size: kept.size, except: new Set(mediaOf(kept)) }));
      try {
        if (from === undefined || place === undefined) left++;
        else await inTurn(path, () => this.#copyOver(path, from, place.mounted));
      } catch (error) {
        if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
        left++;
      } finally {
        place?.release();
      }
    }
    if (left > 0)
      tell(
        `${left} ${left === 1 ? 'file is' : 'files are'} on fewer media than "copies" says; that is made good when other media with room are in reach`,
      );
  }

  /** What is on one medium is put on another as well. */
  async #copyOver(path: RelPath, from: Mounted, to: Mounted): Promise<void> {
    const { catalogue, media, commit } = this.#options;
    const kept = catalogue.find(path)?.kept;
    const copy = kept?.kind === 'file' ? kept.copies.find(({ medium }) => medium === from.medium) : undefined;
    if (kept?.kind !== 'file' || copy === undefined) return;
    await this.makeParents(to, path);
    const time = kept.modifiedMs === undefined ? {} : { modifiedMs: kept.modifiedMs };
    const as = { expected: NOTHING, ...time, ...(kept.mode === undefined ? {} : { mode: kept.mode }) };
    const stamp = await media.use(from, (vfs) => to.vfs.write(path, vfs.content(path, copy.revision), as));
    commit([{ what: 'path', path, kept: { ...kept, copies: [...kept.copies, { medium: to.medium, revision: stamp.revision }] } }]);
  }

  async #putOn(
    reservation: Reservation,
    what: { readonly path: RelPath; readonly there: Kept | undefined; readonly first: Placed | undefined },
    put: (place: PlaceToPut) => Promise<Kept>,
  ): Promise<Kept> {
    const { media, clearing } = this.#options;
    const { mounted } = reservation;
    const { path, there, first } = what;
    await clearing.tidy(mounted);
    await this.makeParents(mounted, path);
    const own = there !== undefined && mediaOf(there).includes(mounted.medium) ? there : undefined;
    await clearing.makeWay(mounted, path);
    const firstVfs = first && media.at(first.medium)?.vfs;
    return put({
      medium: mounted.medium,
      vfs: mounted.vfs,
      own,
      reservation,
      first: first === undefined || firstVfs === undefined ? undefined : { placed: first, vfs: firstVfs },
    });
  }

  /** A new path needs no note: what a killed run leaves of it is taken in as new. */
  #intend(path: RelPath, there: Kept | undefined, media: readonly number[]): void {
    if (there === undefined) return;
    const [only, ...others] = mediaOf(there);
    if (others.length === 0 && media.length === 1 && only === media[0]) return;
    this.#options.commit([{ what: 'intent', path, media }]);
  }

  /** Whether another medium may do better. */
  async #isMediumsFault(error: unknown, { mounted }: Reservation): Promise<boolean> {
    if (error instanceof MediumFull) return true;
    if (!(error instanceof VfsError) || error.code === 'aborted' || error.inContent) return false;
    if (error.code === 'no-space') return true;
    if (error.code === 'read-only') mounted.isReadOnly = true;
    return mounted.isReadOnly || !(await this.#options.media.isAlive(mounted));
  }

  /** Copies that were made go again; where they took the place of an older one, they are what there is. */
  async #undo(path: RelPath, there: Kept | undefined, placed: readonly Placed[]): Promise<void> {
    const { catalogue, commit, clearing } = this.#options;
    const hasReplaced = placed.some(({ medium }) => there !== undefined && mediaOf(there).includes(medium));
    if (hasReplaced) commit(changesOfPlacing(catalogue, path, placed));
    else {
      const changes: Change[] = catalogue.intentAt(path) === undefined ? [] : [{ what: 'intent', path, media: [] }];
      for (const { medium, kept } of placed) {
        const of = supersededOn(medium, path, kept);
        if (of !== undefined) changes.push({ what: 'superseded', of });
      }
      commit(changes);
    }
    if (placed.length > 0) await clearing.clear(path);
  }
}

async function tolerateDirectory(vfs: Vfs, path: RelPath, error: unknown): Promise<void> {
  if (!(error instanceof VfsError) || error.code !== 'exists' || (await vfs.stat(path))?.kind !== 'directory') throw error;
}
