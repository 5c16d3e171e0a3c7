import { parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Traits, Vfs } from '../../vfs.ts';
import type { Catalogue } from './catalogue.ts';
import type { Change } from './kept.ts';
import type { AskPerson, MediaPlaces, MediumRoot } from './media-places.ts';
import { listMedium } from './medium-content.ts';
import { readIdentity } from './medium-identity.ts';
import { newMediumQuestion, prepareMedium } from './new-medium.ts';
import { reconcile } from './reconcile.ts';
import { Room } from './room.ts';
import type { VolumeRules } from './volume-rules.ts';

/** A medium that is in reach. */
export interface Mounted {
  readonly medium: number;
  readonly vfs: Vfs;
  readonly root: MediumRoot;
  /** Calls that are under way. */
  users: number;
  /** It can be read only; found out by trying. */
  isReadOnly: boolean;
}

export interface MediaOptions {
  readonly rules: VolumeRules;
  readonly places: MediaPlaces;
  readonly catalogue: Catalogue;
  /** undefined: nobody can be asked. */
  readonly ask: AskPerson | undefined;
  /** What whoever watches the run should know. */
  readonly tell: (message: string) => void;
  /** Media may be changed. */
  readonly writes: boolean;
  /** Applies changes to the catalogue and writes them down. */
  readonly commit: (changes: readonly Change[]) => void;
}

/** What is to be put somewhere. */
export interface Wanted {
  readonly path: RelPath;
  /** undefined: nobody knows before it is read. */
  readonly size: number | undefined;
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

/** The media of a set: which are in reach, which has room, and the asking for others. */
export class Media {
  readonly #options: MediaOptions;
  readonly #mounted = new Map<number, Mounted>();
  readonly #room: Room;
  /** Why what is at an address is not used. */
  readonly #refused = new Map<number, string>();
  /** The last one who wanted a place. One looks for a place at a time, so that one question is asked at a time. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** Somebody said no: nothing more is asked in this run. */
  #isDeclined = false;
  #wakeIdle: (() => void)[] = [];

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#room = new Room(options.rules, options.catalogue);
  }

