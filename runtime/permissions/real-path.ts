import { lstatSync, realpathSync } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, parse, resolve, sep } from 'node:path';
import { printable } from '../printable.ts';
import { PermissionError } from './permission-error.ts';

/** Where a path really leads. */
export interface RealPath {
  /** Absolute, without links, `.` and `..`; in the file system's own spelling (case, short names) as far as it exists. */
  readonly path: string;
  /** The part of `path` that exists. */
  readonly existing: string;
  /** Where the links were that led there, each as a real path. */
  readonly links: readonly string[];
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Follows a path like the system does, component by component, so that `..` after a link is the parent of the link's target. What does not exist
 * is kept as written; a link whose target does not exist counts as its target. A component that the system does not let us look at is kept, too: nothing
 * below it can be used. Relative paths start at the current folder. Rejects with PermissionError `refused` for NUL and for links in a circle.
 */
export async function realPathOf(path: string): Promise<RealPath> {
  if (path.includes('\0')) throw new PermissionError('refused', `${printable(path)}: a path cannot hold a NUL character`);
  // In the thread pool, since a server may not answer; what is asked next is in the system's cache.
  await lstat(path).catch(() => undefined);
  return plainPath(path) ?? followLinks(path);
}

/**
 * The same for a path that is written as it is, with no link in it; undefined for any other, and for one that cannot be looked at. Most paths are so, and
 * are done with in a twentieth of the time. Waits for the disk.
 */
export function plainPath(path: string): RealPath | undefined {
  if (!isAbsolute(path) || normalize(path) !== path) return undefined;
  try {
    let existing = path;
    while (lstatSync(existing, { throwIfNoEntry: false }) === undefined) {
      if (dirname(existing) === existing) return undefined;
      existing = dirname(existing);
    }
    return realpathSync.native(existing) === existing ? { path, existing, links: [] } : undefined;
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

async function followLinks(path: string): Promise<RealPath> {
  const links: string[] = [];
  const start = startOf(path);
  let done = start.folder;
  const pending = partsOf(path.slice(start.length)).reverse();
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '.') continue;
    if (part === '..') {
      done = dirname(done);
      continue;
    }
    const next = join(done, part);
    const target = await linkTarget(next);
    if (target === undefined) {
      done = next;
      continue;
    }
    links.push(next);
    if (links.length > MOST_LINKS) throw new PermissionError('refused', `${printable(path)}: its links lead in a circle`);
    const from = startOf(target);
    if (from.length > 0) done = from.folder;
    pending.push(...partsOf(target.slice(from.length)).reverse());
  }
  return { ...(await inSystemSpelling(done)), links };
}

/** As `realPathOf`, but the last name is kept as it is even when it is that of a link. */
export async function realPathOfName(path: string): Promise<RealPath> {
  if (path.includes('\0')) return realPathOf(path);
  const name = partsOf(path).at(-1) ?? '';
  const trimmed = path.replace(TRAILING_SEPARATORS, '');
  if (name === '.' || name === '..' || (await linkTarget(trimmed)) === undefined) return realPathOf(path);
  const parent = await realPathOf(trimmed.slice(0, trimmed.length - name.length));
  const whole = join(parent.path, name);
  return { path: whole, existing: whole, links: parent.links };
}
const TRAILING_SEPARATORS = sep === '\\' ? /[\\/]+$/ : /\/+$/;

/** The folder where a walk along `path` begins, and how many of its characters say so (0: a relative path). */
function startOf(path: string): { readonly folder: string; readonly length: number } {
  const root = parse(path).root;
  return { folder: resolve(root), length: root.length };
}

function partsOf(path: string): string[] {
  return path.split(sep === '\\' ? /[\\/]/ : '/').filter((part) => part !== '');
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    // EINVAL, on Windows also UNKNOWN: no link. ENOENT, ENOTDIR: not there. EACCES, EPERM: nothing below can be used. All stay as written.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

async function inSystemSpelling(path: string): Promise<{ path: string; existing: string }> {
  try {
    const existing = await realpath(path);
    return { path: existing, existing };
  } catch (error) {
    const parent = dirname(path);
    if (!isSystemError(error) || parent === path) throw error;
    const above = await inSystemSpelling(parent);
    return { path: join(above.path, path.slice(parent.length)), existing: above.existing };
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
