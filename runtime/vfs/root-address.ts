import { basename, dirname } from 'node:path';
import type { RelPath } from './path.ts';

/** A root URL, understood: layers, the outermost first, over a base. Plain data without secrets. */
export interface RootAddress {
  readonly layers: readonly LayerAddress[];
  readonly base: BaseAddress;
}

export type LayerAddress =
  | { readonly scheme: 'tfs' }
  /** `extension`: what the names of compressed files end in. */
  | { readonly scheme: 'igz'; readonly extension: string }
  /** `encoder`: which one of the option `encoders`; undefined: the only one. `extension`: what the names of its files end in; undefined as long as the option is not known. */
  | { readonly scheme: 'ienc'; readonly encoder: string | undefined; readonly extension: string | undefined }
  | { readonly scheme: 'xvs' | 'uxvs' | 'rcy' };

export type BaseAddress =
  /** Absolute, lexically normal path of a folder (or of a file, where a file is meant). */
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'null' }
  /** A folder inside an archive; `archive` is the address of a file. */
  | { readonly kind: 'zip'; readonly archive: RootAddress; readonly inner: RelPath }
  /** The media of the option `volumes` with this name (one character, lower case). */
  | { readonly kind: 'volumes'; readonly volume: string; readonly inner: RelPath };

/** The extension that `igz:` has when none is given (manual, "GZip Auto-Compression File System"). */
export const GZIP_EXTENSION = '.sx.gz';

/** A path of this machine that a root lives in. */
export interface AddressPlace {
  /** Absolute. What is to be permitted, for all below it. */
  readonly path: string;
  /** Absolute. The folder or file that is the root's own, and no part of a root around it. */
  readonly own: string;
}

/** Empty for an address that touches nothing here. */
export function placesOf(address: RootAddress): readonly AddressPlace[] {
  const { base } = address;
  switch (base.kind) {
    case 'local':
      return [{ path: base.path, own: base.path }];
    case 'zip':
      return placesOfFile(base.archive);
    case 'null':
    case 'volumes':
      return [];
  }
}

/** The address with other paths in place of those of `placesOf` (or `placesOfFile`), in order: the real ones. */
export function withPlaces(address: RootAddress, paths: readonly string[]): RootAddress {
  const { base } = address;
  const [path] = paths;
  if (path === undefined) return address;
  if (base.kind === 'local') return { ...address, base: { ...base, path } };
  if (base.kind === 'zip') return { ...address, base: { ...base, archive: withPlaces(base.archive, paths) } };
  return address;
}

/**
 * The same for an address that names a file. Under layers the file has another name, which is permitted as well: with the extensions that are known, else by the
 * folder around it.
 */
export function placesOfFile(file: RootAddress): readonly AddressPlace[] {
  if (file.base.kind !== 'local') return placesOf(file);
  const { path } = file.base;
  if (file.layers.length === 0) return [{ path, own: path }];
  const own = path + extensionOf(file.layers);
  // Old versions lie in a folder beside the file, or further up.
  const isKnown = file.layers.every((layer) => layer.scheme === 'igz' || (layer.scheme === 'ienc' && layer.extension !== undefined));
  return [
    { path, own },
    { path: isKnown ? own : dirname(path), own },
  ];
}

/** The names of encoders in the address, of an archive that lies under them too; undefined where the URL has none. */
export function encoderNamesOf({ layers, base }: RootAddress): readonly (string | undefined)[] {
  const names = layers.flatMap((layer) => (layer.scheme === 'ienc' ? [layer.encoder] : []));
  return base.kind === 'zip' ? [...names, ...encoderNamesOf(base.archive)] : names;
}

/** The address with what `find` knows of each encoder by its name. */
export function withEncoders(
  { layers, base }: RootAddress,
  find: (name: string | undefined) => { readonly name: string; readonly extension: string },
): RootAddress {
  return {
    layers: layers.map((layer) => {
      if (layer.scheme !== 'ienc') return layer;
      const { name, extension } = find(layer.encoder);
      return { scheme: 'ienc', encoder: name, extension };
    }),
    base: base.kind === 'zip' ? { ...base, archive: withEncoders(base.archive, find) } : base,
  };
}

/** A file or folder that is named by a root URL: the root to open, and where it is in that root. */
export function splitAddress(address: RootAddress): { readonly root: RootAddress; readonly path: RelPath } {
  const { base } = address;
  switch (base.kind) {
    case 'local': {
      const name = basename(base.path);
      return { root: { ...address, base: { kind: 'local', path: dirname(base.path) } }, path: name };
    }
    case 'zip':
    case 'volumes':
      return { root: { ...address, base: { ...base, inner: '' } }, path: base.inner };
    case 'null':
      return { root: address, path: '' };
  }
}

/** The folder of this machine that the root's directories are in, whatever layers change about its files; undefined for other roots. */
export function localFolderOf({ base }: RootAddress): string | undefined {
  return base.kind === 'local' ? base.path : undefined;
}

/**
 * Names the root in messages. With real paths it is also what the database knows it by (`keyOf`).
 */
export function formatAddress({ layers, base }: RootAddress): string {
  return layers.map(formatLayer).join('') + formatBase(base);
}

/** Stable across runs, without secrets. Layers that only keep old versions leave a root the one it was. */
export function keyOf({ layers, base }: RootAddress): string {
  return formatAddress({ layers: layers.filter(({ scheme }) => scheme === 'tfs' || scheme === 'igz' || scheme === 'ienc'), base });
}

function formatLayer(layer: LayerAddress): string {
  if (layer.scheme === 'igz' && layer.extension !== GZIP_EXTENSION) return `igz(${layer.extension}):`;
  return layer.scheme === 'ienc' && layer.encoder !== undefined ? `ienc(${layer.encoder}):` : `${layer.scheme}:`;
}

function formatBase(base: BaseAddress): string {
  switch (base.kind) {
    case 'local':
      return base.path;
    case 'null':
      return 'null:';
    case 'zip':
      // Of two double slashes the last is the one of the archive within.
      return `zip:${formatAddress(base.archive)}${base.inner === '' && base.archive.base.kind !== 'zip' ? '' : `//${base.inner}`}`;
    case 'volumes':
      return `vol${base.volume}:${base.inner}`;
  }
}

/** What layers put behind the names of files, all together; `''` where they put nothing, or it is not known. */
export function extensionOf(layers: readonly LayerAddress[]): string {
  return layers.map((layer) => (layer.scheme === 'igz' || layer.scheme === 'ienc' ? (layer.extension ?? '') : '')).join('');
}

/** The layer keeps old versions; it changes no names, and hides nothing but the folders where they are. */
export function isKeeper({ scheme }: LayerAddress): boolean {
  return scheme === 'xvs' || scheme === 'uxvs' || scheme === 'rcy';
}

/** Whether files can be read from the root; if not, why not, in words that finish the sentence `the root …`. */
export function unreadableReason({ layers, base }: RootAddress): string | undefined {
  if (base.kind === 'null') return 'is always empty';
  return layers.some(({ scheme }) => scheme === 'tfs') ? 'keeps names, sizes and times, but no content' : undefined;
}
