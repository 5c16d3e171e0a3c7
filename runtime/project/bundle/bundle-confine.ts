import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { realPathOf } from '../../machine/real-path.ts';

/** Sources larger than this are no sources. */
const MAX_BYTES = 50_000_000;

/** Says which files may go into a bundle: those below the project's folder by real path, and those that the caller grants. */
export class Confinement {
  readonly root: string;
  readonly #mayRead: (realPath: string) => boolean;

  /** `root` is a real path. */
  constructor(root: string, mayRead: (realPath: string) => boolean) {
    this.root = root;
    this.#mayRead = mayRead;
  }

  allows(path: string): boolean {
    return this.holds(path) || this.#mayRead(path);
  }

  /** Below the project's folder. */
  holds(path: string): boolean {
    const below = relative(this.root, path);
    return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
  }

  /** The real path of a file that may be read; otherwise why not, and for what lies outside where it does. Nothing else is told about files outside. */
  check(path: string): { readonly realPath: string } | { readonly refusal: string; readonly outside?: string } {
    if (!existsSync(path)) return { refusal: 'is not there' };
    const realPath = realPathOf(path);
    if (!this.allows(realPath)) return { refusal: OUTSIDE, outside: dirname(realPath) };
    const status = statSync(realPath);
    if (!status.isFile()) return { refusal: 'is no regular file' };
    return status.size > MAX_BYTES ? { refusal: `has more than ${MAX_BYTES / 1e6} MB` } : { realPath };
  }
}

/** Part of a sentence about an import. */
export const OUTSIDE = "lies outside the project's folder";
