import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Content } from '../../vfs.ts';
import type { Asking } from './asking.ts';
import type { Catalogue } from './catalogue.ts';
import type { Copy, KeptFile } from './kept.ts';
import type { Media, Mounted } from './media.ts';

interface Reading {
  readonly catalogue: Catalogue;
  readonly media: Media;
  readonly asking: Asking;
}

/** The content of a file, from any of its media: where one fails, another goes on at the same byte. */
export function readCopies(path: RelPath, revision: string | undefined, { catalogue, media, asking }: Reading): Content {
  const kept = catalogue.find(path)?.kept;
  const open = (from = 0) => reading(path, revision, from, { catalogue, media, asking });
  if (kept?.kind !== 'file' || (revision !== undefined && kept.revision !== revision)) return { open };
  const size = kept.size === undefined ? {} : { size: kept.size };
  const [only] = kept.copies;
  const mounted = only === undefined || kept.copies.length > 1 ? undefined : media.at(only.medium);
  if (mounted === undefined || only === undefined) return { ...size, open };
  const inner = mounted.vfs.content(path, only.revision);
  return { ...size, ...(inner.local === undefined ? {} : { local: inner.local }), open };
}

async function* reading(
  path: RelPath,
  revision: string | undefined,
  from: number,
  { catalogue, media, asking }: Reading,
): AsyncGenerator<Uint8Array, void, undefined> {
  const kept = requireFile(path, revision, catalogue);
  let at = from;
  let failed: VfsError | undefined;
  for (const copy of inOrder(kept, media)) {
    const mounted = media.at(copy.medium) ?? (await brought(copy, kept, path, { asking, failed }));
    if (mounted === undefined) continue;
    const done = media.hold(mounted);
    try {
      for await (const chunk of mounted.vfs.content(path, revision === undefined ? undefined : copy.revision).open(at)) {
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      failed ??= error;
    } finally {
      done();
    }
    if (!(await media.isAlive(mounted)) && kept.copies.length === 1)
      throw new VfsError('absent', path, `medium ${copy.medium} was taken away while it was read`);
  }
  throw failed ?? new VfsError('absent', path, 'no medium that it is on is in reach');
}

function requireFile(path: RelPath, revision: string | undefined, catalogue: Catalogue): KeptFile {
  const kept = catalogue.find(path)?.kept;
  if (kept?.kind === 'file' && (revision === undefined || kept.revision === revision)) return kept;
  if (revision !== undefined) throw new VfsError('changed', path, 'it is not as it was when the plan was made');
  if (kept === undefined) throw new VfsError('not-found', path, 'there is nothing at this path (any more)');
  throw new VfsError('wrong-kind', path, 'it is no file');
}

/** Those in reach first. */
function inOrder({ copies }: KeptFile, media: Media): readonly Copy[] {
  const isThere = ({ medium }: Copy) => media.at(medium) !== undefined;
  return [...copies.filter(isThere), ...copies.filter((copy) => !isThere(copy))];
}

/** undefined: another copy is tried, or the failure of one before is what is told. */
async function brought(
  copy: Copy,
  kept: KeptFile,
  path: RelPath,
  { asking, failed }: { readonly asking: Asking; readonly failed: VfsError | undefined },
): Promise<Mounted | undefined> {
  try {
    return await asking.bring(copy.medium, path);
  } catch (error) {
    const isLast = kept.copies.at(-1) === copy;
    if (!(error instanceof VfsError) || error.code !== 'absent' || (isLast && failed === undefined)) throw error;
    return undefined;
  }
}
