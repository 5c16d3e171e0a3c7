import type { FoundBelow } from '../../below.ts';
import { compareNames, isWithin, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Content, Entry, Expected, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../../vfs.ts';
import type { Asking } from './asking.ts';
import { type Catalogue, superseding, withoutMedium } from './catalogue.ts';
import type { CatalogueView } from './catalogue-view.ts';
import type { Clearing } from './clearing.ts';
import type { Journal } from './journal.ts';
import { type Change, type Kept, type KeptFile, mediaOf } from './kept.ts';
import type { Media, Mounted } from './media.ts';
import { expectedOn } from './placed.ts';
import type { Placing } from './placing.ts';
import { Putting } from './putting.ts';
import { readCopies } from './read-copies.ts';
import { renameOnMedia } from './rename-on-media.ts';
import type { Turns } from './turns.ts';

export interface VolumesParts {
  readonly label: string;
  readonly catalogue: Catalogue;
  readonly view: CatalogueView;
  readonly media: Media;
  readonly asking: Asking;
  readonly placing: Placing;
  readonly clearing: Clearing;
  readonly journal: Journal;
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/** A set of media as one tree: what is shown comes from the catalogue, so that no medium need be in reach for it. */
export class VolumesRoot implements Vfs {
  readonly label: string;
  readonly #parts: VolumesParts;
  readonly #view: CatalogueView;
  readonly #putting: Putting;
  #hasChanged = false;
  #isCompleted = false;

  constructor(parts: VolumesParts) {
    this.label = parts.label;
    this.#parts = parts;
    this.#view = parts.view;
    this.#putting = new Putting(parts.view, parts.placing);
  }

  get traits(): Traits {
    return this.#view.traits;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    this.#requireLive(directory);
    this.#view.requireDirectory(directory);
    const children = this.#parts.catalogue.childrenOf(directory);
    return children.map(({ path, kept }) => this.#view.entry(path, kept)).sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    this.#requireLive(path);
    return this.#view.stat(path);
  }

  content(path: RelPath, revision?: string): Content {
    const { size, local, open } = readCopies(path, revision, this.#parts);
    const requireLive = () => this.#requireLive(path);
    return {
      ...(size === undefined ? {} : { size }),
      ...(local === undefined ? {} : { local }),
      async *open(from) {
        requireLive();
        yield* open(from);
      },
    };
  }

  write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    return this.#change([path], async () => {
      this.#view.requireKept(path, as.expected);
      if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a file');
      return this.#putting.file(path, content, as);
    });
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#change([path], async () => {
      if (this.#view.stat(path) !== undefined) throw new VfsError('exists', path, 'something is already there');
      this.#view.requireParent(path);
      await this.#putting.directory(path);
    });
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#change([path], async () => {
      const kept = this.#view.requireKept(path, expected);
      if (kept === undefined) return;
      if (kept.kind === 'directory') throw new VfsError('wrong-kind', path, 'it is a directory');
      await this.#removeFromMedia(path, kept, (vfs, medium) => vfs.removeFile(path, expectedOn(medium, kept)));
    });
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#change([path], async () => {
      this.#view.requireDirectory(path);
      const { catalogue, clearing } = this.#parts;
      if (path === '') throw new VfsError('denied', path, 'the root itself is not removed');
      if (catalogue.childrenOf(path).length > 0) throw new VfsError('not-empty', path, 'the folder is not empty');
      await clearing.clear(path);
      const kept = catalogue.find(path)?.kept;
      if (kept !== undefined) await this.#removeFromMedia(path, kept, (vfs) => vfs.removeDirectory(path));
    });
  }

  rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    return this.#change([from, to], async () => {
      const kept = this.#view.requireKept(from, expected);
      if (kept === undefined) throw new VfsError('changed', from, 'nothing is there');
      if (to !== from && isWithin(to, from)) throw new VfsError('failed', to, 'a directory cannot be moved into itself');
      const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
      if (!isOneName && this.#view.stat(to) !== undefined) throw new VfsError('exists', to, 'something is already there');
      this.#view.requireParent(to);
      await renameOnMedia({ from, to, kept }, { ...this.#parts, commit: this.#parts.journal.commit });
      return this.#view.stat(to) as Entry;
    });
  }

  link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    return this.#change([path], async () => {
      if (!this.traits.links) throw new VfsError('unsupported', path, 'these media have no links');
      this.#view.requireKept(path, as.expected);
      if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a link');
      return this.#putting.link(path, target, as);
    });
  }

  setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    return this.#change([path], async () => {
      const kept = this.#view.requireKept(path, expected);
      if (this.traits.timePrecisionMs === undefined) throw new VfsError('unsupported', path, 'these media keep no times');
      if (kept?.kind !== 'file') throw new VfsError('wrong-kind', path, 'only files have times here');
      return this.#setTime(path, kept, modifiedMs);
    });
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    const expected = replacement.kind === 'file' ? replacement.as.expected : replacement.expected;
    if (replacement.kind === 'file' && expected.kind !== 'directory') return this.write(path, replacement.content, replacement.as);
    if (replacement.kind === 'link' && expected.kind !== 'directory') {
      await this.link(path, replacement.target, replacement);
      return undefined;
    }
    return this.#change([path], async () => {
      this.#view.requireKept(path, expected);
      if (replacement.kind === 'directory') {
        if (expected.kind === 'directory') throw new VfsError('exists', path, 'a directory is there already');
        this.#view.requireParent(path);
        await this.#putting.directory(path);
        return undefined;
      }
      const below = replacement.below ?? asBelow(this.#view.foundBelow(path));
      this.#view.requireBelow(path, below);
      if (replacement.kind === 'file') return this.#putting.file(path, replacement.content, replacement.as, below);
      await this.#putting.link(path, replacement.target, replacement, below);
      return undefined;
    });
  }

  async leftovers(): Promise<readonly RelPath[]> {
    // Media are cleared of what dead runs left when they are first looked at.
    return [];
  }

  async recover(): Promise<{ readonly returned: number }> {
    this.#requireLive('');
    return { returned: 0 };
  }

  async flush(): Promise<void> {
    const { media, journal, signal } = this.#parts;
    if (!signal.aborted) await this.#complete();
    await media.flush();
    await journal.sync();
  }

  async close(): Promise<void> {
    const { media, journal, signal } = this.#parts;
    try {
      if (!signal.aborted) await this.#complete();
    } finally {
      await media.close().finally(() => journal.close());
    }
  }

  /** On media that are not in reach, or can only be read, it is noted as superseded. */
  async #removeFromMedia(path: RelPath, kept: Kept, remove: (vfs: Vfs, medium: number) => Promise<void>): Promise<void> {
    const { media, journal } = this.#parts;
    const noted: Change[] = [];
    let left: Kept | undefined = kept;
    for (const medium of mediaOf(kept)) {
      const mounted = media.at(medium);
      if (mounted === undefined || !(await this.#isRemoved(mounted, () => remove(mounted.vfs, medium)))) {
        noted.push(
          ...superseding(
            path,
            kept,
            mediaOf(kept).filter((one) => one !== medium),
          ),
        );
        continue;
      }
      left = left && withoutMedium(left, medium);
      if (left !== undefined && mediaOf(left).length > 0) journal.commit([{ what: 'path', path, kept: left }]);
    }
    journal.commit([...noted, { what: 'path', path, kept: null }]);
  }

  async #isRemoved(mounted: Mounted, remove: () => Promise<void>): Promise<boolean> {
    if (mounted.isReadOnly) return false;
    try {
      await this.#parts.media.use(mounted, remove);
      return true;
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      if (error.code === 'not-found') return true;
      if (error.code === 'read-only') mounted.isReadOnly = true;
      if (!mounted.isReadOnly && (await this.#parts.media.isAlive(mounted))) throw error;
      return false;
    }
  }

  async #setTime(path: RelPath, kept: KeptFile, modifiedMs: number): Promise<Stamp> {
    const { media, asking, journal, clearing } = this.#parts;
    const there = kept.copies.filter(({ medium }) => media.at(medium) !== undefined);
    if (there.length === 0) {
      const [first] = kept.copies;
      if (first === undefined) throw new VfsError('absent', path, 'it is on no medium any more');
      await asking.bring(first.medium, path);
      there.push(first);
    }
    const copies: KeptFile['copies'][number][] = [];
    let stamp: Stamp | undefined;
    for (const { medium } of there) {
      const mounted = media.at(medium);
      if (mounted === undefined) continue;
      const now = await media.use(mounted, (vfs) => vfs.setModified(path, modifiedMs, expectedOn(medium, kept)));
      copies.push({ medium, revision: now.revision });
      stamp ??= now;
    }
    if (stamp === undefined) throw new VfsError('absent', path, 'its medium was taken away');
    const now: KeptFile = { ...kept, revision: stamp.revision, copies, ...(stamp.modifiedMs === undefined ? {} : { modifiedMs: stamp.modifiedMs }) };
    journal.commit([
      ...superseding(
        path,
        kept,
        copies.map(({ medium }) => medium),
      ),
      { what: 'path', path, kept: now },
    ]);
    await clearing.clear(path);
    return this.#view.stampAt(path);
  }

  async #complete(): Promise<void> {
    if (!this.#hasChanged || this.#isCompleted) return;
    this.#isCompleted = true;
    await this.#parts.placing.complete((path, act) => this.#parts.turns.take([this.#key(path)], act));
  }

  /** One after the other at each path. Before the first change of a run goes what is superseded on the media in reach. */
  #change<T>(paths: readonly RelPath[], act: () => Promise<T>): Promise<T> {
    return this.#parts.turns.take(
      paths.map((path) => this.#key(path)),
      async () => {
        for (const path of paths) this.#requireLive(path);
        for (const path of paths) requirePath(path);
        this.#hasChanged = true;
        const { media, clearing } = this.#parts;
        for (const mounted of media.inReach()) await clearing.tidy(mounted);
        return act();
      },
    );
  }

  #key(path: RelPath): string {
    return this.traits.caseSensitive ? path : path.toLowerCase();
  }

  #requireLive(path: RelPath): void {
    if (this.#parts.signal.aborted) throw new VfsError('aborted', path, 'the run was ended');
  }
}

function asBelow(found: FoundBelow): Below {
  return new Map([...found].map(([path, version]) => [path, version ?? '']));
}

function requirePath(path: RelPath): void {
  const parts = path.split('/');
  if (path !== '' && parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    throw new VfsError('name-refused', path, 'this is no name that a file can have');
}
