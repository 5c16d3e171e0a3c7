import { type FoundBelow, versionBelow } from '../../below.ts';
import { joinPath, nameOf, parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Expected } from '../../vfs.ts';
import type { Archive } from './archive.ts';
import { putRefusal, refusal } from './entry-name.ts';
import { entryOf, newDirectory, type ZipDirectory, type ZipFile, type ZipNode } from './entry-tree.ts';

/** A folder of an archive, by paths from there; `''`, as `inner` too, is the top. What does not fit is a VfsError. */
export class InnerTree {
  readonly inner: RelPath;
  readonly #archive: Pick<Archive, 'tree' | 'changed'>;

  constructor(archive: Pick<Archive, 'tree' | 'changed'>, inner: RelPath) {
    this.#archive = archive;
    this.inner = inner;
  }

  /** From the top of the archive. */
  at(path: RelPath): RelPath {
    return this.inner === '' ? path : path === '' ? this.inner : joinPath(this.inner, path);
  }

  find(path: RelPath): ZipNode | undefined {
    return this.#archive.tree.find(this.at(path));
  }

  directoryAt(path: RelPath): ZipDirectory {
    const node = this.find(path);
    if (node === undefined) throw new VfsError('not-found', path, 'there is no such folder in the archive');
    if (node.kind !== 'directory') throw new VfsError('wrong-kind', path, 'a folder was expected here, but there is something else');
    return node;
  }

  put(path: RelPath, node: ZipNode): void {
    this.#archive.tree.put(this.at(path), node);
    this.#archive.changed();
  }

  take(path: RelPath): void {
    this.#archive.tree.take(this.at(path));
    this.#archive.changed();
  }

  foundBelow(directory: ZipDirectory, path: RelPath): FoundBelow {
    return new Map([...this.#archive.tree.nodes(directory, path)].map(([at, node]) => [at, versionBelow(entryOf(node))]));
  }

  /** Throws when the folder is something else. */
  requireUsable(): void {
    const refused = this.inner === '' ? undefined : refusal(this.inner);
    if (refused !== undefined) throw new VfsError('name-refused', '', `"${this.inner}" cannot be a folder in an archive: ${refused}`);
    for (const at of this.#wayDown()) {
      const node = this.#archive.tree.find(at);
      if (node !== undefined && node.kind !== 'directory') throw new VfsError('wrong-kind', '', `"${at}" in the archive is no folder`);
    }
  }

  /** The folder is there afterwards; in the archive it is with the first change. */
  makeThere(): void {
    for (const at of this.#wayDown()) {
      if (this.#archive.tree.find(at) === undefined) this.#archive.tree.put(at, newDirectory(nameOf(at)));
    }
  }

  /** Whether something can be put at a path: its folder is there, and its name is one that archives hold and systems unpack. */
  requirePlace(path: RelPath): void {
    if (path === '') throw new VfsError('wrong-kind', path, 'is the root itself');
    this.requireName(path);
    this.directoryAt(parentOf(path));
  }

  requireName(path: RelPath): void {
    const refused = putRefusal(this.at(path));
    if (refused !== undefined) throw new VfsError('name-refused', path, refused);
  }

  requireExpected(path: RelPath, expected: Expected): ZipNode | undefined {
    const node = path === '' ? this.#archive.tree.root : this.find(path);
    if (!isExpected(node, expected)) throw changedMeanwhile(path);
    return node;
  }

  /** The file, of that revision if one is given. */
  requireReadable(path: RelPath, revision: string | undefined): ZipFile {
    const node = this.find(path);
    if (node?.kind === 'file' && (revision === undefined || node.revision === revision)) return node;
    if (revision !== undefined) throw changedMeanwhile(path);
    if (node === undefined) throw new VfsError('not-found', path, 'there is nothing at this path of the archive');
    throw new VfsError('wrong-kind', path, node.kind === 'other' ? node.reason : 'is a folder, not a file');
  }

  #wayDown(): RelPath[] {
    const names = this.inner === '' ? [] : this.inner.split('/');
    return names.map((_, index) => names.slice(0, index + 1).join('/'));
  }
}

export function changedMeanwhile(path: RelPath): VfsError {
  return new VfsError('changed', path, 'it was changed during the run; the next run decides again');
}

/** Whether nothing was changed below a directory while it was taken anew. */
export function isSame(old: ZipNode, anew: ZipNode | undefined): boolean {
  if (old.kind === 'file') return anew?.kind === 'file' && anew.revision === old.revision;
  if (old.kind !== 'directory' || anew?.kind !== 'directory' || old.children.size !== anew.children.size) return false;
  return [...old.children].every(([name, child]) => isSame(child, anew.children.get(name)));
}

function isExpected(node: ZipNode | undefined, expected: Expected): boolean {
  if (expected.kind === 'nothing') return node === undefined;
  if (expected.kind === 'file') return node?.kind === 'file' && node.revision === expected.revision;
  return expected.kind === 'directory' && node?.kind === 'directory';
}
