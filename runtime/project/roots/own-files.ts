import { statSync } from 'node:fs';
import { printable } from '../../printable.ts';
import { realPathOf } from '../../real-path.ts';
import { syncDatabaseFiles } from '../../state/sync-database.ts';
import { OptionError } from '../options/option-error.ts';
import type { CheckedProject } from '../options/options.ts';
import type { RunRequest } from '../run-request.ts';

/** A file of the run's own, and what it is called in messages. */
interface OwnFile {
  readonly path: string;
  readonly words: string;
  /** The option that names it; undefined for what no option names. */
  readonly option: 'syncDb' | 'logFile' | 'sourceList' | undefined;
}

const TYPED = { syncDb: '-y', logFile: '-L', sourceList: '-l' } as const;

/**
 * Refuses a run in which one file would be two things: a log over the project file, a list over the database. Nothing is opened yet. `projectFiles`: those that
 * are being run; `commandLine`: its options, which are named as they are typed. Throws OptionError that names both.
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
  const files: OwnFile[] = projectFiles.map((path) => ({ path, words: 'the project file', option: undefined }));
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
function kindOf(path: string): string | undefined {
  if (/\.sync\.[cm]?[jt]sx?$/i.test(path)) return 'a project file';
  return /\.syncdb(?:\.journal|\.lock)?$/i.test(path) ? 'a database' : undefined;
}
