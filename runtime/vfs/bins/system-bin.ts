import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Bin, Binned } from '../bin.ts';
import { expectedOf } from '../expected.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import type { FileNode, LocalEnd, Vfs } from '../vfs.ts';

export interface SystemBinEnds {
  /** A folder of this machine, opened for the bin and closed with it. */
  readonly root: Vfs;
  readonly rootPath: string;
  /** Gives files, by absolute paths, to the system's bin. */
  readonly trash: (paths: readonly string[]) => Promise<void>;
}

/** A thing with its second name, which is given away. */
interface Lent {
  readonly thing: Binned & { readonly entry: FileNode };
  readonly name: RelPath;
  /** Names that the file has with it. */
  readonly links: bigint;
}

/**
 * The bin of macOS or Windows, by the program of the package `trash`. Some bins drop what they are given: volumes without one, files larger than it. So a file gets
 * a second name (`007.letter.txt`, and `007/letter.txt` beside it), that one is given away, and only when the file still has as many names is the first one
 * removed: the bin has it. What is no file, and what has no hard links, stays.
 */
export function systemBin({ root, rootPath, trash }: SystemBinEnds): Bin {
  const at = (path: RelPath) => join(rootPath, path);
  return {
    async put(things) {
      const reasons: (string | undefined)[] = [];
      const lent: { readonly index: number; readonly file: Lent }[] = [];
      for (const [index, thing] of things.entries()) {
        const file = await lend(thing).catch(reasonOf);
        if (typeof file === 'string') reasons[index] = file;
        else lent.push({ index, file });
      }
      const refused = lent.length === 0 ? undefined : await trash(lent.map(({ file }) => at(file.name))).then(nothing, messageOf);
      for (const { index, file } of lent) reasons[index] = await settle(file, refused).catch(reasonOf);
      return reasons;
    },
    close: () => root.close(),
  };

  async function lend(thing: Binned): Promise<Lent | string> {
    const { entry, stored, path } = thing;
    if (entry.kind !== 'file') return 'only files are given to this bin';
    const folder = joinPath(parentOf(stored), nameOf(stored).split('.', 1)[0] ?? '');
    const name = joinPath(folder, nameOf(path));
    await root.makeDirectory(folder).catch(unlessThere);
    await localEnd(root).addName(stored, name, expectedOf(entry, stored));
    return { thing: { ...thing, entry }, name, links: linksOf(at(stored)) ?? 0n };
  }

  /** undefined: the bin has it. */
  async function settle({ thing, name, links }: Lent, refused: string | undefined): Promise<string | undefined> {
    const { stored, entry } = thing;
    const left = await root.stat(name);
    const isKept = left === undefined && linksOf(at(stored)) === links;
    if (left?.kind === 'file') await root.removeFile(name, expectedOf(left, name));
    await root.removeDirectory(parentOf(name)).catch(unlessThere);
    if (!isKept) return refused ?? (left === undefined ? 'the bin of this volume does not keep what it is given' : 'the bin did not take it');
    await root.removeFile(stored, expectedOf(entry, stored));
    return undefined;
  }
}

function linksOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.nlink;
}

function localEnd({ local, label }: Vfs): LocalEnd {
  if (local === undefined) throw new TypeError(`${label} is no folder of this machine`);
  return local;
}

function nothing(): undefined {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
  return error.message;
}

/** Somebody else's version lies in it as well. */
function unlessThere(error: unknown): void {
  if (!(error instanceof VfsError) || !['exists', 'not-empty', 'not-found'].includes(error.code)) throw error;
}
