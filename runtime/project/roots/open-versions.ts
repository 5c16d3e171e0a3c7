import { realPathOf } from '../../real-path.ts';
import { DEFAULT_VERSION_RULES } from '../../vfs/version-rules.ts';
import { openRoot, type RootOptions } from '../../vfs/open-root.ts';
import { isKeeper, type LayerAddress, placesOf, type RootAddress, withPlaces } from '../../vfs/root-address.ts';
import { parseRootAddress } from '../../vfs/root-address-parse.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { placeIn } from '../command-context.ts';
import { OptionError } from '../options/option-error.ts';
import { folderNameOf } from '../options/version-options.ts';

/** A root whose old versions are looked at. */
export interface VersionedRoot {
  /** As it is, with its folders of versions. */
  readonly bare: Vfs;
  /** The same files, seen as `xvs:` or the root's own layer sees them: what is overwritten is kept. */
  readonly keeping: Vfs;
  close(): Promise<void>;
}

export interface OpenVersions {
  /** Root URL, or a folder; with or without its `xvs:`, `uxvs:` or `rcy:`. Of layers over these nothing is seen: files have the names that they have below. */
  readonly url: string;
  readonly currentDir: string;
  /** Name of its folders of versions, where it is a special one. */
  readonly folder: string | undefined;
  readonly makeMissing: boolean;
}

export type OpenedVersions =
  | { readonly kind: 'opened'; readonly root: VersionedRoot }
  /** `message` says what is wrong, and needs no prefix. */
  | { readonly kind: 'failed'; readonly message: string };

/** Opens a root for `sxrun versions`. */
export async function openVersions({ url, currentDir, folder, makeMissing }: OpenVersions): Promise<OpenedVersions> {
  try {
    const name = folder === undefined ? undefined : folderNameOf(folder, '--folder');
    const address = atRealPaths(parseRootAddress(url, placeIn(currentDir)));
    const options = { followLinks: false, flushEachFile: true, makeMissing, signal: new AbortController().signal };
    return { kind: 'opened', root: await openBoth(address, { ...options, versions: { ...DEFAULT_VERSION_RULES, folder: name } }) };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'failed', message: `${url} ${error.message}` };
    if (error instanceof VfsError || error instanceof OptionError) return { kind: 'failed', message: error.message };
    throw error;
  }
}

async function openBoth(address: RootAddress, options: RootOptions): Promise<VersionedRoot> {
  const at = address.layers.findIndex(isKeeper);
  const layers = address.layers.slice(at + 1);
  const keeper: LayerAddress = address.layers[at] ?? { scheme: 'xvs' };
  const { vfs: bare } = await openRoot({ ...address, layers }, options);
  const { vfs: keeping } = await openRoot({ ...address, layers: [keeper, ...layers] }, options);
  const close = async () => {
    await keeping.close();
    await bare.close();
  };
  return { bare, keeping, close };
}

function atRealPaths(address: RootAddress): RootAddress {
  return withPlaces(
    address,
    placesOf(address).map(({ path }) => realPathOf(path)),
  );
}
