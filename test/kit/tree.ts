import { lstat, mkdir, readFile, readdir, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { joinPath, parentOf, type RelPath } from '../../runtime/vfs/path.ts';
import type { Entry, Expected, Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent, readContent } from './bytes-content.ts';
import { MemoryVfs } from './memory-vfs.ts';

/** Where a tree lives: a folder on disk, or a file system. */
export type Place = string | Vfs;

export interface FileLiteral {
  readonly kind: 'file';
  readonly content: string;
  /** ISO time. */
  readonly modified?: string;
  readonly mode?: number;
}
export interface LinkLiteral {
  readonly kind: 'link';
  readonly target: string;
}
/** Path → text of a file, `file(…)`, `link(…)`, or null for a directory (its path ends in `/`). Parents are made. */
export type Tree = { readonly [path: string]: string | null | FileLiteral | LinkLiteral };

/** The time of files that are put without one: equal on all roots. */
export const PUT_TIME = '2024-01-01T00:00:00.000Z';

export function file(content: string, as: { modified?: string; mode?: number } = {}): FileLiteral {
  return { kind: 'file', content, ...as };
}

export function link(target: string): LinkLiteral {
  return { kind: 'link', target };
}

/** Writes a tree; what is there and not named stays. */
export async function put(place: Place, tree: Tree): Promise<void> {
  for (const [path, value] of Object.entries(tree)) {
    if (value === null) await makeDirectories(place, path.replace(/\/$/, ''));
    else await putOne(place, path, typeof value === 'string' ? file(value) : value);
  }
}

/**
 * The tree as a literal: files as text, links as `link(…)`, empty directories as `'name/': null`. Only what is asked for is compared:
 * `times` gives files as `file(text, { modified })`.
 */
export async function snapshot(place: Place, options: { times?: boolean } = {}): Promise<Tree> {
  const tree: Record<string, string | null | FileLiteral | LinkLiteral> = {};
  const visit = async (directory: RelPath): Promise<void> => {
    const entries = await listAt(place, directory);
    if (entries.length === 0 && directory !== '') tree[`${directory}/`] = null;
    for (const entry of entries) {
      const path = joinPath(directory, entry.name);
      if (entry.kind === 'directory') await visit(path);
      else if (entry.kind === 'link') tree[path] = link(entry.target);
      else if (entry.kind === 'file') tree[path] = await fileAt(place, path, entry.modifiedMs, options.times === true);
    }
  };
  await visit('');
  return tree;
}

/** Changes a file in place, as a program of the user does; without a time it is new now. */
export async function edit(place: Place, path: RelPath, content: string, modified?: string): Promise<void> {
  if (typeof place === 'string') {
    await writeFile(join(place, path), content);
    if (modified !== undefined) await utimes(join(place, path), new Date(modified), new Date(modified));
  } else {
    const vfs = memory(place);
    vfs.editInPlace(path, Buffer.from(content), modified === undefined ? undefined : Date.parse(modified));
  }
}

/** Gives a file another time and leaves its content. */
export async function touch(place: Place, path: RelPath, modified: string): Promise<void> {
  if (typeof place === 'string') await utimes(join(place, path), new Date(modified), new Date(modified));
  else await place.setModified(path, Date.parse(modified), await expectedAt(place, path));
}

/** Removes a file, link or whole folder. */
export async function remove(place: Place, path: RelPath): Promise<void> {
  if (typeof place === 'string') return rm(join(place, path), { recursive: true });
  const entry = await place.stat(path);
  if (entry?.kind !== 'directory') return place.removeFile(path, await expectedAt(place, path));
  for (const below of await place.list(path)) await remove(place, joinPath(path, below.name));
  return place.removeDirectory(path);
}

/** Renames within the root; the new parent is made. */
export async function move(place: Place, from: RelPath, to: RelPath): Promise<void> {
  await makeDirectories(place, parentOf(to));
  if (typeof place === 'string') await rename(join(place, from), join(place, to));
  else await place.rename(from, to, await expectedAt(place, from));
}

async function putOne(place: Place, path: RelPath, value: FileLiteral | LinkLiteral): Promise<void> {
  await makeDirectories(place, parentOf(path));
  if (typeof place !== 'string') return putInVfs(place, path, value);
  const absolute = join(place, path);
  if (value.kind === 'link') {
    await rm(absolute, { force: true });
    return symlink(value.target, absolute);
  }
  const time = new Date(value.modified ?? PUT_TIME);
  await writeFile(absolute, value.content, value.mode === undefined ? {} : { mode: value.mode });
  return utimes(absolute, time, time);
}

async function putInVfs(vfs: Vfs, path: RelPath, value: FileLiteral | LinkLiteral): Promise<void> {
  const expected = await expectedAt(vfs, path);
  const modifiedMs = Date.parse((value.kind === 'file' ? value.modified : undefined) ?? PUT_TIME);
  if (value.kind === 'link') await vfs.link(path, value.target, { expected, modifiedMs });
  else await vfs.write(path, bytesContent(value.content), { expected, modifiedMs, ...(value.mode === undefined ? {} : { mode: value.mode }) });
}

async function makeDirectories(place: Place, path: RelPath): Promise<void> {
  if (typeof place === 'string') {
    await mkdir(join(place, path), { recursive: true });
    return;
  }
  if (path === '' || (await place.stat(path)) !== undefined) return;
  await makeDirectories(place, parentOf(path));
  await place.makeDirectory(path);
}

async function expectedAt(vfs: Vfs, path: RelPath): Promise<Expected> {
  const entry = await vfs.stat(path);
  if (entry === undefined) return { kind: 'nothing' };
  if (entry.kind === 'file') return { kind: 'file', revision: entry.revision };
  if (entry.kind === 'link') return { kind: 'link', target: entry.target };
  return { kind: 'directory' };
}

async function listAt(place: Place, directory: RelPath): Promise<readonly Entry[]> {
  if (typeof place !== 'string') return place.list(directory);
  const names = await readdir(join(place, directory));
  const entries = names.sort().map(async (name): Promise<Entry> => {
    const absolute = join(place, directory, name);
    const stats = await lstat(absolute);
    if (stats.isDirectory()) return { name, kind: 'directory' };
    if (stats.isSymbolicLink()) return { name, kind: 'link', target: await readlink(absolute) };
    if (stats.isFile()) return { name, kind: 'file', revision: '', modifiedMs: Math.round(stats.mtimeMs) };
    return { name, kind: 'other', reason: `not a file in ${dirname(absolute)}` };
  });
  return Promise.all(entries);
}

async function fileAt(place: Place, path: RelPath, modifiedMs: number | undefined, times: boolean): Promise<string | FileLiteral> {
  const bytes = typeof place === 'string' ? await readFile(join(place, path)) : await readContent(place.content(path));
  const content = Buffer.from(bytes).toString();
  return times && modifiedMs !== undefined ? file(content, { modified: new Date(modifiedMs).toISOString() }) : content;
}

function memory(vfs: Vfs): MemoryVfs {
  if (!(vfs instanceof MemoryVfs)) throw new TypeError('editing in place needs a MemoryVfs or a folder');
  return vfs;
}
