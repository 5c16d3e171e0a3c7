import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderAtRealPath } from '../machine/held-folder.ts';
import { openLocal, type LocalOptions } from './backends/local/open-local.ts';
import { walkLocal } from './backends/local/walk-local.ts';
import type { ZipOptions } from './backends/zip/open-zip.ts';
import type { Encoder } from './layers/encoded.ts';
import type { FoundBin } from './bin.ts';
import { madeOnDemand } from './layers/made-on-demand.ts';
import type { Foresight, KeeperOptions } from './open-keeper.ts';
import type { RelPath } from './path.ts';
import { type BaseAddress, isKeeper, type LayerAddress, type RootAddress, splitAddress } from './root-address.ts';
import { VfsError } from './vfs-error.ts';
import type { Vfs } from './vfs.ts';
import { walkByListing } from './walk-listing.ts';
import { hasOwnWalk, type Walk, type WalkOptions } from './walk.ts';

export interface RootOptions extends LocalOptions, KeeperOptions {
  /** A folder that is missing is made by the first action; else it is `unreachable`. */
  readonly makeMissing: boolean;
  /** Something may be read from it: an archive that is missing, the folder in it, or a set of media that nobody knows, is `unreachable`, not empty. Absent: false. */
  readonly mustExist?: boolean;
  /** A simulation: what dead runs left in or beside an archive stays as well. */
  readonly changesNothing?: boolean;
  /** `tfs:` notes are written by `flush` alone. Absent: false. */
  readonly holdsNotes?: boolean;
  /** Of archives, 0 (stored) to 9; absent: the usual one. */
  readonly level?: number;
  /** Of `ienc:` layers, by their names. */
  readonly encoders?: ReadonlyMap<string, Encoder>;
  /** Opens the media of the option `volumes` by their name, and of them the folder `inner`. */
  readonly openMedia?: (volume: string, inner: RelPath, options: RootOptions) => Promise<Vfs>;
}

export interface OpenedRoot {
  readonly vfs: Vfs;
  /** Of its layers that keep old versions. */
  readonly keepers: readonly Foresight[];
  /** The fastest way to read all of it. */
  walk(options: WalkOptions): Walk;
}

/**
 * Opens the root of an address whose local paths are real paths that may be used; only what the address needs is loaded. Rejects with VfsError `unreachable`
 * for what is missing or cannot be opened. `close` of the outermost file system closes all.
 */
export async function openRoot(address: RootAddress, options: RootOptions): Promise<OpenedRoot> {
  const { layers, base } = address;
  const { noLinksTo = [] } = options;
  if (base.kind === 'local' && layers.length === 0 && !isMissing(base.path, options)) {
    const vfs = await openLocal(base.path, options);
    return { vfs, keepers: [], walk: (walkOptions) => walkLocal(base.path, { ...walkOptions, noLinksTo }) };
  }
  let vfs = await openBase(address, options);
  const keepers: Foresight[] = [];
  for (const [below, layer] of layers.toReversed().entries()) {
    const encodedBelow = layers.slice(layers.length - below).filter(({ scheme }) => scheme === 'ienc').length;
    vfs = await withLayer(vfs, layer, {
      ...options,
      encodedBelow,
      above: layers.slice(0, layers.length - 1 - below),
      keepers,
      ...(below === 0 ? binFor(base, options) : {}),
    });
  }
  const outermost = vfs;
  if (base.kind === 'local' && layers.every(isKeeper) && !isMissing(base.path, options)) {
    const chosen = options.versions?.folder;
    const folder = layers.every(({ scheme }) => scheme === 'rcy') ? chosen?.replace(/^\/?/, '/') : chosen;
    const unseenVersions = { folder, caseSensitive: vfs.traits.caseSensitive };
    return { vfs, keepers, walk: (walkOptions) => walkLocal(base.path, { ...walkOptions, noLinksTo, unseenVersions }) };
  }
  return { vfs, keepers, walk: (walkOptions) => (hasOwnWalk(outermost) ? outermost.walk(walkOptions) : walkByListing(outermost, walkOptions)) };
}

function binFor(base: BaseAddress, { signal }: RootOptions): Pick<Stack, 'openBin'> {
  return base.kind === 'local' ? { openBin: async () => (await import('./open-bin.ts')).openBin(base.path, signal) } : {};
}

/** A file or folder by its own address: the root that it is in, opened, and its path there (`''`: the root itself). */
async function openPlace(address: RootAddress, options: RootOptions): Promise<{ readonly vfs: Vfs; readonly path: RelPath }> {
  const { root, path } = splitAddress(address);
  return { vfs: (await openRoot(root, options)).vfs, path };
}

