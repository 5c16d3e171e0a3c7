import type { FileMethods } from '../../../sdk/xfile-protocol.ts';
import { bytesContent } from '../../vfs/bytes-content.ts';
import { expectedOf } from '../../vfs/expected.ts';
import { printable } from '../../printable.ts';
import { formatBytes } from '../../report/sizes.ts';
import { parentOf } from '../../vfs/path.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Content, Entry } from '../../vfs/vfs.ts';
import { NOTHING } from '../../vfs/vfs.ts';
import type { HostContext } from './host-function.ts';
import { inTurn } from './xfile-turns.ts';
import { atPlaces, type FilePlace, permit, type WantedPlace } from './xfile-places.ts';
import { requireFile } from './xfile-read.ts';

type Request<Method extends keyof FileMethods> = FileMethods[Method]['request'];

export async function writeText({ url, text }: Request<'xfile.writeText'>, context: HostContext): Promise<null> {
  return write(url, Buffer.from(text), context);
}

export async function writeBytes({ url, bytes }: Request<'xfile.writeBytes'>, context: HostContext): Promise<null> {
  return write(url, bytes, context);
}

async function write(url: string, bytes: Uint8Array, context: HostContext): Promise<null> {
  return change({ url, access: 'write', itself: false }, `write ${printable(url)} (${formatBytes(bytes.length)})`, context, (place) =>
    putContent(place, () => bytesContent(bytes)),
  );
}

export async function appendText({ url, text }: Request<'xfile.appendText'>, context: HostContext): Promise<null> {
  const added = Buffer.from(text);
  return change({ url, access: 'read and write', itself: false }, `append ${formatBytes(added.length)} to ${printable(url)}`, context, (place) =>
    putContent(place, (found) => (found?.kind === 'file' ? appended(place.vfs.content(place.path, found.revision), added) : bytesContent(added))),
  );
}

export async function touch({ url, date }: Request<'xfile.touch'>, context: HostContext): Promise<null> {
  const modifiedMs = date ?? Date.now();
  const step = `set the time of ${printable(url)}`;
  return change({ url, access: 'write', itself: false }, step, context, (place) =>
    untilUnchanged(async () => {
      const found = await place.vfs.stat(place.path);
      if (found === undefined)
        await requireParent(place, place.vfs.write(place.path, bytesContent(new Uint8Array()), { expected: NOTHING, modifiedMs }));
      else {
        requireFile(found, place);
        await place.vfs.setModified(place.path, modifiedMs, expectedOf(found, place.path));
      }
    }),
  );
}

export async function mkdir({ url, options }: Request<'xfile.mkdir'>, context: HostContext): Promise<null> {
  return change({ url, access: 'write', itself: false }, `make the folder ${printable(url)}`, context, (place) =>
    options.parents === true ? makeFolders(place, place.path) : requireParent(place, makeFolder(place, place.path)),
  );
}

async function makeFolders(place: FilePlace, path: string): Promise<void> {
  const { vfs } = place;
  const found = await vfs.stat(path);
  if (path !== '' && found?.kind === 'directory') return;
  if (path !== '' && found !== undefined) throw new VfsError('exists', path, `"${path}" is there and is no folder`);
  if (path !== '') await makeFolders(place, parentOf(path));
  try {
    await makeFolder(place, path);
  } catch (error) {
    // Someone else makes the same.
    if (!(error instanceof VfsError) || error.code !== 'exists' || (await vfs.stat(path))?.kind !== 'directory') throw error;
  }
}

/** `''` is an archive as a whole, or the root of a file system, which is always there. */
async function makeFolder({ vfs, localPath }: FilePlace, path: string): Promise<void> {
  if (path === '' && localPath !== undefined) throw new VfsError('exists', path, 'it is the root of a file system');
  await vfs.makeDirectory(path);
}

/** Something that changes one place: permitted, not done in a simulation, one after the other for the same place. */
export async function change(wanted: WantedPlace, step: string, context: HostContext, act: (place: FilePlace) => Promise<unknown>): Promise<null> {
  if (context.simulation) {
    await permit([wanted], context);
    context.suppress(step);
    return null;
  }
  return atPlaces([wanted], context, (place) => inTurn(context, place.key, () => act(place).then(() => null)));
}

/** How often something that others change at the same time is looked at anew. */
const ATTEMPTS = 20;

async function putContent(place: FilePlace, contentFor: (found: Entry | undefined) => Content): Promise<void> {
  await untilUnchanged(async () => {
    const found = await place.vfs.stat(place.path);
    if (found !== undefined) requireFile(found, place);
    const expected = expectedOf(found, place.path);
    await requireParent(place, place.vfs.write(place.path, contentFor(found), { expected }));
  });
}

async function untilUnchanged(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof VfsError) || error.code !== 'changed') throw error;
    }
  }
}

/** Says it when it is the folder that is missing. */
export async function requireParent<Result>({ vfs, path }: FilePlace, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof VfsError) || error.code !== 'not-found' || (await vfs.stat(parentOf(path))) !== undefined) throw error;
    throw new VfsError('not-found', path, 'its folder does not exist; make it first: xfile.mkdir(folder, { parents: true })');
  }
}

function appended(old: Content, bytes: Uint8Array): Content {
  return {
    ...(old.size === undefined ? {} : { size: old.size + bytes.length }),
    async *open(from = 0) {
      let size = 0;
      for await (const piece of old.open()) {
        if (size + piece.length > from) yield piece.subarray(Math.max(0, from - size));
        size += piece.length;
      }
      yield bytes.subarray(Math.max(0, from - size));
    },
  };
}
