import { VfsError } from '../../vfs-error.ts';
import type { Traits, Vfs } from '../../vfs.ts';
import type { Catalogue } from './catalogue.ts';
import type { Change } from './kept.ts';
import type { AskPerson, MediaPlaces, MediumRoot } from './media-places.ts';
import { listMedium } from './medium-content.ts';
import { readIdentity } from './medium-identity.ts';
import { reconcile } from './reconcile.ts';
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

/** The media of a set that are in reach. */
export class Media {
  readonly #options: MediaOptions;
  readonly #mounted = new Map<number, Mounted>();
  /** Why what is at an address is not used. */
  readonly #refused = new Map<number, string>();
  #wakeIdle: (() => void)[] = [];

  constructor(options: MediaOptions) {
    this.#options = options;
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
      const found = await this.look(medium);
      if (found.kind === 'known') highest = Math.max(highest, found.media, found.mounted.medium);
      else if (found.kind === 'refused') this.#refused.set(medium, found.reason);
      else if (found.kind === 'blank') {
        await found.root.vfs.close();
        this.#refused.set(medium, `what is at ${places.addressOf(medium)} is no medium`);
      }
    }
    return highest;
  }

  /** Why what is at the address of a medium is not used; undefined: nothing is known against it. */
  whyRefused(medium: number): string | undefined {
    return this.#refused.get(medium);
  }

  /** What is at the address of a medium; a medium of the set is mounted. `make`: a missing folder is made. */
  async look(medium: number, make = false): Promise<Looked> {
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
      return { kind: 'known', mounted: known ?? (await this.mount(identity.medium, root)), media: identity.media };
    } catch (error) {
      await root?.vfs.close();
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      return { kind: 'refused', reason: `medium ${medium} of ${rules.name} cannot be used: ${error.message}` };
    }
  }

  /** The medium in the only slot is let go of, so that it can be taken out. */
  async clearSlot(): Promise<void> {
    if (!this.#options.places.isOneSlot) return;
    while (this.inReach().some(({ users }) => users > 0)) await new Promise<void>((resolve) => this.#wakeIdle.push(resolve));
    for (const { medium, vfs } of this.inReach()) {
      await vfs.flush();
      this.#mounted.delete(medium);
      await vfs.close();
    }
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

  /** Takes a medium in: what is really on it counts. */
  async mount(medium: number, root: MediumRoot): Promise<Mounted> {
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

export type Looked =
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
