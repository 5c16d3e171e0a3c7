import { readAll } from './read-all.ts';
import { joinPath, type RelPath } from './path.ts';
import { expectedOf } from './expected.ts';
import { VfsError } from './vfs-error.ts';
import { VERSION_NOTES } from './version-name.ts';
import type { Vfs } from './vfs.ts';

/** Why a version was set aside. */
export type SetAsideBy = 'overwritten' | 'removed' | 'moved' | 'replaced';
const REASONS: ReadonlySet<string> = new Set<SetAsideBy>(['overwritten', 'removed', 'moved', 'replaced']);

/** What is known of a version besides its content. */
export interface VersionNote {
  /** As it is stored, relative to the folder of versions: `007.name`, or `007/name`. */
  readonly stored: string;
  /** ms since 1970: until then it was the present version. */
  readonly atMs: number;
  readonly by: SetAsideBy;
}

/** By `stored`; empty where no notes are. Lines that cannot be understood say nothing: the version is then one of unknown time. */
export async function readVersionNotes(vfs: Vfs, folder: RelPath): Promise<Map<string, VersionNote>> {
  const path = joinPath(folder, VERSION_NOTES);
  const entry = await vfs.stat(path);
  if (entry?.kind !== 'file') return new Map();
  const text = Buffer.from(await readAll(vfs.content(path, entry.revision)).catch(aboutNotes(path))).toString('utf8');
  const notes = text.split('\n').map(parseNote);
  return new Map(notes.flatMap((note) => (note === undefined ? [] : [[note.stored, note]])));
}

function aboutNotes(path: RelPath): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof VfsError) || error.code !== 'failed') throw error;
    throw new VfsError('failed', path, `when old versions were set aside is noted in ${path}, which cannot be read: ${error.message}`, {
      cause: error,
    });
  };
}

/** Takes `change` to the notes of a folder that exists; another run's notes stay. No notes: no file. */
export async function changeVersionNotes(vfs: Vfs, folder: RelPath, change: (notes: Map<string, VersionNote>) => void): Promise<void> {
  const path = joinPath(folder, VERSION_NOTES);
  for (let attempt = 1; ; attempt++) {
    const entry = await vfs.stat(path);
    const notes = await readVersionNotes(vfs, folder);
    change(notes);
    const bytes = Buffer.from([...notes.values()].map(formatNote).join(''));
    try {
      if (notes.size > 0)
        await vfs.write(path, { size: bytes.length, open: (from = 0) => once(bytes.subarray(from)) }, { expected: expectedOf(entry, path) });
      else if (entry?.kind === 'file') await vfs.removeFile(path, expectedOf(entry, path));
      return;
    } catch (error) {
      if (!(error instanceof VfsError) || error.code !== 'changed' || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
const MOST_ATTEMPTS = 5;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function formatNote({ stored, atMs, by }: VersionNote): string {
  return `${JSON.stringify({ version: stored, at: new Date(atMs).toISOString(), by })}\n`;
}

function parseNote(line: string): VersionNote | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const { version, at, by } = value as Record<string, unknown>;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (typeof version !== 'string' || Number.isNaN(atMs) || typeof by !== 'string' || !REASONS.has(by)) return undefined;
  return { stored: version, atMs, by: by as SetAsideBy };
}
