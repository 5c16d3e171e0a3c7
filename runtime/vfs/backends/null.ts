import type { RelPath } from '../path.ts';
import { inContent, VfsError } from '../vfs-error.ts';
import type { Content, Entry, Expected, LinkNode, Replacement, Stamp, Traits, Vfs, WriteAs } from '../vfs.ts';

/**
 * Swallows everything and is always empty (manual, "NULL File System"): a read test of the other roots, or a full copy to its shadows. Content is read to the end,
 * so that what cannot be read is noticed. Nothing is ever there, so that only `nothing` can be expected and no parent is missing.
 */
export function openNull({ signal }: { readonly signal: AbortSignal }): Vfs {
  return new NullVfs(signal);
}

const TRAITS: Traits = { timePrecisionMs: 1, caseSensitive: true, concurrency: 64, links: true, modes: false };

class NullVfs implements Vfs {
  readonly label = 'null:';
  readonly traits = TRAITS;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async list(directory: RelPath): Promise<readonly Entry[]> {
    this.#requireLive(directory);
    return [];
  }

  async stat(path: RelPath): Promise<Entry | undefined> {
    this.#requireLive(path);
    return path === '' ? { name: '', kind: 'directory' } : undefined;
  }

  content(path: RelPath): Content {
    return {
      // biome-ignore lint/correctness/useYield: it ends before there is anything to give
      open: async function* (this: void) {
        throw new VfsError('not-found', path, 'null: is always empty');
      },
    };
  }

  async write(path: RelPath, content: Content, { expected, modifiedMs }: WriteAs): Promise<Stamp> {
    this.#requireNothing(path, expected);
    let size = 0;
    try {
      for await (const chunk of content.open()) {
        this.#requireLive(path);
        size += chunk.length;
      }
    } catch (error) {
      if (error instanceof VfsError) throw error.code === 'aborted' ? error : inContent(error);
      throw new VfsError('failed', path, 'the content could not be read', { cause: error, inContent: true });
    }
    return { revision: 'gone', size, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  }

  async makeDirectory(path: RelPath): Promise<void> {
    this.#requireLive(path);
  }

  async removeFile(path: RelPath, expected: Expected): Promise<void> {
    this.#requireNothing(path, expected);
  }

  async removeDirectory(path: RelPath): Promise<void> {
    this.#requireLive(path);
  }

  async rename(from: RelPath): Promise<Entry> {
    throw this.#nothingThere(from);
  }

  async link(path: RelPath, target: string, as: { readonly expected: Expected; readonly modifiedMs?: number }): Promise<LinkNode> {
    this.#requireNothing(path, as.expected);
    return { kind: 'link', target, ...(as.modifiedMs === undefined ? {} : { modifiedMs: as.modifiedMs }) };
  }

  async setModified(path: RelPath): Promise<Stamp> {
    throw this.#nothingThere(path);
  }

  async replace(path: RelPath, replacement: Replacement): Promise<Stamp | undefined> {
    if (replacement.kind === 'file') return this.write(path, replacement.content, replacement.as);
    this.#requireNothing(path, replacement.expected);
    return undefined;
  }

  async leftovers(): Promise<readonly RelPath[]> {
    return [];
  }

  async recover(): Promise<{ readonly returned: number }> {
    return { returned: 0 };
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  #requireNothing(path: RelPath, expected: Expected): void {
    this.#requireLive(path);
    if (expected.kind !== 'nothing') throw this.#nothingThere(path);
  }

  #nothingThere(path: RelPath): VfsError {
    this.#requireLive(path);
    return new VfsError('changed', path, 'null: is always empty');
  }

  #requireLive(path: RelPath): void {
    if (this.#signal.aborted) throw new VfsError('aborted', path, 'the run was ended');
  }
}
