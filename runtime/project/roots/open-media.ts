import { dirname } from 'node:path';
import { receives } from '../../engine/receives.ts';
import { holdFolder } from '../../machine/held-folder.ts';
import type { PathRules } from '../../permissions/path-rules.ts';
import { diskIn } from '../../state/disk.ts';
import { type Lock, takeLock } from '../../state/lock.ts';
import type { Forecast } from '../../vfs/backends/volumes/forecast.ts';
import type { RootOptions } from '../../vfs/open-root.ts';
import type { RelPath } from '../../vfs/path.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Vfs } from '../../vfs/vfs.ts';
import type { CheckedProject } from '../options/options.ts';
import { type CheckedVolume, INDEX, volumeBase } from '../options/volumes.ts';
import type { Ask } from '../run-request.ts';
import type { RunFiles } from './own-files.ts';

export interface OpenMediaOptions {
  /** undefined: nobody can be asked. */
  readonly ask: Pick<Ask, 'confirm'> | undefined;
  readonly pathRules: PathRules;
  readonly ownFiles: RunFiles;
  /** Tells whoever watches the run. */
  readonly tell: (message: string) => void;
}

/** The sets of media of a run, opened when their root is. */
export interface OpenMedia {
  open(volume: string, inner: RelPath, opening: RootOptions): Promise<Vfs>;
  /** What the database knows a set by; undefined: it is not open. */
  setIdOf(volume: string): string | undefined;
  /** Of an open set, for a simulation. */
  forecastOf(volume: string): Promise<Forecast | undefined>;
}

/** A project's sets of media, whose paths are real paths that may be used. */
export function openMedia(project: CheckedProject, options: OpenMediaOptions): OpenMedia {
  const opened = new Map<string, { readonly setId: string; forecast(): Promise<Forecast> }>();
  return {
    async open(character, inner, opening) {
      const volume = project.volumes.find((one) => one.character === character);
      if (volume === undefined)
        throw new VfsError('unsupported', '', `"vol${character}:" is for the roots of a project, whose option "volumes" says where its media are`);
      const { vfs, ...facts } = await openSet(volume, inner, { ...options, opening, project });
      opened.set(character, facts);
      return vfs;
    },
    setIdOf: (character) => opened.get(character)?.setId,
    forecastOf: async (character) => opened.get(character)?.forecast(),
  };
}

interface OpeningSet extends OpenMediaOptions {
  readonly opening: RootOptions;
  readonly project: CheckedProject;
}

async function openSet(volume: CheckedVolume, inner: RelPath, { opening, project, ask, tell, pathRules, ownFiles }: OpeningSet) {
  const { openVolumes } = await import('../../vfs/backends/volumes/open-volumes.ts');
  const { openCatalogueFile } = await import('../../vfs/backends/volumes/catalogue-file.ts');
  const { localMedia } = await import('./local-media.ts');
  const { rules, media, catalogue } = volume;
  requireIndex(volume);
  const { signal } = opening;
  const lock = project.simulation ? undefined : lockCatalogue(volume);
  try {
    const opened = await openVolumes({
      rules,
      places: localMedia({ media, pathRules, ownFiles, opening }),
      store: openCatalogueFile(catalogue),
      ask: ask && ((question) => ask.confirm(question)),
      tell: (message) => tell(`${rules.name}: ${message}`),
      writes: !project.simulation && isWritten(volume, project),
      records: !project.simulation,
      inner,
      mustExist: opening.mustExist === true,
      signal,
    });
    return { ...opened, vfs: releasing(opened.vfs, lock) };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Whether a run changes the media: where they are a root that receives, or a shadow. */
export function isWritten({ character }: CheckedVolume, { roots, killFiles }: Pick<CheckedProject, 'roots' | 'killFiles'>): boolean {
  return roots.some(
    (root, index) =>
      (volumeBase(root.address)?.volume === character && receives(index, roots, killFiles)) ||
      root.shadows.some((shadow) => volumeBase(shadow)?.volume === character),
  );
}

/** A link that took the number away would make one place of all media. */
function requireIndex({ media, rules }: CheckedVolume): void {
  if (media.base.kind === 'local' && (media.base.path.includes(INDEX) || rules.waits)) return;
  throw new VfsError('outside', '', `the folders of the media of ${rules.name} cannot be found through a link; name the folder that it leads to`);
}

interface HeldLock {
  release(): void;
}

function lockCatalogue({ catalogue, rules }: CheckedVolume): HeldLock {
  const folder = holdFolder(dirname(catalogue));
  try {
    const lock: Lock = takeLock(`${catalogue}.lock`, { now: Date.now, disk: diskIn(folder), holds: `the catalogue of ${rules.name}, ${catalogue}` });
    return {
      release() {
        lock.release();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** The lock is given back when all is written. */
function releasing(vfs: Vfs, lock: HeldLock | undefined): Vfs {
  if (lock === undefined) return vfs;
  return new Proxy(vfs, {
    get(target, key) {
      if (key === 'close') return () => target.close().finally(() => lock.release());
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