async function openBase(address: RootAddress, options: RootOptions): Promise<Vfs> {
  const { base } = address;
  switch (base.kind) {
    case 'local':
      return isMissing(base.path, options) ? onDemand(base.path, options) : openLocal(base.path, options);
    case 'null':
      return (await import('./backends/null.ts')).openNull(options);
    case 'zip':
      return openArchive(base, options);
    case 'volumes':
      return openVolumes(base, options);
  }
}

/**
 * An archive that is a file of this machine is read and written at any place; one that lies in another root, or under layers, in memory. A missing one is `unreachable`
 * with `mustExist`; else the first action makes it, but the folder it is to lie in only with `makeMissing`.
 */
async function openArchive({ archive, inner }: BaseAddress & { readonly kind: 'zip' }, options: RootOptions): Promise<Vfs> {
  const { openZip, requireWayToArchive, ZIP_TRAITS } = await import('./backends/zip/open-zip.ts');
  const { signal, changesNothing, mustExist = false, makeMissing } = options;
  const { isRealPath = false, level } = options;
  const access = changesNothing === true ? 'read' : 'write';
  const common = { access, makeMissing: !mustExist, inner, signal, isRealPath } as const;
  const zipOptions: ZipOptions = { ...common, makeFolders: makeMissing, ...(level === undefined ? {} : { level }) };
  if (archive.base.kind !== 'local' || archive.layers.length > 0) return openZip(await openPlace(archive, options), zipOptions);
  const { path } = archive.base;
  requireWayToArchive(path);
  const folder = dirname(path);
  if (!isMissing(folder, options)) return openZip({ path }, zipOptions);
  return madeOnDemand({ label: `zip:${path}`, traits: ZIP_TRAITS }, async () => {
    makeFolder(folder);
    return openZip({ path }, zipOptions);
  });
}

/** Where a layer stands in its stack. */
interface Stack {
  readonly encodedBelow: number;
  readonly above: readonly LayerAddress[];
  readonly openBin?: () => Promise<FoundBin>;
  /** Of all layers that keep old versions. */
  readonly keepers: Foresight[];
}

async function withLayer(inner: Vfs, layer: LayerAddress, options: RootOptions & Stack): Promise<Vfs> {
  switch (layer.scheme) {
    case 'igz':
      return (await import('./layers/gzipped.ts')).gzipped(inner, layer);
    case 'tfs':
      return openNotes(inner, options);
    case 'xvs':
    case 'uxvs':
    case 'rcy': {
      const { vfs, foresight } = (await import('./open-keeper.ts')).openKeeper(inner, layer.scheme, options, options);
      options.keepers.push(foresight);
      return vfs;
    }
    case 'ienc': {
      const encoder = layer.encoder === undefined ? undefined : options.encoders?.get(layer.encoder);
      if (encoder !== undefined) return (await import('./layers/encoded.ts')).encoded(inner, { ...encoder, layersBelow: options.encodedBelow });
      await inner.close();
      throw new VfsError('unsupported', '', '"ienc:" is for the roots of a project, whose option "encoders" says what program encodes');
    }
  }
}

async function openNotes(inner: Vfs, { holdsNotes = false }: RootOptions): Promise<Vfs> {
  const { stampOnly } = await import('./layers/stamp-only.ts');
  return stampOnly(holdsNotes ? (await import('./layers/stamp-only/held-notes.ts')).holdingNotes(inner) : inner);
}

/** A set of media of limited size, by whoever knows where they are. */
async function openVolumes({ volume, inner }: BaseAddress & { readonly kind: 'volumes' }, options: RootOptions): Promise<Vfs> {
  if (options.openMedia !== undefined) return options.openMedia(volume, inner, options);
  throw new VfsError('unsupported', '', `"vol${volume}:" is for the roots of a project, whose option "volumes" says where its media are`);
}

function isMissing(path: string, { makeMissing }: RootOptions): boolean {
  return makeMissing && !existsSync(path);
}

async function onDemand(path: string, options: RootOptions): Promise<Vfs> {
  const traits = await traitsBeside(path, options);
  return madeOnDemand({ label: path, traits }, async () => {
    makeFolder(path);
    return openLocal(path, options);
  });
}

function makeFolder(path: string): void {
  try {
    makeFolderAtRealPath(path);
  } catch (cause) {
    throw new VfsError('unreachable', '', `the folder ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A folder that is made will be like the nearest one that exists. */
async function traitsBeside(path: string, options: RootOptions): Promise<Vfs['traits']> {
  let nearest = dirname(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const beside = await openLocal(nearest, options);
  await beside.close();
  return beside.traits;
}
