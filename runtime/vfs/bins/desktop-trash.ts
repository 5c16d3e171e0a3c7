import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expectedOf } from '../expected.ts';
import { nameOf } from '../path.ts';
import { VfsError } from '../vfs-error.ts';
import { type LocalEnd, NOTHING, type Vfs } from '../vfs.ts';
import type { Bin, Binned } from '../bin.ts';
import type { TrashFolder } from './trash-folder.ts';
import { formatTrashInfo, trashName } from './trash-info.ts';

/** Both file systems of this machine, opened for the bin and closed with it. */
export interface TrashEnds {
  /** The root whose things go. */
  readonly root: Vfs;
  readonly rootPath: string;
  readonly trash: Vfs;
  readonly folder: TrashFolder;
}

/**
 * The trash of a Linux desktop. Each thing gets its note (`info`) first and is then moved by its file system, so that it is never copied and is in one of the two
 * places at any instant; a kill between leaves a note of nothing, which desktops clear.
 */
export function desktopTrash({ root, rootPath, trash, folder }: TrashEnds): Bin {
  const [from, into] = [localEnd(root), localEnd(trash)];
  return {
    async put(things) {
      const reasons: (string | undefined)[] = [];
      for (let at = 0; at < things.length; at += AT_ONCE) reasons.push(...(await Promise.all(things.slice(at, at + AT_ONCE).map(putOne))));
      return reasons;
    },
    async close() {
      await Promise.all([root.close(), trash.close()]);
    },
  };

  async function putOne(thing: Binned): Promise<string | undefined> {
    const note = Buffer.from(formatTrashInfo(join(rootPath, thing.path), thing.atMs, folder));
    try {
      for (let attempt = 1; ; attempt++) {
        const name = trashName(nameOf(thing.path), attempt, () => randomBytes(4).toString('hex'));
        if (await tryAs(name, thing, note)) return undefined;
        if (attempt === MOST_ATTEMPTS) return `${folder.path}: all names that were tried for "${nameOf(thing.path)}" are taken`;
      }
    } catch (error) {
      if (!(error instanceof VfsError) || error.code === 'aborted') throw error;
      return `${folder.path}: ${error.message}`;
    }
  }

  /** False: something has the name. */
  async function tryAs(name: string, { stored, entry }: Binned, note: Uint8Array): Promise<boolean> {
    const info = `info/${name}.trashinfo`;
    let written: { readonly revision: string };
    try {
      written = await trash.write(info, { size: note.length, open: (start = 0) => once(note.subarray(start)) }, { expected: NOTHING, mode: 0o600 });
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
    try {
      await into.takeOver(from, stored, `files/${name}`, expectedOf(entry, stored));
      return true;
    } catch (error) {
      await trash.removeFile(info, { kind: 'file', revision: written.revision });
      if (isTaken(error)) return false;
      throw error;
    }
  }
}

const AT_ONCE = 16;
const MOST_ATTEMPTS = 20;

function isTaken(error: unknown): boolean {
  return error instanceof VfsError && (error.code === 'exists' || (error.code === 'changed' && error.path.startsWith('info/')));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function localEnd({ local, label }: Vfs): LocalEnd {
  if (local === undefined) throw new TypeError(`${label} is no folder of this machine`);
  return local;
}
