import type { BigIntStats } from 'node:fs';
import type { RelPath } from '../../path.ts';
import type { LinkNode, OtherNode } from '../../vfs.ts';
import type { VfsError } from '../../vfs-error.ts';
import { ENTRY_FILE, ENTRY_HIDDEN, ENTRY_KILLED, ENTRY_LINK } from '../../walk.ts';
import { HAS_HIDDEN, HAS_KILLED, type PackedChunk, type PackedProblem } from './packed-chunk.ts';

/** Collects listed directories, one after another, into one chunk. */
export class ChunkBuilder {
  /** Entries so far, those of the open directory included. */
  entries = 0;
  directories = 0;
  #capacity = 2048;
  #kinds = new Uint8Array(this.#capacity);
  #sizes = new Float64Array(this.#capacity);
  #modifiedNs = new BigInt64Array(this.#capacity);
  #devices = new BigUint64Array(this.#capacity);
  #inodes = new BigUint64Array(this.#capacity);
  #modes = new Uint16Array(this.#capacity);
  #rows: number[] = [];
  #paths: RelPath[] = [];
  #names: string[] = [];
  #namesLength = 0;
  #digests: (string | undefined)[] = [];
  #farTimesNs = new Map<number, bigint>();
  #notes = new Map<number, LinkNode | OtherNode>();
  #problems = new Map<number, PackedProblem>();
  #leftovers = new Map<number, readonly RelPath[]>();
  #first = 0;
  #openNames: string[] = [];
  #files = 0;
  #flags = 0;

  /** What is added from now on belongs to one directory, until `finishDirectory` or `failDirectory`. */
  startDirectory(): void {
    this.#first = this.entries;
    this.#openNames = [];
    this.#files = 0;
    this.#flags = 0;
  }

  /** `stats` only for files; `note` for links, others, and what is hidden for another reason than the usual one. */
  add(name: string, kind: number, stats: BigIntStats | undefined, note: LinkNode | OtherNode | undefined): void {
    const at = this.entries++;
    if (at === this.#capacity) this.#grow();
    this.#openNames.push(name);
    this.#kinds[at] = kind;
    if (kind === ENTRY_FILE || kind === ENTRY_LINK) this.#files++;
    else if (kind === ENTRY_HIDDEN) this.#flags |= HAS_HIDDEN;
    else if (kind === ENTRY_KILLED) this.#flags |= HAS_KILLED;
    if (note !== undefined) this.#notes.set(at, note);
    if (stats === undefined) {
      this.#sizes[at] = Number.NaN;
      return;
    }
    this.#sizes[at] = Number(stats.size);
    this.#modifiedNs[at] = stats.mtimeNs;
    if (this.#modifiedNs[at] !== stats.mtimeNs) this.#farTimesNs.set(at, stats.mtimeNs);
    this.#devices[at] = stats.dev;
    this.#inodes[at] = stats.ino;
    this.#modes[at] = Number(stats.mode) & 0o777;
  }

  finishDirectory(path: RelPath, digest: string | undefined, leftovers: readonly RelPath[]): void {
    if (leftovers.length > 0) this.#leftovers.set(this.directories, leftovers);
    const names = this.#openNames.join('/');
    this.#names.push(names);
    this.#close(path, digest, names.length);
  }

  /** Nothing of it counts: what could not be read completely is unknown. */
  failDirectory(path: RelPath, problem: VfsError): void {
    for (let at = this.#first; at < this.entries; at++) {
      this.#notes.delete(at);
      this.#farTimesNs.delete(at);
    }
    this.entries = this.#first;
    this.#files = 0;
    this.#flags = 0;
    this.#problems.set(this.directories, { code: problem.code, message: problem.message });
    this.#names.push('');
    this.#close(path, undefined, 0);
  }

  take(): PackedChunk {
    const { entries } = this;
    const chunk: PackedChunk = {
      paths: this.#paths.join('\0'),
      names: this.#names.join('/'),
      directories: Int32Array.from(this.#rows),
      kinds: this.#kinds.slice(0, entries),
      sizes: this.#sizes.slice(0, entries),
      modifiedNs: this.#modifiedNs.slice(0, entries),
      farTimesNs: this.#farTimesNs,
      devices: this.#devices.slice(0, entries),
      inodes: this.#inodes.slice(0, entries),
      modes: this.#modes.slice(0, entries),
      notes: this.#notes,
      digests: this.#digests,
      problems: this.#problems,
      leftovers: this.#leftovers,
    };
    this.#reset();
    return chunk;
  }

  #close(path: RelPath, digest: string | undefined, namesLength: number): void {
    this.#rows.push(this.#first, this.entries - this.#first, this.#files, this.#flags, this.#namesLength, this.#namesLength + namesLength);
    this.#namesLength += namesLength + 1;
    this.#paths.push(path);
    this.#digests.push(digest);
    this.directories++;
  }

  #reset(): void {
    this.entries = 0;
    this.directories = 0;
    this.#rows = [];
    this.#paths = [];
    this.#names = [];
    this.#namesLength = 0;
    this.#digests = [];
    this.#farTimesNs = new Map();
    this.#notes = new Map();
    this.#problems = new Map();
    this.#leftovers = new Map();
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#kinds = grown(this.#kinds, new Uint8Array(this.#capacity));
    this.#sizes = grown(this.#sizes, new Float64Array(this.#capacity));
    this.#modes = grown(this.#modes, new Uint16Array(this.#capacity));
    this.#modifiedNs = grownBig(this.#modifiedNs, new BigInt64Array(this.#capacity));
    this.#devices = grownBig(this.#devices, new BigUint64Array(this.#capacity));
    this.#inodes = grownBig(this.#inodes, new BigUint64Array(this.#capacity));
  }
}

function grown<T extends Uint8Array | Float64Array | Uint16Array>(old: T, wide: T): T {
  wide.set(old);
  return wide;
}

function grownBig<T extends BigInt64Array | BigUint64Array>(old: T, wide: T): T {
  wide.set(old);
  return wide;
}
