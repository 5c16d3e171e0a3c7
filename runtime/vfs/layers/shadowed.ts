import { parentOf, type RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { Content, Entry, Expected, LinkNode, Replacement, Stamp, Vfs, WriteAs } from '../vfs.ts';
import { NOTHING } from '../vfs.ts';

/**
 * Repeats every action on the shadows first, then does it on the file system itself (semantics.md section 5.2). A shadow that fails leaves the file
 * system untouched, so that the next run repeats the action. What a shadow has of its own is not asked about: it gets what the root gets, missing
 * folders are made, and what is not there need not be removed.
 */
export function shadowed(inner: Vfs, shadows: readonly Vfs[]): Vfs {
  return shadows.length === 0 ? inner : new Shadowed(inner, shadows);
}

class Shadowed implements Vfs {
  readonly #inner: Vfs;
  readonly #shadows: readonly Vfs[];

  constructor(inner: Vfs, shadows: readonly Vfs[]) {
    this.#inner = inner;
    this.#shadows = shadows;
  }

  get label(): string {
    return this.#inner.label;
  }
  get traits(): Vfs['traits'] {
    return this.#inner.traits;
  }
  list(directory: RelPath): Promise<readonly Entry[]> {
    return this.#inner.list(directory);
  }
  stat(path: RelPath): Promise<Entry | undefined> {
    return this.#inner.stat(path);
  }
  content(path: RelPath, revision?: string): Content {
    return this.#inner.content(path, revision);
  }

  async write(path: RelPath, content: Content, as: WriteAs): Promise<Stamp> {
    await this.#repeat(path, async (shadow) => {
      await makeParents(shadow, path);
      const there = await shadow.stat(path);
      if (there?.kind === 'directory') await shadow.replace(path, { kind: 'file', content, as: { ...as, expected: { kind: 'directory' } } });
      else await shadow.write(path, content, { ...as, expected: expectedOf(there, path) });
    });
    return this.#inner.write(path, content, as);
  }

  async makeDirectory(path: RelPath): Promise<void> {
    await this.#repeat(path, (shadow) => makeFolder(shadow, path));
    await this.#inner.makeDirectory(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    await this.#repeat(path, async (shadow) => {
      const there = await shadow.stat(path);
      if (there?.kind === 'file' || there?.kind === 'link') await shadow.removeFile(path, expectedOf(there, path));
    });
    await this.#inner.removeFile(path, expected);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    await this.#repeat(path, async (shadow) => {
      const there = await shadow.stat(path);
      if (there?.kind === 'directory') await shadow.removeDirectory(path).catch(toleratingWhatIsLeft);
    });
    await this.#inner.removeDirectory(path);
  }

  async rename(from: RelPath, to: RelPath, expected: Expected): Promise<Entry> {
    await this.#repeat(to, async (shadow) => {
      await makeParents(shadow, to);
      const there = await shadow.stat(from);
      const isFree = (await shadow.stat(to)) === undefined;
      if (there !== undefined && isFree) await shadow.rename(from, to, expectedOf(there, from));
      else await this.#copyTo(shadow, from, to);
    });
    return this.#inner.rename(from, to, expected);
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    await this.#repeat(path, async (shadow) => {
      await makeParents(shadow, path);
      await shadow.link(path, target, { ...as, expected: expectedOf(await shadow.stat(path), path) });
    });
    return this.#inner.link(path, target, as);
  }

  async setModified(path: RelPath, modifiedMs: number, expected: Expected): Promise<Stamp> {
    await this.#repeat(path, async (shadow) => {
      const there = await shadow.stat(path);
      if (there?.kind === 'file') await shadow.setModified(path, modifiedMs, expectedOf(there, path));
    });
    return this.#inner.setModified(path, modifiedMs, expected);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    await this.#repeat(path, async (shadow) => {
      const there = await shadow.stat(path);
      if (there?.kind === replacement.kind && there.kind === 'directory') return;
      await makeParents(shadow, path);
      await shadow.replace(path, expecting(replacement, expectedOf(there, path)));
    });
    return this.#inner.replace(path, replacement);
  }

  recover(leftovers: readonly RelPath[]): Promise<{ readonly returned: number }> {
    return this.#inner.recover(leftovers);
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#shadows, this.#inner].map((vfs) => vfs.flush()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#shadows, this.#inner].map((vfs) => vfs.close()));
  }

  async #repeat(path: RelPath, action: (shadow: Vfs) => Promise<void>): Promise<void> {
    for (const shadow of this.#shadows) {
      try {
        await action(shadow);
      } catch (error) {
        if (!(error instanceof VfsError)) throw error;
        throw new VfsError(error.code === 'unreachable' ? 'unreachable' : 'failed', path, `on the shadow ${shadow.label}: ${error.message}`, {
          cause: error,
        });
      }
    }
  }

  async #copyTo(shadow: Vfs, from: RelPath, to: RelPath): Promise<void> {
    const source = await this.#inner.stat(from);
    if (source?.kind !== 'file') return;
    const { modifiedMs, mode } = source;
    await shadow.write(to, this.#inner.content(from, source.revision), {
      expected: expectedOf(await shadow.stat(to), to),
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      ...(mode === undefined ? {} : { mode }),
    });
    const old = await shadow.stat(from);
    if (old?.kind === 'file') await shadow.removeFile(from, expectedOf(old, from));
  }
}

function expectedOf(entry: Entry | undefined, path: RelPath): Expected {
  switch (entry?.kind) {
    case undefined:
      return NOTHING;
    case 'file':
      return { kind: 'file', revision: entry.revision };
    case 'link':
      return { kind: 'link', target: entry.target };
    case 'directory':
      return { kind: 'directory' };
    case 'other':
      throw new VfsError('wrong-kind', path, `something else is in the way: ${entry.reason}`);
  }
}

function expecting(replacement: Replacement, expected: Expected): Replacement {
  return replacement.kind === 'file' ? { ...replacement, as: { ...replacement.as, expected } } : { ...replacement, expected };
}

async function makeParents(shadow: Vfs, path: RelPath): Promise<void> {
  const parent = parentOf(path);
  if (parent !== '') await makeFolder(shadow, parent);
}

/** Several actions may make the same folder at once; who comes second finds it made. */
async function makeFolder(shadow: Vfs, path: RelPath): Promise<void> {
  const there = await shadow.stat(path);
  if (there?.kind === 'directory') return;
  await makeParents(shadow, path);
  await shadow.makeDirectory(path).catch(async (error: unknown) => {
    if (!(error instanceof VfsError) || error.code !== 'exists' || (await shadow.stat(path))?.kind !== 'directory') throw error;
  });
}

function toleratingWhatIsLeft(error: unknown): void {
  if (!(error instanceof VfsError) || error.code !== 'not-empty') throw error;
}
