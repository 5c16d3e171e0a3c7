import { parentOf, type RelPath } from '../../path.ts';
import type { Arrived, Content, Expected, FileNode, LocalEnd, NewFilesIn, PackedFile } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';
import type { FileCrew } from './file-crew.ts';
import type { ArrivedPacked, NewFilesPacked, PackedColumns } from './file-task.ts';
import { contentOf } from './read-content.ts';
import { beginNoMore, type RootHandle } from './root-handle.ts';

/** A local root as other local roots see it: many new files go to the crew as one task, packed. */
export class LocalFiles implements LocalEnd {
  readonly #handle: RootHandle;
  readonly #crew: FileCrew;
  readonly #touch: (directory: string) => void;

  /** `touch` is told of each directory that gets new names. */
  constructor(handle: RootHandle, crew: FileCrew, touch: (directory: string) => void) {
    this.#handle = handle;
    this.#crew = crew;
    this.#touch = touch;
  }

  async copyNew(source: LocalEnd, batch: readonly NewFilesIn[]): Promise<readonly (readonly (Arrived | VfsError)[])[]> {
    if (!(source instanceof LocalFiles)) throw new TypeError('only local roots open one another\u2019s files');
    for (const { directory } of batch) this.#touch(directory);
    try {
      const packed = batch.map(pack);
      const value = await this.#crew.submit({
        op: 'copy-new',
        root: this.#handle.id,
        source: source.#handle.id,
        path: '',
        ...weightOf(batch),
        batch: packed,
      });
      return unpack(value as ArrivedPacked, batch);
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      return batch.map(({ names }) => names.map(() => error));
    }
  }

  content(path: RelPath, revision: string): Content {
    return contentOf(this.#handle, path, revision);
  }

  async pack(batch: readonly NewFilesIn[], levelOf: (name: string) => number): Promise<readonly (PackedFile | VfsError)[]> {
    const columns = batch.map(({ directory, names, files }) => ({
      directory,
      names: names.join('/'),
      revisions: files.map(({ revision }) => revision).join('|'),
      levels: names.map(levelOf),
    }));
    try {
      const value = await this.#crew.submit({ op: 'pack', root: this.#handle.id, path: '', ...weightOf(batch), batch: columns });
      return packedFiles(value as PackedColumns);
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      return batch.flatMap(({ names }) => names.map(() => error));
    }
  }

  beginNoMore(after: 'failure' | 'now'): void {
    beginNoMore(this.#handle, after);
  }

  async takeOver(source: LocalEnd, from: RelPath, to: RelPath, expected: Expected): Promise<void> {
    if (!(source instanceof LocalFiles)) throw new TypeError('only local roots take one another\u2019s files');
    this.#touch(parentOf(to));
    source.#touch(parentOf(from));
    await this.#crew.submit({ op: 'take-over', root: this.#handle.id, path: to, source: source.#handle.id, from, expected });
  }

  async addName(from: RelPath, to: RelPath, expected: Expected): Promise<void> {
    this.#touch(parentOf(to));
    await this.#crew.submit({ op: 'add-name', root: this.#handle.id, path: from, to, expected });
  }
}

function weightOf(batch: readonly NewFilesIn[]): { readonly count: number; readonly bytes: number } {
  return {
    count: batch.reduce((sum, { names }) => sum + names.length, 0),
    bytes: batch.reduce((sum, { files }) => sum + files.reduce((all, { size }) => all + (size ?? 0), 0), 0),
  };
}

function packedFiles({ crcs, sizes, areDeflated, lengths, errors, data }: PackedColumns): (PackedFile | VfsError)[] {
  let end = 0;
  const files = crcs.map((crc, i): PackedFile | VfsError => {
    const start = end;
    end += lengths[i] as number;
    return { isDeflated: areDeflated[i] === true, crc, size: sizes[i] as number, data: data.subarray(start, end) };
  });
  for (const [i, { code, path, message }] of errors) files[i] = new VfsError(code, path, message, { inContent: true });
  return files;
}

function pack({ directory, names, files }: NewFilesIn): NewFilesPacked {
  return {
    directory,
    names: names.join('/'),
    revisions: files.map(({ revision }) => revision).join('|'),
    modifiedMs: files.map(({ modifiedMs }) => modifiedMs ?? null),
    modes: files.some(hasMode) ? files.map(({ mode }) => mode ?? null) : null,
  };
}

function hasMode({ mode }: FileNode): boolean {
  return mode !== undefined;
}

function unpack({ revisions, fileIds, errors }: ArrivedPacked, batch: readonly NewFilesIn[]): (Arrived | VfsError)[][] {
  const all = { revisions: revisions.split('|'), fileIds: fileIds.split('|') };
  const failed = new Map(errors);
  let next = 0;
  return batch.map(({ names }) =>
    names.map(() => {
      const at = next++;
      const error = failed.get(at);
      if (error !== undefined) return new VfsError(error.code, error.path, error.message, { inContent: error.inContent === true });
      return { revision: all.revisions[at] as string, fileId: all.fileIds[at] as string };
    }),
  );
}
