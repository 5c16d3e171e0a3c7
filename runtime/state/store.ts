import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Adapter, Low } from 'lowdb';
import { makeFolder } from '../machine/make-folder.ts';
import { createAnew, type Disk, realDisk } from './disk.ts';
import { type Lock, takeLock } from './lock.ts';
import { StateError, translated } from './state-error.ts';

/** A small JSON file of ours (remembered grants, settings), shared by all running sxrun processes. */
export interface Store<T> {
  /** Absolute path. */
  readonly file: string;
  /** As last read or written by this process. */
  readonly data: T;
  /** Reads again what other processes wrote meanwhile. */
  reload(): Promise<T>;
  /**
   * Reads the file, lets `change` alter the data in place, and writes them, with all other processes kept out meanwhile; `change` must not wait for anything.
   * Rejects with StateError: `locked` when another process keeps the lock for 10 s, `damaged` (the file stays as it is), `unwritable`; with what `change` throws, nothing being written.
   */
  update(change: (data: T) => void): Promise<T>;
}

const LOCK_WAIT_MS = 10_000;

/**
 * Opens the store `file` (absolute), which need not exist: then `defaults` hold until the first update makes it, its folder included, both for the user's eyes only.
 * `validate` gets what the file holds as JSON and returns it as T, or throws an Error that says what is wrong with it; a StateError passes.
 * Rejects with StateError `damaged`, `unreadable`.
 */
export async function openStore<T>(file: string, defaults: T, validate: (value: unknown) => T): Promise<Store<T>> {
  const low = new Low<T>(new SafeJsonFile(file, validate, realDisk), structuredClone(defaults));
  const reload = async () => {
    low.data = structuredClone(defaults);
    await low.read();
    return low.data;
  };
  await reload();
  return {
    file,
    get data() {
      return low.data;
    },
    reload,
    async update(change) {
      const lock = await waitForLock(file);
      try {
        const before = JSON.stringify(await reload());
        const changed = structuredClone(low.data);
        change(changed);
        if (JSON.stringify(changed) === before) return low.data;
        low.data = changed;
        await low.write();
        return changed;
      } finally {
        lock.release();
      }
    },
  };
}

/** lowdb's door to a JSON file that is replaced as a whole: a crash leaves the old content or the new. */
class SafeJsonFile<T> implements Adapter<T> {
  readonly #file: string;
  readonly #validate: (value: unknown) => T;
  readonly #disk: Disk;

  constructor(file: string, validate: (value: unknown) => T, disk: Disk) {
    this.#file = file;
    this.#validate = validate;
    this.#disk = disk;
  }

  async read(): Promise<T | null> {
    const text = this.#text();
    if (text === undefined) return null;
    try {
      return this.#validate(JSON.parse(text));
    } catch (error) {
      if (error instanceof StateError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StateError(
        'damaged',
        this.#file,
        `${this.#file} is damaged: ${reason}. It was left as it is; repair it, or move it away to start afresh.`,
        { cause: error },
      );
    }
  }

  /** The caller holds the lock, so one temporary name is enough. */
  async write(data: T): Promise<void> {
    const temporary = `${this.#file}.new`;
    try {
      const fd = createAnew(this.#disk, temporary, 0o600);
      try {
        this.#disk.write(fd, Buffer.from(`${JSON.stringify(data, undefined, 2)}\n`), 0);
        await this.#disk.sync(fd);
      } finally {
        this.#disk.close(fd);
      }
      this.#disk.rename(temporary, this.#file);
      await this.#disk.syncFolderOf(this.#file);
    } catch (error) {
      throw translated('unwritable', this.#file, error);
    }
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw translated('unreadable', this.#file, error);
    }
  }
}

/** Another process only holds it for as long as a small file takes. */
async function waitForLock(file: string): Promise<Lock> {
  const options = { now: Date.now, disk: realDisk, holds: file };
  try {
    await makeFolder(dirname(file), 0o700);
  } catch (error) {
    throw translated('unwritable', file, error);
  }
  for (const end = Date.now() + LOCK_WAIT_MS; ; ) {
    try {
      return takeLock(`${file}.lock`, options);
    } catch (error) {
      if (!(error instanceof StateError) || error.code !== 'locked' || Date.now() > end) throw error;
    }
    await pause(5 + Math.random() * 20);
  }
}
