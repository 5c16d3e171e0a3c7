import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { errnoOf, systemError } from '../../vfs/system-error.ts';
import type { CheckedProject } from '../options/options.ts';
import { INDEX } from '../options/volumes.ts';

/** A folder that a medium is, or would be; `option` says where. */
export interface MediaFolder {
  readonly option: string;
  /** Real path. */
  readonly path: string;
}

/** The folders of media that exist now, and the pattern itself for those that do not. */
export async function mediaFolders({ volumes }: Pick<CheckedProject, 'volumes'>): Promise<readonly MediaFolder[]> {
  const folders: MediaFolder[] = [];
  for (const { character, media, isUsed } of volumes) {
    if (media.base.kind !== 'local' || !isUsed) continue;
    const option = `volumes.${character}.media`;
    const { path } = media.base;
    folders.push({ option, path });
    if (!path.includes(INDEX)) continue;
    for (const number of await mediaNumbers(path)) folders.push({ option, path: path.replace(INDEX, String(number)) });
  }
  return folders;
}

/** The numbers for which something exists, in order. */
export async function mediaNumbers(pattern: string): Promise<readonly number[]> {
  const [before = '', after = ''] = pattern.split(INDEX);
  const folder = before.endsWith(sep) ? before : dirname(before);
  const start = before.endsWith(sep) ? '' : basename(before);
  const end = after.split(sep)[0] ?? '';
  const names = await namesIn(folder);
  const numbers = names
    .filter((name) => name.startsWith(start) && name.endsWith(end))
    .map((name) => name.slice(start.length, name.length - end.length))
    .filter((number) => /^[1-9]\d{0,5}$/.test(number))
    .map(Number);
  const rest = after.slice(end.length);
  return numbers.filter((number) => existsSync(join(folder, start + number + end) + rest)).sort((a, b) => a - b);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw systemError(error, '');
  }
}
