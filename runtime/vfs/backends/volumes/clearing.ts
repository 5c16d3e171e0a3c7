import { isWithin, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Vfs } from '../../vfs.ts';
import type { Catalogue } from './catalogue.ts';
import type { Change, Superseded } from './kept.ts';
import type { Media, Mounted } from './media.ts';

export interface ClearingOptions {
  readonly catalogue: Catalogue;
  readonly media: Media;
  readonly commit: (changes: readonly Change[]) => void;
}

/** Removes what is superseded from the media that have it. */
export class Clearing {
  readonly #options: ClearingOptions;
  readonly #tidied = new WeakSet<Mounted>();

  constructor(options: ClearingOptions) {
    this.#options = options;
  }

  /** At a path and below, on the media that are in reach; what cannot go now stays noted, and goes another time. */
  async clear(path: RelPath): Promise<void> {
    for (const mounted of this.#options.media.inReach()) await this.#clearOn(mounted, path);
  }

  /** All that is superseded on a medium, once a run. */
  async tidy(mounted: Mounted): Promise<void> {
    if (this.#tidied.has(mounted)) return;
    this.#tidied.add(mounted);
    await this.#clearOn(mounted, '');
  }

  /** What is superseded where something is to be put must go before. Rejects with VfsError. */
  async makeWay({ medium, vfs }: Mounted, path: RelPath): Promise<void> {
    for (const of of this.#deepestFirst(medium, path)) await this.#remove(vfs, of);
  }

  async #clearOn(mounted: Mounted, path: RelPath): Promise<void> {
    for (const of of this.#deepestFirst(mounted.medium, path)) {
      if (mounted.isReadOnly) return;
      try {
        await this.#options.media.use(mounted, (vfs) => this.#remove(vfs, of));
      } catch (error) {
        if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
        if (error.code === 'read-only') mounted.isReadOnly = true;
      }
    }
  }

  #deepestFirst(medium: number, path: RelPath): readonly Superseded[] {
    const all = this.#options.catalogue.supersededOn(medium).filter((of) => isWithin(of.path, path));
    return all.sort((a, b) => b.path.split('/').length - a.path.split('/').length);
  }

  /** What is not this very thing any more is somebody else's, and stays. */
  async #remove(vfs: Vfs, { medium, path, kind, version }: Superseded): Promise<void> {
    try {
      if (kind === 'directory') await vfs.removeDirectory(path);
      else await vfs.removeFile(path, kind === 'file' ? { kind, revision: version } : { kind, target: version });
    } catch (error) {
      if (!(error instanceof VfsError) || (error.code !== 'changed' && error.code !== 'not-found')) throw error;
    }
    this.#options.commit([{ what: 'cleared', medium, path }]);
  }
}
