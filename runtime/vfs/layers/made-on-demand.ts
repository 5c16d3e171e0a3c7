import type { RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Entry, Expected, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../vfs.ts';

/** Makes the root folder and opens it. Called by the first action, and by later ones while it fails. */
export type MakeRoot = () => Promise<Vfs>;

/**
 * A root folder that does not exist yet (`autoMkdir`): empty until the first action makes it. So a run that does nothing, a simulation, or a run that a
 * guard stops leaves no folder behind.
 */
export function madeOnDemand(facts: { readonly label: string; readonly traits: Traits }, make: MakeRoot): Vfs {
  return new MadeOnDemand(facts, make);
}

class MadeOnDemand implements Vfs {
  readonly label: string;
  readonly traits: Traits;
  readonly #make: MakeRoot;
  #made: Promise<Vfs> | undefined;

  constructor({ label, traits }: { readonly label: string; readonly traits: Traits }, make: MakeRoot) {
    this.label = label;
    this.traits = traits;
    this.#make = make;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    if (this.#made !== undefined) return (await this.#made).list(directory);
    if (directory === '') return [];
    throw notThere(directory);
  }
  async stat(path: RelPath): Promise<Entry | undefined> {
    if (this.#made !== undefined) return (await this.#made).stat(path);
    return path === '' ? { name: '', kind: 'directory' } : undefined;
  }
  content(path: RelPath, revision?: string): Content {
    const made = this.#made;
    return {
      async *open(from) {
        if (made === undefined) throw notThere(path);
        yield* (await made).content(path, revision).open(from);
      },
    };
  }
  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    return (await this.#root()).write(path, content, as);
  }
  async makeDirectory(path: RelPath): Promise<void> {
    await (await this.#root()).makeDirectory(path);
  }
  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await (await this.#root()).removeFile(path, expected);
  }
  async removeDirectory(path: RelPath): Promise<void> {
    await (await this.#root()).removeDirectory(path);
  }
  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    return (await this.#root()).rename(from, to, expected);
  }
  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    return (await this.#root()).link(path, target, as);
  }
  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    return (await this.#root()).setModified(path, modifiedMs, expected);
  }
  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    return (await this.#root()).replace(path, replacement);
  }
  async leftovers(directory: RelPath): Promise<readonly RelPath[]> {
    return this.#made === undefined ? [] : (await this.#made).leftovers(directory);
  }
  async recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return leftovers.length === 0 ? { returned: 0 } : (await this.#root()).recover(leftovers);
  }
  async flush(): Promise<void> {
    await (await this.#made?.catch(notMade))?.flush();
  }
  async close(): Promise<void> {
    await (await this.#made?.catch(notMade))?.close();
  }

  #root(): Promise<Vfs> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}

/** The action that wanted it has the error; there is nothing to flush or to close. */
function notMade(): undefined {}

function notThere(path: RelPath): VfsError {
  return new VfsError('not-found', path, 'the root folder does not exist yet');
}
