import { realPathOf } from '../../machine/real-path.ts';
import { DEFAULT_VERSION_RULES } from '../../vfs/version-rules.ts';
import { mayHaveBin } from '../../vfs/open-bin.ts';
import { openRoot, type RootOptions } from '../../vfs/open-root.ts';
import type { Encoder } from '../../vfs/layers/encoded.ts';
import { createCoderTurns } from '../../vfs/layers/encoded/coder-turns.ts';
import { extensionOf, formatAddress, isKeeper, type LayerAddress, placesOf, type RootAddress, withPlaces } from '../../vfs/root-address.ts';
import { parseRootAddress } from '../../vfs/root-address-parse.ts';
import { nameOf, type RelPath } from '../../vfs/path.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { placeIn } from '../command-context.ts';
import { type CheckedEncoder, checkEncoders, withKnownEncoders } from '../options/encoders.ts';
import { OptionError } from '../options/option-error.ts';
import type { ProjectOptions } from '../options/option-schema.ts';
import { folderNameOf } from '../options/version-options.ts';

/** A root whose old versions are looked at. */
export interface VersionedRoot {
  /** What is below the layer that keeps them, with its folders of versions. */
  readonly bare: Vfs;
  /** The same as the layers above that layer show it: content as it was before they coded it. */
  readonly seen: Vfs;
  /** What a path of `bare` is in `seen`; undefined: it is not shown there. */
  readonly seenPath: (path: RelPath, kind: 'file' | 'link') => RelPath | undefined;
  /** The present files, by the names of `seen`, in a file system that keeps what it overwrites. */
  readonly keeping: Vfs;
  /** As for `findVersions`. */
  readonly folder: string | undefined;
  /** Versions may be in the desktop's recycle bin as well, where nobody but the desktop looks. */
  readonly mayUseBin: boolean;
  close(): Promise<void>;
}

export interface OpenVersions {
  /** Root URL, or a folder; with or without its `xvs:`, `uxvs:` or `rcy:`. */
  readonly url: string;
  readonly currentDir: string;
  /** Name of its folders of versions, where it is a special one. */
  readonly folder: string | undefined;
  readonly makeMissing: boolean;
  /** Of its project. None of their programs is run: names are known, and contents are not. Absent: the root is of no project that is known. */
  readonly encoders?: ProjectOptions['encoders'];
}

export type OpenedVersions =
  | { readonly kind: 'opened'; readonly root: VersionedRoot }
  /** `message` says what is wrong, and needs no prefix. */
  | { readonly kind: 'failed'; readonly message: string };

/** Opens a root for `sxrun versions`. */
export async function openVersions({ url, currentDir, folder, makeMissing, encoders }: OpenVersions): Promise<OpenedVersions> {
  try {
    const name = folder === undefined ? undefined : folderNameOf(folder, '--folder');
    const place = placeIn(currentDir);
    const parsed = parseRootAddress(url, place);
    const checked = checkEncoders(encoders, place);
    if (encoders === undefined) requirePlain(parsed);
    const address = atRealPaths(encoders === undefined ? parsed : withKnownEncoders(parsed, checked, 'roots'));
    const options = {
      encoders: namesOnly(checked, parsed),
      followLinks: false,
      flushEachFile: true,
      makeMissing,
      signal: new AbortController().signal,
    };
    return { kind: 'opened', root: await openBoth(address, { ...options, versions: { ...DEFAULT_VERSION_RULES, folder: name } }) };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'failed', message: `${url} ${error.message}` };
    if (error instanceof VfsError || error instanceof OptionError) return { kind: 'failed', message: error.message };
    throw error;
  }
}

/** Throws VfsError where an encoder would be needed. */
function requirePlain(address: RootAddress): void {
  if (address.layers.some(isEncoded)) throw new VfsError('unsupported', '', `"ienc:" is for the roots of a project; ${storedHint(address)}`);
}

function storedHint({ layers, base }: RootAddress): string {
  const innermost = layers.findLastIndex(isEncoded);
  const stored = layers.filter((layer, index) => index > innermost || isKeeper(layer));
  return `the same versions as they are stored, which need no program, are those of ${formatAddress({ layers: stored, base })}`;
}

function isEncoded({ scheme }: LayerAddress): boolean {
  return scheme === 'ienc';
}

function namesOnly(encoders: readonly CheckedEncoder[], address: RootAddress): ReadonlyMap<string, Encoder> {
  const coder = { refused: `"sxrun versions" runs no encoder; ${storedHint(address)}` };
  const turns = createCoderTurns(1);
  return new Map(encoders.map(({ name, extension }) => [name, { name, extension, encode: coder, decode: coder, sampling: undefined, turns }]));
}

async function openBoth(address: RootAddress, options: RootOptions): Promise<VersionedRoot> {
  const at = address.layers.findIndex(isKeeper);
  const above = address.layers.slice(0, Math.max(at, 0));
  const below = address.layers.slice(at + 1);
  const keeper: LayerAddress = address.layers[at] ?? { scheme: 'xvs' };
  const opened: Vfs[] = [];
  const open = async (layers: readonly LayerAddress[]) => {
    const { vfs } = await openRoot({ ...address, layers }, options);
    opened.push(vfs);
    return vfs;
  };
  const close = async () => {
    for (const vfs of opened.toReversed()) await vfs.close();
  };
  try {
    const bare = await open(below);
    const seen = above.length === 0 ? bare : await open([...above, ...below]);
    const keeping = await open([...above, keeper, ...below]);
    const extension = extensionOf(above);
    const seenPath = (path: RelPath, kind: 'file' | 'link') => {
      if (kind === 'link') return path;
      return path.endsWith(extension) && nameOf(path).length > extension.length ? path.slice(0, path.length - extension.length) : undefined;
    };
    const folder = options.versions?.folder;
    const mayUseBin =
      keeper.scheme === 'rcy' && folder === undefined && below.length === 0 && address.base.kind === 'local' && mayHaveBin(address.base.path);
    return { bare, seen, seenPath, keeping, folder: keeper.scheme === 'rcy' ? folder?.replace(/^\/?/, '/') : folder, mayUseBin, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function atRealPaths(address: RootAddress): RootAddress {
  return withPlaces(
    address,
    placesOf(address).map(({ path }) => realPathOf(path)),
  );
}
