import { existsSync } from 'node:fs';
import type { EngineRoot, OwnFiles } from '../../engine/sync-run.ts';
import type { PathRules } from '../../permissions/path-rules.ts';
import type { Encoder } from '../../vfs/layers/encoded.ts';
import { shadowed } from '../../vfs/layers/shadowed.ts';
import type { Foresight } from '../../vfs/open-keeper.ts';
import { type OpenedRoot, openRoot, type RootOptions } from '../../vfs/open-root.ts';
import { formatAddress, isKeeper, keyOf, localFolderOf, type RootAddress } from '../../vfs/root-address.ts';
import { isWithin, type RelPath } from '../../vfs/path.ts';
import type { VersionChange } from '../../vfs/version-change.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { CheckedProject, CheckedRoot } from '../options/options.ts';
import { mediaFolders } from './media-folders.ts';
import type { OpenMedia } from './open-media.ts';
import { ownFilesBelow, ownFilesOnMedia, type RunFiles } from './own-files.ts';
import { placeRoots, type RootPlace } from './root-places.ts';

export interface OpenRootsOptions {
  /** Ends every pending call of the back ends. */
  readonly signal: AbortSignal;
  readonly flushEachFile: boolean;
  readonly pathRules: PathRules;
  /** Those that the roots use, by their names; absent: they use none. */
  readonly encoders?: ReadonlyMap<string, Encoder>;
  /** Told of what becomes of old versions; `shadow`: on that one of the root. Absent: nobody wants to know. */
  readonly tellVersion?: (root: number, change: VersionChange, shadow: string | undefined) => void;
  /** The sets of media that the roots use; absent: they use none. */
  readonly media?: OpenMedia;
  /** Real paths of what the run lives from, and of what it writes itself. */
  readonly ownFiles?: RunFiles;
}

export interface ProjectRoot extends EngineRoot {
  /** Of its layers, and its shadows', that keep old versions. */
  readonly keepers: readonly Foresight[];
  /** What the database knows the root by: the same in every run, without secrets. */
  readonly key: string;
}

/**
 * Opens a project's roots, whose paths are real paths that may be used. Rejects with VfsError `unreachable` for a root that is missing or no folder, with
 * OptionError where two are the same folder.
 */
export async function openRoots(project: CheckedProject, options: OpenRootsOptions): Promise<readonly ProjectRoot[]> {
  const places = placeRoots(project.roots, await mediaFolders(project));
  for (const [index, place] of places.entries()) requireInPlace(project.roots[index], place);
  const opened: ProjectRoot[] = [];
  try {
    for (const [index, place] of places.entries()) {
      opened.push(await openRootAt(index, place, project, options));
    }
  } catch (error) {
    await closeRoots(opened);
    throw error;
  }
  return opened.map((root, index) => (root.alwaysEmpty ? { ...root, key: `${root.key} (root ${index})` } : root));
}

/** `outside` where a link has come into a path since it was permitted. */
function requireInPlace(root: CheckedRoot | undefined, place: RootPlace): void {
  const permitted = root === undefined ? [] : [root.address, ...root.shadows].map(formatAddress);
  const moved = permitted.find((address, index) => address !== [place.address, ...place.shadows].map(formatAddress)[index]);
  if (moved === undefined) return;
  throw new VfsError('outside', '', `a link has come into the path of ${moved} after it was permitted; nothing is done through it`);
}

export async function closeRoots(roots: readonly EngineRoot[]): Promise<void> {
  await Promise.all(roots.map((root) => root.vfs.close()));
}

async function openRootAt(index: number, place: RootPlace, project: CheckedProject, options: OpenRootsOptions): Promise<ProjectRoot> {
  const root = project.roots[index] as CheckedRoot;
  const followLinks = project.symlinks === 'follow';
  const flushesAtEnd = project.syncDb !== undefined && !project.simulation;
  const { signal, flushEachFile, encoders = new Map(), tellVersion = nobody } = options;
  const opening: RootOptions = {
    followLinks,
    isRealPath: true,
    signal,
    flushEachFile,
    flushesAtEnd,
    makeMissing: root.autoMkdir,
    mustExist: !root.targetOnly,
    ...(root.level === undefined ? {} : { level: root.level }),
    changesNothing: project.simulation,
    versions: project.versions,
    tellVersion: (change) => tellVersion(index, change, undefined),
    encoders,
    ...(options.media === undefined ? {} : { openMedia: options.media.open }),
  };
  const folder = localFolderOf(place.address);
  const refused = folder === undefined ? [] : await options.pathRules.refusedBelow(folder);
  const innerRoots = [...place.innerRoots, ...refused];
  const ownFiles = await ownFilesOf(place.address, project, options);
  const savesLate = keepsNotes(place.address) && place.shadows.some(({ base }) => base.kind === 'zip');
  const opened = await openRoot(place.address, {
    ...opening,
    holdsNotes: savesLate,
    outOfReach: refused,
    noLinksTo: [...innerRoots, ...ownFiles.keys()],
  });
  const shadows = await openShadows(opened, place, (address) => {
    return openShadow(address, root, options.pathRules, {
      ...opening,
      mustExist: false,
      tellVersion: (change) => tellVersion(index, change, formatAddress(address)),
    });
  });
  return {
    vfs: shadowed(
      opened.vfs,
      shadows.map(({ vfs }) => vfs),
      { savesLate },
    ),
    ...facedShadows(place, shadows),
    keepers: [opened, ...shadows].flatMap(({ keepers }) => keepers),
    targetOnly: root.targetOnly,
    innerRoots,
    ...(place.address.layers.every(isKeeper) ? { ownFiles } : {}),
    walk: (walkOptions) => opened.walk(walkOptions),
    key: keyOfRoot(place.address, options.media),
    ...(place.address.base.kind === 'null' ? { alwaysEmpty: true as const } : {}),
  };
}

