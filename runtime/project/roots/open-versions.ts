import { realPathOf } from '../../machine/real-path.ts';
import { DEFAULT_VERSION_RULES } from '../../vfs/version-rules.ts';
import { mayHaveBin } from '../../vfs/open-bin.ts';
import { openRoot, type RootOptions } from '../../vfs/open-root.ts';
import type { Encoder } from '../../vfs/layers/encoded.ts';
import {
  encoderNamesOf,
  extensionOf,
  formatAddress,
  isKeeper,
  type LayerAddress,
  placesOf,
  type RootAddress,
  withPlaces,
} from '../../vfs/root-address.ts';
import { parseRootAddress } from '../../vfs/root-address-parse.ts';
import { nameOf, type RelPath } from '../../vfs/path.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { placeIn } from '../command-context.ts';
import { type CheckedEncoder, withKnownEncoders } from '../options/encoders.ts';
import { OptionError } from '../options/option-error.ts';
import { folderNameOf } from '../options/version-options.ts';
import type { StatedProject } from '../stated-project.ts';
import { type CoderHalf, openHalves } from './open-encoders.ts';
import { accessToEncoder, accessToRoot } from './project-needs.ts';

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
  /** The way to put a version back as it is stored, where putting it back through the layers would take a program; undefined: there is none in them. */
  readonly asStored: StoredWay | undefined;
  /** As for `findVersions`. */
  readonly folder: string | undefined;
  /** Versions may be in the desktop's recycle bin as well, where nobody but the desktop looks. */
  readonly mayUseBin: boolean;
  /** First interrupt: no file is begun any more. */
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

interface StoredWay {
  /** The present files, by the names of `bare`, in a file system that keeps what it overwrites. */
  readonly keeping: Vfs;
  /** What a file of `seen` is called there. */
  path(seen: RelPath): RelPath;
}

/**
 * What is done with a root:
 * - `look`: names, times and notes of versions are read;
 * - `change`: versions go, or come back to where they were;
 * - `read`: what they hold is read, as the outermost layer shows it;
 * - `fill`: files come into it.
 */
export type VersionsUse = 'look' | 'change' | 'read' | 'fill';

/** Which programs a use takes, of the layers above the one that keeps versions, and below: notes about versions lie there, like all files. */
const CODERS: Readonly<Record<VersionsUse, { readonly above: readonly CoderHalf[]; readonly below: readonly CoderHalf[] }>> = {
  look: { above: [], below: ['decode'] },
  change: { above: [], below: ['decode', 'encode'] },
  read: { above: ['decode'], below: ['decode'] },
  fill: { above: ['encode'], below: ['decode', 'encode'] },
};

export interface OpenVersions {
  /** Root URL, or a folder; with or without its `xvs:`, `uxvs:` or `rcy:`. */
  readonly url: string;
  readonly currentDir: string;
  /** Name of its folders of versions, where it is a special one. */
  readonly folder: string | undefined;
  /** Whose encoders `ienc:` means. Absent: no project is known. */
  readonly project?: StatedProject;
  /** The root is one of the project's: its places are asked for like those of a run. Absent or false: it was named on the command line, and is permitted by that. */
  readonly isOfProject?: boolean;
}

export type OpenedVersions =
  | { readonly kind: 'opened'; readonly root: VersionedRoot }
  /** `message` says what is wrong, and needs no prefix. */
  | { readonly kind: 'failed'; readonly message: string };

/** Opens a root for `sxrun versions`; to be filled, it may be missing. Rejects with PermissionError, NeedError and ScriptCallError like a run that may not do what it wants, or has no passphrase. */
export async function openVersions(order: OpenVersions, use: VersionsUse): Promise<OpenedVersions> {
  const { url, folder, project } = order;
  try {
    const name = folder === undefined ? undefined : folderNameOf(folder, '--folder');
    const stack = stackOf(parsedAddress(order));
    if (use !== 'fill') requirePlace(stack.address);
    const wanted = new Set([
      ...(stack.above.some(isEncoded) ? CODERS[use].above : []),
      ...(encoderNamesOf({ ...stack.address, layers: stack.below }).length > 0 ? CODERS[use].below : []),
    ]);
    const { address, encoders } = await permitted(stack.address, wanted, order, use);
    const { signal = NEVER, killSignal = NEVER } = project ?? {};
    const options: RootOptions = {
      encoders,
      followLinks: false,
      flushEachFile: true,
      makeMissing: use === 'fill',
      mustExist: use !== 'fill',
      signal: killSignal,
      versions: { ...DEFAULT_VERSION_RULES, folder: name },
    };
    return { kind: 'opened', root: { ...(await openStack({ ...stackOf(address), use }, options)), signal } };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'failed', message: `${url} ${error.message}` };
    if (error instanceof VfsError || error instanceof OptionError) return { kind: 'failed', message: error.message };
    throw error;
  }
}
const NEVER = new AbortController().signal;

