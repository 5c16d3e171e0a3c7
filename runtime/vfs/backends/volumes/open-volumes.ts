import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Vfs } from '../../vfs.ts';
import { Asking } from './asking.ts';
import { Catalogue } from './catalogue.ts';
import { CatalogueView } from './catalogue-view.ts';
import { DamagedCatalogue, parseLines } from './catalogue-lines.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import { Clearing } from './clearing.ts';
import { type Forecast, openForecast } from './forecast.ts';
import { inFolder } from './in-folder.ts';
import { Journal } from './journal.ts';
import { Media } from './media.ts';
import type { AskPerson, MediaPlaces } from './media-places.ts';
import { newSetId } from './medium-identity.ts';
import { Placing } from './placing.ts';
import { Reserving } from './reserving.ts';
import { Turns } from './turns.ts';
import type { VolumeRules } from './volume-rules.ts';
import { VolumesRoot } from './volumes-root.ts';

export interface VolumesOptions {
  readonly rules: VolumeRules;
  readonly places: MediaPlaces;
  readonly store: CatalogueStore;
  /** undefined: nobody can be asked. */
  readonly ask: AskPerson | undefined;
  /** Told what whoever watches the run should know. */
  readonly tell: (message: string) => void;
  /** Media may be changed. */
  readonly writes: boolean;
  /** The catalogue may be written: not in a simulation. */
  readonly records: boolean;
  /** The folder in the set that is the root; `''`: all of it. Made by the first change when it is missing. */
  readonly inner: RelPath;
  /** Something may be read from it: a set that nobody knows, or one without `inner`, is `unreachable`, not empty. */
  readonly mustExist: boolean;
  /** Ends every pending call with `aborted`. */
  readonly signal: AbortSignal;
}

export interface OpenedVolumes {
  readonly vfs: Vfs;
  /** Of the set: stays when its folders move. */
  readonly setId: string;
  readonly catalogue: Catalogue;
  /** For a simulation. */
  forecast(): Promise<Forecast>;
}

/**
 * A set of media of limited size as one root (manual, "LimitedMedia"). A file is whole on one medium, or on as many as `copies` says; which one is known by a catalogue, so that
 * media need not be in reach. Rejects with VfsError `unreachable` when the catalogue is missing or damaged and not all media are in reach.
 */
export async function openVolumes(options: VolumesOptions): Promise<OpenedVolumes> {
  const { rules, store, records, tell } = options;
  const { catalogue, state, lines } = await readCatalogue(options);
  const journal = new Journal({ catalogue, store, records }, lines);
  const { commit } = journal;
  const media = new Media({ ...options, catalogue, commit });
  const asking = new Asking(media, { ...options, catalogue, commit });
  const clearing = new Clearing({ catalogue, media, commit });
  try {
    const highest = (await media.open()) || (await askedFor(state, { ...options, catalogue, asking }));
    if (options.mustExist && highest === 0 && catalogue.media.size === 0) throw unknownSet(options);
    if (state === 'missing' || state === 'damaged') await requireAll(highest, { ...options, catalogue, asking, wasDamaged: state === 'damaged' });
    for (const medium of rules.lost) commit(catalogue.forgetting(medium));
    if (state === 'damaged' && records) await store.setAside();
    await journal.start(state === 'torn' || (state !== 'whole' && highest > 0));
    if (catalogue.setId === undefined) commitQuietly(catalogue);
  } catch (error) {
    await media.close();
    await store.close();
    throw error;
  }
  const reserving = new Reserving(media, asking, { ...options, catalogue, commit });
  const placing = new Placing({ catalogue, media, reserving, clearing, commit, copies: rules.copies, tell });
  const whole = new VolumesRoot({
    label: `${rules.name}:${options.inner}`,
    catalogue,
    view: new CatalogueView(catalogue, await media.traits()),
    media,
    asking,
    placing,
    clearing,
    journal,
    turns: new Turns(),
    signal: options.signal,
  });
  return {
    vfs: await innerOf(whole, options),
    setId: catalogue.setId ?? '',
    catalogue,
    forecast: () => openForecast({ ...options, catalogue, media }),
  };
}

