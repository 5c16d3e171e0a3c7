import { posix, win32 } from 'node:path';

/** Schemes of later versions, so that their roots are named for what they are and not taken for a folder. */
const LATER = /^(?:zip|xvs|uxvs|rcy|tfs|null|ftps?|ftpsi|xftps?|sftp|https?|davs?|xdav|xhttps?|igz|ienc(?:\([^)]*\))?|vol[0-9a-z]):/i;
/** Two or more characters before the colon; one alone is a Windows drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+(?:\([^)]*\))?:/i;

export interface LocalPlace {
  /** The project's folder, absolute. */
  readonly projectDir: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * The absolute path, lexically normal, of a local root URL, or of any other path that a project names: relative to the project's folder, `~` the home
 * folder; on Windows `/` and `\` alike. Throws a RangeError whose message finishes the sentence `option "…" …` and never repeats
 * a URL, which may hold a password.
 */
export function localPathOf(url: string, place: LocalPlace): string {
  if (url.includes('\0')) throw new RangeError('holds a NUL character, which no path can');
  const later = LATER.exec(url);
  if (later) throw new RangeError(`is a "${later[0].toLowerCase()}" root; this version synchronizes local folders`);
  const windows = place.platform === 'win32';
  if (!windows && /^[a-z]:[\\/]/i.test(url)) {
    throw new RangeError(`is a Windows path, and this machine does not run Windows; a folder of that name is written "./${url.slice(0, 3)}…"`);
  }
  if (windows && /^[a-z]:(?![\\/])./i.test(url))
    throw new RangeError('means the current folder of a drive, which changes; write it with a slash after the colon');
  const scheme = SCHEME.exec(url);
  if (scheme) throw new RangeError(`starts with the unknown scheme "${scheme[0]}"; a folder of that name is written "./${scheme[0]}…"`);
  const path = windows ? win32 : posix;
  const home = /^~(?=$|[\\/])/.test(url) && (windows || !url.startsWith('~\\'));
  return path.resolve(place.projectDir, home ? path.join(place.home, url.slice(1)) : url);
}
