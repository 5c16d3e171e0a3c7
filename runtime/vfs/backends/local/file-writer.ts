import { ftruncateSync, writeSync } from 'node:fs';

/** Holes are looked for in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(PIECE_BYTES);

/** Writes a new file from its start on. With `leavesHoles` no room is taken for pieces of zeros, where the file system can do without. */
export class FileWriter {
  readonly #fd: number;
  readonly #leavesHoles: boolean;
  #length = 0;

  constructor(fd: number, leavesHoles: boolean) {
    this.#fd = fd;
    this.#leavesHoles = leavesHoles;
  }

  write(buffer: Uint8Array, count: number): void {
    let from = 0;
    for (let at = 0; this.#leavesHoles && at < count; at += PIECE_BYTES) {
      const end = Math.min(at + PIECE_BYTES, count);
      if (Buffer.compare(buffer.subarray(at, end), ZEROS.subarray(0, end - at)) !== 0) continue;
      this.#writeAll(buffer, from, at);
      from = end;
    }
    this.#writeAll(buffer, from, count);
    this.#length += count;
  }

  /** What ends with a hole gets its length. */
  end(): void {
    if (this.#leavesHoles) ftruncateSync(this.#fd, this.#length);
  }

  #writeAll(buffer: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) at += writeSync(this.#fd, buffer, at, to - at, this.#length + at);
  }
}