/** What the engine is told of the shadows: notes are worth what their shadows hold. */
function facedShadows({ address, shadows: addresses }: RootPlace, opened: readonly OpenedRoot[]): Pick<EngineRoot, 'shadows' | 'keepsNotes'> {
  const lasting = opened.filter((_, at) => addresses[at]?.base.kind !== 'null');
  if (lasting.length === 0) return {};
  const shadows = lasting.map(({ vfs }) => vfs);
  return keepsNotes(address) ? { shadows, keepsNotes: true } : { shadows };
}

function keepsNotes({ layers }: RootAddress): boolean {
  return layers.some(({ scheme }) => scheme === 'tfs');
}

/** A set of media is known by its own id, wherever it is: another set at the same place is another root. */
function keyOfRoot(address: RootAddress, media: OpenMedia | undefined): string {
  const { base } = address;
  const setId = base.kind === 'volumes' ? media?.setIdOf(base.volume) : undefined;
  return keyOf(base.kind === 'volumes' && setId !== undefined ? { ...address, base: { ...base, volume: `(${setId})` } } : address);
}

async function ownFilesOf(address: RootAddress, project: CheckedProject, { ownFiles }: OpenRootsOptions): Promise<OwnFiles> {
  const found = new Map<RelPath, 'source' | 'written'>();
  for (const path of await ownFilesOn(address, project, ownFiles?.sources ?? [])) found.set(path, 'source');
  for (const path of await ownFilesOn(address, project, ownFiles?.written ?? [])) found.set(path, 'written');
  return found;
}

async function ownFilesOn({ base }: RootAddress, project: CheckedProject, files: Iterable<string>): Promise<readonly RelPath[]> {
  switch (base.kind) {
    case 'local':
      return ownFilesBelow(base.path, files);
    case 'volumes':
      return (await ownFilesOnMedia(base.volume, project, files))
        .filter((path) => isWithin(path, base.inner))
        .map((path) => belowOf(path, base.inner));
    case 'zip':
    case 'null':
      return [];
  }
}

function belowOf(path: RelPath, directory: RelPath): RelPath {
  return directory === '' ? path : path.slice(directory.length + 1);
}

async function openShadows(
  { vfs }: OpenedRoot,
  place: RootPlace,
  open: (address: RootAddress) => Promise<OpenedRoot>,
): Promise<readonly OpenedRoot[]> {
  const shadows: OpenedRoot[] = [];
  try {
    for (const address of place.shadows) shadows.push(await open(address));
    return shadows;
  } catch (error) {
    await Promise.all([vfs, ...shadows.map((shadow) => shadow.vfs)].map((one) => one.close()));
    throw error;
  }
}

function nobody(): void {}

/** Like a root: a folder that is missing is a typing error or a disk that is not there, unless `autoMkdir` says otherwise. */
async function openShadow(address: RootAddress, root: CheckedRoot, pathRules: PathRules, opening: RootOptions): Promise<OpenedRoot> {
  const folder = localFolderOf(address);
  // It gets what its root gets, so that nothing in it can be left out.
  if (folder !== undefined && (await pathRules.refusedBelow(folder)).length > 0)
    throw new VfsError('denied', '', `the shadow ${formatAddress(address)} is around a folder of sxrun's own; name another folder`);
  if (folder !== undefined && !root.autoMkdir && !existsSync(folder)) {
    const orElse = root.targetOnly ? ', or set "autoMkdir" on its root' : '';
    throw new VfsError(
      'unreachable',
      '',
      `the shadow ${formatAddress(address)} does not exist; mount its disk, create it, or correct its path${orElse}`,
    );
  }
  return openRoot(address, opening).catch((error: unknown) => {
    throw error instanceof VfsError ? toldOf(error, `the shadow ${formatAddress(address)} cannot be opened`) : error;
  });
}

function toldOf({ code, path, message, cause }: VfsError, what: string): VfsError {
  return new VfsError(code, path, `${what}: ${message}`, { cause });
}
