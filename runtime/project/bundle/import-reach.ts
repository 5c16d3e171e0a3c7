import { resolve } from 'node:path';
import { isBelow } from '../../permissions/path-match.ts';
import type { RememberedGrants } from '../../permissions/remembered.ts';
import { ownFolders } from '../../machine/own-folders.ts';
import { realPathOf } from '../../machine/real-path.ts';
import type { GrantFlags } from '../run-request.ts';

/**
 * Whether a project's imports may leave its folder for a real path: with `-A`, `--allow-read`, or a remembered read grant. It is asked before the sources
 * are known, so a remembered grant counts here whatever they have become; what the script may do is decided by their hash. Our own stores are out of reach.
 */
export async function importReach(
  projectFile: string | undefined,
  flags: Pick<GrantFlags, 'all' | 'read'>,
  remembered: RememberedGrants,
): Promise<(realPath: string) => boolean> {
  const ownFolder = ownFolders().protected.map(realPathOf);
  if (flags.all) return (realPath) => !ownFolder.some((folder) => isBelow(realPath, folder, true));
  const known = projectFile === undefined ? { valid: [], stale: [] } : await remembered.find(projectFile, '', []);
  const granted = [...known.valid, ...known.stale].filter(({ kind }) => kind === 'read').map(({ value }) => value);
  const named = flags.read.filter((path) => path !== '').map((path) => realPathOf(resolve(path)));
  const folders = [...granted, ...named];
  return (realPath) => folders.some((folder) => isBelow(realPath, folder));
}