  inReach(): readonly Mounted[] {
    return [...this.#mounted.values()].sort((a, b) => a.medium - b.medium);
  }

  at(medium: number): Mounted | undefined {
    return this.#mounted.get(medium);
  }

  /** Does something on a medium, which stays meanwhile. */
  async use<T>(mounted: Mounted, act: (vfs: Vfs) => Promise<T>): Promise<T> {
    const done = this.hold(mounted);
    try {
      return await act(mounted.vfs);
    } finally {
      done();
    }
  }

  /** Keeps a medium where it is until what is returned is called. */
  hold(mounted: Mounted): () => void {
    mounted.users++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      mounted.users--;
      if (mounted.users === 0) for (const wake of this.#wakeIdle.splice(0)) wake();
    };
  }

  /** Finds the media that are in reach. Resolves to the highest number that they tell of. */
  async open(): Promise<number> {
    const { places } = this.#options;
    let highest = 0;
    for (const medium of await places.inReach()) {
      const found = await this.#look(medium);
      if (found.kind === 'known') highest = Math.max(highest, found.media, found.mounted.medium);
      else if (found.kind === 'blank') await found.root.vfs.close();
      if (found.kind === 'refused') this.#refused.set(medium, found.reason);
    }
    return highest;
  }

  /** A medium that is to be read. Rejects with VfsError `absent`. */
  bring(medium: number, path: RelPath, why = `"${path}" is on it`): Promise<Mounted> {
    return this.#inTurn(async () => {
      const there = this.at(medium);
      if (there !== undefined) return there;
      const { rules, places } = this.#options;
      const where = `it is on medium ${medium} of ${rules.name}, which is not in reach`;
      if (places.isOneSlot && this.inReach().some(({ users }) => users > 0))
        throw new VfsError('absent', path, `${where} while another one is in use; the next run looks for it again`);
      const known = places.isOneSlot ? await this.#look(medium) : undefined;
      if (known?.kind === 'known' && known.mounted.medium === medium) return known.mounted;
      if (known?.kind === 'blank') await known.root.vfs.close();
      if (!rules.waits || !this.#mayAsk()) throw new VfsError('absent', path, `${where}: ${this.#adviceFor(medium)}`);
      const wanted = `Put in medium ${medium} of ${rules.name} at ${places.addressOf(medium)}; ${why}.`;
      return this.#waitFor(
        medium,
        wanted,
        () => this.#lookAgain(medium),
        (reason) => new VfsError('absent', path, `${where}: ${reason}`),
      );
    });
  }

  /** Room for something on so many media. Asks for the next medium when all are full. Rejects with VfsError `too-large`, `no-space`. */
  reserve(wanted: Wanted, count: number): Promise<readonly Reservation[]> {
    return this.#inTurn(async () => {
      this.#requireFitsAnywhere(wanted);
      const { places } = this.#options;
      if (places.isOneSlot && this.#mounted.size === 0) await this.open();
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
    const empty = this.inReach().find((one) => !wanted.except.has(one.medium) && !one.isReadOnly && this.#room.isEmpty(one.medium));
    if (empty !== undefined) throw await this.#tooLargeFor(empty, wanted);
  }

  async #tooLargeFor(mounted: Mounted, { path }: Wanted): Promise<VfsError> {
    const { name } = this.#options.rules;
    return new VfsError('too-large', path, `it is larger than medium ${mounted.medium} of ${name}, which has ${await this.#roomText(mounted)}`);
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
    return this.at(medium)?.isReadOnly === false && catalogue.usedOf(medium) === folders;
  }

  /** After a failure on a medium: whether it is still in reach. One that is not is given up for this run. */
  async isAlive(mounted: Mounted): Promise<boolean> {
    if (this.#mounted.get(mounted.medium) !== mounted) return false;
    const identity = await readIdentity(mounted.vfs).catch(() => undefined);
    if (identity?.medium === mounted.medium && identity.set === this.#options.catalogue.setId) return true;
    this.#mounted.delete(mounted.medium);
    this.#refused.set(mounted.medium, `medium ${mounted.medium} was taken away during the run`);
    await mounted.vfs.close().catch(ignored);
    return false;
  }

  async flush(): Promise<void> {
    await Promise.all(this.inReach().map(({ vfs }) => vfs.flush()));
  }

  async close(): Promise<void> {
    const all = this.inReach();
    this.#mounted.clear();
    await Promise.all(all.map(({ vfs }) => vfs.close()));
  }

  /** Facts of all media so far, and of what new ones will be like. */
  async traits(): Promise<Traits> {
    return this.#options.catalogue.traits ?? this.#options.places.likelyTraits();
  }

  /** Room in words. */
  async #roomText(mounted: Mounted): Promise<string> {
    const { limitBytes } = this.#options.rules;
    const free = await mounted.root.freeBytes();
    const most = Math.min(limitBytes ?? Number.POSITIVE_INFINITY, free ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(most) ? `${most} bytes of room at most` : 'no room for it';
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(act);
    this.#lastTurn = turn.catch(ignored);
    return turn;
  }

  #mayAsk(): boolean {
    return this.#options.ask !== undefined && !this.#isDeclined;
  }

  #adviceFor(medium: number): string {
    const reason = this.#refused.get(medium);
    const where = this.#options.places.addressOf(medium);
    return `${reason === undefined ? '' : `${reason}; `}put it in at ${where} and run again`;
  }

  /** Those that have it come first, then the first ones: so gaps are filled. */
  #byPreference(path: RelPath): readonly Mounted[] {
    const { catalogue } = this.#options;
    return [...this.inReach()].sort((a, b) => Number(catalogue.costOn(b.medium, path) > 0) - Number(catalogue.costOn(a.medium, path) > 0));
  }

  #requireFitsAnywhere({ path, size }: Wanted): void {
    const { rules, catalogue } = this.#options;
    const most = this.#room.mostFor(path);
    if (most === undefined || size === undefined || catalogue.costOf(size) <= most) return;
    const advice = 'leave it out by "excludeFiles", or use larger media';
    throw new VfsError('too-large', path, `it has ${size} bytes, and a medium of ${rules.name} has room for ${most} at most; ${advice}`);
  }

  async #hasRoom({ medium, root, isReadOnly }: Mounted, { path, size, except }: Wanted): Promise<boolean> {
    if (except.has(medium) || isReadOnly || !this.#room.fitsLimit(medium, path, size)) return false;
    return this.#room.has(medium, path, size, await root.freeBytes());
  }

  #take(mounted: Mounted, { path, size }: Wanted): Reservation {
    const done = this.hold(mounted);
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
    if (last === 0 || !rules.waits || except.has(last) || this.at(last) !== undefined || rules.limitBytes === undefined) return undefined;
    return this.#room.fitsLimit(last, path, size) ? last : undefined;
  }

  async #lastOrNew(last: number, wanted: Wanted): Promise<Mounted> {
    const { rules, places } = this.#options;
    if (!this.#mayAsk()) throw this.#noRoom(wanted, this.#needs(last));
    await this.#clearSlot();
    const asked = `Put in medium ${last} of ${rules.name} at ${places.addressOf(last)}; it has room for "${wanted.path}".`;
    return this.#waitFor(
      last,
      asked,
      () => this.#lookAgain(last),
      (reason) => this.#noRoom(wanted, reason),
    );
  }

  async #newMedium(wanted: Wanted): Promise<Mounted> {
    const { rules, places } = this.#options;
    const medium = this.#nextNumber();
    const look = () => this.#lookForNew(medium, wanted);
    if (places.isOneSlot) await this.#clearSlot();
    const found = places.isOneSlot ? this.#needs(medium) : await look();
    if (typeof found !== 'string') return found;
    if (!rules.waits || !this.#mayAsk()) throw this.#noRoom(wanted, found);
    return this.#waitFor(medium, newMediumQuestion(rules.name, medium, places.addressOf(medium), found), look, (reason) =>
      this.#noRoom(wanted, reason),
    );
  }

  /** Numbers of lost media are not given again. */
  #nextNumber(): number {
    const { rules, catalogue } = this.#options;
    return Math.max(0, ...catalogue.media, ...rules.lost) + 1;
  }

  /** A reason where there is none that may be used. */
  async #lookForNew(medium: number, wanted: Wanted): Promise<Mounted | string> {
    const { rules, places } = this.#options;
    const found = await this.#look(medium, rules.makesMissing);
    switch (found.kind) {
      case 'nothing':
        return rules.waits ? this.#needs(medium) : `medium ${medium} is not there; make the folder ${places.addressOf(medium)}, or set "autoMkdir"`;
      case 'refused':
        return found.reason;
      case 'known':
        if (!places.isOneSlot || (await this.#hasRoom(found.mounted, wanted))) return found.mounted;
        return `That is medium ${found.mounted.medium}, which has no room left`;
      case 'blank': {
        const prepared = await prepareMedium(found.root, {
          ...this.#options,
          ask: this.#isDeclined ? undefined : this.#options.ask,
          medium,
          others: this.inReach(),
        });
        if (typeof prepared !== 'string') return this.#mount(medium, found.root);
        await found.root.vfs.close();
        return prepared;
      }
    }
  }

  #needs(medium: number): string {
    return `medium ${medium} is needed at ${this.#options.places.addressOf(medium)}`;
  }

  #noRoom({ path, size }: Wanted, reason: string): VfsError {
    const { rules } = this.#options;
    const what = size === undefined ? 'it' : `it (${size} bytes)`;
    const next = !rules.waits
      ? ''
      : this.#options.ask === undefined
        ? '. Nobody can be asked: put it in and run again; what is done is done'
        : '. What is done is done; the next run goes on';
    return new VfsError('no-space', path, `no medium of ${rules.name} that is in reach has room for ${what}; ${reason}${next}`);
  }

  /** Asks until `look` finds what was asked for, or somebody says no. */
  async #waitFor(medium: number, wanted: string, look: () => Promise<Mounted | string>, refuse: (reason: string) => VfsError): Promise<Mounted> {
    await this.#clearSlot();
    let before = '';
    for (;;) {
      const text = before === '' ? wanted : `${before}. ${wanted}`;
      const isIn = await this.#options.ask?.({ text, yes: 'It is in', no: 'Stop here', isYesFirst: true });
      if (isIn !== true) {
        this.#isDeclined = true;
        throw refuse(`medium ${medium} was not put in`);
      }
      const found = await look();
      if (typeof found !== 'string') return found;
      before = found;
      await this.#clearSlot();
    }
  }

  /** The medium in the only slot is let go of, so that it can be taken out. */
  async #clearSlot(): Promise<void> {
    if (!this.#options.places.isOneSlot) return;
    while (this.inReach().some(({ users }) => users > 0)) await new Promise<void>((resolve) => this.#wakeIdle.push(resolve));
    for (const { medium, vfs } of this.inReach()) {
      await vfs.flush();
      this.#mounted.delete(medium);
      await vfs.close();
    }
  }

  /** A reason where it is not the one that was asked for. */
  async #lookAgain(medium: number): Promise<Mounted | string> {
    const found = await this.#look(medium);
    if (found.kind === 'known') return found.mounted.medium === medium ? found.mounted : `That is medium ${found.mounted.medium}`;
    if (found.kind === 'blank') await found.root.vfs.close();
    return found.kind === 'refused' ? found.reason : `Medium ${medium} is not there`;
  }

  async #look(medium: number, make = false): Promise<Looked> {
    const { places, rules, catalogue } = this.#options;
    let root: MediumRoot | undefined;
    try {
      root = await places.open(medium, make && this.#options.writes);
      if (root === undefined) return { kind: 'nothing' };
      const identity = await readIdentity(root.vfs);
      if (identity === undefined) return { kind: 'blank', root };
      const refused =
        catalogue.setId !== undefined && identity.set !== catalogue.setId
          ? `what is at ${places.addressOf(medium)} is a medium of another set; nothing is done on it`
          : !places.isOneSlot && identity.medium !== medium
            ? `medium ${identity.medium} of ${rules.name} is where medium ${medium} should be (${places.addressOf(medium)})`
            : rules.lost.has(identity.medium)
              ? `medium ${identity.medium} of ${rules.name} is there, and option "lost" says that it is gone`
              : undefined;
      if (refused !== undefined) {
        await root.vfs.close();
        return { kind: 'refused', reason: refused };
      }
      if (catalogue.setId === undefined) this.#options.commit([{ what: 'set', id: identity.set }]);
      const known = this.at(identity.medium);
      if (known !== undefined) await root.vfs.close();
      return { kind: 'known', mounted: known ?? (await this.#mount(identity.medium, root)), media: identity.media };
    } catch (error) {
      await root?.vfs.close();
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      return { kind: 'refused', reason: `medium ${medium} of ${rules.name} cannot be used: ${error.message}` };
    }
  }

  async #mount(medium: number, root: MediumRoot): Promise<Mounted> {
    const { catalogue, commit, writes } = this.#options;
    const mounted: Mounted = { medium, vfs: root.vfs, root, users: 0, isReadOnly: false };
    const traits = weakest(catalogue.traits, root.vfs.traits);
    if (JSON.stringify(traits) !== JSON.stringify(catalogue.traits)) commit([{ what: 'traits', traits }]);
    if (!catalogue.media.has(medium)) commit([{ what: 'medium', medium }]);
    reconcile(catalogue, medium, await listMedium(root.vfs, { recovers: writes }), commit);
    this.#mounted.set(medium, mounted);
    this.#refused.delete(medium);
    return mounted;
  }
}

type Looked =
  | { readonly kind: 'nothing' }
  /** It is of the set, and mounted now. `media`: how many it says that there are. */
  | { readonly kind: 'known'; readonly mounted: Mounted; readonly media: number }
  /** It is no medium of any set. */
  | { readonly kind: 'blank'; readonly root: MediumRoot }
  | { readonly kind: 'refused'; readonly reason: string };

/** What holds for all media. */
function weakest(one: Traits | undefined, other: Traits): Traits {
  if (one === undefined) return other;
  const steps = [one.timePrecisionMs, other.timePrecisionMs];
  return {
    timePrecisionMs: steps.includes(undefined) ? undefined : Math.max(...steps.map((step) => step ?? 0)),
    caseSensitive: one.caseSensitive && other.caseSensitive,
    concurrency: Math.min(one.concurrency, other.concurrency),
    links: one.links && other.links,
    modes: one.modes && other.modes,
  };
}

function ignored(): undefined {}
