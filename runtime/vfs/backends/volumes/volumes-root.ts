import { requireBelow, versionBelow, type FoundBelow } from '../../below.ts';
import { requireExpected } from '../../expected.ts';
import { compareNames, isWithin, nameOf, parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Content, Entry, Expected, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../../vfs.ts';
import { type Catalogue, superseding, withoutMedium } from './catalogue.ts';
import type { Clearing } from './clearing.ts';
import type { Journal } from './journal.ts';
import { type Change, entryOf, type Kept, type KeptFile, mediaOf } from './kept.ts';
import type { Media, Mounted } from './media.ts';
import { counted, type Count, expectedOn } from './placed.ts';
import { MediumFull, type Placing, type PlaceToPut } from './placing.ts';
import { readCopies } from './read-copies.ts';
import { renameOnMedia } from './rename-on-media.ts';
import type { Turns } from './turns.ts';

export interface VolumesParts {
  readonly label: string;
  readonly catalogue: Catalogue;
  readonly media: Media;
  readonly placing: Placing;
  readonly clearing: Clearing;
  readonly journal: Journal;
  readonly turns: Turns;
  /** Of media that are not there yet. */
  readonly likelyTraits: Traits;
  readonly signal: AbortSignal;
}

/** A set of media as one tree: what is shown comes from the catalogue, so that no medium need be in reach for it. */
export class VolumesRoot implements Vfs {
  readonly label: string;
  readonly #parts: VolumesParts;
  #hasChanged = false;
  #isCompleted = false;

  constructor(parts: VolumesParts) {
    this.label = parts.label;
    this.#parts = parts;
  }

  get traits(): Traits {
    const { catalogue, likelyTraits } = this.#parts;
    // One after the other, so that which medium gets what does not depend on how fast files come.
    return { ...(catalogue.traits ?? likelyTraits), concurrency: 1 };
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    this.#requireLive(directory);
    this.#requireDirectory(directory);
    const children = this.#parts.catalogue.childrenOf(directory);
    return children.map(({ path, kept }) => this.#entry(path, kept)).sort((a, b) => compareNames(a.name, b.name));
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    this.#requireLive(path);
    return this.#stat(path);
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
      this.#require(path, as.expected);
      if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a file');
      return this.#putFile(path, content, as);
    });
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#change([path], async () => {
      if (this.#stat(path) !== undefined) throw new VfsError('exists', path, 'something is already there');
      this.#requireParent(path);
      await this.#putDirectory(path);
    });
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#change([path], async () => {
      const kept = this.#require(path, expected);
      if (kept === undefined) return;
      if (kept.kind === 'directory') throw new VfsError('wrong-kind', path, 'it is a directory');
      await this.#removeFromMedia(path, kept, (vfs, medium) => vfs.removeFile(path, expectedOn(medium, kept)));
    });
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#change([path], async () => {
      this.#requireDirectory(path);
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
      const kept = this.#require(from, expected);
      if (kept === undefined) throw new VfsError('changed', from, 'nothing is there');
      if (to !== from && isWithin(to, from)) throw new VfsError('failed', to, 'a directory cannot be moved into itself');
      const isOneName = !this.traits.caseSensitive && from.toLowerCase() === to.toLowerCase();
      if (!isOneName && this.#stat(to) !== undefined) throw new VfsError('exists', to, 'something is already there');
      this.#requireParent(to);
      await renameOnMedia({ from, to, kept }, { ...this.#parts, commit: this.#parts.journal.commit });
      return this.#stat(to) as Entry;
    });
  }

  link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    return this.#change([path], async () => {
      if (!this.traits.links) throw new VfsError('unsupported', path, 'these media have no links');
      this.#require(path, as.expected);
      if (as.expected.kind === 'directory') throw new VfsError('wrong-kind', path, 'a directory is not overwritten by a link');
      return this.#putLink(path, target, as);
    });
  }

  setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    return this.#change([path], async () => {
      const kept = this.#require(path, expected);
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
      this.#require(path, expected);
      if (replacement.kind === 'directory') {
        if (expected.kind === 'directory') throw new VfsError('exists', path, 'a directory is there already');
        this.#requireParent(path);
        await this.#putDirectory(path);
        return undefined;
      }
      const below = replacement.below ?? asBelow(this.#foundBelow(path));
      this.#requireBelow(path, below);
      if (replacement.kind === 'file') return this.#putFile(path, replacement.content, replacement.as, below);
      await this.#putLink(path, replacement.target, replacement, below);
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

  /** `below`: what the directory that gives way may hold. */
  async #putFile(path: RelPath, content: Content, as: WriteAs, below?: Below): Promise<Stamp> {
    this.#requireParent(path);
    await this.#parts.placing.place(path, content.size, async (place) => {
      const count: Count = { bytes: 0, isCutOff: false };
      const late: { error?: unknown } = {};
      const read = contentFor(path, content, place, count);
      try {
        const expected = expectedOn(place.medium, place.own);
        if (expected.kind === 'directory') {
          const replacement = {
            kind: 'file',
            content: this.#checked(path, read, below, late),
            as: { ...as, expected },
            below: this.#belowOn(place.medium, path),
          } as const;
          await place.vfs.replace(path, replacement);
        } else {
          await place.vfs.write(path, below === undefined ? read : this.#checked(path, read, below, late), { ...as, expected });
        }
      } catch (error) {
        if (late.error !== undefined) throw late.error;
        if (count.isCutOff) throw new MediumFull();
        throw error;
      }
      const size = content.size ?? (count.bytes > 0 ? count.bytes : undefined);
      return fileOn(place, path, await place.vfs.stat(path), size);
    });
    return this.#stampAt(path);
  }

  async #putLink(path: RelPath, target: string, as: { readonly modifiedMs?: number }, below?: Below): Promise<LinkNode> {
    this.#requireParent(path);
    await this.#parts.placing.place(path, 0, async ({ medium, vfs, own }) => {
      const expected = expectedOn(medium, own);
      const time = as.modifiedMs === undefined ? {} : { modifiedMs: as.modifiedMs };
      if (expected.kind === 'directory') {
        if (below !== undefined) this.#requireBelow(path, below);
        await vfs.replace(path, { kind: 'link', target, ...time, expected, below: this.#belowOn(medium, path) });
      } else {
        await vfs.link(path, target, { ...time, expected });
      }
      const made = await vfs.stat(path);
      if (made?.kind !== 'link') throw new VfsError('changed', path, 'it was changed right after it was made');
      const { name: _, ...node } = made;
      return { ...node, media: [medium] };
    });
    const made = this.#stat(path);
    if (made?.kind !== 'link') throw new VfsError('changed', path, 'it was changed right after it was made');
    const { name: _, ...node } = made;
    return node;
  }

  async #putDirectory(path: RelPath): Promise<void> {
    await this.#parts.placing.place(path, 0, async ({ medium, vfs, own }) => {
      const expected = expectedOn(medium, own);
      if (expected.kind === 'nothing') await vfs.makeDirectory(path);
      else await vfs.replace(path, { kind: 'directory', expected });
      return { kind: 'directory', media: [medium] };
    });
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
    const { media, journal, clearing } = this.#parts;
    const there = kept.copies.filter(({ medium }) => media.at(medium) !== undefined);
    if (there.length === 0) {
      const [first] = kept.copies;
      if (first === undefined) throw new VfsError('absent', path, 'it is on no medium any more');
      await media.bring(first.medium, path);
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
    return this.#stampAt(path);
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

  #stat(path: RelPath): Entry | undefined {
    if (path === '') return { name: '', kind: 'directory' };
    const found = this.#parts.catalogue.find(path);
    return found && this.#entry(found.path, found.kept);
  }

  #entry(path: RelPath, kept: Kept): Entry {
    const entry = entryOf(nameOf(path), kept);
    if (entry.kind !== 'file') return entry;
    const { mode, modifiedMs, ...file } = entry;
    const { modes, timePrecisionMs } = this.traits;
    const time = modifiedMs === undefined || timePrecisionMs === undefined ? {} : { modifiedMs };
    return { ...file, ...time, ...(mode === undefined || !modes ? {} : { mode }) };
  }

  #stampAt(path: RelPath): Stamp {
    const entry = this.#stat(path);
    if (entry?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
    const { revision, size, modifiedMs } = entry;
    return { revision, ...(size === undefined ? {} : { size }), ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  }

  #require(path: RelPath, expected: Expected): Kept | undefined {
    requireExpected(this.#stat(path), expected, path);
    return this.#parts.catalogue.find(path)?.kept;
  }

  #requireDirectory(path: RelPath): void {
    if (path === '') return;
    const kept = this.#parts.catalogue.find(path)?.kept;
    if (kept === undefined) throw new VfsError('not-found', path, 'there is nothing at this path (any more)');
    if (kept.kind !== 'directory') throw new VfsError('wrong-kind', path, 'a folder was expected here, but there is something else');
  }

  #requireParent(path: RelPath): void {
    const parent = parentOf(path);
    if (parent === '') return;
    const kept = this.#parts.catalogue.find(parent)?.kept;
    if (kept === undefined) throw new VfsError('not-found', path, 'its folder does not exist');
    if (kept.kind !== 'directory') throw new VfsError('wrong-kind', path, 'what should be its folder is something else');
  }

  #foundBelow(path: RelPath): FoundBelow {
    return new Map(this.#parts.catalogue.below(path).map((one) => [one.path, versionBelow(this.#entry(one.path, one.kept))]));
  }

  #requireBelow(path: RelPath, below: Below): void {
    requireBelow(this.#foundBelow(path), below, path);
  }

  /** What a medium has below a directory, by its own revisions. */
  #belowOn(medium: number, path: RelPath): Below {
    const below = new Map<RelPath, string>();
    for (const one of this.#parts.catalogue.below(path)) {
      if (!mediaOf(one.kept).includes(medium)) continue;
      const copy = one.kept.kind === 'file' ? one.kept.copies.find((each) => each.medium === medium) : undefined;
      below.set(one.path, copy?.revision ?? (one.kept.kind === 'link' ? one.kept.target : ''));
    }
    return below;
  }

  /** The content, at whose end the directory that gives way must still hold just what it may: some of it can be on other media. */
  #checked(path: RelPath, content: Content, below: Below | undefined, late: { error?: unknown }): Content {
    const check = () => {
      if (below !== undefined) this.#requireBelow(path, below);
    };
    const open = async function* (from?: number): AsyncGenerator<Uint8Array, void, undefined> {
      yield* content.open(from);
      try {
        check();
      } catch (error) {
        late.error = error;
        throw error;
      }
    };
    return { ...(content.size === undefined ? {} : { size: content.size }), open };
  }

  #requireLive(path: RelPath): void {
    if (this.#parts.signal.aborted) throw new VfsError('aborted', path, 'the run was ended');
  }
}

/** The second copy is made from the first one: they are to be the same bytes, and the source is read once. */
function contentFor(path: RelPath, content: Content, { first, reservation }: PlaceToPut, count: Count): Content {
  const copied = first?.placed.kept;
  if (first !== undefined && copied?.kind === 'file') return first.vfs.content(path, copied.copies[0]?.revision);
  return content.size === undefined ? counted(content, reservation, count) : content;
}

function fileOn({ medium, first }: PlaceToPut, path: RelPath, entry: Entry | undefined, size: number | undefined): Kept {
  if (entry?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
  const { name: _, fileId: _id, ...file } = entry;
  const known = size ?? (first?.placed.kept.kind === 'file' ? first.placed.kept.size : undefined);
  return { ...(known === undefined ? {} : { size: known }), ...file, copies: [{ medium, revision: entry.revision }] };
}

function asBelow(found: FoundBelow): Below {
  return new Map([...found].map(([path, version]) => [path, version ?? '']));
}

function requirePath(path: RelPath): void {
  const parts = path.split('/');
  if (path !== '' && parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    throw new VfsError('name-refused', path, 'this is no name that a file can have');
}
