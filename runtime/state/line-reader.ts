import { readSync } from 'node:fs';
import { translating } from './state-error.ts';

const CHUNK_BYTES = 512 * 1024;
const NEWLINE = 10;

/**
 * Reads a file line by line with large synchronous reads into one buffer that is used again, so memory is that of the longest line.
 * After `next()` the line is `buffer[start, end)` without its newline, valid as long as `fills` is the same; `offset` is where it starts in the file.
 */
export class LineReader {
  buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  start = 0;
  end = 0;
  offset: number;
  /** How often the buffer got new content. */
  fills = 0;
  readonly #path: string;
  readonly #fd: number;
  readonly #limit: number;
  #position: number;
  #filled = 0;
  #cursor = 0;

  /** Reads the open file `fd` from byte `from` up to byte `to`; `path` is for messages. */
  constructor(path: string, fd: number, range: { readonly from: number; readonly to: number }) {
    this.#path = path;
    this.#fd = fd;
    this.#limit = range.to;
    this.#position = range.from;
    this.offset = range.from;
  }

  /** False at the end; what follows the last newline is no line. Throws StateError `unreadable`. */
  next(): boolean {
    let searched = this.#cursor;
    for (;;) {
      const newline = searched < this.#filled ? this.buffer.subarray(0, this.#filled).indexOf(NEWLINE, searched) : -1;
      if (newline >= 0) {
        this.start = this.#cursor;
        this.end = newline;
        this.offset = this.#position - this.#filled + this.start;
        this.#cursor = newline + 1;
        return true;
      }
      searched = this.#filled - this.#cursor;
      if (!this.#fill()) return false;
    }
  }

  text(): string {
    return this.buffer.toString('utf8', this.start, this.end);
  }

  /** Moves what is left to the front and reads on behind it. */
  #fill(): boolean {
    this.fills++;
    const left = this.#filled - this.#cursor;
    const target = left > this.buffer.length / 2 ? Buffer.allocUnsafeSlow(this.buffer.length * 2) : this.buffer;
    this.buffer.copy(target, 0, this.#cursor, this.#filled);
    this.buffer = target;
    this.#cursor = 0;
    this.#filled = left;
    const wanted = Math.min(target.length - left, this.#limit - this.#position);
    const got = wanted > 0 ? translating('unreadable', this.#path, () => readSync(this.#fd, target, left, wanted, this.#position)) : 0;
    this.#filled += got;
    this.#position += got;
    return got > 0;
  }
}
