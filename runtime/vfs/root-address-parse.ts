import { posix, win32 } from 'node:path';
import type { RelPath } from './path.ts';
import { type BaseAddress, GZIP_EXTENSION, isKeeper, type LayerAddress, type RootAddress, unreadableReason } from './root-address.ts';

export interface LocalPlace {
  /** The project's folder, absolute. */
  readonly projectDir: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/** Two or more characters before the colon; one alone is a Windows drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+)(?:\(([^)]*)\))?:/i;
const SERVER = /^(?:ftps?|ftpsi|xftps?|sftp|https?|davs?|xdav|xhttps?)$/;
const VOLUMES = /^vol([0-9a-z])$/;
/** What people write who know it from elsewhere. */
const INSTEAD: Readonly<Record<string, string>> = {
  file: 'write the path alone',
  smb: 'mount the share, or write //server/share on Windows',
  gz: 'files are compressed by "igz:"',
  gzip: 'files are compressed by "igz:"',
};
/** What Linux takes as a path, in bytes. To follow one costs time for each of its folders, so there must be an end. */
const LONGEST = 4095;
/** Of the schemes that there are, for whoever writes another. */
const SCHEMES = ['tfs', 'igz', 'xvs', 'uxvs', 'rcy', 'ienc', 'null', 'zip', 'volX'];

/**
 * Understands a root URL (sdk.md section 5) by its text alone. Local paths are relative to the project's folder, `~` is the home folder; on Windows `/` and `\` alike.
 * Throws a RangeError whose message finishes the sentence `option "…" …` and never repeats a URL, which may hold a password.
 */
export function parseRootAddress(url: string, place: LocalPlace): RootAddress {
  if (url.length > LONGEST) throw tooLong(url);
  const address = parseAddress(url, place);
  refuseUnkeepable(address);
  if (address.layers.filter(({ scheme }) => scheme === 'tfs').length > 1)
    throw new RangeError('keeps notes of notes, by "tfs:" twice; leave one of them out');
  return address;
}

/** Layers that keep old versions need some, and each would take the other's for something to keep. */
function refuseUnkeepable(address: RootAddress): void {
  const [keeper, second] = address.layers.filter(isKeeper);
  if (keeper === undefined) return;
  const reason = unreadableReason(address);
  if (reason !== undefined) throw new RangeError(`has "${keeper.scheme}:" in it and ${reason}, so there are no old versions to keep`);
  if (second !== undefined) throw new RangeError(`keeps old versions twice, by "${keeper.scheme}:" and "${second.scheme}:"; leave one of them out`);
}

/** The whole grammar, whether or not it can be opened. */
export function parseAddress(url: string, place: LocalPlace): RootAddress {
  if (url.includes('\0')) throw new RangeError('holds a NUL character, which no path can');
  const [prefix = '', name = '', argument] = SCHEME.exec(url) ?? [];
  if (prefix === '') return { layers: [], base: { kind: 'local', path: absolutePath(url, place) } };
  const scheme = name.toLowerCase();
  const rest = url.slice(prefix.length);
  if (SERVER.test(scheme))
    throw new RangeError(`is a "${scheme}:" root, which this version cannot open; mount the server, and name the folder where it is`);
  const layer = layerOf(scheme, argument);
  const isBase = scheme === 'null' || scheme === 'zip' || VOLUMES.test(scheme);
  if (layer === undefined && !isBase) {
    const known = INSTEAD[scheme] ?? `there are ${SCHEMES.join(': ')}:`;
    throw new RangeError(`starts with the unknown scheme "${prefix}"; ${known}; a folder of that name is written "./${prefix}…"`);
  }
  if (argument !== undefined && scheme !== 'igz' && scheme !== 'ienc') throw new RangeError(`gives "${scheme}:" an argument, and it takes none`);
  if (layer === undefined) return { layers: [], base: baseOf(scheme, rest, place) };
  if (rest === '') throw new RangeError(`names nothing after "${prefix}"; write the folder there, such as "${prefix}backup"`);
  const below = parseAddress(rest, place);
  return { layers: [layer, ...below.layers], base: below.base };
}

function layerOf(scheme: string, argument: string | undefined): LayerAddress | undefined {
  switch (scheme) {
    case 'tfs':
    case 'xvs':
    case 'uxvs':
    case 'rcy':
      return { scheme };
    case 'igz':
      return { scheme, extension: extensionOf(argument) };
    case 'ienc':
      return { scheme, encoder: argument === undefined || argument === '' ? undefined : argument, extension: undefined };
    default:
      return undefined;
  }
}

function extensionOf(argument: string | undefined): string {
  if (argument === undefined) return GZIP_EXTENSION;
  if (!isFileExtension(argument))
    throw new RangeError('gives "igz" something that is no extension; it wants one with its point, such as "igz(.gz):"');
  return argument;
}

/** True for what names of files can end in everywhere, with its point. */
export function isFileExtension(text: string): boolean {
  return /^\.[^/\\:*?"<>|\p{Cc}]{1,30}$/u.test(text) && !/[. ]$/.test(text);
}

function baseOf(scheme: string, rest: string, place: LocalPlace): BaseAddress {
  if (scheme === 'null') {
    if (rest !== '') throw new RangeError('has something after "null:", which is all there is to write');
    return { kind: 'null' };
  }
  const volume = VOLUMES.exec(scheme)?.[1];
  if (volume !== undefined) return { kind: 'volumes', volume, inner: innerFolder(rest, place) };
  const slashes = innerStart(rest, place);
  const archive = slashes === undefined ? rest : rest.slice(0, slashes);
  if (/^[\\/]*$/.test(archive)) throw new RangeError('names no archive after "zip:"; write it there, such as "zip:backup.zip//folder"');
  const file = parseAddress(archive, place);
  if (file.base.kind === 'zip' && file.base.inner === '')
    throw new RangeError('names no archive in the archive; write two double slashes, such as "zip:zip:outer.zip//inner.zip//"');
  return { kind: 'zip', archive: file, inner: slashes === undefined ? '' : innerFolder(rest.slice(slashes + 2), place) };
}

/** Where the last double slash is that separates an archive from a folder in it: not the one of `//server/share` or `sftp://host`. */
function innerStart(text: string, { platform }: LocalPlace): number | undefined {
  const doubles = platform === 'win32' ? /(?<=[^:\\/])[\\/]{2}(?![\\/])/g : /(?<=[^:/])\/\/(?!\/)/g;
  return [...text.matchAll(doubles)].at(-1)?.index;
}

function innerFolder(text: string, { platform }: LocalPlace): RelPath {
  const parts = text.split(platform === 'win32' ? /[\\/]/ : '/').filter((part) => part !== '');
  if (parts.some((part) => part === '.' || part === '..')) throw new RangeError('has "." or ".." in the folder behind the double slash');
  return parts.join('/');
}

function absolutePath(text: string, { projectDir, home, platform }: LocalPlace): string {
  const windows = platform === 'win32';
  if (!windows && /^[a-z]:[\\/]/i.test(text)) {
    throw new RangeError(`is a Windows path, and this machine does not run Windows; a folder of that name is written "./${text.slice(0, 3)}…"`);
  }
  if (windows && /^[a-z]:(?![\\/])./i.test(text))
    throw new RangeError('means the current folder of a drive, which changes; write it with a slash after the colon');
  const path = windows ? win32 : posix;
  const isHome = /^~(?=$|[\\/])/.test(text) && (windows || !text.startsWith('~\\'));
  const absolute = path.resolve(projectDir, isHome ? path.join(home, text.slice(1)) : text);
  if (Buffer.byteLength(absolute) > LONGEST) throw tooLong(absolute);
  return absolute;
}

function tooLong({ length }: string): RangeError {
  return new RangeError(`has ${length} characters; a path has at most ${LONGEST}`);
}
