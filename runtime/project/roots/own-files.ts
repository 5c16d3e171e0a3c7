import { statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { andAbove, identityOf } from '../../permissions/identity.ts';
import { printable } from '../../printable.ts';
import { realPathOf } from '../../machine/real-path.ts';
import { syncDatabaseFiles } from '../../state/sync-database.ts';
import { OptionError } from '../options/option-error.ts';
import type { CheckedProject } from '../options/options.ts';
import { volumeBase } from '../options/volumes.ts';
import type { RunRequest } from '../run-request.ts';
import type { RelPath } from '../../vfs/path.ts';
import { localFolderOf, type RootAddress } from '../../vfs/root-address.ts';
import { mediaFolders } from './media-folders.ts';

/** A file of the run's own, and what it is called in messages. */
interface OwnFile {
  readonly path: string;
  readonly words: string;
  /** The option that names it; undefined for what no option names. */
  readonly option: 'syncDb' | 'logFile' | 'sourceList' | undefined;
}

/** Real paths of what a run lives from, and of what it writes itself. */
export interface RunFiles {
  readonly sources: Iterable<string>;
  readonly written: Iterable<string>;
}

const TYPED = { syncDb: '-y', logFile: '-L', sourceList: '-l' } as const;

/**
 * Refuses a run in which one file would be two things: a log over the project file, a list over the database. Nothing is opened yet. `projectFiles`: those that
 * are being run and what they import, the project's own first; `commandLine`: its options, which are named as they are typed. Throws OptionError that names both.
 */
export function refuseSharedFiles(project: CheckedProject, projectFiles: readonly string[], commandLine: RunRequest['overrides']): void {
  const files = ownFiles(project, projectFiles);
  const refusal = (option: NonNullable<OwnFile['option']>, what: string) => {
    const name = commandLine[option] === undefined ? `option "${option}"` : TYPED[option];
    return new OptionError(option, `${name}: ${what}; name another file`);
  };
  for (const [at, file] of files.entries()) {
    if (file.option === undefined) continue;
    const other = files.slice(0, at).find((one) => isSame(one, file));
    if (other !== undefined) throw refusal(file.option, `${printable(file.path)} is ${other.words}, which it would overwrite`);
    const kind = file.option === 'syncDb' ? undefined : kindOf(file.path);
    if (kind !== undefined) throw refusal(file.option, `${printable(file.path)} has the name of ${kind}, which it would overwrite`);
  }
}

function ownFiles(project: CheckedProject, projectFiles: readonly string[]): readonly OwnFile[] {
  const [first, ...others] = [...new Set(projectFiles)];
  const files: OwnFile[] = first === undefined ? [] : [{ path: first, words: 'the project file', option: undefined }];
  for (const path of others) files.push({ path, words: 'a file of the project', option: undefined });
  if (project.syncDb !== undefined) {
    const { database, journal, lock, temporary } = syncDatabaseFiles(realPathOf(project.syncDb));
    files.push({ path: database, words: 'the database', option: 'syncDb' });
    for (const path of [journal, lock, temporary]) files.push({ path, words: 'a file of the database', option: undefined });
  }
  if (project.logFile !== undefined) files.push({ path: project.logFile.path, words: 'the log file', option: 'logFile' });
  if (project.sourceList !== undefined) files.push({ path: project.sourceList.path, words: 'the list of files', option: 'sourceList' });
  return files;
}

/** The same by its path, or, where both exist, by what it is: a hard link, a mount, a file system that ignores case. Devices may be several things at once. */
function isSame(one: OwnFile, other: OwnFile): boolean {
  const [first, second] = [one, other].map(({ path }) => statSync(realPathOf(path), { bigint: true, throwIfNoEntry: false }));
  if (first?.isFile() === false || second?.isFile() === false) return false;
  if (realPathOf(one.path) === realPathOf(other.path)) return true;
  return first !== undefined && second !== undefined && first.ino !== 0n && first.ino === second.ino && first.dev === second.dev;
}

/** `sxrun -l photos.sync.ts` leaves out the list, and would empty the project. */
export function kindOf(path: string): string | undefined {
  if (/\.sync\.[cm]?[jt]sx?$/i.test(path)) return 'a project file';
  return /\.syncdb(?:\.journal|\.lock)?$/i.test(path) ? 'a database' : undefined;
}

/** Which of these files (real paths) lie in the folder (real path), relative to it, also where the folder is known under another name (bind mounts). */
export function ownFilesBelow(folder: string, files: Iterable<string>): readonly RelPath[] {
  const identity = identityOf(folder);
  const found: RelPath[] = [];
  for (const file of files) {
    const above = andAbove(file)
      .slice(1)
      .find((place) => place === folder || (identity !== undefined && identityOf(place) === identity));
    if (above !== undefined) found.push(relative(above, file).split(sep).join('/'));
  }
  return found;
}

/** By their paths on the set: what the media there are, that are folders of files as they are, hold of what the run lives from. */
export async function ownFilesOnMedia(
  volume: string,
  project: Pick<CheckedProject, 'volumes'>,
  files: Iterable<string>,
): Promise<readonly RelPath[]> {
  const media = project.volumes.filter(({ character, media }) => character === volume && media.layers.length === 0);
  const folders = await mediaFolders({ volumes: media });
  return folders.flatMap(({ path }) => ownFilesBelow(realPathOf(path), files));
}

/** A shadow gets what its root gets, whatever it has there. Rejects with OptionError. */
export async function refuseOwnFilesInShadows(project: CheckedProject, ownFiles: Iterable<string>): Promise<void> {
  for (const [index, { shadows }] of project.roots.entries()) {
    for (const [at, shadow] of shadows.entries()) {
      const [own] = await ownFilesOnShadow(shadow, project, ownFiles);
      if (own === undefined) continue;
      const option = `roots[${index}].shadow[${at}]`;
      const what = `holds ${printable(own)}, which belongs to this project and could be overwritten there`;
      throw new OptionError(option, `option "${option}" ${what}; name another folder`);
    }
  }
}

async function ownFilesOnShadow(shadow: RootAddress, project: CheckedProject, ownFiles: Iterable<string>): Promise<readonly RelPath[]> {
  const folder = localFolderOf(shadow);
  if (folder !== undefined) return ownFilesBelow(realPathOf(folder), ownFiles);
  const volume = volumeBase(shadow)?.volume;
  return volume === undefined ? [] : ownFilesOnMedia(volume, project, ownFiles);
}
