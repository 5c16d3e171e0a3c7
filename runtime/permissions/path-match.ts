import { sep } from 'node:path';

/**
 * True when `path` is `folder` or lies below it. Both absolute real paths; whole components count: `/home/me/texts2` is not below `/home/me/texts`.
 * `ignoreCase`: also different Unicode compositions of a name are the same then.
 */
export function isBelow(path: string, folder: string, ignoreCase: boolean = IGNORES_CASE): boolean {
  const inner = ignoreCase ? fold(path) : path;
  const outer = ignoreCase ? fold(folder) : folder;
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** The rule of the platform's usual file system. A grant of a case-sensitive volume on macOS or Windows covers other spellings as well. */
const IGNORES_CASE = process.platform === 'win32' || process.platform === 'darwin';

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
