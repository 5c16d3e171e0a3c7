import { VfsError } from '../../vfs-error.ts';
import { type DirectoryRecord, parseDirectory } from './directory-record.ts';
import { type ByteSource, type DirectoryPlace, findDirectory } from './end-records.ts';

/** The whole directory of an archive. Throws VfsError `failed` when any of it is damaged: a part must not pass for all. */
export async function readDirectory(source: ByteSource): Promise<{ readonly place: DirectoryPlace; readonly records: readonly DirectoryRecord[] }> {
  const place = await findDirectory(source);
  const records = parseDirectory(await source.read(place.base + place.offset, place.size));
  // Without zip64 records the count has 16 bits, and some programs let it overflow.
  const isAll = place.wideAt === undefined ? records.length % 0x1_0000 === place.count : records.length === place.count;
  if (!isAll)
    throw new VfsError(
      'failed',
      '',
      `the directory of the archive is damaged: it has ${records.length} entries and should have ${place.count}; restore the archive from a copy`,
    );
  return { place, records };
}
