import { requireBelow, versionBelow, type FoundBelow } from '../../below.ts';
import { requireExpected } from '../../expected.ts';
import { nameOf, parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Entry, Expected, Stamp, Traits } from '../../vfs.ts';
import type { Catalogue } from './catalogue.ts';
import { entryOf, type Kept, mediaOf } from './kept.ts';

/** What a catalogue knows as a root shows it. */
export class CatalogueView {
  readonly #catalogue: Catalogue;
  /** Of media that are not there yet. */
  readonly #likelyTraits: Traits;

  constructor(catalogue: Catalogue, likelyTraits: Traits) {
    this.#catalogue = catalogue;
    this.#likelyTraits = likelyTraits;
  }

  get traits(): Traits {
    // One after the other, so that which medium gets what does not depend on how fast files come.
    return { ...(this.#catalogue.traits ?? this.#likelyTraits), concurrency: 1 };
  }

  stat(path: RelPath): Entry | undefined {
    if (path === '') return { name: '', kind: 'directory' };
    const found = this.#catalogue.find(path);
    return found && this.entry(found.path, found.kept);
  }

  entry(path: RelPath, kept: Kept): Entry {
    const entry = entryOf(nameOf(path), kept);
    if (entry.kind !== 'file') return entry;
    const { mode, modifiedMs, ...file } = entry;
    const { modes, timePrecisionMs } = this.traits;
    const time = modifiedMs === undefined || timePrecisionMs === undefined ? {} : { modifiedMs };
    return { ...file, ...time, ...(mode === undefined || !modes ? {} : { mode }) };
  }

  stampAt(path: RelPath): Stamp {
    const entry = this.stat(path);
    if (entry?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
    const { revision, size, modifiedMs } = entry;
    return { revision, ...(size === undefined ? {} : { size }), ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  }

  requireKept(path: RelPath, expected: Expected): Kept | undefined {
    requireExpected(this.stat(path), expected, path);
    return this.#catalogue.find(path)?.kept;
  }

  requireDirectory(path: RelPath): void {
    if (path === '') return;
    const kept = this.#catalogue.find(path)?.kept;
    if (kept === undefined) throw new VfsError('not-found', path, 'there is nothing at this path (any more)');
    if (kept.kind !== 'directory') throw new VfsError('wrong-kind', path, 'a folder was expected here, but there is something else');
  }

  requireParent(path: RelPath): void {
    const parent = parentOf(path);
    if (parent === '') return;
    const kept = this.#catalogue.find(parent)?.kept;
    if (kept === undefined) throw new VfsError('not-found', path, 'its folder does not exist');
    if (kept.kind !== 'directory') throw new VfsError('wrong-kind', path, 'what should be its folder is something else');
  }

  foundBelow(path: RelPath): FoundBelow {
    return new Map(this.#catalogue.below(path).map((one) => [one.path, versionBelow(this.entry(one.path, one.kept))]));
  }

  requireBelow(path: RelPath, below: Below): void {
    requireBelow(this.foundBelow(path), below, path);
  }

  /** What a medium has below a directory, by its own revisions. */
  belowOn(medium: number, path: RelPath): Below {
    const below = new Map<RelPath, string>();
    for (const one of this.#catalogue.below(path)) {
      if (!mediaOf(one.kept).includes(medium)) continue;
      const copy = one.kept.kind === 'file' ? one.kept.copies.find((each) => each.medium === medium) : undefined;
      below.set(one.path, copy?.revision ?? (one.kept.kind === 'link' ? one.kept.target : ''));
    }
    return below;
  }
}
