import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, FileNode } from '../../vfs.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_KILLED, ENTRY_LINK, type DirectoryListing } from '../../walk.ts';
import { OUT_OF_SCOPE } from '../../walk-filter.ts';
import { millisecondsOf } from './file-facts.ts';
import { ENTRIES, FIELDS, FILES, FIRST_ENTRY, FLAGS, HAS_HIDDEN, HAS_KILLED, NAMES_END, NAMES_START, type PackedChunk } from './packed-chunk.ts';

/** The listings of a chunk, in its order. `modes`: the root keeps permission bits. */
export function listingsOf(given: PackedChunk, modes: boolean): PackedListing[] {
  const chunk = copyOf(given);
  return chunk.paths.split('\0').map((path, index) => new PackedListing(chunk, index, path, modes));
}

/** What crossed threads was built in another way than what was made here; code that looks at chunks of both makes would be optimized twice. */
function copyOf(chunk: PackedChunk): PackedChunk {
  const { paths, names, directories, kinds, sizes, modifiedNs, farTimesNs, devices, inodes, modes, notes, digests, problems, leftovers } = chunk;
  return { paths, names, directories, kinds, sizes, modifiedNs, farTimesNs, devices, inodes, modes, notes, digests, problems, leftovers };
}

/** One directory of a chunk; nothing is decoded before it is asked for. */
export class PackedListing implements DirectoryListing {
  readonly path: RelPath;
  readonly #chunk: PackedChunk;
  readonly #index: number;
  readonly #first: number;
  readonly #modes: boolean;
  #names: readonly string[] | undefined;

  constructor(chunk: PackedChunk, index: number, path: RelPath, modes: boolean) {
    this.path = path;
    this.#chunk = chunk;
    this.#index = index;
    this.#modes = modes;
    this.#first = this.#field(FIRST_ENTRY);
  }

  get problem(): VfsError | undefined {
    const problem = this.#chunk.problems.get(this.#index);
    return problem && new VfsError(problem.code, this.path, problem.message);
  }

  get count(): number {
    return this.#field(ENTRIES);
  }

  get fileCount(): number {
    return this.#field(FILES);
  }

  get hasHidden(): boolean {
    return (this.#field(FLAGS) & HAS_HIDDEN) !== 0;
  }

  get hasKilled(): boolean {
    return (this.#field(FLAGS) & HAS_KILLED) !== 0;
  }

  get digest(): string | undefined {
    return this.#chunk.digests[this.#index];
  }

  get leftovers(): readonly RelPath[] {
    return this.#chunk.leftovers.get(this.#index) ?? [];
  }

  names(): readonly string[] {
    this.#names ??= this.count === 0 ? [] : this.joinedNames().split('/');
    return this.#names;
  }

  joinedNames(): string {
    return this.#chunk.names.slice(this.#field(NAMES_START), this.#field(NAMES_END));
  }

  kind(index: number): number {
    return this.#chunk.kinds[this.#first + index] as number;
  }

  entry(index: number): Entry {
    const name = this.names()[index] as string;
    const note = this.#chunk.notes.get(this.#first + index);
    if (note !== undefined) return { name, ...note };
    switch (this.kind(index)) {
      case ENTRY_FILE:
      case ENTRY_KILLED:
        return { name, ...this.#file(index) };
      case ENTRY_DIRECTORY:
        return { name, kind: 'directory' };
      default:
        return { name, kind: 'other', reason: OUT_OF_SCOPE };
    }
  }

  size(index: number): number {
    return this.#chunk.sizes[this.#first + index] as number;
  }

  modifiedMs(index: number): number {
    return this.#hasFile(index) ? millisecondsOf(this.#modifiedNs(index)) : Number.NaN;
  }

  revision(index: number): string {
    if (this.#hasFile(index)) return `${this.size(index)}:${this.#modifiedNs(index)}`;
    const note = this.kind(index) === ENTRY_LINK ? this.#chunk.notes.get(this.#first + index) : undefined;
    return note?.kind === 'link' ? note.target : '';
  }

  #file(index: number): FileNode {
    const at = this.#first + index;
    const { devices, inodes, modes } = this.#chunk;
    const stamp = {
      revision: this.revision(index),
      size: this.size(index),
      modifiedMs: this.modifiedMs(index),
      fileId: `${devices[at]}:${inodes[at]}`,
    };
    return this.#modes ? { kind: 'file', ...stamp, mode: modes[at] as number } : { kind: 'file', ...stamp };
  }

  #modifiedNs(index: number): bigint {
    const { farTimesNs, modifiedNs } = this.#chunk;
    const far = farTimesNs.size === 0 ? undefined : farTimesNs.get(this.#first + index);
    return far ?? (modifiedNs[this.#first + index] as bigint);
  }

  #hasFile(index: number): boolean {
    const kind = this.kind(index);
    return kind === ENTRY_FILE || kind === ENTRY_KILLED;
  }

  #field(field: number): number {
    return this.#chunk.directories[this.#index * FIELDS + field] as number;
  }
}
