import { joinPath, type RelPath } from '../../path.ts';
import type { Arrived, Content, FileNode, LocalEnd, NewFilesEnd, NewFilesIn, PackedFile, Stamp } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';
import type { NewFile, PackedTaker } from './archive.ts';
import { isStored, MOST_IN_MEMORY } from './compress.ts';
import type { ZipFile } from './entry-tree.ts';

/** A root in an archive, as this needs it. What throws, throws VfsError. */
export interface RootInside {
  readonly taker: PackedTaker;
  /** 0 (stored) to 9. */
  readonly level: number;
  /** Before anything is changed; `act` is what changes it. */
  changing<T>(act: () => Promise<T>): Promise<T>;
  requireRunning(path: RelPath): void;
  /** Throws unless a new file can be put there. */
  requireFree(path: RelPath): void;
  newFile(path: RelPath, node: FileNode): NewFile;
  put(path: RelPath, file: ZipFile): void;
  forget(file: ZipFile): Promise<void>;
  /** Takes in one file, whatever its size. */
  write(path: RelPath, content: Content, node: FileNode): Promise<Stamp>;
}

interface Wanted {
  readonly path: RelPath;
  readonly name: string;
  readonly node: FileNode;
  result: Arrived | VfsError | undefined;
}

/** Takes many new files of a local root in one go: that root's threads read and deflate them, and the archive gets them one behind the other. Large ones go by themselves. */
export class ManyNewFiles implements NewFilesEnd {
  readonly #root: RootInside;

  constructor(root: RootInside) {
    this.#root = root;
  }

  async copyNew(source: LocalEnd, batch: readonly NewFilesIn[]): Promise<readonly (readonly (Arrived | VfsError)[])[]> {
    const wanted = batch.map(wantedOf);
    try {
      await this.#root.changing(() => this.#takeAll(source, batch, wanted));
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      for (const file of wanted.flat()) file.result ??= new VfsError(error.code, file.path, error.message, { cause: error.cause });
    }
    return wanted.map((files) => files.map(({ result }) => result as Arrived | VfsError));
  }

  async #takeAll(source: LocalEnd, batch: readonly NewFilesIn[], wanted: readonly (readonly Wanted[])[]): Promise<void> {
    const all = wanted.flat();
    for (const file of all) this.#settle(file, () => this.#root.requireFree(file.path));
    const isSmall = ({ result, node }: Wanted) => result === undefined && node.size !== undefined && node.size <= MOST_IN_MEMORY;
    await this.#takePacked(source, all.every(isSmall) ? batch : partOf(batch, wanted, isSmall), all.filter(isSmall));
    for (const file of all) if (file.result === undefined) await this.#takeAlone(source, file);
  }

  async #takePacked(source: LocalEnd, batch: readonly NewFilesIn[], files: readonly Wanted[]): Promise<void> {
    if (files.length === 0) return;
    const { level, taker } = this.#root;
    const results = await source.pack(batch, (name) => (isStored(name, level) ? 0 : level));
    this.#root.requireRunning('');
    const arrived: Wanted[] = [];
    const packed: PackedFile[] = [];
    for (const [i, file] of files.entries()) {
      const result = results[i] as PackedFile | VfsError;
      if (result instanceof VfsError) file.result = result;
      else {
        arrived.push(file);
        packed.push(result);
      }
    }
    const taken = await taker.takePacked(
      arrived.map(({ path, node }) => this.#root.newFile(path, node)),
      packed,
    );
    for (const [i, file] of arrived.entries()) await this.#place(file, taken[i] as ZipFile);
  }

  async #place(file: Wanted, taken: ZipFile): Promise<void> {
    this.#settle(file, () => {
      this.#root.requireRunning(file.path);
      this.#root.requireFree(file.path);
    });
    if (file.result !== undefined) return this.#root.forget(taken);
    this.#root.put(file.path, taken);
    file.result = taken;
  }

  async #takeAlone(source: LocalEnd, file: Wanted): Promise<void> {
    try {
      file.result = await this.#root.write(file.path, source.content(file.path, file.node.revision), file.node);
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      file.result = error;
    }
  }

  #settle(file: Wanted, check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      file.result = error;
    }
  }
}

function wantedOf({ directory, names, files }: NewFilesIn): Wanted[] {
  return names.map((name, i) => ({ path: joinPath(directory, name), name, node: files[i] as FileNode, result: undefined }));
}

function partOf(batch: readonly NewFilesIn[], wanted: readonly (readonly Wanted[])[], isPart: (file: Wanted) => boolean): NewFilesIn[] {
  return batch
    .map(({ directory }, i) => {
      const files = (wanted[i] as readonly Wanted[]).filter(isPart);
      return { directory, names: files.map(({ name }) => name), files: files.map(({ node }) => node) };
    })
    .filter(({ names }) => names.length > 0);
}
