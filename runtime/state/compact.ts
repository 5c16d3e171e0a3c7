import { createAnew, type Disk } from './disk.ts';
import { lineOf, mergeDirectories } from './merge-directories.ts';
import type { Overlay } from './overlay.ts';
import { encodeHeader, encodeTrailer, type Snapshot, type StoredRoot } from './snapshot.ts';
import { translated } from './state-error.ts';

const OUTPUT_BYTES = 1024 * 1024;

export interface Compaction {
  readonly disk: Disk;
  readonly path: string;
  readonly journalPath: string;
  readonly snapshot: Snapshot | undefined;
  /** In the order they were recorded; the last one knows all roots. */
  readonly overlays: readonly Overlay[];
}

/** Ends in `.syncdb`, so that it is never in scope of a run. */
export function temporaryOf(path: string): string {
  return `${path}.new.syncdb`;
}

/**
 * Writes snapshot and journal as one new snapshot beside the old one, makes it durable, renames it over and removes the journal. A crash at any step leaves the
 * old snapshot with its journal, or the new one with a journal that it says is done. Closes `snapshot`. When nothing differs the old snapshot stays as it is.
 * Rejects with StateError: `damaged` (both files stay), `unwritable`.
 */
export async function compact(compaction: Compaction): Promise<void> {
  const { disk, path, journalPath, snapshot } = compaction;
  const temporary = temporaryOf(path);
  try {
    const differs = await writeTemporary(compaction, temporary);
    snapshot?.close();
    if (differs) {
      disk.rename(temporary, path);
      await disk.syncFolderOf(path);
    } else disk.remove(temporary);
    disk.remove(journalPath);
  } catch (error) {
    throw discarding(disk, temporary, translated('unwritable', path, error));
  }
}

async function writeTemporary({ disk, snapshot, overlays }: Compaction, temporary: string): Promise<boolean> {
  const roots = overlays.at(-1)?.roots ?? [];
  const header = encodeHeader({ generation: (snapshot?.header.generation ?? 0) + 1, roots });
  const output = new Output(disk, createAnew(disk, temporary, snapshot?.mode ?? 0o600));
  try {
    output.add(header);
    let directories = 0;
    let differs = !sameRoots(snapshot?.header.roots, roots);
    for (const merged of mergeDirectories(snapshot, overlays)) {
      const before = 'line' in merged ? merged.line.bytes() : merged.before?.bytes();
      const after = 'line' in merged ? before : lineOf(merged, roots.length);
      if (after !== undefined) {
        output.add(after);
        directories++;
      }
      if (after !== before && (after === undefined || before === undefined || !after.equals(before))) differs = true;
    }
    output.add(encodeTrailer(header, directories));
    output.flush();
    if (differs) await disk.sync(output.fd);
    return differs;
  } finally {
    disk.close(output.fd);
  }
}

function sameRoots(before: readonly StoredRoot[] | undefined, after: readonly StoredRoot[]): boolean {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(after);
}

/** The temporary file would only take up room; one that cannot be removed now is overwritten by the next compaction. */
function discarding<E>(disk: Disk, temporary: string, error: E): E {
  try {
    disk.remove(temporary);
  } catch {
    return error;
  }
  return error;
}

/** Gathers lines so that the file is written in large pieces. */
class Output {
  readonly fd: number;
  readonly #disk: Disk;
  readonly #buffer = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  #filled = 0;
  #position = 0;

  constructor(disk: Disk, fd: number) {
    this.#disk = disk;
    this.fd = fd;
  }

  add(bytes: Buffer): void {
    if (this.#filled + bytes.length > OUTPUT_BYTES) this.flush();
    if (bytes.length > OUTPUT_BYTES) this.#write(bytes);
    else this.#filled += bytes.copy(this.#buffer, this.#filled);
  }

  flush(): void {
    this.#write(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #write(bytes: Buffer): void {
    this.#disk.write(this.fd, bytes, this.#position);
    this.#position += bytes.length;
  }
}
