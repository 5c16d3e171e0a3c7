import { closeSync, fstatSync, readSync } from 'node:fs';
import { comparePaths, type RelPath } from '../vfs/path.ts';
import { checksum, type DirectoryHead, findRows, parseHead } from './directory-line.ts';
import { openToRead } from './disk.ts';
import { LineReader } from './line-reader.ts';
import { StateError, translating } from './state-error.ts';

export const FORMAT = 'sxrun-syncdb';
export const FORMAT_VERSION = 1;
const TAIL_BYTES = 256;
/** So that a file of another kind is not searched for a newline as a whole. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;

export interface StoredRoot {
  /** The root's URL without password. */
  readonly key: string;
  /** A complete run has been recorded with it. */
  readonly joined: boolean;
}

export interface SnapshotHeader {
  /** Counts the rewrites; the journal names the one it continues. */
  readonly generation: number;
  readonly roots: readonly StoredRoot[];
}

/** A directory as it stands in the file. `bytes` may lie in a buffer that the next line is read into. */
export interface SnapshotLine extends DirectoryHead {
  /** Newline included. */
  readonly bytes: () => Buffer;
  readonly rowsText: () => string;
}

/** An open snapshot file (docs/state-format.md). It keeps its file open, so it reads the same content even while another process replaces the file. */
export class Snapshot {
  readonly header: SnapshotHeader;
  readonly mode: number;
  readonly #path: string;
  readonly #fd: number;
  readonly #bodyStart: number;
  readonly #bodyEnd: number;
  readonly #directoryCount: number;
  #isOpen = true;

  /** undefined when there is no file. Throws StateError `damaged`, `newer-version`, `unreadable`. */
  static open(path: string): Snapshot | undefined {
    const fd = openToRead(path);
    if (fd === undefined) return undefined;
    try {
      return new Snapshot(path, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
    const stats = translating('unreadable', path, () => fstatSync(fd));
    this.mode = stats.mode & 0o777;
    const lines = new LineReader(path, fd, { from: 0, to: Math.min(stats.size, MAX_HEADER_BYTES) });
    if (!lines.next()) throw damaged(path, 'it has no first line');
    this.header = parseHeader(path, lines.text());
    this.#bodyStart = lines.end + 1;
    const trailer = readTrailer(path, fd, stats.size);
    if (trailer.header !== checksum(lines.buffer.subarray(lines.start, lines.end))) throw damaged(path, 'its first line was altered');
    this.#bodyEnd = stats.size - trailer.bytes;
    this.#directoryCount = trailer.directories;
  }

  /** All directories in `comparePaths` order. Throws StateError `damaged` where the file is. */
  *lines(): Generator<SnapshotLine> {
    const reader = new LineReader(this.#path, this.#fd, { from: this.#bodyStart, to: this.#bodyEnd });
    let count = 0;
    let previous: RelPath | undefined;
    while (reader.next()) {
      const line = this.#parseLine(reader);
      if (previous !== undefined && comparePaths(previous, line.path) >= 0)
        throw damaged(this.#path, `directory ${JSON.stringify(line.path)} is out of order`);
      previous = line.path;
      count++;
      yield line;
    }
    if (count !== this.#directoryCount) throw damaged(this.#path, `it holds ${count} of ${this.#directoryCount} directories`);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }

  #parseLine(reader: LineReader): SnapshotLine {
    const { buffer, start, end, offset, fills } = reader;
    const rowsStart = findRows(buffer, start, end);
    if (rowsStart === undefined) throw damaged(this.#path, `the line at byte ${offset} was altered`);
    const { path, summaries } = readingLine(this.#path, offset, () => parseHead(buffer, start, rowsStart));
    const reread = (from: number, to: number) => (reader.fills === fills ? buffer.subarray(from, to) : this.#read(offset + from - start, to - from));
    return { path, summaries, bytes: () => reread(start, end + 1), rowsText: () => reread(rowsStart, end).toString() };
  }

  /** For a line that is asked for when the reader's buffer holds others. */
  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const got = translating('unreadable', this.#path, () => readSync(this.#fd, bytes, 0, length, position));
    if (got !== length) throw damaged(this.#path, 'it has become shorter');
    return bytes;
  }
}

/** The header line and the trailer line around the directories. */
export function encodeHeader({ generation, roots }: SnapshotHeader): Buffer {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, generation, roots })}\n`);
}

export function encodeTrailer(header: Buffer, directories: number): Buffer {
  return Buffer.from(`${JSON.stringify({ directories, header: checksum(header.subarray(0, -1)) })}\n`);
}

export function damaged(path: string, what: string, cause?: unknown): StateError {
  const advice =
    'Nothing was changed. Move it away together with its .journal file, or restore both from a backup; without them the next run compares the roots afresh';
  return new StateError('damaged', path, `The sync database ${path} is damaged: ${what}. ${advice}, and nothing is removed by it.`, { cause });
}

/** Throws StateError when `header` is of another format or a newer version. */
export function checkFormat(path: string, header: Record<string, unknown>, format: string): void {
  if (header['format'] !== format || typeof header['version'] !== 'number') throw damaged(path, `its first line does not say ${format}`);
  if (header['version'] > FORMAT_VERSION) {
    throw new StateError(
      'newer-version',
      path,
      `${path} was written by a newer sxrun (format version ${header['version']}, this one knows ${FORMAT_VERSION}). Update sxrun, or keep another database by the option syncDb.`,
    );
  }
}

export function parseObject(path: string, text: string): Record<string, unknown> {
  const value = readingLine(path, 0, () => JSON.parse(text) as unknown);
  if (typeof value !== 'object' || value === null) throw damaged(path, 'its first line is no header');
  return value as Record<string, unknown>;
}

function parseHeader(path: string, text: string): SnapshotHeader {
  const header = parseObject(path, text);
  checkFormat(path, header, FORMAT);
  const { generation, roots } = header;
  if (!Number.isSafeInteger(generation) || !Array.isArray(roots) || !roots.every(isStoredRoot)) throw damaged(path, 'its first line is not complete');
  return { generation: generation as number, roots };
}

function isStoredRoot(value: unknown): value is StoredRoot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    'joined' in value &&
    typeof value.joined === 'boolean'
  );
}

function readTrailer(path: string, fd: number, size: number): { readonly directories: number; readonly header: unknown; readonly bytes: number } {
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
  translating('unreadable', path, () => readSync(fd, tail, 0, tail.length, size - tail.length));
  const lineStart = tail.lastIndexOf(10, -2) + 1;
  const line = tail.toString('utf8', lineStart);
  if (!line.startsWith('{"directories":') || !line.endsWith('}\n')) throw damaged(path, 'its end is missing');
  const trailer = readingLine(path, size - tail.length + lineStart, () => JSON.parse(line) as { directories: number; header: unknown });
  return { directories: trailer.directories, header: trailer.header, bytes: tail.length - lineStart };
}

function readingLine<T>(path: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damaged(path, `the line at byte ${offset} cannot be read`, error);
  }
}
