import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Content, Entry, LinkNode, Stamp, WriteAs } from '../../vfs.ts';
import type { CatalogueView } from './catalogue-view.ts';
import type { Kept } from './kept.ts';
import { counted, type Count, expectedOn } from './placed.ts';
import { MediumFull, type Placing, type PlaceToPut } from './placing.ts';

/** Puts files, links and folders at paths of the set; what else is there was looked at. */
export class Putting {
  readonly #view: CatalogueView;
  readonly #placing: Placing;

  constructor(view: CatalogueView, placing: Placing) {
    this.#view = view;
    this.#placing = placing;
  }

  /** `below`: what the directory that gives way may hold. */
  async file(path: RelPath, content: Content, as: WriteAs, below?: Below): Promise<Stamp> {
    this.#view.requireParent(path);
    await this.#placing.place(path, content.size, async (place) => {
      const count: Count = { bytes: 0, isCutOff: false };
      const late: { error?: unknown } = {};
      const read = contentFor(path, content, place, count);
      try {
        const expected = expectedOn(place.medium, place.own);
        if (expected.kind === 'directory') {
          const replacement = {
            kind: 'file',
            content: this.#checked(path, read, below, late),
            as: { ...as, expected },
            below: this.#view.belowOn(place.medium, path),
          } as const;
          await place.vfs.replace(path, replacement);
        } else {
          await place.vfs.write(path, below === undefined ? read : this.#checked(path, read, below, late), { ...as, expected });
        }
      } catch (error) {
        if (late.error !== undefined) throw late.error;
        if (count.isCutOff) throw new MediumFull();
        throw error;
      }
      const size = content.size ?? (count.bytes > 0 ? count.bytes : undefined);
      return fileOn(place, path, await place.vfs.stat(path), size);
    });
    return this.#view.stampAt(path);
  }

  async link(path: RelPath, target: string, as: { readonly modifiedMs?: number }, below?: Below): Promise<LinkNode> {
    this.#view.requireParent(path);
    await this.#placing.place(path, 0, async ({ medium, vfs, own }) => {
      const expected = expectedOn(medium, own);
      const time = as.modifiedMs === undefined ? {} : { modifiedMs: as.modifiedMs };
      if (expected.kind === 'directory') {
        if (below !== undefined) this.#view.requireBelow(path, below);
        await vfs.replace(path, { kind: 'link', target, ...time, expected, below: this.#view.belowOn(medium, path) });
      } else {
        await vfs.link(path, target, { ...time, expected });
      }
      const made = await vfs.stat(path);
      if (made?.kind !== 'link') throw new VfsError('changed', path, 'it was changed right after it was made');
      const { name: _, ...node } = made;
      return { ...node, media: [medium] };
    });
    const made = this.#view.stat(path);
    if (made?.kind !== 'link') throw new VfsError('changed', path, 'it was changed right after it was made');
    const { name: _, ...node } = made;
    return node;
  }

  async directory(path: RelPath): Promise<void> {
    await this.#placing.place(path, 0, async ({ medium, vfs, own }) => {
      const expected = expectedOn(medium, own);
      if (expected.kind === 'nothing') await vfs.makeDirectory(path);
      else await vfs.replace(path, { kind: 'directory', expected });
      return { kind: 'directory', media: [medium] };
    });
  }

  /** The content, at whose end the directory that gives way must still hold just what it may: some of it can be on other media. */
  #checked(path: RelPath, content: Content, below: Below | undefined, late: { error?: unknown }): Content {
    const check = () => {
      if (below !== undefined) this.#view.requireBelow(path, below);
    };
    const open = async function* (from?: number): AsyncGenerator<Uint8Array, void, undefined> {
      yield* content.open(from);
      try {
        check();
      } catch (error) {
        late.error = error;
        throw error;
      }
    };
    return { ...(content.size === undefined ? {} : { size: content.size }), open };
  }
}

/** The second copy is made from the first one: they are to be the same bytes, and the source is read once. */
function contentFor(path: RelPath, content: Content, { first, reservation }: PlaceToPut, count: Count): Content {
  const copied = first?.placed.kept;
  if (first !== undefined && copied?.kind === 'file') return first.vfs.content(path, copied.copies[0]?.revision);
  return content.size === undefined ? counted(content, reservation, count) : content;
}

function fileOn({ medium, first }: PlaceToPut, path: RelPath, entry: Entry | undefined, size: number | undefined): Kept {
  if (entry?.kind !== 'file') throw new VfsError('changed', path, 'it was changed right after it was written');
  const { name: _, fileId: _id, ...file } = entry;
  const known = size ?? (first?.placed.kept.kind === 'file' ? first.placed.kept.size : undefined);
  return { ...(known === undefined ? {} : { size: known }), ...file, copies: [{ medium, revision: entry.revision }] };
}
