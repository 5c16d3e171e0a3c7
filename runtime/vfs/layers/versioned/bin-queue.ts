import type { Bin, FoundBin } from '../../bin.ts';
import { isWithin, joinPath, parentOf, type RelPath } from '../../path.ts';
import type { TellVersion } from '../../version-change.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, Vfs } from '../../vfs.ts';
import type { Settled } from './version-store.ts';

export interface BinQueueOptions {
  /** Where versions lie until the bin has them. */
  readonly folder: RelPath;
  /** Asked when there is something for it. */
  readonly open: () => Promise<FoundBin>;
  /** What the bin does not take stays a version. */
  readonly keep: (version: Settled) => void;
  readonly tell: TellVersion;
}

/** Many at once, since the bins of some systems are programs that take a while to start. */
const FULL = 100;

/** Versions on their way from the root to the desktop's recycle bin: old versions like others until they are there, also after a kill. */
export class BinQueue {
  readonly #vfs: Vfs;
  readonly #options: BinQueueOptions;
  #waiting: Settled[] = [];
  #bin: Promise<Bin | undefined> | undefined;
  /** Folders that may be empty now. */
  readonly #left = new Set<RelPath>();
  #hasTold = false;

  constructor(vfs: Vfs, options: BinQueueOptions) {
    this.#vfs = vfs;
    this.#options = options;
  }

  add(version: Settled): void {
    this.#waiting.push(version);
  }

  get isFull(): boolean {
    return this.#waiting.length >= FULL;
  }

  /** Gives the bin all that waits. Rejects only when the run was ended. */
  async empty(): Promise<void> {
    const versions = this.#waiting;
    this.#waiting = [];
    if (versions.length === 0) return;
    this.#bin ??= this.#open();
    const bin = await this.#bin;
    if (bin === undefined) return versions.forEach(this.#options.keep);
    const entries = await Promise.all(versions.map((version) => this.#vfs.stat(placeOf(version))));
    const there = versions.flatMap((version, at) => (entries[at] === undefined ? [] : [{ version, entry: entries[at] as Entry }]));
    const reasons = await bin.put(there.map(({ version, entry }) => ({ stored: placeOf(version), entry, path: version.path, atMs: version.atMs })));
    for (const [at, { version }] of there.entries()) this.#settle(version, reasons[at]);
  }

  /** After `empty`: nothing comes any more. Folders that hold nothing now are removed. */
  async close(): Promise<void> {
    try {
      for (const folder of [...this.#left].sort().reverse()) await this.#removeEmpty(folder);
    } finally {
      await (await this.#bin)?.close();
    }
  }

  #settle(version: Settled, reason: string | undefined): void {
    if (reason === undefined) {
      this.#options.tell({ op: 'aside', path: version.path, stored: undefined, reason: `${version.by}, in the recycle bin` });
      this.#left.add(parentOf(placeOf(version)));
      return;
    }
    this.#options.keep(version);
    this.#tellOnce(reason);
  }

  async #open(): Promise<Bin | undefined> {
    const found = await this.#options.open();
    if (found.kind === 'bin') return found.bin;
    if (found.because !== undefined) this.#tellOnce(found.because);
    return undefined;
  }

  #tellOnce(reason: string): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const { folder, tell } = this.#options;
    tell({ op: 'note', path: '', stored: folder, reason: `what the recycle bin does not take stays in ${folder}: ${reason}` });
  }

  async #removeEmpty(path: RelPath): Promise<void> {
    for (let at = path; isWithin(at, this.#options.folder); at = parentOf(at)) {
      try {
        await this.#vfs.removeDirectory(at);
      } catch (error) {
        if (error instanceof VfsError && ['not-empty', 'not-found'].includes(error.code)) return;
        throw error;
      }
    }
  }
}

function placeOf({ folder, stored }: Settled): RelPath {
  return joinPath(folder, stored);
}