function parsedAddress({ url, currentDir, project }: OpenVersions): RootAddress {
  const address = parseRootAddress(url, placeIn(currentDir));
  if (project !== undefined) return withKnownEncoders(address, project.encoders, 'roots');
  if (encoderNamesOf(address).length === 0) return address;
  throw new VfsError(
    'unsupported',
    '',
    `"ienc:" is for the roots of a project, which says what program encodes: add --project FILE; ${storedHint(address)}`,
  );
}

/** Throws VfsError where it cannot be known where versions are, or nobody looks at them. */
function requirePlace({ layers, base }: RootAddress): void {
  if (base.kind === 'volumes')
    throw new VfsError('unsupported', '', 'old versions on media are not looked at here; name the folder of a medium, such as xvs:FOLDER');
  if (layers.length === 0 || layers.some(isKeeper)) return;
  const keeper: LayerAddress = { scheme: 'xvs' };
  const [behind, before] = [
    [...layers, keeper],
    [keeper, ...layers],
  ].map((stack) => formatAddress({ layers: stack, base }));
  throw new VfsError('unsupported', '', `say where its old versions are kept, as its project does: ${behind} or ${before}`);
}

function storedHint({ layers, base }: RootAddress): string {
  const innermost = layers.findLastIndex(isEncoded);
  const stored = layers.filter((layer, index) => index > innermost || isKeeper(layer));
  return `without one, its versions as they are stored are those of ${formatAddress({ layers: stored, base })}`;
}

function isEncoded({ scheme }: LayerAddress): boolean {
  return scheme === 'ienc';
}

/** The address with real paths, and its encoders, of which `halves` may be run. */
async function permitted(
  address: RootAddress,
  halves: ReadonlySet<CoderHalf>,
  { project, isOfProject }: OpenVersions,
  use: VersionsUse,
): Promise<{ readonly address: RootAddress; readonly encoders: ReadonlyMap<string, Encoder> }> {
  if (project === undefined) return { address: atRealPaths(address), encoders: new Map() };
  const names = encoderNamesOf(address);
  const encoders = project.encoders.filter(({ name }) => names.includes(name));
  const place = isOfProject === true ? accessToRoot(address, use === 'change' || use === 'fill') : { needs: [], placed: () => atRealPaths(address) };
  const programs = encoders.map((encoder) => accessToEncoder(onlyHalves(encoder, halves)));
  const real = [...(await project.broker.require([...place.needs, ...programs.flatMap(({ needs }) => needs)]))];
  const realAddress = place.placed(real.splice(0, place.needs.length));
  const realEncoders = encoders.map((encoder, index) => {
    const { encode = encoder.encode, decode = encoder.decode } = programs[index]?.placed(real.splice(0, programs[index].needs.length)) ?? {};
    return { ...encoder, encode, decode };
  });
  const refused = `"sxrun versions" runs no encoder for this; ${storedHint(address)}`;
  const { directory, broker, passwords, turns, killSignal: signal } = project;
  return { address: realAddress, encoders: await openHalves(realEncoders, halves, { broker, passwords, turns, directory, signal, refused }) };
}

function onlyHalves(encoder: CheckedEncoder, halves: ReadonlySet<CoderHalf>): CheckedEncoder {
  const encode = halves.has('encode') ? encoder.encode : undefined;
  const decode = halves.has('decode') ? encoder.decode : undefined;
  const takesPassphrase = encode?.takesPassphrase === true || decode?.takesPassphrase === true;
  return { ...encoder, encode, decode, passphrase: takesPassphrase ? encoder.passphrase : undefined };
}

/** An address, parted at the layer that keeps old versions. */
interface Stack {
  readonly address: RootAddress;
  readonly above: readonly LayerAddress[];
  readonly keeper: LayerAddress;
  readonly below: readonly LayerAddress[];
}

function stackOf(address: RootAddress): Stack {
  const at = address.layers.findIndex(isKeeper);
  return {
    address,
    above: address.layers.slice(0, Math.max(at, 0)),
    keeper: address.layers[at] ?? { scheme: 'xvs' },
    below: address.layers.slice(at + 1),
  };
}

async function openStack(
  { address, above, keeper, below, use }: Stack & { readonly use: VersionsUse },
  options: RootOptions,
): Promise<Omit<VersionedRoot, 'signal'>> {
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
    const asStored =
      use === 'change' && above.some(isEncoded) ? { keeping: await open([keeper, ...below]), path: (path: RelPath) => path + extension } : undefined;
    const folder = options.versions?.folder;
    const mayUseBin =
      keeper.scheme === 'rcy' && folder === undefined && below.length === 0 && address.base.kind === 'local' && mayHaveBin(address.base.path);
    return { bare, seen, seenPath, keeping, asStored, folder: keeper.scheme === 'rcy' ? folder?.replace(/^\/?/, '/') : folder, mayUseBin, close };
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
