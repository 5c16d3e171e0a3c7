/** A path below a root: parts joined by `/`, no leading or trailing slash, no `.` or `..`; `''` is the root itself. */
export type RelPath = string;

export function joinPath(directory: RelPath, name: string): RelPath {
  return directory === '' ? name : `${directory}/${name}`;
}

/** The directory that holds `path`; `''` for a name directly below the root. */
export function parentOf(path: RelPath): RelPath {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function nameOf(path: RelPath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** True for `directory` itself and for everything below it. */
export function isWithin(path: RelPath, directory: RelPath): boolean {
  return directory === '' || path === directory || (path.startsWith(directory) && path.charCodeAt(directory.length) === 47);
}

/** Names are sorted by UTF-16 code units: the same on every machine and in every locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The canonical order of paths: part by part, so that a directory comes right before all that is below it
 * (`a`, `a/x`, `a!`). It is the order of a walk that visits parents first and names sorted.
 */
export function comparePaths(a: RelPath, b: RelPath): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x === 47) return -1;
    if (y === 47) return 1;
    return x - y;
  }
  return a.length - b.length;
}