/** Where nothing can be done without a medium, somebody may have one at hand. 0: no. */
async function askedFor(state: Read['state'], options: VolumesOptions & { readonly catalogue: Catalogue; readonly asking: Asking }): Promise<number> {
  const { rules, catalogue, mustExist, asking } = options;
  const isNeeded = state === 'damaged' || (mustExist && catalogue.media.size === 0);
  return isNeeded && rules.waits && asking.person !== undefined ? asking.bringAny(catalogueLost(options, state === 'damaged')) : 0;
}

function catalogueLost({ rules, store }: VolumesOptions, isDamaged: boolean): string {
  return `the catalogue of ${rules.name}, ${store.label}, is ${isDamaged ? 'damaged' : 'missing'}`;
}

function unknownSet({ rules, store, places }: VolumesOptions): VfsError {
  const nothing = `nothing is known of ${rules.name}, which is to be read: its catalogue, ${store.label}, is missing or tells of no medium, and no medium is in reach`;
  const mend = 'put the media in, bring the catalogue back, or correct the options "media" and "catalogue"';
  return new VfsError('unreachable', '', `${nothing} (the first would be ${places.addressOf(1)}); ${mend}`);
}

async function innerOf(whole: VolumesRoot, { inner, mustExist, rules }: VolumesOptions): Promise<Vfs> {
  if (inner === '') return whole;
  if (mustExist && (await whole.stat(inner)) === undefined) {
    await whole.close();
    throw new VfsError(
      'unreachable',
      '',
      `the folder "${inner}" does not exist on the media of ${rules.name}, which are to be read; correct its path`,
    );
  }
  return inFolder(whole, inner);
}

/** A set that has no medium yet gets its id, which is written down with its first medium. */
function commitQuietly(catalogue: Catalogue): void {
  catalogue.apply({ what: 'set', id: newSetId() });
}

interface Read {
  readonly catalogue: Catalogue;
  /** `torn`: the last line was cut off. */
  readonly state: 'whole' | 'torn' | 'missing' | 'damaged';
  /** Of the file, if it can go on. */
  readonly lines: number | undefined;
}

async function readCatalogue({ store, rules }: VolumesOptions): Promise<Read> {
  const catalogue = new Catalogue(rules.sectorSize);
  const text = await store.read();
  if (text === undefined || text === '') return { catalogue, state: 'missing', lines: undefined };
  try {
    const { steps, isTorn } = parseLines(text);
    for (const changes of steps) for (const change of changes) catalogue.apply(change);
    return { catalogue, state: isTorn ? 'torn' : 'whole', lines: steps.length + 1 };
  } catch (error) {
    if (!(error instanceof DamagedCatalogue)) throw error;
    return { catalogue: new Catalogue(rules.sectorSize), state: 'damaged', lines: undefined };
  }
}

interface Rebuilding extends VolumesOptions {
  readonly catalogue: Catalogue;
  readonly asking: Asking;
  readonly wasDamaged: boolean;
}

/** What is on a medium that is not in reach would look removed: without a catalogue all of them must be seen. */
async function requireAll(highest: number, options: Rebuilding): Promise<void> {
  const { catalogue, asking, wasDamaged, rules, tell } = options;
  const what = catalogueLost(options, wasDamaged);
  if (highest === 0) {
    if (wasDamaged)
      throw new VfsError('unreachable', '', `${what}, and no medium is in reach; put the media in, or move the file away to begin a new set`);
    return;
  }
  const missing = () => Array.from({ length: highest }, (_, at) => at + 1).filter((one) => !catalogue.media.has(one) && !rules.lost.has(one));
  for (const medium of rules.waits && asking.person !== undefined ? missing() : [])
    await asking.bring(medium, '', `${what}, so all media have to be looked at`);
  const absent = missing();
  if (absent.length > 0) {
    const which = absent.length === 1 ? `medium ${absent[0]} is` : `media ${absent.join(', ')} are`;
    throw new VfsError(
      'unreachable',
      '',
      `${what}, and of ${highest} media ${which} not in reach; put all of them in, bring the catalogue back, or name those that are gone for good in "lost"`,
    );
  }
  tell(`${what}; it was made anew from the ${highest} media`);
}
