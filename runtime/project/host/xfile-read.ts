import { versionOf } from '../../engine/plan.ts';
import { isUtf8 } from 'node:buffer';
import type { FileMethods, WireFileInfo } from '../../../sdk/xfile-protocol.ts';
import { nameOf } from '../../vfs/path.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Entry } from '../../vfs/vfs.ts';
import { formatBytes } from '../../report/sizes.ts';
import type { HostContext } from './host-function.ts';
import { fewAtOnce } from './few-at-once.ts';
import { atPlaces, type FilePlace, urlBelow } from './xfile-places.ts';
import { entryAt, requireRunning } from './xfile-tree.ts';

type Request<Method extends keyof FileMethods> = FileMethods[Method]['request'];

export async function exists(request: Request<'xfile.exists'>, context: HostContext): Promise<boolean> {
  return (await stat(request, context)) !== null;
}

export async function stat({ url }: Request<'xfile.stat'>, context: HostContext): Promise<WireFileInfo | null> {
  try {
    return await atPlaces([{ url, access: 'read', itself: true }], context, async (place) => {
      const entry = await place.vfs.stat(place.path);
      return entry === undefined ? null : infoOf(url, { ...entry, name: nameOf(place.path) });
    });
  } catch (error) {
    // Neither is there anything in an archive that is not there.
    if (error instanceof ScriptCallError && error.error.code === 'not-found') return null;
    throw error;
  }
}

export function list({ url }: Request<'xfile.list'>, context: HostContext): Promise<WireFileInfo[]> {
  return inSlot(async () => {
    await context.held.caughtUp();
    requireRunning(context);
    return atPlaces([{ url, access: 'read', itself: false }], context, async (place) => {
      const entries = await place.vfs.list(place.path);
      return entries.map((entry) => infoOf(urlBelow(url, entry.name), entry));
    });
  });
}

/** The part of the script's memory that a text may fill: it is there as a message and as a text, at times with two bytes a character. */
const TEXT_SHARE = 1 / 8;
/** What was read and something that the script makes of it fit together. */
const BYTES_SHARE = 1 / 4;

export async function readText(request: Request<'xfile.readText'>, context: HostContext): Promise<string> {
  return atPlaces([{ url: request.url, access: 'read', itself: false }], context, async (place) => {
    const bytes = await readWhole(place, shareOf(context, TEXT_SHARE), context);
    if (!isUtf8(bytes)) throw new VfsError('failed', place.path, 'it is no UTF-8 text; xfile.readBytes reads it as it is');
    return new TextDecoder().decode(bytes);
  });
}

/** The array has a buffer of its own: it is given to the script. */
export async function readBytes(request: Request<'xfile.readBytes'>, context: HostContext): Promise<Uint8Array> {
  return atPlaces(
    [{ url: request.url, access: 'read', itself: false }],
    context,
    async (place) => new Uint8Array(await readWhole(place, shareOf(context, BYTES_SHARE), context)),
  );
}

/** A file that is being written to may be another one after the first bytes: then it is read again, so often. */
const ATTEMPTS = 5;

function shareOf({ command }: HostContext, share: number): number {
  return Math.floor(command.request.scriptMemoryBytes * share);
}

/** Each may fill a good part of what the script has; a script that asks for thousands at once is not to fill our own memory. */
const inSlot = fewAtOnce(4);

/** All bytes of a file. Rejects with VfsError, `too-large` when there are more; with ScriptCallError when the script is over before its turn comes. */
export function readWhole(place: FilePlace, mostBytes: number, context: HostContext): Promise<Buffer> {
  return inSlot(async () => {
    requireRunning(context);
    const share = context.held.share();
    try {
      return await readUnchanged(place, mostBytes, async (bytes) => {
        share.end();
        await share.hold(bytes);
        requireRunning(context);
      });
    } finally {
      share.end();
    }
  });
}

/** `hold` waits until there is room for the whole file. */
async function readUnchanged(place: FilePlace, mostBytes: number, hold: (bytes: number) => Promise<void>): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    const entry = await entryAt(place);
    requireFile(entry, place);
    if ((entry.size ?? 0) > mostBytes) throw tooLarge(place, mostBytes);
    await hold(entry.size ?? mostBytes);
    try {
      return await collect(place, entry.revision, mostBytes);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof VfsError) || error.code !== 'changed') throw error;
    }
  }
}

async function collect(place: FilePlace, revision: string, mostBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of place.vfs.content(place.path, revision).open()) {
    size += piece.length;
    if (size > mostBytes) throw tooLarge(place, mostBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function requireFile(entry: Entry, { path }: FilePlace): asserts entry is Extract<Entry, { kind: 'file' }> {
  if (entry.kind === 'file') return;
  const found = { directory: 'a folder', link: 'a link', other: entry.kind === 'other' ? entry.reason : '' }[entry.kind];
  throw new VfsError('wrong-kind', path, `a file is needed here, and this is ${found}`);
}

function tooLarge({ path }: FilePlace, mostBytes: number): VfsError {
  const most = formatBytes(mostBytes);
  return new VfsError('too-large', path, `it has more than the ${most} that a script may read in one go; --script-memory raises the limit`);
}

export function infoOf(url: string, entry: Entry): WireFileInfo {
  const { name, kind } = entry;
  const size = kind === 'file' ? entry.size : undefined;
  const modified = kind === 'file' || kind === 'link' ? entry.modifiedMs : undefined;
  const revision = kind === 'file' || kind === 'link' ? versionOf(entry) : undefined;
  const known = { size, modified, revision };
  return { url, name, kind, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}
