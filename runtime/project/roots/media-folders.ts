import type { CheckedProject } from '../options/options.ts';
import { INDEX } from '../options/volumes.ts';
import { mediaNumbers } from './local-media.ts';

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
