import { parentOf, type RelPath } from '../../path.ts';
import type { Catalogue } from './catalogue.ts';
import type { VolumeRules } from './volume-rules.ts';

/** What the identity file takes, and the folder of the medium itself. */
export const IDENTITY_BYTES = 512;

/** Room on media: by the limit, by what is known to be on them, and by what is on its way. All in bytes. */
export class Room {
  readonly #rules: VolumeRules;
  readonly #catalogue: Catalogue;
  readonly #reserved = new Map<number, number>();

  constructor(rules: VolumeRules, catalogue: Catalogue) {
    this.#rules = rules;
    this.#catalogue = catalogue;
  }

  /** What a thing would take that is put at a path now: folders that are missing on the medium count. */
  costOf(medium: number, path: RelPath, size: number | undefined): number {
    let cost = this.#catalogue.costOf(size);
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) if (this.#catalogue.costOn(medium, at) === 0) cost += this.#catalogue.costOf(0);
    return cost;
  }

  /** `free`: what its file system has; undefined where nobody knows. A file that is overwritten needs both on it for a moment, and counts once in the limit. */
  has(medium: number, path: RelPath, size: number | undefined, free: number | undefined): boolean {
    if (!this.fitsLimit(medium, path, size)) return false;
    return free === undefined || free - this.reservedOn(medium) >= this.costOf(medium, path, size);
  }

  fitsLimit(medium: number, path: RelPath, size: number | undefined): boolean {
    return this.#fits(medium, this.costOf(medium, path, size) - this.#catalogue.costOn(medium, path));
  }

  /** Room for one thing of any size at a path, folders above it included; undefined: nobody knows. */
  mostFor(path: RelPath): number | undefined {
    const { limitBytes } = this.#rules;
    if (limitBytes === undefined) return undefined;
    const folders = path.split('/').length - 1;
    return Math.max(0, limitBytes - this.#catalogue.costOf(IDENTITY_BYTES) - folders * this.#catalogue.costOf(0));
  }

  isEmpty(medium: number): boolean {
    return this.#catalogue.usedOf(medium) + this.reservedOn(medium) === 0;
  }

  reservedOn(medium: number): number {
    return this.#reserved.get(medium) ?? 0;
  }

  /** Keeps room for one thing. `growTo`: a thing of unknown size has so many bytes by now; false when they do not fit. */
  reserve(medium: number, path: RelPath, size: number | undefined): { growTo(bytes: number): boolean; release(): void } {
    let bytes = 0;
    const set = (now: number) => {
      this.#reserved.set(medium, this.reservedOn(medium) + now - bytes);
      bytes = now;
    };
    const own = this.costOf(medium, path, size) - this.#catalogue.costOn(medium, path);
    const base = own - this.#catalogue.costOf(size);
    set(Math.max(0, own));
    return {
      growTo: (size) => {
        set(Math.max(0, base + this.#catalogue.costOf(size)));
        return this.#fits(medium, 0);
      },
      release: () => set(0),
    };
  }

  #fits(medium: number, more: number): boolean {
    const { limitBytes } = this.#rules;
    if (limitBytes === undefined) return true;
    return this.#catalogue.usedOf(medium) + this.#catalogue.costOf(IDENTITY_BYTES) + this.reservedOn(medium) + more <= limitBytes;
  }
}
