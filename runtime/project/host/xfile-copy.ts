import { createHash } from 'node:crypto';
import type { WireTransfer } from '../../../sdk/xfile-protocol.ts';
import { expectedOf } from '../../vfs/expected.ts';
import { isWithin } from '../../vfs/path.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { VfsError, type VfsErrorCode } from '../../vfs/vfs-error.ts';
import type { Content, Entry } from '../../vfs/vfs.ts';
import { fileFailureOf } from '../sync-failure.ts';
import type { HostContext } from './host-function.ts';
import { aboutUrl, atPlaces, type FilePlace, isProperlyBelow, permit, type WantedPlace, urlBelow, wrongArguments } from './xfile-places.ts';
import {
  entryAt,
  failure,
  joined,
  readTree,
  removeTree,
  requireNoStores,
  requireRemovable,
  requireRunning,
  storeFailure,
  storesBelow,
  type TreeItem,
} from './xfile-tree.ts';
import { requireParent } from './xfile-write.ts';

export async function copy({ from, to, options }: WireTransfer, context: HostContext): Promise<null> {
  const wanted = [
    { url: from, access: 'read', itself: false },
    { url: to, access: 'write', itself: true },
  ] as const satisfies readonly WantedPlace[];
  if (await isSuppressed(wanted, `copy ${printable(from)} to ${printable(to)}`, context)) return null;
  return atPlaces(wanted, context, async (source, target) => {
    requireApart(source, target);
    const top = await aboutUrl(from, () => entryAt(source));
    await requireNoStores(source, context);
    const items = await readTree(source, top, context);
    await requireFree(target, options.overwrite === true);
    await copyTree({ source, target, items, overwrite: options.overwrite === true, verify: false }, context);
    return null;
  });
}

export async function move({ from, to, options }: WireTransfer, context: HostContext): Promise<null> {
  const wanted = [
    { url: from, access: 'read and write', itself: true },
    { url: to, access: 'write', itself: true },
  ] as const satisfies readonly WantedPlace[];
  if (await isSuppressed(wanted, `move ${printable(from)} to ${printable(to)}`, context)) return null;
  return atPlaces(wanted, context, async (source, target) => {
    requireApart(source, target);
    await requireRemovable(source, 'moved', context);
    const top = await aboutUrl(from, () => entryAt(source));
    if ((await storesBelow(target, context)).length === 0 && (await renamed(source, target, top))) return null;
    const items = await readTree(source, top, context);
    await requireFree(target, options.overwrite === true);
    await copyTree({ source, target, items, overwrite: options.overwrite === true, verify: true }, context);
    // A power cut must not find the original gone and the copy not there yet.
    await aboutUrl(to, () => target.vfs.flush());
    await removeTree(source, items, context);
    return null;
  });
}

async function isSuppressed(wanted: readonly WantedPlace[], step: string, context: HostContext): Promise<boolean> {
  if (!context.simulation) return false;
  await permit(wanted, context);
  context.suppress(step);
  return true;
}

/** A folder does not fit into itself. */
function requireApart(source: FilePlace, target: FilePlace): void {
  if (source.key === target.key) throw wrongArguments(`"${printable(source.url)}" and "${printable(target.url)}" are the same`);
  const [inner, outer] = [target.localPath, source.localPath];
  const isInside = inner !== undefined && outer !== undefined ? isProperlyBelow(inner, outer) : target.key.startsWith(`${source.key}/`);
  if (isInside) throw wrongArguments(`"${printable(target.url)}" lies in "${printable(source.url)}"`);
}

async function requireFree(target: FilePlace, overwrite: boolean): Promise<void> {
  if (overwrite || (await aboutUrl(target.url, () => target.vfs.stat(target.path))) === undefined) return;
  throw failure('exists', target, '', 'something is already there; { overwrite: true } replaces it');
}

/** What a rename cannot do, and copying can. */
const COPYING_HELPS: readonly VfsErrorCode[] = ['exists', 'cross-device', 'unsupported'];

/** False: only copying can do it, be it because something is there. */
async function renamed(source: FilePlace, target: FilePlace, top: Entry): Promise<boolean> {
  if (source.vfs !== target.vfs || top.kind === 'other') return false;
  return aboutUrl(target.url, async () => {
    try {
      await requireParent(target, source.vfs.rename(source.path, target.path, expectedOf(top, source.path)));
      return true;
    } catch (error) {
      if (error instanceof VfsError && COPYING_HELPS.includes(error.code)) return false;
      throw error;
    }
  });
}

/** Stores that do not exist yet are as far out of reach. Case never counts. */
async function requireNothingInStores({ target, items }: TreeCopy, context: HostContext): Promise<void> {
  const stores = await storesBelow(target, context);
  const inside = items.find(({ below }) => stores.some((store) => isWithin(below.toLowerCase(), store.toLowerCase())));
  if (inside !== undefined) throw storeFailure(target, inside.below);
}

interface TreeCopy {
  readonly source: FilePlace;
  readonly target: FilePlace;
  readonly items: readonly TreeItem[];
  readonly overwrite: boolean;
  /** What was written is read back and compared. */
  readonly verify: boolean;
}

async function copyTree(order: TreeCopy, context: HostContext): Promise<void> {
  await requireNothingInStores(order, context);
  for (const item of order.items) {
    requireRunning(context);
    const { source, target } = order;
    try {
      await copyItem(order, item);
    } catch (error) {
      if (!(error instanceof VfsError)) throw error;
      throw new ScriptCallError(fileFailureOf(error, urlBelow(error.inContent ? source.url : target.url, item.below)));
    }
  }
}

async function copyItem({ source, target, overwrite, verify }: TreeCopy, { below, entry }: TreeItem): Promise<void> {
  const from = joined(source.path, below);
  const to = joined(target.path, below);
  const there = await target.vfs.stat(to);
  if (there !== undefined && !overwrite) throw new VfsError('exists', to, 'something is already there; { overwrite: true } replaces it');
  const isDirectory = entry.kind === 'directory';
  if (there !== undefined && (there.kind === 'directory') !== isDirectory) throw new VfsError('wrong-kind', to, wrongKind(there));
  const place = { ...target, path: to };
  const expected = expectedOf(there, target.path);
  switch (entry.kind) {
    case 'directory':
      if (there === undefined) await requireParent(place, target.vfs.makeDirectory(to));
      return;
    case 'link':
      await requireParent(place, target.vfs.link(to, entry.target, { expected, ...timeOf(entry) }));
      return;
    case 'file': {
      const content = source.vfs.content(from, entry.revision);
      await requireParent(
        place,
        target.vfs.write(to, content, { expected, ...timeOf(entry), ...(entry.mode === undefined ? {} : { mode: entry.mode }) }),
      );
      if (verify && (await digestOf(content)) !== (await digestOf(target.vfs.content(to))))
        throw new VfsError('failed', to, 'what was written is not what was to be written; the original stays');
      return;
    }
    case 'other':
      throw new VfsError('wrong-kind', to, `it is neither file, folder nor link: ${entry.reason}`);
  }
}

function wrongKind(there: Entry): string {
  return there.kind === 'directory' ? 'a folder is in the way' : 'something that is no folder is in the way';
}

function timeOf({ modifiedMs }: { readonly modifiedMs?: number }): { readonly modifiedMs?: number } {
  return modifiedMs === undefined ? {} : { modifiedMs };
}

async function digestOf(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of content.open()) hash.update(piece);
  return hash.digest('base64');
}
