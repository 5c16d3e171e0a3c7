import { joinPath, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Entry, Vfs } from '../../vfs.ts';
import { HIGHEST_NUMBER, parseVersionName, parseVersionNumber } from '../../version-name.ts';

/** Of one name in one folder: the highest number taken, and how many versions there are. */
interface Taken {
  readonly highest: number;
  readonly count: number;
  /** The one with the highest number, as it was found; undefined: none was, or it was asked for. */
  readonly newest: Found | undefined;
}

/** `stored`: relative to the folder of versions. */
export interface Found {
  readonly stored: string;
  readonly entry: Entry;
}

/** Folders whose numbers are remembered at once. */
const MOST_FOLDERS = 256;

/** Which numbers old versions have. A folder is listed when it is first asked about, and again after `forget`. */
export class VersionNumbers {
  readonly #vfs: Vfs;
  readonly #folders = new Map<RelPath, Promise<Map<string, Taken>>>();

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  /** A number above all that the name has; two calls never get the same. `full`: there are `max` versions already; `exhausted`: one has the highest number there is. */
  async next(folder: RelPath, name: string, max: number): Promise<number | 'full' | 'exhausted'> {
    const taken = await this.#takenIn(folder);
    const key = this.#keyOf(name);
    const { highest, count } = taken.get(key) ?? NONE;
    if (count >= max) return 'full';
    if (highest >= HIGHEST_NUMBER) return 'exhausted';
    taken.set(key, { highest: highest + 1, count: count + 1, newest: undefined });
    return highest + 1;
  }

  /** The version of the name that was there before any of ours; asked for once. */
  async takeNewest(folder: RelPath, name: string): Promise<Found | undefined> {
    const taken = await this.#takenIn(folder);
    const known = taken.get(this.#keyOf(name));
    if (known?.newest !== undefined) taken.set(this.#keyOf(name), { ...known, newest: undefined });
    return known?.newest;
  }

  /** A version that was not made after all. Its number stays taken. */
  giveBack(folder: RelPath, name: string): void {
    const key = this.#keyOf(name);
    void this.#folders.get(folder)?.then((taken) => {
      const before = taken.get(key);
      if (before !== undefined) taken.set(key, { ...before, count: before.count - 1 });
    }, ignoreUnlisted);
  }

  forget(folder: RelPath): void {
    this.#folders.delete(folder);
  }

  forgetAll(): void {
    this.#folders.clear();
  }

  #takenIn(folder: RelPath): Promise<Map<string, Taken>> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const [oldest] = this.#folders.keys();
    if (this.#folders.size >= MOST_FOLDERS && oldest !== undefined) this.#folders.delete(oldest);
    const listed = this.#list(folder);
    this.#folders.set(folder, listed);
    listed.catch(() => this.forget(folder));
    return listed;
  }

  async #list(folder: RelPath): Promise<Map<string, Taken>> {
    const taken = new Map<string, Taken>();
    const note = (name: string, number: number, found: Found) => {
      const { highest, count, newest } = taken.get(this.#keyOf(name)) ?? NONE;
      taken.set(this.#keyOf(name), { highest: Math.max(highest, number), count: count + 1, newest: number > highest ? found : newest });
    };
    const entries = await this.#entries(folder);
    await clearLeftovers(this.#vfs, folder);
    for (const entry of entries) {
      const version = parseVersionName(entry.name);
      if (version !== undefined) note(version.name, version.number, { stored: entry.name, entry });
      const number = parseVersionNumber(entry.name);
      if (number === undefined || entry.kind !== 'directory') continue;
      for (const long of await this.#entries(joinPath(folder, entry.name)))
        note(long.name, number, { stored: joinPath(entry.name, long.name), entry: long });
    }
    return taken;
  }

  async #entries(folder: RelPath) {
    return this.#vfs.list(folder).catch((error: unknown) => {
      if (error instanceof VfsError && error.code === 'not-found') return [];
      throw error;
    });
  }

  #keyOf(name: string): string {
    return this.#vfs.traits.caseSensitive ? name : name.toLowerCase();
  }
}

const NONE: Taken = { highest: 0, count: 0, newest: undefined };

/** Who asked for the numbers was told. */
function ignoreUnlisted(error: unknown): void {
  if (!(error instanceof VfsError)) throw error;
}

/** What a killed run left of copies: a run does not look for it below folders of versions. */
export async function clearLeftovers(vfs: Vfs, folder: RelPath): Promise<void> {
  try {
    const leftovers = await vfs.leftovers(folder);
    if (leftovers.length > 0) await vfs.recover(leftovers);
  } catch (error) {
    // Another run is at work here; the next one clears.
    if (!(error instanceof VfsError) || error.code !== 'transient') throw error;
  }
}
