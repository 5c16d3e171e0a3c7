import { closeSync, constants, existsSync, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { isWithin, joinPath, nameOf, parentOf } from '../../path.ts';
import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { localError } from './local-error.ts';
import type { RootHandle } from './root-handle.ts';

/** A name in an opened directory: `at` is what system calls take, `path` what messages say. */
export interface Place {
  readonly directory: string;
  readonly name: string;
  readonly at: string;
  readonly path: RelPath;
}

const MOST_DIRECTORIES = 64;
const OLDEST_MS = 50;
/** Linux, with /proc. */
export const CAN_OPEN_DIRECTORIES = process.platform === 'linux' && existsSync('/proc/self/fd');
/** Where a descriptor is a folder to go through. Our number in place of `self` spares the kernel one link on every path, where /proc knows us by it. */
export const DESCRIPTORS = CAN_OPEN_DIRECTORIES && Number(readlinkSync('/proc/self')) === process.pid ? `/proc/${process.pid}/fd` : '/proc/self/fd';

/**
 * The way from a root to a name in it, never through a link.
 *
 * Linux: every directory is opened from the one above it with O_NOFOLLOW and used as `/proc/self/fd/N`, so that a parent which is swapped for a link gains
 * nothing, whenever it is swapped. Opened directories are kept for the few milliseconds of one batch of tasks only: a directory that is moved or
 * replaced meanwhile is found again by its path in the next batch.
 *
 * Elsewhere Node has no such calls: each directory on the way is checked with lstat when a batch first needs it and, by `confirm`, once more right before a
 * file is put in place. Someone who swaps a folder for a link between that check and the system call after it (microseconds) is followed.
 *
 * With `followLinks` the real path is resolved first, must lie in the root, and is then walked as above.
 */
export class OpenedDirectories {
  readonly root: RootHandle;
  readonly #opened = new Map<RelPath, number>();
  readonly #checked = new Set<RelPath>();
  #since = 0;

  constructor(root: RootHandle) {
    this.root = root;
  }

  /** Where `path` is. The last name is not looked at. */
  place(path: RelPath): Place {
    requireRelative(path);
    const parent = parentOf(path);
    const directory = this.root.followLinks && parent !== '' ? this.#resolve(parent) : parent;
    return this.#placeIn(directory, path, path);
  }

  /** As `place`; with `followLinks` a link at `path` itself is followed too, when it leads to something. */
  target(path: RelPath): Place {
    const place = this.place(path);
    if (!this.root.followLinks || lstatSync(place.at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return place;
    const real = this.#resolve(path);
    return this.#placeIn(parentOf(real), real, path);
  }

  /** With `followLinks`: a name that is reached through a link. What it leads to has another name in the root, which would be gone with it. */
  isOtherName(path: RelPath): boolean {
    const parent = parentOf(path);
    return this.root.followLinks && parent !== '' && this.#resolve(parent) !== parent;
  }

  /** `unsupported` for such a name. */
  requireOwnName(path: RelPath): void {
    if (!this.isOtherName(path)) return;
    throw new VfsError('unsupported', path, 'it is seen through a link, and has another name in this root; remove it there, or remove the link');
  }

  /** The directory at `path` (with `followLinks` the one it leads to) as a prefix for its names. */
  enter(path: RelPath): string {
    if (path !== '') requireRelative(path);
    return this.#directory(this.root.followLinks && path !== '' ? this.#resolve(path) : path);
  }

  /** Ends the use of opened directories that are too many or too old; called before each task. */
  refresh(): void {
    if (this.#opened.size === 0 && this.#checked.size === 0) this.#since = Date.now();
    else if (this.#opened.size > MOST_DIRECTORIES || Date.now() - this.#since > OLDEST_MS) this.close();
  }

  /** Where directories cannot be opened: checks the way to `place` again. */
  confirm(place: Place): void {
    if (this.root.fd !== undefined) return;
    const parent = parentOf(place.path);
    this.#checked.clear();
    const directory = this.#directory(this.root.followLinks && parent !== '' ? this.#resolve(parent) : parent);
    if (directory !== place.directory && !this.root.followLinks) throw leadsOut(place.path);
  }

  close(): void {
    for (const fd of this.#opened.values()) closeSync(fd);
    this.#opened.clear();
    this.#checked.clear();
    this.#since = Date.now();
  }

  /** `named`: what has the last name of the place. */
  #placeIn(parent: RelPath, named: RelPath, path: RelPath): Place {
    const name = nameOf(named);
    this.#requireInReach(joinPath(parent, name));
    const directory = this.#directory(parent);
    return { directory, name, at: `${directory}/${name}`, path };
  }

  #requireInReach(path: RelPath): void {
    const { outOfReach } = this.root;
    if (outOfReach.length === 0) return;
    if (!outOfReach.some((place) => isWithin(path.toLowerCase(), place.toLowerCase()))) return;
    throw new VfsError('denied', path, 'it is out of reach whatever is permitted, as what is sxrun\u2019s own');
  }

  #directory(path: RelPath): string {
    this.#requireInReach(path);
    if (this.root.fd === undefined) return this.#check(path);
    return `${DESCRIPTORS}/${path === '' ? this.root.fd : this.#open(path, this.root.fd)}`;
  }

  #open(path: RelPath, rootFd: number): number {
    const known = this.#opened.get(path);
    if (known !== undefined) return known;
    const parent = parentOf(path);
    const above = parent === '' ? rootFd : this.#open(parent, rootFd);
    const at = `${DESCRIPTORS}/${above}/${nameOf(path)}`;
    try {
      const fd = openSync(at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      this.#opened.set(path, fd);
      return fd;
    } catch (error) {
      if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw leadsOut(path);
      throw localError(error, path);
    }
  }

  #check(path: RelPath): string {
    if (path === '') return this.root.path;
    const place = `${this.#check(parentOf(path))}/${nameOf(path)}`;
    if (this.#checked.has(path)) return place;
    try {
      const stats = lstatSync(place);
      if (stats.isSymbolicLink()) throw leadsOut(path);
      if (!stats.isDirectory()) throw new VfsError('wrong-kind', path, 'a folder was expected here, but there is something else');
    } catch (error) {
      throw localError(error, path);
    }
    this.#checked.add(path);
    return place;
  }

  #resolve(path: RelPath): RelPath {
    let real: string;
    try {
      real = realpathSync.native(`${this.root.path}/${path}`);
    } catch (error) {
      throw localError(error, path);
    }
    const inside = pathInside(this.root.path, real);
    if (inside === undefined) throw new VfsError('outside', path, 'a link on the way leads out of the root');
    if (inside !== path && touchesAny(inside, this.root.noLinksTo))
      throw new VfsError('outside', path, 'a link on the way leads to another root, or to a file that the run lives from');
    return inside;
  }
}

/** The path of `real` below `root`, both absolute real paths; undefined when it lies outside. */
export function pathInside(root: string, real: string): RelPath | undefined {
  if (real === root) return '';
  const prefix = root.endsWith(sep) ? root : root + sep;
  if (!real.startsWith(prefix)) return undefined;
  const inside = real.slice(prefix.length);
  return sep === '/' ? inside : inside.split(sep).join('/');
}

/** One of them is the place, or lies above or below it. */
export function touchesAny(place: RelPath, others: readonly RelPath[]): boolean {
  return others.some((other) => isWithin(place, other) || isWithin(other, place));
}

/** Nothing that a system would read as another place: `.`, `..`, an empty part, on Windows also streams and drives. */
function requireRelative(path: RelPath): void {
  if (UNSAFE_PARTS.test(path)) throw new VfsError('outside', path, 'a path below a root has no empty part, . or ..');
  if (path.includes('\0')) throw new VfsError('name-refused', path, 'a name cannot hold the character NUL');
  if (process.platform === 'win32' && /[\\:]/.test(path)) throw new VfsError('name-refused', path, 'a name cannot hold \\ or : on Windows');
}
const UNSAFE_PARTS = /(?:^|\/)\.{0,2}(?:\/|$)/;

function leadsOut(path: RelPath): VfsError {
  return new VfsError('outside', path, 'a link stands where a folder was; nothing is done through it');
}
