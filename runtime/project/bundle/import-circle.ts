import { basename, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

/** An import that comes back to where it started. */
export interface ImportCircle {
  /** Absolute paths, from the file that is met first back to it: at least two, the first and the last being the same. */
  readonly files: readonly string[];
  /** How the first names the second. */
  readonly specifier: string;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** A namespace of ours before a path of the script's. */
const OURS = /^sxrun-(?:project|entry):/;

/**
 * The first circle of imports with a project file in it, from `entry` on; undefined: there is none. What such a file exports is made when it runs, and in a circle one runs before what it imports is made.
 * Circles of other modules are left alone: they mostly share functions, which are there from the start. `folder`: where the paths in the metafile start.
 */
export function importCircle({ inputs }: Pick<Metafile, 'inputs'>, entry: string, { folder, isProject }: Files): ImportCircle | undefined {
  const imports = new Map<string, Import[]>();
  const fileOf = (name: string) => resolve(folder, name.replace(OURS, ''));
  for (const [name, input] of Object.entries(inputs)) {
    if (name.startsWith('sxrun-') && !OURS.test(name)) continue;
    const made = input.imports.filter(({ kind, external }) => kind !== 'dynamic-import' && external !== true);
    const known = imports.get(fileOf(name)) ?? [];
    // What stands for a project file imports it: that is no circle.
    const others = made
      .map((one) => ({ file: fileOf(one.path), specifier: one.original ?? '' }))
      .filter(({ specifier }) => specifier !== fileOf(name));
    imports.set(fileOf(name), [...known, ...others]);
  }
  return circleFrom(entry, imports, isProject);
}

interface Files {
  readonly folder: string;
  isProject(file: string): boolean;
}

function circleFrom(entry: string, imports: ReadonlyMap<string, readonly Import[]>, isProject: (file: string) => boolean): ImportCircle | undefined {
  const done = new Set<string>();
  const way: Import[] = [];
  const visit = (next: Import): ImportCircle | undefined => {
    const at = way.findIndex(({ file }) => file === next.file);
    if (at >= 0) {
      const files = [...way.slice(at).map(({ file }) => file), next.file];
      return files.some(isProject) ? { files, specifier: (way[at + 1] ?? next).specifier } : undefined;
    }
    if (done.has(next.file)) return undefined;
    way.push(next);
    for (const one of imports.get(next.file) ?? []) {
      const found = visit(one);
      if (found !== undefined) return found;
    }
    way.pop();
    done.add(next.file);
    return undefined;
  };
  return visit({ file: entry, specifier: '' });
}

/** `isProject`: as of `importCircle`. */
export function circleMessage({ files }: ImportCircle, isProject: (file: string) => boolean): string {
  const names = files.map((file) => basename(file));
  const what = files.length === 2 ? `${names[0]} imports itself` : `project files import one another in a circle: ${names.join(' → ')}`;
  const other = files.slice(1, -1).findLast(isProject);
  const way = other === undefined ? '' : `, or name the other file instead of importing it: sync.do("${basename(other)}")`;
  return `${what}; what is exported there is not made yet when it is wanted. Move what both need into a module of its own${way}`;
}
