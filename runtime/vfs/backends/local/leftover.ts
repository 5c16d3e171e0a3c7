import { readdirSync } from 'node:fs';
import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import { lstatOf } from './file-facts.ts';
import { leftoverState, type NameMaker } from './transfer-names.ts';

/**
 * Whether a transfer name in the directory that `prefix` leads to was left by a dead run; false for what may still be in use. Throws `transient` for `directory`
 * where another run has set something aside: the directory is then unknown as a whole.
 */
export function isLeftover(prefix: string, directory: RelPath, name: string, by: NameMaker): boolean {
  const stats = lstatOf(`${prefix}/${name}`);
  if (stats === undefined) return false;
  const state = leftoverState(name, Number(stats.ctimeMs), by, Date.now());
  if (state === 'live' && stats.isDirectory() && readdirSync(`${prefix}/${name}`).length > 0) {
    throw new VfsError(
      'transient',
      directory,
      `another run is replacing something here (or was killed on another machine: ${name} holds the old state); run again later`,
    );
  }
  return state === 'stale';
}
