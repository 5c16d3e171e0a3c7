import { parentOf, type RelPath } from '../../path.ts';
import type { VfsError } from '../../vfs-error.ts';
import { type Asking, notPutIn } from './asking.ts';
import type { Media, MediaOptions, Mounted } from './media.ts';
import { newMediumQuestion, prepareMedium } from './new-medium.ts';
import { beyondAll, beyondMedium, noFolder, noRoom, type ToPut } from './refusals.ts';
import { Room } from './room.ts';

/** What is to be put somewhere. */
export interface Wanted extends ToPut {
  /** Media that it is not to be put on. */
  readonly except: ReadonlySet<number>;
}

/** Room on a medium, kept for one thing until `release`. */
export interface Reservation {
  readonly mounted: Mounted;
  /** A thing of unknown size has so many bytes by now; false when they do not fit. */
  growTo(bytes: number): boolean;
  release(): void;
}

/** Finds the media that things are put on: by the room that they have, asking for the next one when all are full. */
export class Reserving {
  readonly #media: Media;
  readonly #asking: Asking;
  readonly #options: MediaOptions;
  readonly #room: Room;

  constructor(media: Media, asking: Asking, options: MediaOptions) {
    this.#media = media;
    this.#asking = asking;
    this.#options = options;
    this.#room = new Room(options.rules, options.catalogue);
  }

