import { receives } from '../../engine/receives.ts';
import type { Need } from '../../permissions/need.ts';
import { placesOf, type RootAddress, withPlaces } from '../../vfs/root-address.ts';
import type { CheckedEncoder, CoderCommand } from '../options/encoders.ts';
import type { CheckedProject, CheckedRoot } from '../options/options.ts';
import { type CheckedVolume, isOneSlot } from '../options/volumes.ts';
import { isWritten } from './open-media.ts';

/** Needs, and where their real paths go once they are granted. */
interface PlacedNeed {
  readonly needs: readonly Need[];
  /** `realPaths`: one for each need, in order. */
  place(project: CheckedProject, realPaths: readonly string[]): CheckedProject;
}

/**
 * What a run of the project reaches: every root is read; what can receive something is written, too. A simulation only reads, and runs no encoder. Files that the command line
 * names are not asked about.
 */
export function needsOf(project: CheckedProject, named: { readonly logFile: boolean; readonly sourceList: boolean }): readonly PlacedNeed[] {
  const roots = project.roots.map((root, index): PlacedNeed => {
    const access = accessToRoot(root.address, receives(index, project.roots, project.killFiles) && !project.simulation);
    return { needs: access.needs, place: (placed, paths) => withRoot(placed, index, { address: access.placed(paths) }) };
  });
  const shadows = project.roots.flatMap((root, index) =>
    root.shadows.map((shadow, at): PlacedNeed => {
      const access = accessToRoot(shadow, !project.simulation);
      return {
        needs: access.needs,
        place: (placed, paths) => {
          const others = placed.roots[index]?.shadows ?? [];
          return withRoot(placed, index, { shadows: others.map((other, i) => (i === at ? access.placed(paths) : other)) });
        },
      };
    }),
  );
  const files: PlacedNeed[] = [];
  if (project.syncDb !== undefined) {
    const words = { read: 'reads the database', write: 'writes the database' };
    files.push({ needs: accessTo(project.syncDb, !project.simulation, words), place: (placed, [syncDb]) => ({ ...placed, syncDb }) });
  }
  for (const option of ['logFile', 'sourceList'] as const) {
    const file = project[option];
    if (file === undefined || named[option]) continue;
    const words = option === 'logFile' ? 'writes the log' : 'writes the list';
    files.push({
      needs: [{ kind: 'write', path: file.path, words }],
      place: (placed, [path = file.path]) => ({ ...placed, [option]: { ...file, path } }),
    });
  }
  return [
    ...roots,
    ...shadows,
    ...project.volumes.flatMap((volume, index) => (volume.isUsed ? [volumeNeeds(volume, index, project)] : [])),
    ...files,
    ...(project.simulation ? [] : project.encoders.map(encoderNeeds)),
  ];
}

/** Of media with `%INDEX%` in their path: the number is part of what is permitted, and stands for all numbers. */
function volumeNeeds(volume: CheckedVolume, index: number, project: CheckedProject): PlacedNeed {
  const { name } = volume.rules;
  const writes = !project.simulation && isWritten(volume, project);
  const onMedia = 'media, %INDEX% being any number:';
  const words = { read: writes ? 'reads' : `reads ${onMedia}`, write: `writes and removes on ${onMedia}` };
  const media = accessToRoot(volume.media, writes, isOneSlot(volume) ? undefined : words);
  const catalogueWords = { read: `reads the catalogue of ${name}`, write: `writes the catalogue of ${name}` };
  const catalogue = accessTo(volume.catalogue, !project.simulation, catalogueWords);
  return {
    needs: [...media.needs, ...catalogue],
    place: (placed, paths) => {
      const real = { ...volume, media: media.placed(paths.slice(0, media.needs.length)), catalogue: paths[media.needs.length] ?? volume.catalogue };
      return { ...placed, volumes: placed.volumes.map((other, at) => (at === index ? real : other)) };
    },
  };
}

function encoderNeeds(encoder: CheckedEncoder, index: number): PlacedNeed {
  const { needs, placed: real } = accessToEncoder(encoder);
  return {
    needs,
    place: (placed, programs) => ({ ...placed, encoders: placed.encoders.map((other, at) => (at === index ? real(programs) : other)) }),
  };
}

interface EncoderAccess {
  readonly needs: readonly Need[];
  /** The encoder with what came for each need. */
  placed(real: readonly string[]): CheckedEncoder;
}

/** To run the programs that the encoder has. */
export function accessToEncoder(encoder: CheckedEncoder): EncoderAccess {
  const commands = [encoder.encode, encoder.decode].filter((command) => command !== undefined);
  const secret: readonly Need[] = encoder.passphrase === undefined ? [] : [{ kind: 'secret', name: encoder.passphrase }];
  return {
    needs: [...commands.map(({ program }): Need => ({ kind: 'run', program })), ...secret],
    placed: (programs) => {
      const real = (command: CoderCommand | undefined) => command && { ...command, program: programs[commands.indexOf(command)] ?? command.program };
      return { ...encoder, encode: real(encoder.encode), decode: real(encoder.decode) };
    },
  };
}

export interface RootAccess {
  readonly needs: readonly Need[];
  /** The address with the real path that came for each need. */
  placed(realPaths: readonly string[]): RootAddress;
}

/** To the places of this machine that a root lives in; `words`: what is said of them to whoever is asked. */
export function accessToRoot(address: RootAddress, writes: boolean, words?: AccessWords): RootAccess {
  const needsAPlace = writes ? 2 : 1;
  return {
    needs: placesOf(address).flatMap(({ path }) => accessTo(path, writes, words)),
    placed: (realPaths) =>
      withPlaces(
        address,
        realPaths.filter((_, index) => index % needsAPlace === 0),
      ),
  };
}

interface AccessWords {
  readonly read: string;
  readonly write: string;
}

function accessTo(path: string, writes: boolean, words?: AccessWords): readonly Need[] {
  const read: Need = { kind: 'read', path, ...(words === undefined ? {} : { words: words.read }) };
  const write: Need = { kind: 'write', path, ...(words === undefined ? {} : { words: words.write }) };
  return writes ? [read, write] : [read];
}

function withRoot(project: CheckedProject, index: number, change: Partial<CheckedRoot>): CheckedProject {
  return { ...project, roots: project.roots.map((root, at) => (at === index ? { ...root, ...change } : root)) };
}
