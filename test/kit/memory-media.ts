import type { CatalogueStore } from '../../runtime/vfs/backends/volumes/catalogue-store.ts';
import type { AskPerson, MediaPlaces, MediumRoot } from '../../runtime/vfs/backends/volumes/media-places.ts';
import { openVolumes, type OpenedVolumes, type VolumesOptions } from '../../runtime/vfs/backends/volumes/open-volumes.ts';
import type { VolumeRules } from '../../runtime/vfs/backends/volumes/volume-rules.ts';
import type { Traits, Vfs } from '../../runtime/vfs/vfs.ts';
import { MemoryVfs } from './memory-vfs.ts';

/** Media in memory: a file system a number, put in or not. In one slot only the one that is in it is in reach. */
export class MemoryMedia implements MediaPlaces {
  readonly isOneSlot: boolean;
  /** All that there are, in reach or not. */
  readonly all = new Map<number, MemoryVfs>();
  readonly away = new Set<number>();
  /** What stands before a medium: faults, another layer. */
  wrap: (vfs: Vfs, medium: number) => Vfs = (vfs) => vfs;
  /** Bytes free on a medium. */
  free: (medium: number) => number | undefined = () => undefined;
  inSlot: MemoryVfs | undefined;
  /** What a run lives from, on whatever medium. */
  ownFiles: readonly string[] = [];
  readonly #traits: Partial<Traits>;
  readonly #makes: boolean;

  /** `makes`: media appear when they are asked for with `make`. */
  constructor({ isOneSlot = false, makes = true, traits = {} }: { isOneSlot?: boolean; makes?: boolean; traits?: Partial<Traits> } = {}) {
    this.isOneSlot = isOneSlot;
    this.#makes = makes;
    this.#traits = traits;
  }

  addressOf(medium: number): string {
    return this.isOneSlot ? 'slot' : `media${medium}`;
  }

  async inReach(): Promise<readonly number[]> {
    if (this.isOneSlot) return this.inSlot === undefined ? [] : [1];
    return [...this.all.keys()].filter((medium) => !this.away.has(medium)).sort((a, b) => a - b);
  }

  async open(medium: number, make: boolean): Promise<MediumRoot | undefined> {
    if (make && this.#makes && !this.isOneSlot && !this.all.has(medium)) this.put(medium);
    const vfs = this.isOneSlot ? this.inSlot : this.away.has(medium) ? undefined : this.all.get(medium);
    return vfs === undefined ? undefined : { vfs: this.wrap(vfs, medium), ownFiles: this.ownFiles, freeBytes: async () => this.free(medium) };
  }

  async likelyTraits(): Promise<Traits> {
    return new MemoryVfs({ traits: this.#traits }).traits;
  }

  /** A new, empty medium is there. */
  put(medium: number): MemoryVfs {
    const vfs = this.blank();
    this.all.set(medium, vfs);
    return vfs;
  }

  blank(): MemoryVfs {
    return new MemoryVfs({ traits: this.#traits });
  }

  get(medium: number): MemoryVfs {
    const vfs = this.all.get(medium);
    if (vfs === undefined) throw new RangeError(`there is no medium ${medium}`);
    return vfs;
  }
}

/** A catalogue in memory. */
export class MemoryCatalogue implements CatalogueStore {
  readonly label = 'test.syncvol';
  text: string | undefined;
  damaged: string | undefined;

  async read(): Promise<string | undefined> {
    return this.text;
  }
  append(text: string): void {
    this.text = (this.text ?? '') + text;
  }
  async replace(text: string): Promise<void> {
    this.text = text;
  }
  async setAside(): Promise<void> {
    this.damaged = this.text;
    this.text = undefined;
  }
  async sync(): Promise<void> {}
  async close(): Promise<void> {}
}

export interface VolumeSetup extends Partial<VolumeRules> {
  readonly ask?: AskPerson;
  readonly inner?: string;
  readonly mustExist?: boolean;
  readonly signal?: AbortSignal;
  readonly simulation?: boolean;
  readonly told?: string[];
}

export function openMemoryVolumes(places: MediaPlaces, store: CatalogueStore, setup: VolumeSetup = {}): Promise<OpenedVolumes> {
  const { ask, inner = '', mustExist = false, signal = new AbortController().signal, simulation = false, told = [], ...rules } = setup;
  const options: VolumesOptions = {
    rules: {
      name: 'vol1',
      limitBytes: undefined,
      sectorSize: 1,
      copies: 1,
      makesMissing: true,
      emptiesNew: false,
      waits: false,
      lost: new Set(),
      ...rules,
    },
    places,
    store,
    ask,
    tell: (message) => told.push(message),
    writes: !simulation,
    records: !simulation,
    inner,
    mustExist,
    signal,
  };
  return openVolumes(options);
}
