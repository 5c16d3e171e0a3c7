import type { VolumeRules } from '../../vfs/backends/volumes/volume-rules.ts';
import { type BaseAddress, formatAddress, type RootAddress } from '../../vfs/root-address.ts';
import { type LocalPlace, parseRootAddress } from '../../vfs/root-address-parse.ts';
import { localPathOf } from '../roots/root-url.ts';
import { byteCount } from './byte-count.ts';
import { OptionError, understood } from './option-error.ts';
import { shown } from './option-message.ts';
import type { ProjectOptions } from './option-schema.ts';

/** What stands for the number of a medium. */
export const INDEX = '%INDEX%';
/** That of CDs, DVDs and Blu-rays; larger than a cluster of no disk would be counted. */
const DEFAULT_SECTOR = 2048;

/** One entry of the option `volumes`, checked. */
export interface CheckedVolume {
  /** What stands for the X in `volX:`. */
  readonly character: string;
  readonly rules: VolumeRules;
  /** A folder of this machine, with layers or not; `%INDEX%` is in its path unless all media are put in at one place. */
  readonly media: RootAddress;
  /** Absolute path. */
  readonly catalogue: string;
  /** A root or a shadow is on it. */
  readonly isUsed: boolean;
}

export interface VolumeContext extends LocalPlace {
  readonly projectFile: string | undefined;
}

type VolumeOptions = NonNullable<ProjectOptions['volumes']>[string];

/** Throws OptionError. Touches no file. */
export function checkVolumes(volumes: ProjectOptions['volumes'], context: VolumeContext): readonly CheckedVolume[] {
  return Object.entries(volumes ?? {}).map(([character, volume]) => checkVolume(character, volume, context));
}

function checkVolume(character: string, volume: VolumeOptions, context: VolumeContext): CheckedVolume {
  if (!/^[0-9a-z]$/.test(character))
    refuse('volumes', `has the name ${shown(character)}; it wants one digit or small letter, the X of the root "volX:"`);
  const option = `volumes.${character}`;
  const media = mediaAddress(volume.media, `${option}.media`, context);
  const { autoMkdir = false, waitMedia = false, initialRemove = false, copies = 1, sectorSize = DEFAULT_SECTOR } = volume;
  const hasIndex = localPath(media).includes(INDEX);
  if (!hasIndex && !waitMedia)
    refuse(
      `${option}.media`,
      `is without ${INDEX}, so that all media are put in at one place; it wants waitMedia: true, or ${INDEX} where their numbers are`,
    );
  if (!hasIndex && autoMkdir) refuse(`${option}.autoMkdir`, `is true, and "media" is without ${INDEX}: the place where media are put in is not made`);
  if (!hasIndex && copies > 1) refuse(`${option}.copies`, `is ${copies}, and "media" is without ${INDEX}: only one medium can be in at a time`);
  const rules: VolumeRules = {
    name: `vol${character}`,
    limitBytes: limitBytes(volume.limit, sectorSize, `${option}.limit`),
    sectorSize,
    copies,
    makesMissing: autoMkdir,
    emptiesNew: initialRemove,
    waits: waitMedia,
    lost: new Set(volume.lost ?? []),
  };
  return { character, rules, media, isUsed: false, catalogue: cataloguePath(character, volume.catalogue, `${option}.catalogue`, context) };
}

function mediaAddress(url: string, option: string, context: VolumeContext): RootAddress {
  const address = understood(option, () => parseRootAddress(url, context));
  const other = address.layers.find(({ scheme }) => scheme !== 'igz')?.scheme;
  if (other !== undefined) refuse(option, `has "${other}:" in it, which goes before the "volX:" of the root, not here`);
  if (address.base.kind !== 'local') refuse(option, `is no folder of this machine; it wants one, such as "/media/backup${INDEX}"`);
  const count = localPath(address).split(INDEX).length - 1;
  if (count > 1) refuse(option, `has ${INDEX} ${count} times; it wants it once`);
  return address;
}

