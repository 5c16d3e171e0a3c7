import { formatAddress, type RootAddress } from '../../vfs/root-address.ts';

/** Of a checked set of media, what must stay the same for a sub-project. */
export interface InheritedVolume {
  readonly character: string;
  readonly media: RootAddress;
  /** Absolute path. */
  readonly catalogue: string;
}

/** The option `volumes` as a sub-project gets it: by its own file's place and name it would mean other media, and another catalogue. */
export function inheritedVolumes(raw: unknown, checked: readonly InheritedVolume[]): unknown {
  if (raw === null || typeof raw !== 'object') return raw;
  const all = raw as Readonly<Record<string, object>>;
  return Object.fromEntries(
    Object.entries(all).map(([character, volume]) => {
      const known = checked.find((one) => one.character === character);
      return [character, known === undefined ? volume : { ...volume, media: formatAddress(known.media), catalogue: known.catalogue }];
    }),
  );
}
