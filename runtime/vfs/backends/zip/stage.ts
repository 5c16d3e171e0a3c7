import { type FileHandle, rm } from 'node:fs/promises';
import { writeExactly } from './file-bytes.ts';
import { createAnew } from './place-file.ts';

/** Written out when so much has come together. */
const GROUP_BYTES = 1024 * 1024;

/**
 * A file beside the archive with entries (local header and data) that are not in the archive yet. It lies there as it would in an archive, so that a new archive is made of it by putting
 * a directory behind. It is closed and removed when nobody uses it any more.
 */
export class Stage {
  readonly file: FileHandle;
  readonly path: string;
  #length = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #users = 1;
  #keepsFile = false;

  private constructor(file: FileHandle, path: string) {
    this.file = file;
    this.path = path;
  }

  static async create(path: string, mode: number): Promise<Stage> {
    return new Stage(await createAnew(path, 'wx+', mode), path);
  }

  get length(): number {
    return this.#length;
  }

  /** Position of what was put. Only one call at a time. */
  async append(...parts: readonly Uint8Array[]): Promise<number> {
    const at = this.#length;
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.length;
      this.#length += part.length;
    }
    if (this.#pendingBytes >= GROUP_BYTES) await this.settle();
    return at;
  }

  /** All that was appended is in the file afterwards. Only one call at a time, and none of `append` meanwhile. */
  async settle(): Promise<void> {
    if (this.#pending.length === 0) return;
    await writeExactly(this.file, Buffer.concat(this.#pending), this.#length - this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Overwrites what was appended. */
  async patch(bytes: Uint8Array, position: number): Promise<void> {
    await this.settle();
    await writeExactly(this.file, bytes, position);
  }

  /** Takes back what was appended from `length` on. */
  async cut(length: number): Promise<void> {
    await this.settle();
    await this.file.truncate(length);
    this.#length = length;
  }

  /** From now on the file is an archive under another name. */
  keepFile(): void {
    this.#keepsFile = true;
  }

  hold(): void {
    this.#users++;
  }

  /** Its maker is the first user. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    await this.file.close();
    if (!this.#keepsFile) await rm(this.path, { force: true });
  }
}