function limitBytes(limit: VolumeOptions['limit'], sectorSize: number, option: string): number | undefined {
  if (limit === undefined) return undefined;
  const bytes = byteCount(limit);
  if (bytes === undefined) refuse(option, `is ${shown(limit)}; it wants a number of bytes, or a size such as "4.7GB" or "700MiB"`);
  if (bytes < 4 * sectorSize) refuse(option, `is ${shown(limit)}, which is less than four sectors of ${sectorSize} bytes`);
  return bytes;
}

function cataloguePath(character: string, path: string | undefined, option: string, context: VolumeContext): string {
  const ending = `.vol${character}.syncvol`;
  if (path === undefined) return context.projectFile === undefined ? localPathOf(`sxrun${ending}`, context) : `${context.projectFile}${ending}`;
  const absolute = understood(option, () => localPathOf(path, context));
  if (!absolute.endsWith('.syncvol')) refuse(option, `is ${shown(path)}; it wants a name that ends in ".syncvol", which is out of scope everywhere`);
  return absolute;
}

interface VolumeRoot {
  readonly address: RootAddress;
  readonly shadows: readonly RootAddress[];
}

/** All of them, those that the roots use marked. Throws OptionError for a root whose volume is not in the option, and for two roots of one volume. */
export function withUse(roots: readonly VolumeRoot[], volumes: readonly CheckedVolume[]): readonly CheckedVolume[] {
  const users = new Map<CheckedVolume, string>();
  for (const [index, { address, shadows }] of roots.entries()) {
    for (const [option, one] of [[`roots[${index}]`, address] as const, ...shadows.map((shadow) => [`roots[${index}].shadow`, shadow] as const)]) {
      const base = volumeBase(one);
      if (base === undefined) continue;
      const volume = volumes.find(({ character }) => character === base.volume);
      if (volume === undefined) {
        const which =
          volumes.length === 0 ? 'is missing' : `has no "${base.volume}" (there is ${volumes.map(({ character }) => `"${character}"`).join(', ')})`;
        throw new OptionError(
          'volumes',
          `option "${option}" is a "vol${base.volume}:" root, and option "volumes" ${which}, which says where its media are`,
        );
      }
      const other = users.get(volume);
      if (other !== undefined)
        throw new OptionError(
          option,
          `option "${option}" is on the media of "vol${base.volume}:", as "${other}" is; a run has one root on each set of media`,
        );
      users.set(volume, option);
    }
  }
  refuseShared(volumes);
  return volumes.map((volume) => ({ ...volume, isUsed: users.has(volume) }));
}

/** The part of an address that is a set of media, if there is one; an archive may lie on it. */
export function volumeBase({ base }: RootAddress): (BaseAddress & { readonly kind: 'volumes' }) | undefined {
  if (base.kind === 'zip') return volumeBase(base.archive);
  return base.kind === 'volumes' ? base : undefined;
}

function refuseShared(volumes: readonly CheckedVolume[]): void {
  for (const [at, volume] of volumes.entries()) {
    for (const other of volumes.slice(0, at)) {
      const option = `volumes.${volume.character}`;
      if (other.catalogue === volume.catalogue) refuse(`${option}.catalogue`, `is that of volumes.${other.character}, too; it wants another file`);
      if (formatAddress(other.media) === formatAddress(volume.media))
        refuse(`${option}.media`, `is that of volumes.${other.character}, too; it wants another place`);
    }
  }
}

/** All media are put in at one place. */
export function isOneSlot({ media }: Pick<CheckedVolume, 'media'>): boolean {
  return !localPath(media).includes(INDEX);
}

function localPath({ base }: RootAddress): string {
  return base.kind === 'local' ? base.path : '';
}

function refuse(option: string, what: string): never {
  throw new OptionError(option, `option "${option}" ${what}`);
}
