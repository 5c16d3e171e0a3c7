import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import type { Entry, OtherNode } from '../../vfs.ts';
import { compareNames } from '../../path.ts';
import { isTransferName } from '../../scope.ts';
import { fileNodeOf, lstatOf, modifiedMsOf, otherNodeOf } from './file-facts.ts';
import { errnoOf } from './local-error.ts';
import { pathInside } from './opened-directories.ts';

/** How entries are described: what a root's options make of links and modes. */
export interface DescribeAs {
  /** Absolute real path of the root. */
  readonly rootPath: string;
  readonly followLinks: boolean;
  readonly modes: boolean;
}

/**
 * All entries of the directory whose names are reached by `prefix`, sorted; transfer names are left out. Throws the system's error when anything in it cannot be
 * read. `above` holds `dev:ino` of the directory and those on the way to it: a followed link that leads to one of them is a cycle.
 */
export function listDirectory(prefix: string, as: DescribeAs, above: ReadonlySet<string>): Entry[] {
  const entries: Entry[] = [];
  for (const { name, spelled } of readNames(prefix)) {
    if (isTransferName(name)) continue;
    if (!spelled) entries.push({ name, ...NOT_UTF8 });
    else {
      const entry = describe(prefix, name, as, above);
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries;
}

export const NOT_UTF8: OtherNode = { kind: 'other', reason: 'its name is not valid UTF-8; rename it to have it synchronized' };
export const LINK_CYCLE: OtherNode = { kind: 'other', reason: 'a link that leads back to a folder it lies in' };
export const LINK_OUT: OtherNode = { kind: 'other', reason: 'a link that leads out of the root' };
export const LINK_NOWHERE: OtherNode = { kind: 'other', reason: 'a link that leads nowhere' };

/** undefined: nothing there (any more). */
export function describe(prefix: string, name: string, as: DescribeAs, above: ReadonlySet<string>): Entry | undefined {
  const at = `${prefix}/${name}`;
  const stats = lstatOf(at);
  if (stats === undefined) return name.includes('\uFFFD') ? { name, ...NOT_UTF8 } : undefined;
  if (!stats.isSymbolicLink()) return describeStats(name, stats, as);
  if (!as.followLinks) return { name, kind: 'link', target: readlinkSync(at), modifiedMs: modifiedMsOf(stats) };
  const followed = followLink(at, as.rootPath, above);
  return 'kind' in followed ? { name, ...followed } : describeStats(name, followed.stats, as);
}

/** What a link leads to, if that lies in the root. */
export function followLink(at: string, rootPath: string, above: ReadonlySet<string>): OtherNode | { readonly stats: BigIntStats } {
  let real: string;
  try {
    real = realpathSync.native(at);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return LINK_NOWHERE;
    if (errno === 'ELOOP') return LINK_CYCLE;
    throw error;
  }
  if (pathInside(rootPath, real) === undefined) return LINK_OUT;
  const stats = statSync(real, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return LINK_NOWHERE;
  if (stats.isDirectory() && above.has(identityOf(stats))) return LINK_CYCLE;
  return { stats };
}

export function identityOf(stats: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stats.dev}:${stats.ino}`;
}

function describeStats(name: string, stats: BigIntStats, as: DescribeAs): Entry {
  if (stats.isFile()) return { name, ...fileNodeOf(stats, as.modes) };
  if (stats.isDirectory()) return { name, kind: 'directory' };
  return { name, ...otherNodeOf(stats) };
}

/**
 * The names, sorted, each once. `spelled` is false where the file system holds bytes that are no UTF-8: Node shows them with U+FFFD, and several
 * of them, or one and a proper name, may look the same.
 */
export function readNames(directory: string): { readonly name: string; readonly spelled: boolean }[] {
  const names = readdirSync(directory);
  if (names.some((name) => name.includes('\uFFFD'))) return readBytes(directory);
  return names.sort(compareNames).map((name) => ({ name, spelled: true }));
}

/** The few directories with doubtful names, read again as bytes. */
function readBytes(directory: string): { name: string; spelled: boolean }[] {
  const found = new Map<string, boolean>();
  for (const bytes of readdirSync(directory, { encoding: 'buffer' })) {
    const name = bytes.toString('utf8');
    found.set(name, found.get(name) !== false && isUtf8(bytes));
  }
  return [...found].map(([name, spelled]) => ({ name, spelled })).sort((a, b) => compareNames(a.name, b.name));
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
