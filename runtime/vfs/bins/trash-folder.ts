import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { errnoOf, systemError } from '../system-error.ts';

/** What tells whose desktop this is. */
export interface DesktopFacts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userId: number;
}

/** A folder for trash (FreeDesktop.org trash specification 1.0). */
export interface TrashFolder {
  /** Absolute; holds `files` and `info`. */
  readonly path: string;
  /** Paths in it are relative to this folder, the top of the volume; undefined: they are absolute. */
  readonly top: string | undefined;
}

export type FoundTrash = { readonly kind: 'found'; readonly folder: TrashFolder } | { readonly kind: 'none'; readonly because: string | undefined };

/**
 * The trash that the desktop uses for files of the volume where `rootPath` is: the home's on the home's volume, else `.Trash/UID` or `.Trash-UID` at the top of the
 * volume. It is made where a desktop session runs; without one it must be there. Files are never taken to another volume. A trash inside of the root is none: what
 * goes into it would take part in the next run.
 */
export function findTrash(rootPath: string, facts: DesktopFacts): FoundTrash {
  const looked = lookForTrash(rootPath, facts);
  if (looked.kind === 'none') return looked;
  const refusal = make(looked.folder, facts.userId);
  return refusal === undefined ? looked : none(refusal);
}

/** The same without making it. */
export function lookForTrash(rootPath: string, facts: DesktopFacts): FoundTrash {
  const hasDesktop = (facts.environment['XDG_CURRENT_DESKTOP'] ?? '') !== '';
  const folder = trashFor(rootPath, facts);
  if (typeof folder === 'string') return none(hasDesktop ? folder : undefined);
  if (!hasDesktop && statOf(join(folder.path, 'files')) === undefined) return none(undefined);
  const way = relative(rootPath, folder.path);
  if (way === '' || !(way === '..' || way.startsWith(`..${sep}`))) return none(`the trash, ${folder.path}, lies in the root itself`);
  return { kind: 'found', folder };
}

function none(because: string | undefined): FoundTrash {
  return { kind: 'none', because };
}

/** A text says why there can be none. */
function trashFor(rootPath: string, { environment, home, userId }: DesktopFacts): TrashFolder | string {
  const chosen = environment['XDG_DATA_HOME'] ?? '';
  const homeTrash = join(chosen.startsWith('/') ? chosen : join(home, '.local', 'share'), 'Trash');
  const device = statOf(rootPath)?.dev;
  if (device === undefined) return `${rootPath} cannot be looked at`;
  if (deviceOfNearest(homeTrash) === device) return { path: homeTrash, top: undefined };
  const top = topOf(rootPath, device);
  const shared = join(top, '.Trash');
  const stats = statOf(shared);
  // A shared one that is a link, or where everybody may remove everybody's files, is not to be used.
  if (stats?.isDirectory() === true && (stats.mode & STICKY) !== 0) return { path: join(shared, String(userId)), top };
  return { path: `${shared}-${userId}`, top };
}
const STICKY = 0o1000;

function topOf(path: string, device: number): string {
  let top = path;
  while (dirname(top) !== top && statOf(dirname(top))?.dev === device) top = dirname(top);
  return top;
}

function deviceOfNearest(path: string): number | undefined {
  for (let at = path; ; at = dirname(at)) {
    const device = statOf(at)?.dev;
    if (device !== undefined || dirname(at) === at) return device;
  }
}

/** Why it cannot be used; undefined: it is there. */
function make({ path, top }: TrashFolder, userId: number): string | undefined {
  try {
    mkdirSync(path, { recursive: top === undefined, mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') return `the trash ${path} cannot be made (${systemError(error, '').message})`;
  }
  const stats = statOf(path);
  if (stats?.isDirectory() !== true || stats.uid !== userId) return `the trash ${path} is no folder of this user`;
  for (const name of ['files', 'info']) {
    try {
      mkdirSync(join(path, name), { mode: 0o700 });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') return `the trash ${path} cannot be written to (${systemError(error, '').message})`;
    }
  }
  return undefined;
}

/** undefined: nothing that can be looked at. */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
