import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashOf } from './bundle-hash.ts';

export const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.tsx', '.jsx', '.json'] as const;

export interface TracedFile {
  /** Absolute path. */
  readonly path: string;
  readonly hash: string;
}

/** Everything that a bundle was made from: while none of it changes, bundling again would give the same. */
export class BundleTrace {
  /** Sources, by real path, with the hash of the bytes that went in. */
  readonly inputs = new Map<string, string>();
  /** package.json files that resolution read. */
  readonly settings = new Map<string, string>();
  /** Paths where resolution found nothing, so that something appearing there may change it. */
  readonly absent = new Set<string>();
  readonly #root: string;
  readonly #folders = new Set<string>();

  /** `root` is the project's folder. */
  constructor(root: string) {
    this.#root = root;
  }

  /** A relative import of `wanted` (absolute) was resolved. */
  relative(wanted: string): void {
    const stem = wanted.replace(/\.[cm]?jsx?$/, '');
    const candidates = [wanted, ...EXTENSIONS.map((extension) => wanted + extension), ...EXTENSIONS.map((extension) => stem + extension)];
    for (const path of [...candidates, ...EXTENSIONS.map((extension) => join(wanted, `index${extension}`))]) this.#missing(path);
    this.setting(join(wanted, 'package.json'));
  }

  /** A package was looked for from `folder` upwards. */
  package(name: string, folder: string): void {
    const top = /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
    for (const directory of this.#upwards(folder)) this.#missing(join(directory, 'node_modules', top));
  }

  /** A file was taken: what package.json says above it counts. */
  file(path: string, hash: string): void {
    this.inputs.set(path, hash);
    for (const directory of this.#upwards(dirname(path))) {
      if (this.#folders.has(directory)) return;
      this.#folders.add(directory);
      this.setting(join(directory, 'package.json'));
    }
  }

  #missing(path: string): void {
    if (!existsSync(path)) this.absent.add(path);
  }

  /** A file that the bundle depends on without being made of it; it may be missing. */
  setting(path: string): void {
    if (existsSync(path)) this.settings.set(path, hashOf(readFileSync(path)));
    else this.absent.add(path);
  }

  /** From a folder to the project's, or to the top for a folder that lies elsewhere. */
  *#upwards(from: string): Generator<string> {
    for (let directory = from; ; directory = dirname(directory)) {
      yield directory;
      if (directory === this.#root || directory === dirname(directory)) return;
    }
  }
}
