import { lstatSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import type { PathNeed } from '../../permissions/need.ts';
import { printable } from '../../printable.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { shown } from '../options/option-message.ts';
import { parseRootAddress } from '../../vfs/root-address-parse.ts';
import { formatAddress, placesOfFile, type RootAddress, splitAddress, withPlaces } from '../../vfs/root-address.ts';
import type { RelPath } from '../../vfs/path.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import { placeIn } from '../command-context.ts';
import { fileFailureOf } from '../sync-failure.ts';
import type { HostContext } from './host-function.ts';
import { type HeldRoot, type OpenedRoots, openedRootsOf } from './xfile-roots.ts';

/** A file or folder that a script names, and what is to be done there. */
export interface WantedPlace {
  readonly url: string;
  readonly access: 'read' | 'write' | 'read and write';
  /** A link there is meant itself; else what it leads to. */
  readonly itself: boolean;
}

/** Where it is: in a root that is open as long as the call runs. */
export interface FilePlace {
  /** As the script has it. */
  readonly url: string;
  readonly vfs: Vfs;
  readonly path: RelPath;
  /** Its real path on this machine, which was permitted; undefined where it has none. Under layers the files there have other content, or other names. */
  readonly localPath: string | undefined;
  /** Tells whether two places are the same, whichever way they were opened. */
  readonly key: string;
}

/** A place that may be used and is not opened yet. */
interface PermittedPlace {
  readonly url: string;
  /** With real paths. */
  readonly address: RootAddress;
}

/** Asks for all permissions in one go, opens the places, and gives them back when `act` is done. Errors of files become the script's. */
export async function atPlaces<const Wanted extends readonly WantedPlace[], Result>(
  wanted: Wanted,
  context: HostContext,
  act: (...places: { readonly [Index in keyof Wanted]: FilePlace }) => Promise<Result>,
): Promise<Result> {
  const held = await holdPlaces(wanted, context, openedRootsOf(context));
  try {
    const places = held.map(({ place }) => place) as { readonly [Index in keyof Wanted]: FilePlace };
    return await aboutUrl(places[0]?.url ?? '', () => act(...places)).finally(() => settleAll(wanted, held));
  } finally {
    await releaseAll(held);
  }
}

/** What was done before something failed stays done. */
async function settleAll(wanted: readonly WantedPlace[], held: readonly HeldPlace[]): Promise<void> {
  for (const [index, { place, settle }] of held.entries()) if (wanted[index]?.access !== 'read') await aboutUrl(place.url, settle);
}

async function releaseAll(held: readonly HeldPlace[]): Promise<void> {
  for (const { release } of held) await release();
}

/** As `atPlaces`, for as long as the caller likes. */
export async function holdPlaces(wanted: readonly WantedPlace[], context: HostContext, roots: OpenedRoots): Promise<readonly HeldPlace[]> {
  const permitted = await permit(wanted, context);
  const opening: Opening = { roots, projectFolder: realPathOf(context.directory), all: permitted };
  const held: HeldPlace[] = [];
  try {
    for (const [index, place] of permitted.entries()) {
      const isRead = wanted[index]?.access === 'read';
      held.push(await aboutUrl(place.url, () => (isRead ? openToRead(place, opening) : openOne(place, opening))));
    }
    return held;
  } catch (error) {
    await releaseAll(held);
    throw error;
  }
}

/** Only the permissions, for a simulation. */
export async function permit(wanted: readonly WantedPlace[], context: HostContext): Promise<readonly PermittedPlace[]> {
  const understood = wanted.map((place) => ({ ...place, address: addressOf(place.url, context) }));
  const needs = understood.map(needsOf);
  const paths = await context.broker.require(needs.flat());
  let at = 0;
  return understood.map(({ url, address }, index) => {
    const count = needs[index]?.length ?? 0;
    const own = paths.slice(at, at + count);
    at += count;
    return { url, address: withPlaces(address, own) };
  });
}

/** What places take, for a question that asks for more than files. */
export function placeNeeds(wanted: readonly WantedPlace[], context: Pick<HostContext, 'directory'>): readonly PathNeed[] {
  return wanted.flatMap((place) => needsOf({ ...place, address: addressOf(place.url, context) }));
}

/** Makes an error of a file the script's own; `url` names the file. */
export async function aboutUrl<Result>(url: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof VfsError ? new ScriptCallError(fileFailureOf(error, url)) : error;
  }
}

/** What is wrong with the arguments of a call. */
export function wrongArguments(message: string): ScriptCallError {
  return new ScriptCallError({ code: 'options', message });
}

