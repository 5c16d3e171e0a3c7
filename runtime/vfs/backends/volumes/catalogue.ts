import { isWithin, joinPath, nameOf, parentOf, type RelPath } from '../../path.ts';
import type { Traits } from '../../vfs.ts';
import { formatLine, HEADER } from './catalogue-lines.ts';
import { type Change, type Kept, mediaOf, type Superseded, supersededOn } from './kept.ts';
import { roundedUp } from './volume-rules.ts';

/** Under which name a path is kept, and what. */
export interface Found {
  readonly path: RelPath;
  readonly kept: Kept;
}

/** What is on which medium, in memory. It changes by `apply` only, so that what was written down can be read again. */
export class Catalogue {
  /** Of the set; undefined as long as it has no medium. */
  setId: string | undefined;
  /** As weak as the weakest medium so far; undefined before the first. */
  traits: Traits | undefined;
  readonly media = new Set<number>();
  readonly #sectorSize: number;
  readonly #found = new Map<string, Found>();
  readonly #children = new Map<string, Map<string, Found>>();
  readonly #superseded = new Map<number, Map<RelPath, Superseded>>();
  readonly #intents = new Map<RelPath, readonly number[]>();
  /** Bytes, by medium. */
  readonly #used = new Map<number, number>();

  constructor(sectorSize: number) {
    this.#sectorSize = sectorSize;
  }

  /** Paths that it knows. */
  get size(): number {
    return this.#found.size;
  }

  find(path: RelPath): Found | undefined {
    return this.#found.get(this.#key(path));
  }

