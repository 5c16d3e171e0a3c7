import { digestOf, digestPart } from './digest.ts';
import type { RelPath } from './path.ts';
import type { VfsError } from './vfs-error.ts';
import type { Entry, FileNode } from './vfs.ts';
import type { WalkFilter } from './walk-filter.ts';
import { type DirectoryListing, ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_LINK, ENTRY_OTHER } from './walk.ts';

/** A listing with a problem: no entries, and all below is unknown. */
export function unreadable(path: RelPath, problem: VfsError): DirectoryListing {
  return {
    path,
    problem,
    count: 0,
    fileCount: 0,
    hasHidden: false,
    hasKilled: false,
    digest: undefined,
    leftovers: [],
    names: () => [],
    joinedNames: () => '',
    kind: noEntry,
    entry: noEntry,
    size: noEntry,
    modifiedMs: noEntry,
    revision: noEntry,
  };
}

function noEntry(): never {
  throw new RangeError('a listing with a problem has no entries');
}

/** What a directory was found to hold. */
export interface Found<E extends Entry> {
  /** Sorted by `compareNames`. */
  readonly entries: readonly E[];
  readonly leftovers: readonly RelPath[];
  /** Of one entry what is to be given on; absent: itself. */
  readonly given?: (entry: E) => Entry;
}

/** A directory as a list of entries. */
export class EntryListing<E extends Entry> implements DirectoryListing {
  readonly path: RelPath;
  readonly problem = undefined;
  readonly leftovers: readonly RelPath[];
  readonly digest: string | undefined;
  readonly fileCount: number;
  readonly hasHidden: boolean;
  readonly hasKilled: boolean;
  readonly #entries: readonly E[];
  readonly #given: ((entry: E) => Entry) | undefined;
  readonly #kinds: readonly number[];
  readonly #reason: (index: number) => string;
  #names: readonly string[] | undefined;

  constructor(path: RelPath, { entries, leftovers, given }: Found<E>, filter: WalkFilter, withDigest: boolean) {
    this.path = path;
    this.leftovers = leftovers;
    this.#entries = entries;
    this.#given = given;
    this.#kinds = entries.map((entry) => filter.judge(path, entry.name, listedKind(entry)));
    this.#reason = (index) => {
      const entry = entries[index] as E;
      return filter.hiddenReason(path, entry.name, listedKind(entry));
    };
    this.fileCount = this.#kinds.filter((kind) => kind === ENTRY_FILE || kind === ENTRY_LINK).length;
    this.hasHidden = this.#kinds.includes(ENTRY_HIDDEN);
    this.hasKilled = this.#kinds.includes(ENTRY_KILLED);
    this.digest = withDigest && !this.hasKilled && !this.#kinds.includes(ENTRY_OTHER) ? digestOf(this.#digestText()) : undefined;
  }

  get count(): number {
    return this.#entries.length;
  }

  names(): readonly string[] {
    this.#names ??= this.#entries.map((entry) => entry.name);
    return this.#names;
  }

  joinedNames(): string {
    return this.names().join('/');
  }

  kind(index: number): number {
    return this.#kinds[index] as number;
  }

  entry(index: number): Entry {
    const entry = this.#entries[index] as E;
    if (this.#kinds[index] === ENTRY_HIDDEN) return { name: entry.name, kind: 'other', reason: this.#reason(index) };
    return this.#given === undefined ? entry : this.#given(entry);
  }

  size(index: number): number {
    return this.#file(index)?.size ?? Number.NaN;
  }

  modifiedMs(index: number): number {
    return this.#file(index)?.modifiedMs ?? Number.NaN;
  }

  revision(index: number): string {
    const entry = this.#entries[index];
    if (this.#kinds[index] === ENTRY_LINK && entry?.kind === 'link') return entry.target;
    return this.#file(index)?.revision ?? '';
  }

  #file(index: number): FileNode | undefined {
    const entry = this.#entries[index];
    return entry?.kind === 'file' && this.#kinds[index] !== ENTRY_HIDDEN ? entry : undefined;
  }

  #digestText(): string {
    const parts = this.#entries.map((entry, i) =>
      this.#kinds[i] === ENTRY_HIDDEN ? '' : digestPart(entry.name, this.#kinds[i] as number, this.revision(i)),
    );
    return parts.join('');
  }
}

function listedKind(entry: Entry): number {
  switch (entry.kind) {
    case 'file':
      return ENTRY_FILE;
    case 'directory':
      return ENTRY_DIRECTORY;
    case 'link':
      return ENTRY_LINK;
    case 'other':
      return ENTRY_OTHER;
  }
}