/** How the script names what is at `path` below a place that it names by `url`. */
export function urlBelow(url: string, path: RelPath): string {
  if (path === '') return url;
  const isWholeArchive = /(?:^|:)zip:/i.test(url) && !/[^:/]\/\//.test(url);
  return `${url.replace(/[/\\]+$/, '')}${isWholeArchive ? '//' : '/'}${path}`;
}

/** Throws ScriptCallError `options`. */
export function addressOf(url: string, { directory }: Pick<HostContext, 'directory'>): RootAddress {
  try {
    return parseRootAddress(url, placeIn(directory));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Only the beginning: a URL may hold a password.
    const [scheme] = /^[a-z][a-z0-9+.-]*:/i.exec(url) ?? [];
    throw wrongArguments(`the URL ${scheme === undefined ? printable(shown(url)) : `"${scheme}…"`} ${error.message}`);
  }
}

function needsOf({ address, access, itself }: WantedPlace & { readonly address: RootAddress }): PathNeed[] {
  const kinds = access === 'read and write' ? (['read', 'write'] as const) : ([access] as const);
  return placesOfFile(address).flatMap(({ path }) => kinds.map((kind): PathNeed => ({ kind, path, ...(itself ? { itself: true } : {}) })));
}

interface Opening {
  readonly roots: OpenedRoots;
  /** Real path. */
  readonly projectFolder: string;
  /** The places of one call. */
  readonly all: readonly PermittedPlace[];
}
export interface HeldPlace extends Pick<HeldRoot, 'settle' | 'release'> {
  readonly place: FilePlace;
}

/** An archive is a file of another place. One that is missing counts as empty for whoever writes into it, and is `not-found` for others. */
async function openToRead(place: PermittedPlace, opening: Opening): Promise<HeldPlace> {
  const { base } = place.address;
  if (base.kind === 'zip') {
    const outer = await openToRead({ url: place.url, address: base.archive }, opening);
    const found = await outer.place.vfs.stat(outer.place.path).finally(outer.release);
    if (found === undefined) throw new VfsError('not-found', '', `there is no archive ${printable(formatAddress(base.archive))}`);
  }
  return openOne(place, opening);
}

async function openOne({ address, url }: PermittedPlace, opening: Opening): Promise<HeldPlace> {
  const key = formatAddress(address);
  if (address.base.kind !== 'local') {
    const { root, path } = splitAddress(address);
    const { vfs, ...held } = await opening.roots.hold(root);
    return { place: { url, vfs, path, localPath: undefined, key }, ...held };
  }
  const localPath = address.base.path;
  const { folder, held } = await holdFirst(localPath, address, opening);
  const path = relative(folder, localPath).split(sep).join('/');
  return { place: { url, vfs: held.vfs, path, localPath, key }, settle: held.settle, release: held.release };
}

/** Opens the first folder around a local path that can be opened, the one it lies in before the path itself. */
async function holdFirst(path: string, address: RootAddress, opening: Opening): Promise<{ readonly folder: string; readonly held: HeldRoot }> {
  let failure: unknown;
  for (const folder of foldersFor(path, address, opening)) {
    try {
      return { folder, held: await opening.roots.hold({ ...address, base: { kind: 'local', path: folder } }) };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? new VfsError('unreachable', '', `there is no folder on the way to ${printable(path)}`);
}

function foldersFor(path: string, address: RootAddress, { roots, projectFolder, all }: Opening): readonly string[] {
  const usual = isProperlyBelow(path, projectFolder) ? projectFolder : nearestFolder(dirname(path));
  const candidates = [commonFolder(address, all), roots.openFolderAround(path, address), usual, nearestFolder(path)];
  return [...new Set(candidates.filter((folder) => folder !== undefined))];
}

/** With one root around both ends of a call a file can be renamed from the one to the other. */
function commonFolder(address: RootAddress, all: readonly PermittedPlace[]): string | undefined {
  const paths = all.map(({ address: { layers, base } }) => (layers.length === 0 && base.kind === 'local' ? base.path : undefined));
  const [one, other] = paths;
  if (address.layers.length > 0 || one === undefined || other === undefined) return undefined;
  let folder = dirname(one);
  while (!isProperlyBelow(other, folder) && dirname(folder) !== folder) folder = dirname(folder);
  return isProperlyBelow(other, folder) ? nearestFolder(folder) : undefined;
}

export function isProperlyBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** `path`, or the nearest folder above it that exists. */
function nearestFolder(path: string): string {
  let folder = path;
  while (dirname(folder) !== folder && !isFolder(folder)) folder = dirname(folder);
  return folder;
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
