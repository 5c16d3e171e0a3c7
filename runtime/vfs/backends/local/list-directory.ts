import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import type { Entry, OtherNode } from '../../vfs.ts';
import type { RelPath } from '../../path.ts';
import { isTransferName } from '../../scope.ts';
import { fileNodeOf, lstatOf, modifiedMsOf, otherNodeOf } from './file-facts.ts';
import { errnoOf } from './local-error.ts';
import { pathInside, touchesAny } from './opened-directories.ts';

/** `dev:ino` of directories. */
export interface Identities {
  has(identity: string): boolean;
}

/** How entries are described: what a root's options make of links and modes. */
export interface DescribeAs {
  /** Absolute real path of the root. */
  readonly rootPath: string;
  readonly followLinks: boolean;
  /** As `LocalOptions.noLinksTo`. */
  readonly noLinksTo: readonly RelPath[];
  readonly modes: boolean;
}

/**
 * All entries of the directory whose names are reached by `prefix`, sorted; transfer names are left out. Throws the system's error when anything in it cannot be
 * read. `above` holds `dev:ino` of the directory and those on the way to it: a followed link that leads to one of them is a cycle.
 */
export function listDirectory(prefix: string, as: DescribeAs, above: Identities): Entry[] {
  const entries: Entry[] = [];
  const { names, misspelled } = readNames(prefix);
  for (const name of names) {
    if (isTransferName(name)) continue;
    if (misspelled?.has(name)) entries.push({ name, ...NOT_UTF8 });
    else {
      const entry = describe(prefix, name, as, above);
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries;
}

/** What `listDirectory` leaves out. */
export function transferNamesIn(prefix: string): string[] {
  return readNames(prefix).names.filter(isTransferName);
}

export const NOT_UTF8: OtherNode = { kind: 'other', reason: 'its name is not valid UTF-8; rename it to have it synchronized', missed: true };
export const LINK_CYCLE: OtherNode = { kind: 'other', reason: 'a link that leads back to a folder it lies in' };
export const LINK_OUT: OtherNode = { kind: 'other', reason: 'a link that leads out of the root', missed: true };
export const LINK_RESERVED: OtherNode = {
  kind: 'other',
  reason: 'a link that leads to another root, to a file that the run lives from, or to a folder around one',
  missed: true,
};
export const LINK_NOWHERE: OtherNode = { kind: 'other', reason: 'a link that leads nowhere', missed: true };

/** undefined: nothing there (any more). */
export function describe(prefix: string, name: string, as: DescribeAs, above: Identities): Entry | undefined {
  const at = `${prefix}/${name}`;
  const stats = lstatOf(at);
  if (stats === undefined) return name.includes('\uFFFD') ? { name, ...NOT_UTF8 } : undefined;
  if (!stats.isSymbolicLink()) return describeStats(name, stats, as);
  if (!as.followLinks) return { name, kind: 'link', target: readlinkSync(at), modifiedMs: modifiedMsOf(stats) };
  const followed = followLink(at, as, above);
  return 'kind' in followed ? { name, ...followed } : describeStats(name, followed.stats, as);
}

/** What a link leads to, if that lies in the root. */
export function followLink(
  at: string,
  { rootPath, noLinksTo }: Pick<DescribeAs, 'rootPath' | 'noLinksTo'>,
  above: Identities,
): OtherNode | { readonly stats: BigIntStats } {
  let real: string;
  try {
    real = realpathSync.native(at);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return LINK_NOWHERE;
    if (errno === 'ELOOP') return LINK_CYCLE;
    throw error;
  }
  const inside = pathInside(rootPath, real);
  if (inside === undefined) return LINK_OUT;
  const stats = statSync(real, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return LINK_NOWHERE;
  if (stats.isDirectory() && above.has(identityOf(stats))) return LINK_CYCLE;
  return touchesAny(inside, noLinksTo) ? LINK_RESERVED : { stats };
}

export function identityOf(stats: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stats.dev}:${stats.ino}`;
}

function describeStats(name: string, stats: BigIntStats, as: DescribeAs): Entry {
  if (stats.isFile()) return { name, ...fileNodeOf(stats, as.modes) };
  if (stats.isDirectory()) return { name, kind: 'directory' };
  return { name, ...otherNodeOf(stats) };
}

export interface DirectoryNames {
  /** Sorted, each once. */
  readonly names: string[];
  /**
   * Those that stand for bytes which are no UTF-8 (Node shows them with U+FFFD; several of them, or one and a proper name, may look the same).
   * undefined: none, as nearly always.
   */
  readonly misspelled: ReadonlySet<string> | undefined;
}

export function readNames(directory: string): DirectoryNames {
  const names = readdirSync(directory);
  if (names.join('').includes('\uFFFD')) return readBytes(directory);
  return { names: names.sort(), misspelled: undefined };
}

function readBytes(directory: string): DirectoryNames {
  const names = new Set<string>();
  const misspelled = new Set<string>();
  for (const bytes of readdirSync(directory, { encoding: 'buffer' })) {
    const name = bytes.toString('utf8');
    names.add(name);
    if (!isUtf8(bytes)) misspelled.add(name);
  }
  return { names: [...names].sort(), misspelled };
}

/** `dev:ino` of a directory and of all above it up to the root, by their real paths. */
export function identitiesAbove(rootPath: string, path: string): Set<string> {
  const identities = new Set<string>();
  let at = rootPath;
  for (const part of ['', ...path.split('/')]) {
    if (part !== '') at = `${at}/${part}`;
    const stats = statSync(at, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) identities.add(identityOf(stats));
  }
  return identities;
}
