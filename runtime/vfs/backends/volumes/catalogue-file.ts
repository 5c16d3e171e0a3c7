import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type HeldFolder, holdFolder } from '../../../machine/held-folder.ts';
import { openFile } from '../../../machine/open-file.ts';
import { errnoOf, unwritableReason } from '../../system-error.ts';
import { VfsError } from '../../vfs-error.ts';
import type { CatalogueStore } from './catalogue-store.ts';
import { basename, dirname } from 'node:path';

/**
 * A catalogue in a file. `path` is the real path that was permitted; its folder is held, so that nothing comes between. Rejects and throws VfsError `failed`, about the root.
 */
export function openCatalogueFile(path: string): CatalogueStore {
  return new CatalogueFile(path);
}

class CatalogueFile implements CatalogueStore {
  readonly label: string;
  readonly #folder: HeldFolder;
  readonly #name: string;
  #appending: number | undefined;

  constructor(path: string) {
    this.label = path;
    this.#name = basename(path);
    this.#folder = this.#told('opened', () => holdFolder(dirname(path)));
  }

  async read(): Promise<string | undefined> {
    return this.#told('read', () => {
      let fd: number;
      try {
        fd = openFile(this.#folder.at(this.#name), constants.O_RDONLY | NO_FOLLOW);
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      }
      try {
        return readFileSync(fd, 'utf8');
      } finally {
        closeSync(fd);
      }
    });
  }

  append(text: string): void {
    this.#told('written', () => {
      this.#appending ??= openFile(this.#folder.at(this.#name), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW, 0o600);
      writeAll(this.#appending, text);
    });
  }

  async replace(text: string): Promise<void> {
    this.#told('written', () => {
      this.#closeAppending();
      const part = this.#folder.at(`.sxrun-${this.#name.slice(0, 100)}.part`);
      rmSync(part, { force: true });
      const fd = openSync(part, 'wx', 0o600);
      try {
        writeAll(fd, text);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(part, this.#folder.at(this.#name));
    });
  }

  async setAside(): Promise<void> {
    this.#told('set aside', () => {
      this.#closeAppending();
      renameSync(this.#folder.at(this.#name), this.#folder.at(`damaged-${this.#name}`));
    });
  }

  async sync(): Promise<void> {
    this.#told('written', () => {
      if (this.#appending !== undefined) fdatasyncSync(this.#appending);
    });
  }

  async close(): Promise<void> {
    this.#closeAppending();
    this.#folder.close();
  }

  #closeAppending(): void {
    if (this.#appending !== undefined) closeSync(this.#appending);
    this.#appending = undefined;
  }

  #told<T>(what: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw new VfsError('failed', '', `the catalogue ${this.label} cannot be ${what}: ${unwritableReason(error)}`, { cause: error });
    }
  }
}

/** Windows does not have it, and makes no links without special rights. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