  childrenOf(directory: RelPath): readonly Found[] {
    return [...(this.#children.get(this.#key(directory))?.values() ?? [])];
  }

  /** All below a directory, deepest last. */
  below(directory: RelPath): readonly Found[] {
    const all: Found[] = [];
    const open = [...this.childrenOf(directory)];
    for (let found = open.shift(); found !== undefined; found = open.shift()) {
      all.push(found);
      if (found.kept.kind === 'directory') open.push(...this.childrenOf(found.path));
    }
    return all;
  }

  supersededOn(medium: number): readonly Superseded[] {
    return [...(this.#superseded.get(medium)?.values() ?? [])];
  }

  superseded(medium: number, path: RelPath): Superseded | undefined {
    return this.#superseded.get(medium)?.get(path);
  }

  intentAt(path: RelPath): readonly number[] | undefined {
    return this.#intents.get(path);
  }

  intents(): readonly (readonly [RelPath, readonly number[]])[] {
    return [...this.#intents];
  }

  /** Bytes that are known to be on a medium. */
  usedOf(medium: number): number {
    return this.#used.get(medium) ?? 0;
  }

  costOf(size: number | undefined): number {
    return roundedUp(size ?? 0, this.#sectorSize);
  }

  /** What a path takes on a medium now. */
  costOn(medium: number, path: RelPath): number {
    const found = this.find(path);
    return found !== undefined && mediaOf(found.kept).includes(medium) ? this.#costOf(found.kept) : 0;
  }

  apply(change: Change): void {
    switch (change.what) {
      case 'set':
        this.setId = change.id;
        return;
      case 'traits':
        this.#takeTraits(change.traits);
        return;
      case 'medium':
        this.media.add(change.medium);
        return;
      case 'path':
        this.#put(change.path, change.kept);
        return;
      case 'superseded':
        this.#clear(change.of.medium, change.of.path);
        this.#supersede(change.of);
        return;
      case 'cleared':
        this.#clear(change.medium, change.path);
        return;
      case 'intent':
        if (change.media.length === 0) this.#intents.delete(change.path);
        else this.#intents.set(change.path, change.media);
    }
  }

  /** The changes that make a medium's part of the catalogue go: what was only there is gone. */
  forgetting(medium: number): readonly Change[] {
    const changes: Change[] = [];
    for (const { path, kept } of [...this.#found.values()].reverse()) {
      const left = withoutMedium(kept, medium);
      if (left !== kept) changes.push({ what: 'path', path, kept: left ?? null });
    }
    for (const { path } of this.supersededOn(medium)) changes.push({ what: 'cleared', medium, path });
    return changes;
  }

  /** All of it, as it is written down. */
  text(): string {
    const head: Change[] = [];
    if (this.setId !== undefined) head.push({ what: 'set', id: this.setId });
    if (this.traits !== undefined) head.push({ what: 'traits', traits: this.traits });
    for (const medium of this.media) head.push({ what: 'medium', medium });
    const lines = [`${HEADER}\n`, formatLine(head)];
    for (const { path, kept } of this.#found.values()) if (kept.kind !== 'other') lines.push(formatLine([{ what: 'path', path, kept }]));
    for (const ofMedium of this.#superseded.values()) for (const of of ofMedium.values()) lines.push(formatLine([{ what: 'superseded', of }]));
    for (const [path, media] of this.#intents) lines.push(formatLine([{ what: 'intent', path, media }]));
    return lines.join('');
  }

  #put(path: RelPath, kept: Kept | null): void {
    const key = this.#key(path);
    const before = this.#found.get(key);
    if (before !== undefined) this.#count(before.kept, -1);
    if (kept === null) {
      this.#found.delete(key);
      this.#children.get(this.#key(parentOf(path)))?.delete(this.#key(nameOf(path)));
      return;
    }
    const found = { path, kept };
    this.#found.set(key, found);
    this.#count(kept, 1);
    const parent = this.#key(parentOf(path));
    const children = this.#children.get(parent) ?? new Map<string, Found>();
    this.#children.set(parent, children);
    children.set(this.#key(nameOf(path)), found);
  }

  #supersede(of: Superseded): void {
    const ofMedium = this.#superseded.get(of.medium) ?? new Map<RelPath, Superseded>();
    this.#superseded.set(of.medium, ofMedium);
    ofMedium.set(of.path, of);
    this.#add(of.medium, this.costOf(of.size));
  }

  #clear(medium: number, path: RelPath): void {
    const gone = this.superseded(medium, path);
    if (gone === undefined) return;
    this.#superseded.get(medium)?.delete(path);
    this.#add(medium, -this.costOf(gone.size));
  }

  #takeTraits(traits: Traits): void {
    const isNewCase = this.traits !== undefined && this.traits.caseSensitive !== traits.caseSensitive;
    this.traits = traits;
    if (!isNewCase) return;
    const all = [...this.#found.values()];
    this.#found.clear();
    this.#children.clear();
    this.#used.clear();
    for (const { path, kept } of all) this.#put(path, kept);
    for (const medium of this.#superseded.keys()) for (const of of this.supersededOn(medium)) this.#add(medium, this.costOf(of.size));
  }

  #count(kept: Kept, sign: 1 | -1): void {
    for (const medium of mediaOf(kept)) this.#add(medium, sign * this.#costOf(kept));
  }

  #costOf(kept: Kept): number {
    return this.costOf(kept.kind === 'file' ? kept.size : 0);
  }

  #add(medium: number, bytes: number): void {
    this.#used.set(medium, this.usedOf(medium) + bytes);
  }

  #key(path: RelPath): string {
    return this.traits?.caseSensitive === false ? path.toLowerCase() : path;
  }
}

/** undefined: no medium has it any more. The same object where nothing changes. */
export function withoutMedium(kept: Kept, medium: number): Kept | undefined {
  if (!mediaOf(kept).includes(medium)) return kept;
  if (mediaOf(kept).length === 1) return undefined;
  if (kept.kind === 'file') return { ...kept, copies: kept.copies.filter((copy) => copy.medium !== medium) };
  return { ...kept, media: kept.media.filter((one) => one !== medium) };
}

/** What becomes superseded, by medium, when a thing goes from all media but `except`. */
export function superseding(path: RelPath, kept: Kept, except: readonly number[] = []): readonly Change[] {
  const changes: Change[] = [];
  for (const medium of mediaOf(kept)) {
    const of = except.includes(medium) ? undefined : supersededOn(medium, path, kept);
    if (of !== undefined) changes.push({ what: 'superseded', of });
  }
  return changes;
}

/** `path` with `to` in place of `from`, which it is within. */
export function movedPath(path: RelPath, from: RelPath, to: RelPath): RelPath {
  if (!isWithin(path, from)) throw new RangeError(`${path} is not within ${from}`);
  return path === from ? to : joinPath(to, path.slice(from.length + 1));
}