  /** Room for something on so many media. Asks for the next medium when all are full. Rejects with VfsError `too-large`, `no-space`. */
  reserve(wanted: Wanted, count: number): Promise<readonly Reservation[]> {
    return this.#asking.inTurn(async () => {
      const { rules, places } = this.#options;
      const refused = beyondAll(rules, wanted, this.#room);
      if (refused !== undefined) throw refused;
      if (places.isOneSlot && this.#media.inReach().length === 0) await this.#media.open();
      const taken: Reservation[] = [];
      const except = new Set(wanted.except);
      try {
        while (taken.length < count) {
          const mounted = await this.#mediumFor({ ...wanted, except });
          except.add(mounted.medium);
          taken.push(this.#take(mounted, wanted));
        }
        return taken;
      } catch (error) {
        for (const one of taken) one.release();
        throw error;
      }
    });
  }

  async #mediumFor(wanted: Wanted): Promise<Mounted> {
    for (const mounted of this.#byPreference(wanted.path)) if (await this.#hasRoom(mounted, wanted)) return mounted;
    await this.#refuseBeyondEmpty(wanted);
    const last = this.#lastWithRoom(wanted);
    const mounted = last === undefined ? await this.#newMedium(wanted) : await this.#lastOrNew(last, wanted);
    if (await this.#hasRoom(mounted, wanted)) return mounted;
    throw await this.#tooLargeFor(mounted, wanted);
  }

  /** Where an empty medium is too small, one that would be made beside it will be as well. */
  async #refuseBeyondEmpty(wanted: Wanted): Promise<void> {
    const { rules, places } = this.#options;
    if (rules.waits || !rules.makesMissing || (await places.inReach()).includes(this.#nextNumber())) return;
    const empty = this.#media.inReach().find((one) => !wanted.except.has(one.medium) && !one.isReadOnly && this.#room.isEmpty(one.medium));
    if (empty !== undefined) throw await this.#tooLargeFor(empty, wanted);
  }

  async #tooLargeFor({ medium, root }: Mounted, { path }: Wanted): Promise<VfsError> {
    return beyondMedium(this.#options.rules, { path, medium, free: await root.freeBytes() });
  }

  /** A place for one more copy, of what is there already; never asks, undefined: none. */
  async reserveQuietly(wanted: Wanted): Promise<Reservation | undefined> {
    for (const mounted of this.#byPreference(wanted.path)) {
      if (await this.#hasRoom(mounted, wanted)) return this.#take(mounted, wanted);
    }
    return undefined;
  }

  /** A thing that it had no room for has no room on any, where nothing but the folders that the thing is to lie in is on it. */
  holdsNothingBeside(medium: number, path: RelPath): boolean {
    const { catalogue } = this.#options;
    let folders = 0;
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) folders += catalogue.costOn(medium, at);
    return this.#media.at(medium)?.isReadOnly === false && catalogue.usedOf(medium) === folders;
  }

  /** Those that have it come first, then the first ones: so gaps are filled. */
  #byPreference(path: RelPath): readonly Mounted[] {
    const { catalogue } = this.#options;
    return [...this.#media.inReach()].sort((a, b) => Number(catalogue.costOn(b.medium, path) > 0) - Number(catalogue.costOn(a.medium, path) > 0));
  }

  async #hasRoom({ medium, root, isReadOnly }: Mounted, { path, size, except }: Wanted): Promise<boolean> {
    if (except.has(medium) || isReadOnly || !this.#room.fitsLimit(medium, path, size)) return false;
    return this.#room.has(medium, path, size, await root.freeBytes());
  }

  #take(mounted: Mounted, { path, size }: Wanted): Reservation {
    const done = this.#media.hold(mounted);
    const { growTo, release } = this.#room.reserve(mounted.medium, path, size);
    return {
      mounted,
      growTo,
      release() {
        release();
        done();
      },
    };
  }

  /** Of media that are not in reach only the last one is asked for: it is most likely at hand, and has the most room. */
  #lastWithRoom({ path, size, except }: Wanted): number | undefined {
    const { rules, catalogue } = this.#options;
    const last = Math.max(0, ...[...catalogue.media].filter((medium) => !rules.lost.has(medium)));
    if (last === 0 || !rules.waits || except.has(last) || this.#media.at(last) !== undefined || rules.limitBytes === undefined) return undefined;
    return this.#room.fitsLimit(last, path, size) ? last : undefined;
  }

  async #lastOrNew(last: number, wanted: Wanted): Promise<Mounted> {
    const { rules, places } = this.#options;
    if (this.#asking.person === undefined) throw this.#noRoom(wanted, this.#needs(last));
    await this.#media.clearSlot();
    const asked = `Put in medium ${last} of ${rules.name} at ${places.addressOf(last)}; it has room for "${wanted.path}".`;
    const brought = await this.#asking.waitFor(asked, () => this.#asking.lookAgain(last));
    if (brought === undefined) throw this.#noRoom(wanted, notPutIn(last));
    return brought;
  }

  async #newMedium(wanted: Wanted): Promise<Mounted> {
    const { rules, places } = this.#options;
    const medium = this.#nextNumber();
    const look = () => this.#lookForNew(medium, wanted);
    if (places.isOneSlot) await this.#media.clearSlot();
    const found = places.isOneSlot ? this.#needs(medium) : await look();
    if (typeof found !== 'string') return found;
    if (!rules.waits || this.#asking.person === undefined) throw this.#noRoom(wanted, found);
    const brought = await this.#asking.waitFor(newMediumQuestion(rules.name, medium, places.addressOf(medium), found), look);
    if (brought === undefined) throw this.#noRoom(wanted, notPutIn(medium));
    return brought;
  }

  /** Numbers of lost media are not given again. */
  #nextNumber(): number {
    const { rules, catalogue } = this.#options;
    return Math.max(0, ...catalogue.media, ...rules.lost) + 1;
  }

  /** A reason where there is none that may be used. */
  async #lookForNew(medium: number, wanted: Wanted): Promise<Mounted | string> {
    const { rules, places } = this.#options;
    const found = await this.#media.look(medium, rules.makesMissing);
    switch (found.kind) {
      case 'nothing':
        return rules.waits ? this.#needs(medium) : noFolder(medium, places);
      case 'refused':
        return found.reason;
      case 'known':
        if (!places.isOneSlot || (await this.#hasRoom(found.mounted, wanted))) return found.mounted;
        return `That is medium ${found.mounted.medium}, which has no room left`;
      case 'blank': {
        const prepared = await prepareMedium(found.root, {
          ...this.#options,
          ask: this.#asking.person,
          medium,
          others: this.#media.inReach(),
        });
        if (typeof prepared !== 'string') return this.#media.mount(medium, found.root);
        await found.root.vfs.close();
        return prepared;
      }
    }
  }

  #needs(medium: number): string {
    return `medium ${medium} is needed at ${this.#options.places.addressOf(medium)}`;
  }

  #noRoom(wanted: Wanted, reason: string): VfsError {
    const { rules, ask } = this.#options;
    const isAsked = ask !== undefined;
    const goesOn = isAsked ? '. What is done is done; the next run goes on' : '. Nobody can be asked: put it in and run again; what is done is done';
    return noRoom(rules, wanted, reason, rules.waits ? goesOn : '');
  }
}
