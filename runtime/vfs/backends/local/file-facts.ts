import type { BigIntStats } from 'node:fs';
import { lstatSync, readlinkSync } from 'node:fs';
import { VfsError } from '../../vfs-error.ts';
import type { RelPath } from '../../path.ts';
import type { Expected, FileNode, OtherNode, Stamp } from '../../vfs.ts';

/** `SIZE:NS`: bytes and modification time in ns. A chmod, a rename or a new inode alone is no change. */
export function revisionOf(stats: BigIntStats): string {
  return `${Number(stats.size)}:${stats.mtimeNs}`;
}

/** The size that a revision of ours holds; undefined for one that is not. */
export function sizeOfRevision(revision: string): number | undefined {
  const size = Number.parseInt(revision, 10);
  return Number.isNaN(size) ? undefined : size;
}

export function stampOf(stats: BigIntStats): Stamp {
  return { revision: revisionOf(stats), size: Number(stats.size), modifiedMs: modifiedMsOf(stats), fileId: `${stats.dev}:${stats.ino}` };
}

export function fileNodeOf(stats: BigIntStats, modes: boolean): FileNode {
  return modes ? { kind: 'file', ...stampOf(stats), mode: Number(stats.mode) & 0o777 } : { kind: 'file', ...stampOf(stats) };
}

export function modifiedMsOf(stats: BigIntStats): number {
  return millisecondsOf(stats.mtimeNs);
}

/** ms since 1970; the fraction holds what a double can of the ns. A time that no `Date` can say (a damaged one: year 271822 before, 275761 after) is the last that it can. */
export function millisecondsOf(ns: bigint): number {
  return Math.min(Math.max(Number(ns) / 1e6, -LAST_MS), LAST_MS);
}
const LAST_MS = 8.64e15;

/** What is neither file, directory nor link. */
export function otherNodeOf(stats: BigIntStats): OtherNode {
  return { kind: 'other', reason: specialKind(stats) };
}

export function specialKind(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device';
  return 'neither file nor folder';
}

/** undefined: surely nothing there. Never follows a link. */
export function lstatOf(place: string): BigIntStats | undefined {
  return lstatSync(place, { bigint: true, throwIfNoEntry: false });
}

/** `changed` unless `place` holds what was expected. Returns what is there. */
export function requireExpected(place: string, expected: Expected, path: RelPath): BigIntStats | undefined {
  const stats = lstatOf(place);
  if (!isExpected(place, stats, expected)) throw new VfsError('changed', path, 'it is not as it was when the plan was made');
  return stats;
}

function isExpected(place: string, stats: BigIntStats | undefined, expected: Expected): boolean {
  switch (expected.kind) {
    case 'nothing':
      return stats === undefined;
    case 'file':
      return stats?.isFile() === true && revisionOf(stats) === expected.revision;
    case 'directory':
      return stats?.isDirectory() === true;
    case 'link':
      return stats?.isSymbolicLink() === true && readlinkSync(place) === expected.target;
  }
}

/** A time as Node's calls that set times take it: of a negative number (before 1970) they would make the present. */
export function settableTime(modifiedMs: number): number | Date {
  return modifiedMs < 0 ? new Date(modifiedMs) : modifiedMs / 1000;
}
