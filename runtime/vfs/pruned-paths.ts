import type { RelPath } from './path.ts';
import { parentOf } from './path.ts';

/** Directories whose content a walk's reader does not want. */
export class PrunedPaths {
  readonly #paths = new Set<RelPath>();

  add(path: RelPath): void {
    this.#paths.add(path);
  }

  /** True for a pruned directory and for everything below it. */
  covers(path: RelPath): boolean {
    if (this.#paths.size === 0) return false;
    for (let at = path; ; at = parentOf(at)) {
      if (this.#paths.has(at)) return true;
      if (at === '') return false;
    }
  }
}
